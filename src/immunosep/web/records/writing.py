"""Writing the records: every table as it stands at one moment, with a manifest.

Arms are invented (`people.dummy_arm`), and the manifest says so: whoever holds the code key fills
the true ones in elsewhere (`immunosep code records`). What hints at an arm is left out, as on every
page (`casebook.hidden`). The manifest names the newest version that is live anywhere; each
participant has the one they were randomised under. The tables and the lock are read in one
transaction, and the export is in the audit trail.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from django.db import connection, transaction

from immunosep import __version__
from immunosep.errors import RefusedError
from immunosep.sources.records import Arms, Manifest, write_records
from immunosep.tables.records import RECORDS
from immunosep.web.amendments.proposing import newest_live
from immunosep.web.audit.actions import Actor, record
from immunosep.web.casebook.locked import trial_lock
from immunosep.web.enrolment.models import Allocation
from immunosep.web.oversight.courses import WITH_DOSES
from immunosep.web.records import cleaning, course, people
from immunosep.web.records.deviations import deviation_rows
from immunosep.web.records.gathering import Casebook, casebooks
from immunosep.web.supply.models import Order


def export_records(folder: Path, *, by: Actor, role: str = "", now: datetime) -> Manifest:
    """Write the tables into a new folder, and say in the manifest whether they are locked."""
    if folder.exists() and any(folder.iterdir()):
        raise RefusedError(
            "the records cannot be written",
            [f"{folder} is not empty; expected a new folder, so that nothing is overwritten."],
        )
    with _one_moment():
        lock = trial_lock()
        tables = tables_of(trial_locked=lock is not None)
    trial = newest_live()
    manifest = Manifest(
        trial=trial.id,
        trial_version=trial.version,
        trial_digest=trial.digest,
        arms=Arms.DUMMY,
        written_s=int(now.timestamp()),
        locked_s=None if lock is None else int(lock.at.timestamp()),
        software=__version__,
    )
    written = write_records(tables, folder, manifest=manifest)
    record(
        "records.export", by=by, role=role, now=now, subject="the trial's records",
        after={name: file.sha256 for name, file in written.files.items()},
    )  # fmt: skip
    return written


@contextmanager
def _one_moment() -> Iterator[None]:
    """What is read in here is of one moment, whatever others write meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":  # SQLite's transactions are so already
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def tables_of(*, trial_locked: bool) -> dict[str, pa.Table]:
    """Every table of `tables.records`, from the database as it is."""
    books = casebooks(_allocations(), trial_locked=trial_locked)
    orders: dict[str, list[Order]] = {}
    for order in Order.objects.order_by("participant", "day"):
        orders.setdefault(order.participant, []).append(order)
    found: dict[str, Iterable[people.Row]] = {
        "screened": people.screened_rows(),
        "participants": (people.participant_row(book) for book in books),
        "days": course.day_rows(books),
        "samples": _of_each(books, course.sample_rows),
        "doses": (
            row
            for book in books
            for row in course.dose_rows(book, orders.get(book.participant, []))
        ),
        "status": _of_each(books, course.status_rows),
        "events": course.event_rows(books),
        "medication": _of_each(books, course.medication_rows),
        "procedures": _of_each(books, course.procedure_rows),
        "queries": cleaning.query_rows(books),
        "deviations": deviation_rows(),
    }
    return {
        name: pa.Table.from_pylist(list(found[name]), schema=table.schema().to_pyarrow())
        for name, table in RECORDS.items()
    }


def _allocations() -> Iterable[Allocation]:
    return (
        Allocation.objects.order_by("patient_id")
        .select_related("patient__centre", "slot__stratum", "in_error")
        .prefetch_related(WITH_DOSES, "patient__withdrawals", "unblindings")
    )


def _of_each(
    books: list[Casebook], rows: Callable[[Casebook], Iterator[people.Row]]
) -> Iterator[people.Row]:
    return (row for book in books for row in rows(book))
