"""What is counted at each centre: entries, contacts, doses, deviations; of all arms together.

One query for each kind of thing, however many centres and participants there are.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Allocation, Dose, InError, NotEnrolled, Withdrawal
from immunosep.web.enrolment.not_enrolling import reasons_in_words
from immunosep.web.followup.due import CONTACT
from immunosep.web.oversight.listing import with_verdict
from immunosep.web.oversight.models import Deviation, Judgement, Kind
from immunosep.web.oversight.visiting import Tally, Visits
from immunosep.web.unblinding.models import Unblinding

A_WEEK = timedelta(days=7)
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Everything that is counted, by the id of the centre."""

    randomised: Tally = field(default_factory=Counter)
    in_error: Tally = field(default_factory=Counter)
    no_first_dose: Tally = field(default_factory=Counter)
    withdrawn: Tally = field(default_factory=Counter)
    unblinded: Tally = field(default_factory=Counter)
    given: Tally = field(default_factory=Counter)
    not_given: Tally = field(default_factory=Counter)
    late: Tally = field(default_factory=Counter)
    entered: Tally = field(default_factory=Counter)  # planned pages that are complete
    overdue: Tally = field(default_factory=Counter)  # planned pages whose days are over
    contacts: Tally = field(default_factory=Counter)  # contacts whose days are over, or that were
    contacts_unknown: Tally = field(default_factory=Counter)
    deviations: Tally = field(default_factory=Counter)
    unjudged: Tally = field(default_factory=Counter)
    important: Tally = field(default_factory=Counter)  # participants with an important one


def counts_of(centres: Sequence[Centre], visits: Visits, *, now: datetime) -> Counts:
    """Everything that is counted at some centres."""
    at = {"patient__centre__in": centres}
    randomised = Allocation.objects.filter(**at)
    without = randomised.filter(doses=None, allocated_at__lt=now - A_WEEK)
    gone = Withdrawal.objects.exclude(kind=WithdrawalKind.TREATMENT_KEEP_FOLLOW_UP)
    of_allocation = {"allocation__patient__centre__in": centres}
    planned = Page.objects.filter(**at, number=1).exclude(visit="")
    found = Counts(
        randomised=_tally(randomised, "patient__centre"),
        in_error=_tally(InError.objects.filter(**of_allocation), "allocation__patient__centre"),
        no_first_dose=_tally(without, "patient__centre"),
        withdrawn=_tally(gone.filter(**at), "patient__centre", of="patient"),
        unblinded=_tally(
            Unblinding.objects.filter(**of_allocation), "allocation__patient__centre",
            of="allocation",
        ),
        given=_tally(Dose.objects.filter(**of_allocation), "allocation__patient__centre"),
    )  # fmt: skip
    found.entered.update(visits.entered)
    found.overdue.update(visits.overdue)
    for tally in (found.contacts, found.contacts_unknown):
        tally.update(visits.contacts_overdue)
    _add_contacts(found, planned)
    _add_deviations(found, centres)
    return found


def failures_of(centres: Sequence[Centre]) -> tuple[int, list[tuple[str, int]]]:
    """How many were screened and not enrolled, and why: a patient may have several reasons."""
    rows = list(
        NotEnrolled.objects.filter(patient__centre__in=centres).values_list("reasons", flat=True)
    )
    counted = Counter(reason for reasons in rows for reason in reasons)
    words = reasons_in_words(*{each.trial_digest: each for each in centres}.values())
    return len(rows), [(words.get(id_, id_), n) for id_, n in counted.most_common()]


def _tally(rows: "QuerySet[Any]", centre: str, *, of: str = "pk") -> Tally:
    return Counter(dict(rows.order_by().values_list(centre).annotate(n=Count(of, distinct=True))))


def _add_contacts(found: Counts, planned: "QuerySet[Page]") -> None:
    """What was said of each contact that is complete: the last entry."""
    done = planned.exclude(stage=Page.Stage.STARTED)
    entries = PageEntry.objects.filter(column=CONTACT, page__in=done).order_by("id")
    last = {
        page: (centre, value)
        for page, centre, value in entries.values_list("page", "page__patient__centre", "value")
    }
    for centre, value in last.values():
        found.contacts[centre] += 1
        found.contacts_unknown[centre] += value in (UNKNOWN, None)


def _add_deviations(found: Counts, centres: Sequence[Centre]) -> None:
    """Those that stand, with the judgement that holds."""
    rows = with_verdict(Deviation.objects.filter(centre__in=centres)).order_by()
    important = set()
    for centre, patient, kind, about, verdict in rows.values_list(
        "centre", "patient", "kind", "about", "verdict"
    ):
        if verdict == Judgement.Verdict.NONE:
            continue
        found.deviations[centre] += 1
        found.unjudged[centre] += verdict is None
        found.not_given[centre] += bool(about) and kind == Kind.DOSE_NOT_GIVEN
        found.late[centre] += bool(about) and kind == Kind.DOSE_LATE
        if verdict == Judgement.Verdict.IMPORTANT and patient is not None:
            important.add((centre, patient))
    found.important.update(centre for centre, _ in important)
