"""How old things are: days from a visit to its first entry, days that questions stay unsettled.

As many questions to the database for a hundred centres as for one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Max, Min, QuerySet

from immunosep.web.casebook.forms import find_visit
from immunosep.web.casebook.models import Page, Query
from immunosep.web.centres.models import Centre
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
    """How soon each centre enters what happened; an entry before its day counts as none."""
    kept = {centre.pk: centre for centre in centres}
    days: dict[str, list[int]] = {pk: [] for pk in kept}
    rows = (
        Page.objects.filter(patient__centre__in=kept, number=1)
        .exclude(visit="")
        .order_by()
        .values_list("patient__centre", "visit", "pk")
        .annotate(
            first=Min("entries__entered_at"), dose=Min("patient__allocation__doses__given_at")
        )
        .filter(first__isnull=False, dose__isnull=False)
    )
    for pk, visit, _, first, dose in rows:
        zone, day = kept[pk].zone, find_visit(visit, trial_of(kept[pk])).day
        since = first.astimezone(zone).date() - dose.astimezone(zone).date()
        days[pk].append(max(0, since.days - (day - 1)))
    return [
        EntryLag(centre=kept[pk], pages=len(held), median_days=median(held) if held else None,
                 longest_days=max(held, default=None))
        for pk, held in days.items()
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
    held = list(queries.order_by().values_list("status", flat=True))
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
