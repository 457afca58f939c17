"""What is due, of everybody who is followed: one set of queries, however many participants.

Somebody who enters for the bedside sees the bedside's pages, the laboratory sees its own. Nothing
here depends on what is in a dose: the plan counts from the first dose alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min

from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.forms import FilledBy
from immunosep.protocol.schedule import Visit
from immunosep.protocol.trial import Trial
from immunosep.web.accounts.access import centres_of, may
from immunosep.web.accounts.models import User
from immunosep.web.casebook.forms import asked_pages, first_day
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.recording import MAY_ENTER
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient, Withdrawal
from immunosep.web.followup.endings import Endings, endings_of, values_that_end
from immunosep.web.followup.overview import State, state_of
from immunosep.web.trial import trial_of

SOON = timedelta(days=7)  # how far ahead contacts after treatment are announced
READ = ("pk", "patient_id", "form", "visit", "number", "stage", "entries_made")
CONTACT = "vital_status"  # a form with this column is a contact to prepare: somebody calls


ENTERING = tuple(MAY_ENTER.values())  # whoever may do one of these has a worklist


def enters_at(user: User) -> dict[Centre, list[FilledBy]]:
    """The centres at which an account fills in pages, with whose forms."""
    centres = {c for permission in ENTERING for c in centres_of(user, permission)}
    return {
        centre: [each for each in FilledBy if may(user, MAY_ENTER[each], centre)]
        for centre in centres
    }


@dataclass(frozen=True, kw_only=True)
class Task:
    """One page that somebody should fill in."""

    patient: Patient
    form: CaseForm
    visit: Visit
    state: State
    last: date
    page: int | None = None

    @property
    def is_begun(self) -> bool:
        """Whether something is entered already."""
        return self.state is State.STARTED


@dataclass(frozen=True, kw_only=True)
class Worklist:
    """What is due today, what is overdue, and which contacts come up."""

    due: list[Task] = field(default_factory=list)
    overdue: list[Task] = field(default_factory=list)
    coming: list[Task] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A page of the schedule, in days from the first dose."""

    visit: Visit
    form: CaseForm
    first: int
    last: int


def worklist_of(enters: Mapping[Centre, Collection[FilledBy]], *, now: datetime) -> Worklist:
    """What somebody who enters these forms at these centres has to do: three queries."""
    found = Worklist()
    people = _followed(list(enters))
    pages: dict[str, list[Any]] = {}
    of_theirs = Page.objects.filter(patient__in=[patient.pk for patient, _ in people])
    for page in of_theirs.values_list(*READ, named=True):
        pages.setdefault(page.patient_id, []).append(page)
    ending = values_that_end(of_theirs.values("pk"))
    plans = {centre.pk: _plan(trial_of(centre), forms) for centre, forms in enters.items()}
    for patient, began in people:
        trial = trial_of(patient.centre)
        plan, theirs = plans[patient.centre_id], pages.get(patient.pk, [])
        _add(found, patient, began, plan, theirs, ending, trial, now=now)
    for tasks in (found.due, found.overdue, found.coming):
        tasks.sort(key=lambda task: (task.last, task.patient.pk))
    return found


def _followed(centres: list[Centre]) -> list[tuple[Patient, datetime]]:
    """Who had a first dose and did not take all consent back, with when that was."""
    kept = WithdrawalKind.TREATMENT_KEEP_FOLLOW_UP
    gone = Withdrawal.objects.exclude(kind=kept)
    people = (
        Patient.objects.filter(centre__in=centres, allocation__doses__isnull=False)
        .exclude(pk__in=gone.values("patient"))
        .select_related("centre")
        .annotate(began=Min("allocation__doses__given_at"))
    )
    return [(patient, patient.began) for patient in people]


def _plan(trial: Trial, filled_by: Collection[FilledBy]) -> list[_Asked]:
    return [
        _Asked(
            visit=visit,
            form=form,
            first=visit.day - 1 - visit.days_before,
            last=visit.day - 1 + visit.days_after,
        )
        for visit, form in asked_pages(trial)
        if form.filled_by in filled_by
    ]


def _add(
    found: Worklist,
    patient: Patient,
    began: datetime,
    plan: list[_Asked],
    pages: list[Any],
    ending: Mapping[int, Mapping[str, object]],
    trial: Trial,
    *,
    now: datetime,
) -> None:
    centre = patient.centre
    today, day_1 = now.astimezone(centre.zone).date(), first_day(began, centre)
    day = (today - day_1).days
    endings = endings_of(pages, ending, day_1=day_1, centre=centre, trial=trial)
    there = {(page.visit, page.form): page for page in pages if page.number == 1}
    for asked in plan:
        ahead = asked.first - day
        if ahead > SOON.days or (ahead > 0 and CONTACT not in asked.form.columns):
            continue
        page = there.get((asked.visit.id, asked.form.id))
        if page is not None and page.stage != Page.Stage.STARTED:
            continue
        task = _task(patient, asked, page, day_1, today, endings)
        if task.state in (State.DEAD, State.DISCHARGED):
            continue
        if ahead > 0:
            found.coming.append(task)
        else:
            (found.overdue if day > asked.last else found.due).append(task)


def _task(
    patient: Patient,
    asked: _Asked,
    page: Any,
    day_1: date,
    today: date,
    endings: Endings,
) -> Task:
    first, last = day_1 + timedelta(days=asked.first), day_1 + timedelta(days=asked.last)
    ending = endings.of(asked.visit, asked.form)
    return Task(
        patient=patient,
        form=asked.form,
        visit=asked.visit,
        state=state_of(page, first=first, last=last, today=today, ending=ending),
        last=last,
        page=page.pk if page else None,
    )
