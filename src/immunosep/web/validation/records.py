"""Checks of the records: unchanged, unchangeable, whole; and of the database that keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, pairwise

from django.db import Error, connection, transaction

from immunosep.web.audit.chain import fields_of
from immunosep.web.audit.digest import faults_of_chain
from immunosep.web.audit.models import Event, Head
from immunosep.web.audit.verify import check_trail
from immunosep.web.checking import check_site
from immunosep.web.closed import closed_tables, open_tables
from immunosep.web.code.models import Slot
from immunosep.web.supply.models import Preparation
from immunosep.web.validation.evidence import Seen

CLOCKS_APART = 2.0  # seconds
TRIED = 200  # events of the trail that a change is tried on


def change_is_refused() -> Seen:
    """Each append-only table is asked to change a row, and to remove one; all is rolled back."""
    tables = closed_tables()
    faults = [f"{table} has lost its triggers" for table in open_tables(tables)]
    seen, empty = [], []
    for table in tables:
        if not _first_row(table):
            empty.append(table)
            continue
        for words, statement in _attempts(table):
            if _goes_through(statement):
                faults.append(f"{table}: {words} a row went through")
            else:
                seen.append(f"{table}: {words} a row was refused")
    seen += [f"{table}: it has no row to try; its triggers are there" for table in empty]
    return Seen(seen=tuple(seen), faults=tuple(faults))


def _attempts(table: str) -> Iterator[tuple[str, str]]:
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        first = connection.introspection.get_table_description(cursor, table)[0].name
    column = connection.ops.quote_name(first)
    yield "changing", f"UPDATE {name} SET {column} = {column}"
    yield "removing", f"DELETE FROM {name}"


def _first_row(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
        return cursor.fetchone() is not None


def _goes_through(statement: str) -> bool:
    """Whether the database takes it; whatever happens is rolled back."""
    went_through = False
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)
            went_through = True
            transaction.set_rollback(True)
    except Error:
        return False
    return went_through


def trail_unbroken() -> Seen:
    """The chain, from its first event to the end the site recorded."""
    checked = check_trail()
    return Seen(
        seen=(f"{checked.events:,} events; the last has the digest {checked.digest}",),
        faults=(checked.fault.sentence,) if checked.fault else (),
    )


def change_is_found() -> Seen:
    """A word of each of the first events is changed in memory; the chain must show every one."""
    events = list(islice(Event.objects.order_by("sequence").iterator(), TRIED))
    fields = [fields_of(event) for event in events]
    head = fields[-1]["digest"] if fields else ""
    missed = []
    for n, field in enumerate(fields):
        changed = [*fields[:n], field | {"reason": f"{field['reason']} "}, *fields[n + 1 :]]
        if next(faults_of_chain(changed[n:], head=head), None) is None:
            missed.append(f"a change of event {n + 1} was not found")
    return Seen(
        seen=(f"{len(fields)} events changed one by one, {len(fields) - len(missed)} found",),
        faults=tuple(missed),
        untried="" if fields else "the trail has no event yet",
    )


def records_whole() -> Seen:
    """Everything `immunosep site verify` counts."""
    findings = check_site()
    return Seen(
        seen=tuple(f"{f.checked} ({f.rows:,} rows)" for f in findings if not f.faults),
        faults=tuple(fault for finding in findings for fault in finding.faults),
    )


def sealed_alike() -> Seen:
    """Whatever is sealed has one length, so that its size tells nothing."""
    sealed = (
        ("places of the list", Slot.objects.values_list("sealed", flat=True)),
        ("preparations", Preparation.objects.values_list("sealed", flat=True)),
    )
    found = {name: sorted({len(bytes(value)) for value in values}) for name, values in sealed}
    return Seen(
        seen=tuple(f"{name}: {lengths} bytes" for name, lengths in found.items()),
        faults=tuple(
            f"{name} have {len(lengths)} lengths"
            for name, lengths in found.items()
            if len(lengths) > 1
        ),
    )


@dataclass(frozen=True)
class _Clocks:
    here: datetime
    there: datetime

    @property
    def seconds_apart(self) -> float:
        return abs((self.here - self.there).total_seconds())


def clock(*, now: datetime) -> Seen:
    """The clock of this machine, of the database's, and of the trail, which must not run back."""
    clocks = _Clocks(now, _database_time(now))
    times = Event.objects.order_by("sequence").values_list("sequence", "at")
    back = [later for (_, one), (later, other) in pairwise(times.iterator()) if other < one]
    faults = [f"event {sequence} is before the one it follows" for sequence in back]
    faults += [f"the clocks are {clocks.seconds_apart:.1f} s apart"] * (
        clocks.seconds_apart > CLOCKS_APART
    )
    last = Event.objects.order_by("-sequence").values_list("at", flat=True).first()
    if last and last > now:
        faults.append("the last event is in the future")
    return Seen(
        seen=(f"this machine: {now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
              f"the database's: {clocks.there.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
              f"{Head.objects.get().sequence:,} events compared with the one before"),
        faults=tuple(faults),
    )  # fmt: skip


def _database_time(now: datetime) -> datetime:
    if connection.vendor == "sqlite":  # a file of this machine has no clock of its own
        return now
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    return there


def commits_are_durable() -> Seen:
    """The database answers only once what it was told is on the disk."""
    asked = (
        {"synchronous": ("2", "3"), "journal_mode": ("wal",)}
        if connection.vendor == "sqlite"
        else {"fsync": ("on",), "synchronous_commit": ("on", "remote_apply", "remote_write"),
              "full_page_writes": ("on",)}
    )  # fmt: skip
    word = "PRAGMA" if connection.vendor == "sqlite" else "SHOW"
    found = {}
    with connection.cursor() as cursor:
        for name in asked:
            cursor.execute(f"{word} {name}")
            found[name] = str(cursor.fetchone()[0]).lower()
    return Seen(
        seen=tuple(f"{name} is {value}" for name, value in found.items()),
        faults=tuple(
            f"{name} is {value}, expected {' or '.join(asked[name])}"
            for name, value in found.items()
            if value not in asked[name]
        ),
    )
