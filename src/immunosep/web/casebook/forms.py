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
from immunosep.web.trial import site_trial


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A page that the schedule asks for: its form, its visit, from and until which day."""

    form: CaseForm
    visit: Visit
    first: date
    on: date
    last: date


def find_form(form_id: str, trial: Trial | None = None) -> CaseForm:
    """The form with this id; LookupError if the trial has none."""
    for form in (trial or site_trial()).casebook:
        if form.id == form_id:
            return form
    raise LookupError(form_id)


def find_visit(visit_id: str, trial: Trial | None = None) -> Visit:
    """The visit with this id; LookupError if the schedule has none."""
    for visit in (trial or site_trial()).schedule:
        if visit.id == visit_id:
            return visit
    raise LookupError(visit_id)


def planned_pages(
    first_dose: datetime, centre: Centre, trial: Trial | None = None
) -> Iterator[Planned]:
    """Every page the schedule asks for after the first dose, by day, in the forms' order."""
    trial = trial or site_trial()
    day_1 = first_dose.astimezone(centre.zone).date()
    for visit in sorted(trial.schedule, key=lambda visit: visit.day):
        on = day_1 + timedelta(days=visit.day - 1)
        for form in trial.casebook:
            if visit.day >= 1 and form.assessment in visit.assessments:
                yield Planned(
                    form=form,
                    visit=visit,
                    first=on - timedelta(days=visit.days_before),
                    on=on,
                    last=on + timedelta(days=visit.days_after),
                )
