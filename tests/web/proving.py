"""What tests of log-in do again and again."""

import re
from typing import Any

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client

from immunosep.web.accounts.models import User
from tests.web.people import PASSWORD


def log_in_by_password(client: Client, address: str, password: str = PASSWORD, **more: str) -> Any:
    """Send the log-in form."""
    sent = {"login": address, "password": password, **more}
    return client.post("/account/login/", sent)


def proven(client: Client, user: User) -> Client:
    """The same client, its password given again a moment ago."""
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Whether a page behind the log-in opens."""
    return bool(client.get("/home/").status_code == 200)


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def set_up(client: Client, user: User, *, leads_to: str = "/account/2fa/codes/") -> str:
    """Go through the page that sets up an app; the answer is its secret."""
    page = proven(client, user).get("/account/2fa/totp/activate/")
    found = re.search(r'id="authenticator_secret" value="(\w+)"', page.content.decode())
    assert found
    sent = client.post("/account/2fa/totp/activate/", {"code": code_of(found[1])})
    assert sent["Location"] == leads_to
    cache.clear()  # a code works once; a test has no half minute to wait
    return found[1]
