"""The migration step by which the database itself refuses that somebody is blinded again.

SQLite makes a table anew to change it: its triggers go with the old one, and no error tells.
"""

from typing import Any

from django.db.migrations.operations.base import Operation

from immunosep.web.audit.append_only import OnDatabase

TRIGGER = "accounts_user_unblinded"
_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION accounts_user_stays_unblinded() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'once unblinded, never blinded again'; END $$;
DROP TRIGGER IF EXISTS {TRIGGER} ON accounts_user;
CREATE TRIGGER {TRIGGER} BEFORE UPDATE ON accounts_user FOR EACH ROW
WHEN (OLD.unblinded_at IS NOT NULL AND NEW.unblinded_at IS DISTINCT FROM OLD.unblinded_at)
EXECUTE FUNCTION accounts_user_stays_unblinded();
"""
_SQLITE = f"""
CREATE TRIGGER IF NOT EXISTS {TRIGGER} BEFORE UPDATE ON accounts_user
WHEN OLD.unblinded_at IS NOT NULL AND NEW.unblinded_at IS NOT OLD.unblinded_at
BEGIN SELECT RAISE(ABORT, 'once unblinded, never blinded again'); END
"""


def stays_unblinded() -> OnDatabase:
    """Once unblinded, never blinded again: the database itself refuses."""
    return OnDatabase(_close, _open)


def still_stays_unblinded(change: Operation) -> list[Operation]:
    """A change of the table of accounts, forth or back, after which that still holds."""
    return [OnDatabase(_nothing, _close), change, OnDatabase(_close, _nothing)]


def _close(_apps: Any, schema_editor: Any) -> None:
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(_POSTGRESQL if on_postgresql else _SQLITE)


def _open(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION accounts_user_stays_unblinded() CASCADE")
    else:
        schema_editor.execute(f"DROP TRIGGER {TRIGGER}")


def _nothing(_apps: Any, _schema_editor: Any) -> None:
    pass
