"""Every table of `tables.records`, out of the database as it is at one moment."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pyarrow as pa
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from immunosep.tables.records import RECORDS
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Allocation, Patient
from immunosep.web.oversight.courses import WITH_DOSES
from immunosep.web.oversight.models import Deviation
from immunosep.web.records import cleaning, course, people
from immunosep.web.records.deviations import deviation_rows
from immunosep.web.records.gathering import Casebook, casebooks
from immunosep.web.supply.models import Order

Held = TypeVar("Held", bound=Model)


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read in here is of one moment, whatever others write meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":  # SQLite's transactions are so already
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def tables_of(*, trial_locked: bool, centre: Centre | None = None) -> dict[str, pa.Table]:
    """Every table of `tables.records`, from the database as it is; of one centre, or of all."""
    books = casebooks(_allocations(centre), trial_locked=trial_locked)
    orders: dict[str, list[Order]] = {}
    for order in _at(Order.objects.order_by("participant", "day"), centre):
        orders.setdefault(order.participant, []).append(order)
    found: dict[str, Iterable[people.Row]] = {
        "screened": people.screened_rows(_at(Patient.objects.all(), centre)),
        "participants": people.participant_rows(books),
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
        "deviations": deviation_rows(_at(Deviation.objects.all(), centre)),
    }
    return {
        name: pa.Table.from_pylist(list(found[name]), schema=table.schema().to_pyarrow())
        for name, table in RECORDS.items()
    }


def _at(rows: "QuerySet[Held]", centre: Centre | None, to: str = "centre") -> "QuerySet[Held]":
    return rows if centre is None else rows.filter(**{to: centre})


def _allocations(centre: Centre | None) -> Iterable[Allocation]:
    return (
        _at(Allocation.objects.order_by("patient_id"), centre, "patient__centre")
        .select_related("patient__centre", "slot__stratum", "in_error")
        .prefetch_related(WITH_DOSES, "patient__withdrawals", "unblindings")
    )


def _of_each(
    books: list[Casebook], rows: Callable[[Casebook], Iterator[people.Row]]
) -> Iterator[people.Row]:
    return (row for book in books for row in rows(book))
