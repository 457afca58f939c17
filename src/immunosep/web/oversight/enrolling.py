"""Enrolment as it went, month by month and centre by centre, and as it may go on.

Months are of the centre's clock. The forecast is `screening.recruitment`'s: each centre a Poisson
process, their rates a gamma distribution fitted to what they have enrolled. Only open centres go on
enrolling; what a pause cost before it began is not known, and counted as time that was open.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immunosep.screening.recruitment import (
    CentreCount,
    RecruitmentForecast,
    forecast_recruitment,
)
from immunosep.web.amendments.proposing import newest_live
from immunosep.web.centres.models import Centre, Status
from immunosep.web.enrolment.models import Allocation

MONTHS_SHOWN, MONTHS_AHEAD = 12, 6


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """How many were randomised: `by_month` of each centre, in the order of `months`."""

    centres: tuple[Centre, ...]
    months: tuple[date, ...]  # their first days, up to this month
    by_month: dict[str, dict[date, int]]
    target: int | None  # the trial's, where all its centres are seen
    forecast: RecruitmentForecast | None

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(sum(counts.values()) for counts in self.by_month.values())

    @property
    def cumulative(self) -> list[tuple[date, int]]:
        """How many there were at the end of each month."""
        total, found = 0, []
        for month in self.months:
            total += sum(counts.get(month, 0) for counts in self.by_month.values())
            found.append((month, total))
        return found

    @property
    def shown(self) -> tuple[date, ...]:
        """The last months, for a table."""
        return self.months[-MONTHS_SHOWN:]

    def of(self, centre: Centre) -> int:
        """How many a centre has."""
        return sum(self.by_month.get(centre.pk, {}).values())

    def row(self, centre: Centre) -> list[int]:
        """A centre's last months."""
        counts = self.by_month.get(centre.pk, {})
        return [counts.get(month, 0) for month in self.shown]


def enrolment_of(centres: Iterable[Centre], *, whole: bool, now: datetime) -> Enrolment:
    """Enrolment at some centres: two queries. `whole`: they are all that the trial has."""
    kept = {centre.pk: centre for centre in centres}
    made: dict[str, list[date]] = {pk: [] for pk in kept}
    rows = Allocation.objects.filter(patient__centre__in=kept).order_by("allocated_at")
    for pk, at in rows.values_list("patient__centre", "allocated_at"):
        made[pk].append(at.astimezone(kept[pk].zone).date())
    today = now.date()
    by_month = {pk: Counter(day.replace(day=1) for day in days) for pk, days in made.items()}
    first = min((min(counts) for counts in by_month.values() if counts), default=today)
    size = newest_live().sample_size
    target = size.total if whole and size else None
    return Enrolment(
        centres=tuple(kept.values()),
        months=tuple(_months(first, today)),
        by_month={pk: dict(counts) for pk, counts in by_month.items()},
        target=target,
        forecast=_forecast(list(kept.values()), made, target=target, today=today),
    )


def _forecast(
    centres: Sequence[Centre], made: dict[str, list[date]], *, target: int | None, today: date
) -> RecruitmentForecast | None:
    """From the end of today, so that who was randomised today is counted; none before any opens."""
    as_of = today + timedelta(days=1)
    counts = [
        CentreCount(
            centre=each.pk,
            opened=min([each.opened_at.date(), *made[each.pk], today]),
            enrolled=len(made[each.pk]),
            closes=None if each.status == Status.OPEN else as_of,
        )
        for each in centres
        if each.opened_at is not None
    ]
    if not counts:
        return None
    ahead = [_later(today, months) for months in range(1, MONTHS_AHEAD + 1)]
    return forecast_recruitment(counts, as_of=as_of, target=target or 1, days=ahead)


def _months(first: date, last: date) -> Iterable[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _later(month, 1)


def _later(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
