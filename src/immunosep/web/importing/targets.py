"""Where a result belongs: a sample of screening, or the page of a visit, that its reader fills in.

Up to randomisation it is screening's. After it, the page of the visit that the file names, or of
the one whose days the moment falls into.
"""

from dataclasses import dataclass
from datetime import date, datetime

from immunosep.languages import say
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.forms import FilledBy
from immunosep.tables.casebook import SAMPLE
from immunosep.web.accounts.access import may
from immunosep.web.accounts.models import User
from immunosep.web.casebook import recording as casebook
from immunosep.web.casebook.forms import asked_at, find_visit, planned_pages
from immunosep.web.enrolment import recording as enrolment
from immunosep.web.enrolment.dosing import first_dose_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.trial import trial_of

SCREENING = "screening"
DRAWN = SAMPLE[0].name  # the column of a page that says when its sample was drawn
NOT_ASKED = say("no form that you fill in asks for this of this participant")
NO_VISIT = say("no visit asks for this on that day; name the visit, as day_2")
SEVERAL_VISITS = say("several visits ask for this on that day; name one, as day_2")


class NowhereError(Exception):
    """There is no place for a result; the message is the reason."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is written together: one sample of a patient's screening, or one page."""

    patient: Patient
    filled_by: FilledBy
    at: datetime | None = None
    form: CaseForm | None = None  # none: screening
    visit: str = ""

    @property
    def key(self) -> str:
        """What tells it from the others of a file."""
        where = f"{self.form.id} {self.visit}" if self.form else f"{SCREENING} {self.filled_by}"
        return f"{self.patient.pk} {where}"

    @property
    def label(self) -> str:
        """For people."""
        if self.form is None:
            return "Screening"
        day = find_visit(self.visit, trial_of(self.patient.centre)).day
        return f"{self.form.label}, day {day}"


def target_of(
    column: str, patient: Patient, *, at: datetime | None, visit: str, by: User
) -> Target:
    """Where a value of a column belongs; a `NowhereError` says why it belongs nowhere."""
    allocation = getattr(patient, "allocation", None)
    if visit or (allocation and at and at > allocation.allocated_at):
        return _page(column, patient, at=at, visit=visit, by=by)
    if at is None:
        raise NowhereError(say("no moment; say when it was measured"))
    for filled_by, permission in enrolment.MAY_ENTER.items():
        asked = columns_of(filled_by, patient.centre)
        if column in asked and may(by, permission, patient.centre):
            return Target(patient=patient, filled_by=filled_by, at=at)
    raise NowhereError(NOT_ASKED)


def _page(column: str, patient: Patient, *, at: datetime | None, visit: str, by: User) -> Target:
    if not hasattr(patient, "allocation"):
        raise NowhereError(say("was not randomised, so no visit is planned"))
    forms = {form.id: form for form in _forms(column, patient, by)}
    if not forms:
        raise NowhereError(NOT_ASKED)
    if visit:
        found = [(id_, visit) for id_, form in forms.items() if _asks(visit, form, patient)]
    else:
        found = _planned(patient, forms, at)
    if len(found) != 1:
        raise NowhereError(SEVERAL_VISITS if found else NO_VISIT)
    form = forms[found[0][0]]
    if DRAWN in form.columns and at is None:
        raise NowhereError(say("no moment; say when the sample was drawn"))
    return Target(patient=patient, filled_by=form.filled_by, at=at, form=form, visit=found[0][1])


def _forms(column: str, patient: Patient, by: User) -> list[CaseForm]:
    return [
        form
        for form in trial_of(patient.centre).casebook
        if column in form.columns
        and not form.repeats
        and may(by, casebook.MAY_ENTER[form.filled_by], patient.centre)
    ]


def _asks(visit: str, form: CaseForm, patient: Patient) -> bool:
    try:
        return asked_at(find_visit(visit, trial_of(patient.centre)), form)
    except LookupError:
        raise NowhereError(say("there is no such visit; name it as day_2")) from None


def _planned(
    patient: Patient, forms: dict[str, CaseForm], at: datetime | None
) -> list[tuple[str, str]]:
    """The visits that ask for the forms on the moment's day: of several, that of the very day."""
    first = first_dose_of(patient.allocation)
    if first is None or at is None:
        raise NowhereError(say("the first dose was not given yet, so no visit is planned"))
    day: date = at.astimezone(patient.centre.zone).date()
    planned = [
        each
        for each in planned_pages(first.given_at, patient.centre)
        if each.form.id in forms and each.first <= day <= each.last
    ]
    very_day = [each for each in planned if each.on == day]
    return [(each.form.id, each.visit.id) for each in very_day or planned]
