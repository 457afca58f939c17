"""Migrations that keep a closed page, and a locked participant, as they were, in the database.

A trigger refuses an entry on a page that is frozen or locked, and a new page of a participant whose
records are locked, whoever asks. A backup that is restored brings back only what was there: up to
as many entries, or pages, as there were.

Under a lock, of a participant, a centre or the trial, the same holds of what was recorded before
the casebook and beside it: screening, consent, allocation, doses. A backup's locks are restored
last.
"""

from collections.abc import Iterator
from typing import Any

from immunosep.web.audit.append_only import OnDatabase

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


def closed_to_more(table: str, says: str, closed: str) -> OnDatabase:
    """The operation that has the database refuse a row of `table` where `closed` finds any."""

    def close(_apps: Any, schema_editor: Any) -> None:
        sql = _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE
        schema_editor.execute(sql.format(table=table, says=says, closed=closed))

    def open_again(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {table}_is_closed() CASCADE")
            return
        schema_editor.execute(f"DROP TRIGGER {table}_closed")

    return OnDatabase(close, open_again)


# ── What a lock closes beside the casebook ──────────────────────────────────────────────────────

_STANDS = (
    "SELECT 1 FROM casebook_lock k WHERE k.locked AND (k.scope = 'trial' OR {of}) "
    "AND NOT EXISTS (SELECT 1 FROM casebook_lock j WHERE j.id > k.id AND j.scope = k.scope "
    "AND coalesce(j.patient_id, '') = coalesce(k.patient_id, '') "
    "AND coalesce(j.centre_id, '') = coalesce(k.centre_id, ''))"
)
_PATIENT = (
    "k.patient_id = {who} "
    "OR k.centre_id = (SELECT p.centre_id FROM enrolment_patient p WHERE p.number = {who})"
)
_ALLOCATED = "(SELECT a.patient_id FROM enrolment_allocation a WHERE a.id = {row}.allocation_id)"
OF: dict[str, str] = {
    "enrolment_patient": "k.centre_id = {row}.centre_id",
    **{
        f"enrolment_{name}": _PATIENT.format(who="{row}.patient_id")
        for name in ("entry", "consent", "withdrawal", "notenrolled", "allocation")
    },
    **{f"enrolment_{name}": _PATIENT.format(who=_ALLOCATED) for name in ("inerror", "dose")},
}
"""The lock that holds a row of each table."""

VERBS = {"enrolment_notenrolled": ("insert", "update", "delete")}
"""Where more than adding is possible: the other tables are append-only, or count."""

_LOCKED_SQLITE = """
CREATE TRIGGER {table}_locked_{verb} BEFORE {verb} ON {table} WHEN EXISTS ({stands})
BEGIN SELECT RAISE(ABORT, 'the records are locked'); END
"""
_LOCKED_POSTGRESQL = """
CREATE OR REPLACE FUNCTION {table}_locked_{verb}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF EXISTS ({stands}) THEN RAISE EXCEPTION 'the records are locked'; END IF;
RETURN {row}; END $$;
CREATE TRIGGER {table}_locked_{verb} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_locked_{verb}();
"""


def closed_by_locks() -> OnDatabase:
    """The operation that has the database refuse what a lock closes."""

    def close(_apps: Any, schema_editor: Any) -> None:
        postgresql = schema_editor.connection.vendor == "postgresql"
        for table, verb in _closed():
            row = "OLD" if verb == "delete" else "NEW"
            stands = _STANDS.format(of=OF[table].format(row=row))
            sql = _LOCKED_POSTGRESQL if postgresql else _LOCKED_SQLITE
            schema_editor.execute(sql.format(table=table, verb=verb, row=row, stands=stands))

    def open_again(_apps: Any, schema_editor: Any) -> None:
        postgresql = schema_editor.connection.vendor == "postgresql"
        for table, verb in _closed():
            kind, end = ("FUNCTION", "() CASCADE") if postgresql else ("TRIGGER", "")
            schema_editor.execute(f"DROP {kind} {table}_locked_{verb}{end}")

    return OnDatabase(close, open_again)


def _closed() -> Iterator[tuple[str, str]]:
    return ((table, verb) for table in OF for verb in VERBS.get(table, ("insert",)))


def triggers() -> list[tuple[str, str]]:
    """Each table that something closes, and the name of the trigger that does."""
    pages = [(table, f"{table}_closed") for table, *_ in (ENTRY, PAGE)]
    return [*pages, *((table, f"{table}_locked_{verb}") for table, verb in _closed())]
