"""Putting a backup into an empty database, of either engine, and proving that it is the same.

The tables are made as they were when the backup was made, filled, and written out again: every
table must give the same bytes. Only then is the restored site a site.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.dateparse import parse_datetime

from immunosep.errors import SettingsError, SourceError
from immunosep.web.amendments.taking import put_back
from immunosep.web.audit.actions import Site, record
from immunosep.web.backups import archive
from immunosep.web.backups.manifest import Manifest, Table
from immunosep.web.backups.rows import insert_rows, lines_of, sha256_of
from immunosep.web.backups.schema import (
    bring_to,
    tables_of,
    unknown_migrations,
    waiting_migrations,
)
from immunosep.web.checking import check_site

ALIAS = "default"
LAST = ("casebook_lock",)  # a lock closes what other tables are filled with


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A restored database: the migrations that wait, if the backup is of an older version; what
    the checks of the records find, which the backup then had, too.
    """

    waiting: tuple[str, ...]
    faults: tuple[str, ...]


def restore_into_database(path: Path, manifest: Manifest, *, now: datetime) -> Restored:
    """Fill the empty database, or leave it empty."""
    _refuse_newer(path, manifest)
    if connection.introspection.table_names():
        raise SettingsError(
            "the database has tables already; expected an empty one, so that nothing is mixed or "
            "overwritten. Make a new database and name it with --database."
        )
    with _all_or_nothing():
        bring_to([m.key for m in manifest.migrations], alias=ALIAS)
        with transaction.atomic():
            tables = tables_of([m.key for m in manifest.migrations], alias=ALIAS)
            _fill(path, manifest, tables)
            _date_migrations(manifest)
        _refuse_different(manifest, tables)
        waiting = waiting_migrations(ALIAS)
        if not waiting:
            _put_back_versions()
        faults = [] if waiting else [f for finding in check_site() for f in finding.faults]
        if not waiting:
            _note(path, manifest, now=now)
    return Restored(waiting=tuple(".".join(key) for key in waiting), faults=tuple(faults))


def _put_back_versions() -> None:
    """Write the files of the trial's later versions, as the backup holds their text.

    Whoever restores trusts the backup: a version is a program, and is run to prove what it is. One
    that this software reads otherwise is not kept, and is a fault of the site.
    """
    with suppress(SettingsError):
        put_back()


def _refuse_newer(path: Path, manifest: Manifest) -> None:
    if newer := unknown_migrations((m.key for m in manifest.migrations), alias=ALIAS):
        raise SourceError(
            f"{path.name} is of a newer version",
            [
                f"It was made by immunosep {manifest.software} and went through "
                f"{', '.join(newer)}, which this software does not have. Install that version, or "
                "a newer one, and restore with it."
            ],
        )


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """PostgreSQL: one transaction over tables and rows. SQLite: the whole file is new anyway."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield
    else:
        yield


def _fill(path: Path, manifest: Manifest, tables: dict[str, type[models.Model]]) -> None:
    by_part = {table.part: table for table in manifest.tables}
    if set(tables) != {table.name for table in manifest.tables}:
        raise SourceError(f"{path.name} cannot be restored", ["Its tables are not its version's."])
    _empty(tables)
    if connection.vendor == "postgresql":  # making tables left them to be checked at once
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    kept: list[tuple[Table, list[bytes]]] = []
    with archive.readable(path):
        for name, stream in archive.streams(path):
            table = by_part.get(name)
            if table is None:
                continue
            if table.name in LAST:
                kept.append((table, list(stream)))
            else:
                insert_rows(tables[table.name], table.columns, stream, alias=ALIAS)
    for table, lines in kept:
        insert_rows(tables[table.name], table.columns, lines, alias=ALIAS)
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables.values())):
            cursor.execute(statement)
        if connection.vendor == "postgresql":  # or it plans for empty tables at first
            cursor.execute("ANALYZE")


def _empty(tables: dict[str, type[models.Model]]) -> None:
    """Remove the few rows that making the tables brings."""
    for model in tables.values():
        if model._base_manager.exists():
            model._base_manager.all().delete()


def _date_migrations(manifest: Manifest) -> None:
    """When the tables became what they are: as it was, not today."""
    recorder = MigrationRecorder(connection)
    for applied in manifest.migrations:
        rows = recorder.migration_qs.filter(app=applied.app, name=applied.name)
        rows.update(applied=parse_datetime(applied.at))


def _refuse_different(manifest: Manifest, tables: dict[str, type[models.Model]]) -> None:
    written = {part.name: part.sha256 for part in manifest.parts}
    different = []
    for table in manifest.tables:
        seen = hashlib.sha256()
        for line in lines_of(tables[table.name], alias=ALIAS):
            seen.update(line)
        if seen.hexdigest() != written[table.part]:
            different.append(f"{table.name} is not byte for byte what the backup holds")
    if different:
        raise SourceError("the restored database differs from the backup", different)


def _note(path: Path, manifest: Manifest, *, now: datetime) -> None:
    record(
        "site.restore",
        by=Site(),
        now=now,
        subject="the site",
        before={"events": manifest.trail["events"], "digest": manifest.trail["digest"]},
        after={"backup": sha256_of(path), "made_at": manifest.made_at},
    )
