"""Migrations that keep a closed page, and a locked participant, as they were, in the database.

A trigger refuses an entry on a page that is frozen or locked, and a new page of a participant whose
records are locked, whoever asks. A backup that is restored brings back only what was there: up to
as many entries, or pages, as there were.
"""

from typing import Any

from django.db import migrations

ENTRY = (
    "casebook_pageentry",
    "the page is closed to entries",
    "SELECT 1 FROM casebook_page p WHERE p.id = NEW.page_id AND p.stage IN ('frozen', 'locked') "
    "AND p.entries_made <= (SELECT count(*) FROM casebook_pageentry e WHERE e.page_id = p.id)",
)
PAGE = (
    "casebook_page",
    "the records are locked",
    "SELECT 1 FROM casebook_lock k WHERE k.patient_id = NEW.patient_id AND k.locked "
    "AND k.id = (SELECT max(id) FROM casebook_lock WHERE patient_id = NEW.patient_id) "
    "AND k.pages <= (SELECT count(*) FROM casebook_page p WHERE p.patient_id = NEW.patient_id)",
)

_SQLITE = """
CREATE TRIGGER {table}_closed BEFORE INSERT ON {table} WHEN EXISTS ({closed})
BEGIN SELECT RAISE(ABORT, '{says}'); END
"""
_POSTGRESQL = """
CREATE OR REPLACE FUNCTION {table}_is_closed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF EXISTS ({closed}) THEN RAISE EXCEPTION '{says}'; END IF; RETURN NEW; END $$;
CREATE TRIGGER {table}_closed BEFORE INSERT ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_is_closed();
"""


def closed_to_more(table: str, says: str, closed: str) -> migrations.RunPython:
    """The operation that has the database refuse a row of `table` where `closed` finds any."""

    def close(_apps: Any, schema_editor: Any) -> None:
        sql = _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE
        schema_editor.execute(sql.format(table=table, says=says, closed=closed))

    def open_again(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {table}_is_closed() CASCADE")
            return
        schema_editor.execute(f"DROP TRIGGER {table}_closed")

    return migrations.RunPython(close, open_again)
