"""Bringing a site's tables to this version: backed up first, checked after, or as they were.

PostgreSQL: all in one transaction, which goes through only if the records are whole. SQLite: on a
copy of the file, which takes the original's place, in one transaction, only then.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from immunosep import __version__
from immunosep.errors import RefusedError, SettingsError
from immunosep.web.audit.actions import Site, record
from immunosep.web.audit.models import Event
from immunosep.web.audit.verify import check_trail
from immunosep.web.backups.schema import (
    applied_migrations,
    unknown_migrations,
    waiting_migrations,
)
from immunosep.web.checking import check_site

ALIAS = "default"


@dataclass(frozen=True, kw_only=True)
class End:
    """Where the audit trail ends: how many events, and the digest of the last."""

    events: int
    digest: str


def waiting() -> list[str]:
    """The migrations that an upgrade would run; SettingsError if the tables are newer than this."""
    keys = [applied.key for applied in applied_migrations(ALIAS)]
    if newer := unknown_migrations(keys, alias=ALIAS):
        raise SettingsError(
            f"the database went through {', '.join(newer)}, which this software does not have; "
            "expected a database of this version or an older one. Install the newer version."
        )
    return [".".join(key) for key in waiting_migrations(ALIAS)]


def upgrade(*, now: datetime) -> None:
    """Run what waits; RefusedError, with everything as it was, if that fails or breaks a record."""
    before = trail_end()
    with _all_or_nothing(before):
        steps = waiting()
        _migrate()
        _refuse_faults(before)
        record(
            "site.upgrade", by=Site(), now=now, subject="the site",
            after={"software": __version__, "migrations": steps},
        )  # fmt: skip


def trail_end() -> End:
    """As the database has it, whatever version its tables are of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequence, digest FROM audit_head")
        sequence, digest = cursor.fetchone()
    return End(events=sequence, digest=digest)


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    for migration, _backwards in plan:
        step = MigrationExecutor(connection)
        try:
            step.migrate([(migration.app_label, migration.name)])
            connection.check_constraints()
        except Exception as error:
            raise RefusedError(
                "the upgrade did not go through",
                [
                    f"{migration.app_label}.{migration.name} failed ({type(error).__name__}). "
                    "Every table is as it was; go on with the version you had, and report this."
                ],
            ) from error


def _refuse_faults(before: End) -> None:
    anchors = {before.events: before.digest} if before.events else {}
    fault = check_trail(anchors=anchors).fault
    faults = [fault.sentence] if fault else []
    faults += [f for finding in check_site() for f in finding.faults]
    if Event.objects.count() != before.events:
        faults.append("the audit trail has more or fewer events than before")
    if faults:
        raise RefusedError(
            "the upgrade did not go through",
            [*dict.fromkeys(faults), "Every table is as it was before the upgrade."],
        )


@contextmanager
def _all_or_nothing(before: End) -> Iterator[None]:
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield
        return
    with _on_a_copy() as (original, copy):
        yield
        connection.close()
        _put_back(original, copy, before)


@contextmanager
def _on_a_copy() -> Iterator[tuple[Path, Path]]:
    """Make this process work on a copy of the database's file; the copy is gone afterwards."""
    original = Path(connection.settings_dict["NAME"])
    copy = original.with_name(f"{original.name}.upgrading")
    connection.close()
    _remove(copy)
    _copy(original, copy)
    connection.settings_dict["NAME"] = str(copy)
    try:
        yield original, copy
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(original)
        _remove(copy)


def _put_back(original: Path, copy: Path, before: End) -> None:
    with closing(sqlite3.connect(original)) as database:
        last = database.execute("SELECT sequence FROM audit_head").fetchone()[0]
    if last != before.events:
        raise RefusedError(
            "the upgrade did not go through",
            ["The site was written to meanwhile; stop every process of it, and upgrade again."],
        )
    _copy(copy, original)


def _copy(source: Path, target: Path) -> None:
    """SQLite's online backup: the target changes in one transaction, or not at all."""
    try:
        with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)
    except sqlite3.Error as error:
        raise DatabaseError(str(error)) from error


def _remove(copy: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            copy.with_name(copy.name + suffix).unlink()
