"""What a version would say of the participants of centres: the counts of `screening.impact`."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet

from immunosep.errors import SourceError
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.trial import Trial
from immunosep.screening.impact import Impact, impact_in_words, impact_of, together
from immunosep.sources.bedside import patients_of
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Allocation
from immunosep.web.trial import trial_of

OVER = timedelta(days=100_000).days  # the day of who left: no visit lies ahead
LEFT = (WithdrawalKind.ALL_KEEP_DATA, WithdrawalKind.ALL_ERASE_DATA)


def weigh(centres: Iterable[Centre], new: Trial, *, now: datetime) -> list[str]:
    """What would change for those enrolled, in words; nobody's record is touched."""
    by_version: dict[str, list[Allocation]] = {}
    held = {centre.pk: centre for centre in centres}
    for allocation in _enrolled(held.values()):
        by_version.setdefault(held[allocation.patient.centre_id].trial_digest, []).append(
            allocation
        )
    found = [_impact(made, new, now=now) for made in by_version.values()]
    unread = sum(number for _, number in found)
    said = impact_in_words(together(impact for impact, _ in found), new)
    return [*said, *([f"{unread} could not be read again."] if unread else [])]


def _enrolled(centres: Iterable[Centre]) -> "QuerySet[Allocation]":
    return (
        Allocation.objects.filter(patient__centre__in=list(centres))
        .select_related("patient__centre")
        .prefetch_related("patient__withdrawals")
        .annotate(began=Min("doses__given_at"))
        .order_by("pk")
    )


def _impact(made: list[Allocation], new: Trial, *, now: datetime) -> tuple[Impact, int]:
    """The impact on participants whose centres work by one version, and how many were unreadable.

    A value may have left the data dictionary since it was frozen: then each is read by itself.
    """
    old = trial_of(made[0].patient.centre)
    try:
        table = patients_of([_row(each) for each in made]).table
    except SourceError:
        if len(made) == 1:
            return Impact(), 1
        each = [_impact([one], new, now=now) for one in made]
        return together(impact for impact, _ in each), sum(number for _, number in each)
    days = [_day(each, now=now) for each in made]
    return impact_of(old, new, table, days=days), 0


def _row(allocation: Allocation) -> dict[str, object]:
    """The frozen snapshot, as it was answered when the participant was randomised."""
    return {
        **allocation.values,
        "patient_id": allocation.patient_id,
        "assessed_at": allocation.allocated_at.isoformat(),
        "consent_given": True,
    }


def _day(allocation: Allocation, *, now: datetime) -> int | None:
    """The day of treatment, by the centre's clock; none before the first dose."""
    if any(each.kind in LEFT for each in allocation.patient.withdrawals.all()):
        return OVER
    began: datetime | None = getattr(allocation, "began", None)
    if began is None:
        return None
    zone = allocation.patient.centre.zone
    return (now.astimezone(zone).date() - began.astimezone(zone).date()).days + 1
