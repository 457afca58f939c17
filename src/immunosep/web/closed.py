"""Which tables the migrations closed to change, and whether each still is.

Asked of the database itself: a trigger that is gone, or switched off, lets anybody change a row, or
add one where a lock should refuse it.
"""

import inspect
from collections.abc import Iterable

from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor

from immunosep.web.accounts import unblinded_for_ever
from immunosep.web.audit import append_only
from immunosep.web.casebook import closing

_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"


def closed_tables() -> list[str]:
    """The tables that the migrations the database went through made append-only."""
    loader = MigrationExecutor(connection).loader
    operations = [
        operation
        for key in loader.applied_migrations
        for operation in getattr(loader.disk_migrations.get(key), "operations", ())
    ]
    return sorted(
        inspect.getclosurevars(operation.code).nonlocals["table"]
        for operation in operations
        if isinstance(operation, migrations.RunPython)
        and operation.code.__module__ == append_only.__name__
    )


def open_tables(closed: Iterable[str]) -> list[str]:
    """Those of them that can be changed."""
    sqlite, there = connection.vendor == "sqlite", _triggers()
    verbs = ("update", "delete") if sqlite else ("change", "truncate")
    return [t for t in closed if not {f"{t}_no_{verb}" for verb in verbs} <= there]


def tables_without_locks() -> list[str]:
    """The tables to which a lock no longer applies in the database."""
    there = _triggers()
    return sorted({table for table, name in closing.triggers() if name not in there})


def may_be_blinded_again() -> bool:
    """Whether the database no longer keeps somebody unblinded who was."""
    return unblinded_for_ever.TRIGGER not in _triggers()


def _triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)
        return {name for (name,) in cursor.fetchall()}
