"""A consultant presses the button while the database cannot be written: full, read-only, locked.

Run as `python -m tests.web.disturbed`: a site of `races` in an empty database, a log-in, then the
disturbance, the request, the end of the disturbance, and the same request again. Prints one JSON
object: what each answer was, and how many rows every table had before, between and after.
"""

import argparse
import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import time_machine

from tests.web.races import NOW, _numbers, enter, found_afterwards, furnish, in_child

PASSWORD = "nine green bottles standing"
SHORT = 200  # milliseconds for which a lock is waited for


def main() -> None:
    """One disturbance; prints what came of it."""
    options = _options()
    enter(options.database)
    with time_machine.travel(NOW, tick=True):
        _disturb(options)


def _disturb(options: argparse.Namespace) -> None:
    from django.urls import reverse

    by = in_child(furnish, 2)
    client, (number, *_) = _logged_in(by), _numbers(2)
    page = f"/patients/{number}/randomise/"
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    first = client.get(page).status_code
    before = _rows()
    _write_ahead_from_nothing()
    with DISTURBANCES[options.disturbance](options):
        answer = client.post(page)
        looked = client.get(page).status_code
    between = _rows()
    again = client.post(page).status_code
    said = {
        "page": first, "looked": looked,
        "status": answer.status_code, "text": answer.content.decode(),
        "retry": answer.headers.get("Retry-After"), "again": again,
        "unchanged": before == between, "allocated": _rows()["enrolment_allocation"],
        "findings": in_child(found_afterwards)["findings"],
    }  # fmt: skip
    print(json.dumps(said))  # noqa: T201


def _write_ahead_from_nothing() -> None:
    """What SQLite writes ahead has to grow: a file used before would have room in it."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _logged_in(by: int) -> Any:
    from django.conf import settings
    from django.test import Client

    from immunosep.web.accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    user = User.objects.get(pk=by)
    user.set_password(PASSWORD)
    user.save()
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _rows() -> dict[str, int]:
    """Of each table, but for the log-ins'."""
    from django.apps import apps

    models = [model for model in apps.get_models() if model._meta.model_name != "openlogin"]
    return {model._meta.db_table: model._base_manager.count() for model in models}


@contextmanager
def _full(options: argparse.Namespace) -> Iterator[None]:
    """The disk has no room left."""
    filler = Path(options.disk) / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    try:
        yield
    finally:
        filler.unlink()
        _reconnect()


@contextmanager
def _file_too_large(options: argparse.Namespace) -> Iterator[None]:
    """No file of this process may grow: what SQLite would append is not taken."""
    ahead = Path(options.database.removeprefix("sqlite:///") + "-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ahead.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _read_only(_options: argparse.Namespace) -> Iterator[None]:
    from django.db import connection

    sqlite = connection.vendor == "sqlite"
    name = "" if sqlite else connection.ops.quote_name(connection.settings_dict["NAME"])
    set_to: Callable[[str], str] = (
        (lambda word: f"PRAGMA query_only = {word}")
        if sqlite
        else (lambda word: f"ALTER DATABASE {name} SET default_transaction_read_only = {word}")
    )
    _execute(set_to("on"), again=not sqlite)
    try:
        yield
    finally:
        if not sqlite:
            _execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", again=False)
        _execute(set_to("off"), again=not sqlite)


@contextmanager
def _locked(options: argparse.Namespace) -> Iterator[None]:
    """Somebody else holds the lock longer than a request waits."""
    from django.db import connection

    sqlite = connection.vendor == "sqlite"
    _execute(f"PRAGMA busy_timeout = {SHORT}" if sqlite else f"SET lock_timeout = {SHORT}")
    if sqlite:
        import sqlite3

        other: Any = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        import psycopg

        other = psycopg.connect(options.database)
        other.execute("LOCK TABLE code_stratum IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        other.rollback() if not sqlite else other.execute("ROLLBACK")
        other.close()


def _execute(statement: str, *, again: bool = False) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
    if again:
        connection.close()


def _reconnect() -> None:
    from django.db import connection

    connection.close()


DISTURBANCES: dict[str, Any] = {
    "full": _full,
    "file_too_large": _file_too_large,
    "read_only": _read_only,
    "locked": _locked,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="sqlite:///FILE or postgresql://…, empty")
    parser.add_argument("--disturbance", choices=DISTURBANCES, required=True)
    parser.add_argument("--disk", help="a small disk that the database is on")
    return parser.parse_args()


if __name__ == "__main__":
    main()
