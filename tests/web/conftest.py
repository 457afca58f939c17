"""Fixtures of the website's tests: a site with its cast, and a client logged in as one of them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from immunosep.web.accounts.models import User
from tests.postgresql import MISSING, Server, binaries, running_server
from tests.web.made_once import site_for_a_test
from tests.web.people import Cast, keys


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Let a test run where a browser's loop is alive, even after one that cleared the settings."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"


LogIn = Callable[[User], Client]


@pytest.fixture
def cast(db: None) -> Cast:
    """A site before its first patient, and who works there."""
    return site_for_a_test()


@pytest.fixture
def log_in() -> LogIn:
    """A client that is logged in as somebody."""

    def as_user(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_user


@pytest.fixture
def keyed(settings: Any, tmp_path: Path) -> None:
    """From here on this is a keyed process: it holds the code key and serves its own pages."""
    file = tmp_path / "code.private.pem"
    file.write_bytes(keys().private_pem)
    settings.CODE_KEY_FILE = str(file)
    settings.KEYED = True
    settings.ROOT_URLCONF = "immunosep.web.keyed_urls"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server for a module's tests."""
    if binaries() is None:
        pytest.skip(MISSING)
    with running_server() as running:
        yield running
