"""Grades of CTCAE that values on other pages support, beside the page of an adverse event.

Only what a blinded reader may see anyway is graded: no column that a form of the casebook hides.
A suggestion says where it comes from, and enters nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.conf import settings

from immunosep.concepts.ctcae import (
    BASELINE,
    GRADED,
    LOWER,
    MEASURED,
    TERMS,
    UPPER,
    derive_grades,
)
from immunosep.languages import lower_first
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.trial import Trial
from immunosep.sources.prepared import prepare
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.web.casebook.forms import first_day
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.values import measured, row_of, values_of_pages
from immunosep.web.enrolment.dosing import first_dose_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import value_in_words
from immunosep.web.enrolment.recording import values_up_to
from immunosep.web.followup.ranges import normal_of, read_ranges
from immunosep.web.trial import trial_of

GRADE, FROM, UNTIL = "event_grade", "event_from", "event_until"
CTCAE = "CTCAE 5.0 (NCI 2017)"
_SCHEMA: pa.Schema = MEASURED.schema().to_pyarrow()


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A term, its grade, and the value that supports it."""

    term: str
    grade: int
    label: str
    value: str
    where: str

    @property
    def words(self) -> str:
        """Such as: Platelet count decreased, grade 3: platelets 40 ×10³/µL (day 4)."""
        return f"{self.term}, grade {self.grade}: {self.label} {self.value} ({self.where})"


def is_graded(form: CaseForm) -> bool:
    """Whether a form asks for a grade."""
    return GRADE in form.columns


def graded_columns(trial: Trial) -> list[str]:
    """The columns that may be graded for everybody to see: none that any form hides."""
    hidden = {name for form in trial.casebook for name in form.hidden}
    asked = {name for form in trial.casebook for name in form.columns}
    return [name for name in GRADED if name in asked - hidden]


def suggestions_of(patient: Patient, event: Mapping[str, Any]) -> list[Suggestion]:
    """The worst grade of each term in the days of an event; of all days before one is known."""
    trial = trial_of(patient.centre)
    columns = graded_columns(trial)
    pages = [page for page in Page.objects.filter(patient=patient) if page.visit]
    values = values_of_pages(pages)
    days = _days_of(patient, event)
    labels = {visit.id: (visit.day, f"day {visit.day}") for visit in trial.schedule}
    told = [
        (labels[page.visit][1], {n: v for n, v in values[page.pk].items() if n in columns})
        for page in pages
        if page.visit in labels and (days is None or labels[page.visit][0] in days)
    ]
    return list(_worst(patient, [(where, said) for where, said in told if said]))


def _worst(patient: Patient, told: list[tuple[str, dict[str, Any]]]) -> Iterator[Suggestion]:
    if not told:
        return
    normal = _normal_and_before(patient)
    rows = [{**normal, **row_of(said)} for _, said in told]
    answers = _prepared()(pa.Table.from_pylist(rows, schema=_SCHEMA)).to_pylist()
    for term in TERMS:
        grades = [answer[term.id] or 0 for answer in answers]
        at = max(range(len(grades)), key=grades.__getitem__)
        where, said = told[at]
        if grades[at] and term.column in said:
            yield Suggestion(
                term=term.label,
                grade=grades[at],
                label=lower_first(CASE_COLUMNS[term.column].label),
                value=value_in_words(term.column, said[term.column], centre=patient.centre),
                where=where,
            )


def _normal_and_before(patient: Patient) -> dict[str, Any]:
    """The laboratory's limits, and what was measured at screening."""
    before = values_up_to(patient)
    ranges = read_ranges(settings.REFERENCE_RANGES)
    found: dict[str, Any] = {}
    for name in GRADED:
        normal = normal_of(ranges, name, centre=patient.centre.pk, sex=str(before.get("sex", "")))
        stored = before.get(name)
        found |= {
            name + LOWER: normal.low,
            name + UPPER: normal.high,
            name + BASELINE: measured(CASE_COLUMNS[name], stored) if stored is not None else None,
        }
    return found


def _days_of(patient: Patient, event: Mapping[str, Any]) -> range | None:
    """The days of the trial that an event lasted; None before it is known when it began."""
    first = first_dose_of(patient.allocation)
    row = row_of({name: event[name] for name in (FROM, UNTIL) if event.get(name)})
    if first is None or FROM not in row:
        return None
    zone, day_1 = patient.centre.zone, first_day(first.given_at, patient.centre)
    began = _day(row[FROM], zone) - day_1
    ended = (_day(row[UNTIL], zone) - day_1) if UNTIL in row else timedelta(days=1000)
    return range(began.days + 1, ended.days + 2)


def _day(seconds: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(seconds, zone).date()


@cache
def _prepared() -> Callable[[pa.Table], pa.Table]:
    return prepare(derive_grades(MEASURED), about=MEASURED)
