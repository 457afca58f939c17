"""What may be wrong with a trial's casebook: columns nobody has, days that never come."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.protocol.casebook import CaseForm, EditCheck
from immunosep.tables.casebook import CASE, CASE_COLUMNS
from immunosep.tables.names import nearest_name

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

BY_DAY = ("day_status", "vital_status", "ferritin_ng_ml", "hla_dr_per_monocyte")
BY_NUMBER = ("event_term", "medication", "procedure", "dose_route")
"""Of which `tables.records` has a row for each day, or for each entry of a log."""


def casebook_problems(trial: "Trial") -> Iterator[str]:
    """Forms that cannot be filled in as written."""
    for id_, count in Counter(form.id for form in trial.casebook).items():
        if count > 1:
            yield f"casebook: {count} forms are called {id_!r}. Give each its own id"
    yield from _rows_of_records(trial.casebook)
    assessed = {name for visit in trial.schedule for name in visit.assessments}
    for form in trial.casebook:
        for problem in (*_columns(form), *_days(form, assessed), *_checks(form), *_share(form)):
            yield f"casebook form {form.id!r}: {problem}"


def _rows_of_records(forms: Iterable[CaseForm]) -> Iterator[str]:
    """What the records could not be written from: a row without its day, or its number twice."""
    asking = {name: [f for f in forms if name in f.columns] for name in (*BY_DAY, *BY_NUMBER)}
    for name in BY_DAY:
        for form in asking[name]:
            if form.repeats:
                yield f"casebook form {form.id!r}: {name!r} is kept by day. Take it off the log"
    for name in BY_NUMBER:
        for form in asking[name]:
            if not form.repeats:
                yield f"casebook form {form.id!r}: {name!r} is kept by number. Make the form a log"
    for name in ("day_status", "vital_status", *BY_NUMBER):
        if len(asking[name]) > 1:
            named = " and ".join(repr(form.id) for form in asking[name])
            yield f"casebook: {name!r} is asked by {named}. Leave it on one of them"


def _columns(form: CaseForm) -> Iterator[str]:
    if not form.label.strip():
        yield "it has no label. Write the heading that people will see"
    if not form.columns:
        yield "it has no columns. Name some, or leave the form out"
    for name in form.columns:
        if name not in CASE_COLUMNS:
            near = nearest_name(name, CASE_COLUMNS)
            yield f"{name!r} is no column of the casebook" + (f"; meant {near!r}?" if near else "")
    conditions = [name for name, (other, _) in form.asked_if.items() for name in (name, other)]
    parts = (*form.required, *form.hidden, *conditions)
    verified = form.verification.columns if form.verification else ()
    for name in dict.fromkeys((*parts, *verified)):
        if name not in form.columns:
            yield f"{name!r} is not among its columns. Add it, or take it out of the rule"
    for name, (other, values) in form.asked_if.items():
        column = CASE_COLUMNS.get(other)
        unknown = set(values).difference(column.choices or ("yes", "no")) if column else set()
        if unknown:
            yield (
                f"{name!r} is asked if {other!r} is {', '.join(sorted(unknown))}, which it cannot "
                "be. Use its choices, or yes and no"
            )


def _days(form: CaseForm, assessed: set[str]) -> Iterator[str]:
    if form.repeats == bool(form.assessment):
        yield "it needs either an `assessment` of the schedule, or `repeats`"
    elif form.assessment and form.assessment not in assessed:
        near = nearest_name(form.assessment, assessed)
        yield f"no visit assesses {form.assessment!r}" + (f"; meant {near!r}?" if near else "")


def _checks(form: CaseForm) -> Iterator[str]:
    for id_, count in Counter(check.id for check in form.checks).items():
        if count > 1:
            yield f"{count} checks are called {id_!r}"
    for check in form.checks:
        if not isinstance(check.rule, ir.BooleanValue):
            yield f"check {check.id!r} is {type(check.rule).__name__}, expected a yes or no"
        elif set(check.rule.op().find(ops.UnboundTable)) - {CASE.op()}:
            yield f"check {check.id!r} reads another table than `tables.casebook.CASE`"
        if not check.says.strip():
            yield f"check {check.id!r} says nothing. Write what to look at"
        for name in check.columns:
            if name not in form.columns:
                yield f"check {check.id!r} marks {name!r}, which is not among its columns"
        for name in _hidden_values_read(form, check):
            yield (
                f"check {check.id!r} turns on the value of {name!r}, which is hidden: a question "
                "would tell it. Ask only whether it is there: isnull() or notnull()"
            )


def _hidden_values_read(form: CaseForm, check: EditCheck) -> list[str]:
    """The hidden columns of which a rule reads more than whether there is a value."""
    if not isinstance(check.rule, ir.BooleanValue):
        return []
    found = {
        held.name
        for node in check.rule.op().find(ops.Node)
        if not isinstance(node, ops.IsNull | ops.NotNull)
        for held in node.__children__
        if isinstance(held, ops.Field) and held.name in form.hidden
    }
    return sorted(found)


def _share(form: CaseForm) -> Iterator[str]:
    if form.verification and not 0 < form.verification.share <= 1:
        yield "the share to verify is not above 0 and up to 1"
