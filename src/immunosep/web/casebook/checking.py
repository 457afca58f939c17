"""Edit checks: the trial's rules about a page, asked of what it says and what is known besides."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from immunosep.protocol.casebook import CaseForm, EditCheck
from immunosep.sources.prepared import prepare
from immunosep.tables.casebook import CASE, CONTEXT
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.casebook.forms import find_visit
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.values import measured, row_of, values_of_pages
from immunosep.web.enrolment.dosing import first_dose_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.recording import values_up_to
from immunosep.web.trial import trial_of

_SCHEMA: pa.Schema = CASE.schema().to_pyarrow()
_ALL = frozenset(column.name for column in CONTEXT)
_FROM_PAGES = frozenset({"known_dead_at", "known_discharged_at"})
_FROM_SCREENING = frozenset({"male", "age_years"})


def faults_of(
    form: CaseForm, values: Mapping[str, Any], *, context: Mapping[str, Any]
) -> list[EditCheck]:
    """The checks that this page does not pass; a rule that is unknown finds no fault."""
    if not form.checks:
        return []
    row = {**row_of(values), **context}
    answers = _prepared(form)(pa.Table.from_pylist([row], schema=_schema(form))).to_pylist()[0]
    return [check for check in form.checks if answers[check.id] is False]


def not_asked(form: CaseForm, values: Mapping[str, Any]) -> set[str]:
    """The columns that the page's other answers leave unasked."""
    return {
        name
        for name, (other, wanted) in form.asked_if.items()
        if _word(values.get(other)) not in wanted
    }


def lacking(form: CaseForm, values: Mapping[str, Any]) -> list[str]:
    """What must be answered before the page is complete."""
    idle = not_asked(form, values)
    return [name for name in form.required if name not in idle and values.get(name) is None]


def context_of(page: Page, form: CaseForm | None = None) -> dict[str, Any]:
    """What is known of the participant besides the page: see `tables.casebook.CONTEXT`.

    Of a `form`, only what its checks read is looked up; the rest is unknown. The page may be one
    that nobody has opened yet.
    """
    patient = page.patient
    wanted = _ALL if form is None else _read_by(form)
    found: dict[str, Any] = dict.fromkeys(_ALL)
    if page.visit:
        found["day"] = find_visit(page.visit, trial_of(patient.centre)).day
    if "first_dose_given_at" in wanted and hasattr(patient, "allocation"):
        first = first_dose_of(patient.allocation)
        found["first_dose_given_at"] = _seconds(first.given_at) if first else None
    if _FROM_SCREENING & wanted:
        found |= _at_screening(patient)
    if _FROM_PAGES & wanted:
        found |= _endings(page)
    return found


def reads(check: EditCheck) -> set[str]:
    """The columns, of the page or known from others, that a check's answer rests on."""
    return {field.name for field in check.rule.op().find(ops.Field)}


@cache
def _read_by(form: CaseForm) -> frozenset[str]:
    """What the checks of a form read, which never changes."""
    return frozenset(name for check in form.checks for name in reads(check))


def _endings(page: Page) -> dict[str, int | None]:
    """Death and discharge as the participant's other pages have them, the earliest of each."""
    others = Page.objects.filter(patient=page.patient_id).exclude(pk=page.pk)
    rows = [row_of(values) for values in values_of_pages(others).values()]
    died = [row["died_at"] for row in rows if row.get("died_at") is not None]
    left = [row["left_hospital_at"] for row in rows if row.get("left_hospital_at") is not None]
    return {
        "known_dead_at": min(died, default=None),
        "known_discharged_at": min(left, default=None),
    }


def _at_screening(patient: Patient) -> dict[str, Any]:
    known = values_up_to(patient)
    sex, age = known.get("sex"), known.get("age_years")
    return {
        "male": None if sex is None else sex == "male",
        "age_years": None if age is None else measured(COLUMNS["age_years"], age),
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _word(value: Any) -> Any:
    return ("no", "yes")[value] if isinstance(value, bool) else value


@cache
def _prepared(form: CaseForm) -> Callable[[pa.Table], pa.Table]:
    """The checks, asked of what they read alone: a row of every column takes thrice as long."""
    read = ibis.table(ibis.schema(_schema(form)), name=CASE.get_name())
    return prepare(CASE.select(**{check.id: check.rule for check in form.checks}), about=read)


@cache
def _schema(form: CaseForm) -> pa.Schema:
    """The columns that the checks of a form read, and one that is always there."""
    wanted = _read_by(form) | {"day"}
    return pa.schema([column for column in _SCHEMA if column.name in wanted])
