"""What a version would say of the participants of centres: the counts of `screening.impact`.

Everybody is answered by two versions, which is dear where hundreds are enrolled, and pages that
show it are looked at again and again: an answer is kept until something that it rests on changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db.models import Max, Min, QuerySet

from immunosep.errors import SourceError
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.trial import Trial
from immunosep.screening.impact import Impact, impact_in_words, impact_of, together
from immunosep.sources.bedside import patients_of
from immunosep.web.audit.models import Event
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Allocation, Dose, Withdrawal
from immunosep.web.trial import trial_of, trial_with

OVER = timedelta(days=100_000).days  # the day of who left: no visit lies ahead
LEFT = (WithdrawalKind.ALL_KEEP_DATA, WithdrawalKind.ALL_ERASE_DATA)
KEPT = 64  # answers


@dataclass(frozen=True, kw_only=True)
class Asked:
    """All that an answer rests on: two that are equal have the same answer."""

    version: str
    centres: tuple[tuple[str, str, date], ...]  # each with the version it works by, and its today
    randomised: str  # the digest of the last event that randomised anybody: of all before it, too
    rows: tuple[int, ...]  # the last of each table; rows are only ever added


def weigh(centres: Iterable[Centre], new: Trial, *, now: datetime) -> list[str]:
    """What would change for those enrolled, in words; nobody's record is touched."""
    held = sorted(centres, key=lambda centre: centre.pk)
    asked = Asked(
        version=new.digest,
        centres=tuple((c.pk, c.trial_digest, now.astimezone(c.zone).date()) for c in held),
        randomised=_last_randomised(),
        rows=tuple(
            model._default_manager.aggregate(last=Max("pk"))["last"] or 0
            for model in (Allocation, Dose, Withdrawal)
        ),
    )
    return list(_weighed(asked))


def _last_randomised() -> str:
    number = Allocation.objects.order_by("-pk").values_list("patient", flat=True).first()
    events = Event.objects.filter(participant=number or "", action="enrolment.randomise")
    return events.values_list("digest", flat=True).first() or ""


@lru_cache(maxsize=KEPT)
def _weighed(asked: Asked) -> tuple[str, ...]:
    new = trial_with(asked.version)
    works_by = {pk: version for pk, version, _today in asked.centres}
    today = {pk: day for pk, _version, day in asked.centres}
    by_version: dict[str, list[Allocation]] = {}
    for allocation in _enrolled(works_by):
        by_version.setdefault(works_by[allocation.patient.centre_id], []).append(allocation)
    found = [_impact(made, new, today=today) for made in by_version.values()]
    unread = sum(number for _, number in found)
    said = impact_in_words(together(impact for impact, _ in found), new)
    return (*said, *([f"{unread} could not be read again."] if unread else []))


def _enrolled(centres: Iterable[str]) -> "QuerySet[Allocation]":
    return (
        Allocation.objects.filter(patient__centre__in=list(centres))
        .select_related("patient__centre")
        .prefetch_related("patient__withdrawals")
        .annotate(began=Min("doses__given_at"))
        .order_by("pk")
    )


def _impact(made: list[Allocation], new: Trial, *, today: Mapping[str, date]) -> tuple[Impact, int]:
    """The impact on participants whose centres work by one version, and how many were unreadable.

    A value may have left the data dictionary since it was frozen: then each is read by itself.
    """
    old = trial_of(made[0].patient.centre)
    try:
        table = patients_of([_row(each) for each in made]).table
    except SourceError:
        if len(made) == 1:
            return Impact(), 1
        each = [_impact([one], new, today=today) for one in made]
        return together(impact for impact, _ in each), sum(number for _, number in each)
    days = [_day(each, today=today[each.patient.centre_id]) for each in made]
    return impact_of(old, new, table, days=days), 0


def _row(allocation: Allocation) -> dict[str, object]:
    """The frozen snapshot, as it was answered when the participant was randomised."""
    return {
        **allocation.values,
        "patient_id": allocation.patient_id,
        "assessed_at": allocation.allocated_at.isoformat(),
        "consent_given": True,
    }


def _day(allocation: Allocation, *, today: date) -> int | None:
    """The day of treatment, by the centre's clock; none before the first dose."""
    if any(each.kind in LEFT for each in allocation.patient.withdrawals.all()):
        return OVER
    began: datetime | None = getattr(allocation, "began", None)
    if began is None:
        return None
    zone = allocation.patient.centre.zone
    return (today - began.astimezone(zone).date()).days + 1
