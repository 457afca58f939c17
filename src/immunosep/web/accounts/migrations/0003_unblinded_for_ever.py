from typing import Any

from django.db import migrations

from immunosep.web.audit.append_only import OnDatabase

_POSTGRESQL = """
CREATE FUNCTION accounts_user_stays_unblinded() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'once unblinded, never blinded again'; END $$;
CREATE TRIGGER accounts_user_unblinded BEFORE UPDATE ON accounts_user FOR EACH ROW
WHEN (OLD.unblinded_at IS NOT NULL AND NEW.unblinded_at IS DISTINCT FROM OLD.unblinded_at)
EXECUTE FUNCTION accounts_user_stays_unblinded();
"""
_SQLITE = """
CREATE TRIGGER accounts_user_unblinded BEFORE UPDATE ON accounts_user
WHEN OLD.unblinded_at IS NOT NULL AND NEW.unblinded_at IS NOT OLD.unblinded_at
BEGIN SELECT RAISE(ABORT, 'once unblinded, never blinded again'); END
"""


def _close(_apps: Any, schema_editor: Any) -> None:
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(_POSTGRESQL if on_postgresql else _SQLITE)


def _open(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION accounts_user_stays_unblinded() CASCADE")
    else:
        schema_editor.execute("DROP TRIGGER accounts_user_unblinded")


class Migration(migrations.Migration):
    """Once unblinded, never blinded again: the database itself refuses."""

    dependencies = [("accounts", "0002_sessions_and_rules")]
    operations = [OnDatabase(_close, _open)]
