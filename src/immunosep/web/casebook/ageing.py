"""How old things are: days from a visit to its first entry, days that questions stay unsettled.

As many questions to the database for a hundred centres as for one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Max, Min, OuterRef, QuerySet, Subquery

from immunosep.web.casebook.models import Page, PageEntry, Query
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.trial import trial_of

Status = Query.Status


@dataclass(frozen=True, kw_only=True)
class EntryLag:
    """Of one centre: days from each planned visit to the first entry of its page."""

    centre: Centre
    pages: int
    median_days: float | None
    longest_days: int | None


@dataclass(frozen=True, kw_only=True)
class QueryAges:
    """Of one centre: how many questions wait, for how long, and how long the closed ones took."""

    centre: Centre
    open: int
    answered: int
    closed: int
    median_days: float | None  # of those not closed
    oldest_days: int | None
    median_days_to_close: float | None


def entry_lags(centres: Iterable[Centre]) -> list[EntryLag]:
    """How soon each centre enters what happened; an entry before its day counts as none.

    Two questions to the database: a page's first entry and a participant's first dose, each counted
    by itself, for joined there would be a row for every entry and every dose.
    """
    kept = {centre.pk: centre for centre in centres}
    held: dict[str, list[int]] = {pk: [] for pk in kept}
    planned = {pk: {visit.id: visit.day for visit in trial_of(c).schedule}
               for pk, c in kept.items()}  # fmt: skip
    began = {
        number: first.astimezone(kept[pk].zone).date()
        for number, pk, first in Patient.objects.filter(centre__in=kept)
        .order_by()
        .annotate(first=Min("allocation__doses__given_at"))
        .filter(first__isnull=False)
        .values_list("pk", "centre", "first")
    }
    entries = PageEntry.objects.filter(page=OuterRef("pk")).order_by("id")
    pages = (
        Page.objects.filter(patient__in=began, number=1, entries_made__gt=0)
        .exclude(visit="")
        .order_by()
        .values_list(
            "patient", "patient__centre", "visit", Subquery(entries.values("entered_at")[:1])
        )
    )
    for number, pk, visit, first in pages:
        since = first.astimezone(kept[pk].zone).date() - began[number]
        held[pk].append(max(0, since.days - (planned[pk][visit] - 1)))
    return [
        EntryLag(centre=kept[pk], pages=len(days), median_days=median(days) if days else None,
                 longest_days=max(days, default=None))
        for pk, days in held.items()
    ]  # fmt: skip


def query_ages(centres: Iterable[Centre], *, now: datetime) -> list[QueryAges]:
    """How long questions wait at each centre."""
    kept = {centre.pk: centre for centre in centres}
    found: dict[str, list[tuple[str, int]]] = {pk: [] for pk in kept}
    rows = (
        Query.objects.filter(page__patient__centre__in=kept)
        .order_by()
        .values_list("page__patient__centre", "status", "opened_at", "pk")
        .annotate(last=Max("steps__at"))
    )
    for pk, status, opened_at, _, last in rows:
        until = last if status == Status.CLOSED and last else now
        found[pk].append((status, (until - opened_at).days))
    return [_ages(kept[pk], held) for pk, held in found.items()]


def counts_of(queries: "QuerySet[Query]") -> dict[str, int]:
    """How many questions are at each stage, every stage named."""
    held = [status for _, status in queries.order_by().values_list("pk", "status")]
    return {status.value: held.count(status.value) for status in Status}


def _ages(centre: Centre, held: Sequence[tuple[str, int]]) -> QueryAges:
    waiting = [days for status, days in held if status != Status.CLOSED]
    closed = [days for status, days in held if status == Status.CLOSED]
    return QueryAges(
        centre=centre,
        open=sum(status == Status.OPEN for status, _ in held),
        answered=sum(status == Status.ANSWERED for status, _ in held),
        closed=len(closed),
        median_days=median(waiting) if waiting else None,
        oldest_days=max(waiting, default=None),
        median_days_to_close=median(closed) if closed else None,
    )
