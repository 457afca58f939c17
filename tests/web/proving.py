"""What tests of log-in do again and again."""

from typing import Any

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
