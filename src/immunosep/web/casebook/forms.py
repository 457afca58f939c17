"""The casebook's forms, and which pages of a participant are due.

A visit's days count from the first dose; before it, none is due.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.schedule import Visit
from immunosep.protocol.trial import Trial
from immunosep.web.centres.models import Centre
from immunosep.web.trial import trial_of


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A page that the schedule asks for: its form, its visit, from and until which day."""

    form: CaseForm
    visit: Visit
    first: date
    on: date
    last: date


def find_form(form_id: str, trial: Trial) -> CaseForm:
    """The form with this id, by the version of a participant's centre; LookupError for none."""
    for form in trial.casebook:
        if form.id == form_id:
            return form
    raise LookupError(form_id)


def find_visit(visit_id: str, trial: Trial) -> Visit:
    """The visit with this id, by the same version; LookupError if its schedule has none."""
    for visit in trial.schedule:
        if visit.id == visit_id:
            return visit
    raise LookupError(visit_id)


def asked_at(visit: Visit, form: CaseForm) -> bool:
    """Whether a visit asks for a form: those before the first dose belong to screening."""
    return visit.day >= 1 and form.assessment in visit.assessments


def asked_pages(trial: Trial) -> list[tuple[Visit, CaseForm]]:
    """Every page that the schedule asks for of a participant, by day, in the forms' order."""
    visits = sorted(trial.schedule, key=lambda visit: visit.day)
    return [(visit, form) for visit in visits for form in trial.casebook if asked_at(visit, form)]


def first_day(first_dose: datetime, centre: Centre) -> date:
    """Day 1: the day of the first dose, by the centre's clock."""
    return first_dose.astimezone(centre.zone).date()


def planned_pages(
    first_dose: datetime, centre: Centre, trial: Trial | None = None
) -> Iterator[Planned]:
    """The same with their dates."""
    day_1 = first_day(first_dose, centre)
    for visit, form in asked_pages(trial or trial_of(centre)):
        on = day_1 + timedelta(days=visit.day - 1)
        yield Planned(
            form=form,
            visit=visit,
            first=on - timedelta(days=visit.days_before),
            on=on,
            last=on + timedelta(days=visit.days_after),
        )


def logs_of(trial: Trial) -> list[CaseForm]:
    """The forms that have a page for each event."""
    return [form for form in trial.casebook if form.repeats]
