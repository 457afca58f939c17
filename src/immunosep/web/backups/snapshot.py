"""A second connection that sees the database as it was at one moment, while the site writes on.

PostgreSQL: a read-only transaction that repeats its reads. SQLite in WAL mode: a read transaction;
it takes no lock that a writer waits for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

SNAPSHOT = "snapshot"


@contextmanager
def snapshot() -> Iterator[str]:
    """The alias of such a connection; it is closed at the end."""
    held = connections["default"].settings_dict
    connections.databases[SNAPSHOT] = held | {"OPTIONS": _options(held), "CONN_MAX_AGE": 0}
    try:
        with transaction.atomic(using=SNAPSHOT):
            if connections[SNAPSHOT].vendor == "postgresql":
                with connections[SNAPSHOT].cursor() as cursor:
                    cursor.execute("SET TRANSACTION READ ONLY")
            yield SNAPSHOT
    finally:
        connections[SNAPSHOT].close()
        del connections[SNAPSHOT]
        del connections.databases[SNAPSHOT]


def _options(settings: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = dict(settings.get("OPTIONS") or {})
    if "sqlite" in settings["ENGINE"]:
        return options | {"transaction_mode": "DEFERRED"}
    from psycopg import IsolationLevel

    return options | {"isolation_level": IsolationLevel.REPEATABLE_READ}
