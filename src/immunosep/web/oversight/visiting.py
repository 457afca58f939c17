"""What became of the planned pages of everybody who is followed: entered, overdue, how soon.

The same pages are overdue as on the worklist of follow-up (`followup.due`), counted and not listed:
three queries, and no more than a count for each page.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from statistics import median
from typing import Any

from django.db.models import Min

from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.schedule import Visit
from immunosep.protocol.trial import Trial
from immunosep.web.casebook.forms import asked_pages, first_day
from immunosep.web.casebook.models import Page
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient, Withdrawal
from immunosep.web.followup.due import CONTACT
from immunosep.web.followup.endings import endings_of, values_that_end
from immunosep.web.trial import trial_of

READ = ("pk", "patient_id", "form", "visit", "number", "stage", "entries_made", "opened_at")
Tally = Counter[str]  # of centres


@dataclass(frozen=True, kw_only=True)
class Visits:
    """Planned pages by the id of the centre; `lags` are days from a visit to the entry."""

    entered: Tally = field(default_factory=Counter)
    overdue: Tally = field(default_factory=Counter)
    contacts_overdue: Tally = field(default_factory=Counter)
    lags: dict[str, list[int]] = field(default_factory=dict)

    def median_lag(self, centre: str) -> float | None:
        """In days; None where nothing was entered."""
        return median(self.lags[centre]) if self.lags.get(centre) else None


def visits_of(centres: Sequence[Centre], *, now: datetime) -> Visits:
    """What became of the planned pages at some centres."""
    kept, found = {centre.pk: centre for centre in centres}, Visits()
    people = Patient.objects.filter(centre__in=kept, allocation__doses__isnull=False)
    began = people.annotate(began=Min("allocation__doses__given_at")).order_by()
    pages: dict[str, list[Any]] = {}
    held = Page.objects.filter(patient__centre__in=kept)
    for page in held.order_by("pk").values_list(*READ, named=True):
        pages.setdefault(page.patient_id, []).append(page)
    ending = values_that_end(held.values("pk"))
    gone = set(
        Withdrawal.objects.exclude(kind=WithdrawalKind.TREATMENT_KEEP_FOLLOW_UP).values_list(
            "patient", flat=True
        )
    )
    days = {pk: {visit.id: visit.day for visit in trial_of(c).schedule} for pk, c in kept.items()}
    for number, pk, at in began.values_list("pk", "centre", "began"):
        centre, theirs = kept[pk], pages.get(number, [])
        day_1 = first_day(at, centre)
        _enter(found, centre, theirs, day_1=day_1, days=days[pk])
        if number not in gone:
            today = (now.astimezone(centre.zone).date() - day_1).days
            _overdue(found, centre, theirs, ending, day_1=day_1, today=today)
    return found


def _enter(
    found: Visits, centre: Centre, pages: Sequence[Any], *, day_1: date, days: dict[str, int]
) -> None:
    """Count what is complete, and how long after its day each page was begun."""
    lags = found.lags.setdefault(centre.pk, [])
    for page in pages:
        if page.visit and page.number == 1:
            found.entered[centre.pk] += page.stage != Page.Stage.STARTED
            if page.entries_made:
                opened = page.opened_at.astimezone(centre.zone).date()
                lags.append(max(0, (opened - day_1).days + 1 - days.get(page.visit, 1)))


def _overdue(
    found: Visits, centre: Centre, pages: Sequence[Any], ending: Any, *, day_1: date, today: int
) -> None:
    """Count what should be complete by now: neither a death nor a discharge explains it."""
    trial: Trial = trial_of(centre)
    endings = endings_of(pages, ending, day_1=day_1, centre=centre, trial=trial)
    ended = endings.dead is not None or endings.discharged is not None
    there = {(page.visit, page.form): page for page in pages if page.number == 1}
    for visit, form in _plan(trial):
        if today <= visit.day - 1 + visit.days_after:
            continue
        page = there.get((visit.id, form.id))
        if page is not None and page.stage != Page.Stage.STARTED:
            continue
        begun = page is not None and page.entries_made
        if ended and not begun and endings.of(visit, form) is not None:
            continue
        found.overdue[centre.pk] += 1
        found.contacts_overdue[centre.pk] += CONTACT in form.columns


@cache
def _plan(trial: Trial) -> list[tuple[Visit, CaseForm]]:
    """The pages a version asks for, which never change."""
    return asked_pages(trial)
