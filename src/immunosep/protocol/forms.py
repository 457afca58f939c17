"""Forms: which columns of the data dictionary are asked for together, and who fills them in.

A form is a group of columns and nothing more, so that another trial needs no other table to keep
its answers in. A trial that names no forms has those its rules need, grouped as the dictionary is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.concepts.snapshot import INPUTS_OF, PATIENTS, derive_snapshot
from immunosep.protocol.criteria import Criterion, ImmuneState
from immunosep.tables.columns import Column
from immunosep.tables.dictionary import (
    BEDSIDE,
    BIOMARKERS,
    HISTORY,
    ILLNESS,
    SOFA_INPUTS,
    WHO_AND_WHERE,
)

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial


class FilledBy(StrEnum):
    """Who knows the answers."""

    BEDSIDE = "bedside"
    LABORATORY = "laboratory"


@dataclass(frozen=True, kw_only=True)
class Form:
    """Columns of the data dictionary, in the order in which they are asked for."""

    id: str
    label: str
    filled_by: FilledBy
    columns: tuple[str, ...]
    help: str = ""


NEVER_ASKED = (
    "patient_id",
    "assessed_at",
    "first_dose_at",
    "utc_offset_minutes",
    "consent_given",
)
"""Columns that no form has: who keeps the forms knows them, or asks for them elsewhere."""

OF_RECORDS = (
    "sofa_admission_lowest",
    "sofa_admission_highest",
    "pao2_fio2_supported_mmhg",
    "pao2_fio2_unsupported_mmhg",
    "dopamine_minutes",
    "dobutamine_minutes",
    "epinephrine_minutes",
    "norepinephrine_minutes",
)
"""Columns that a hospital's records fill in and a person answers otherwise: SOFA on admission as
one number, one blood gas, doses only if kept for an hour."""

TOTALS = ("sofa_total", "sofa_lowest", "sofa_highest")

_GROUPS: tuple[tuple[str, str, FilledBy, tuple[Column, ...]], ...] = (
    ("who_and_where", "Who and where", FilledBy.BEDSIDE, WHO_AND_WHERE),
    ("illness", "This illness", FilledBy.BEDSIDE, ILLNESS),
    ("sofa_parts", "SOFA by its parts, worst value of 24 hours", FilledBy.BEDSIDE, SOFA_INPUTS),
    ("history", "History and treatment", FilledBy.BEDSIDE, HISTORY),
    ("laboratory", "Laboratory", FilledBy.LABORATORY, BIOMARKERS),
)

_derived = derive_snapshot(PATIENTS).op()


def derived_forms(trial: "Trial") -> tuple[Form, ...]:
    """The forms a trial's rules need: every column that could move an answer, by its group."""
    asked = {name for read in columns_ruled_on(trial) for name in columns_behind(read)}
    grouped = (
        Form(id=id_, label=label, filled_by=by, columns=_in_order(group, asked))
        for id_, label, by, group in _GROUPS
    )
    return tuple(form for form in grouped if form.columns)


def _in_order(group: tuple[Column, ...], asked: set[str]) -> tuple[str, ...]:
    return tuple(column.name for column in group if column.name in asked)


def columns_ruled_on(trial: "Trial") -> tuple[str, ...]:
    """The snapshot columns that criteria, immune states and the window read, each once."""
    rules: tuple[Criterion | ImmuneState, ...] = (*trial.criteria, *trial.immune_states)
    known = [one for one in rules if isinstance(one.rule, ir.Expr)]
    read = [name for one in known for name in one.reads]
    return tuple(dict.fromkeys([*read, *(["hours_since_sepsis"] if trial.window_hours else [])]))


def columns_behind(column: str) -> tuple[str, ...]:
    """The columns a person may be asked for because the snapshot's `column` rests on them."""
    behind = set(_inputs(column)).difference(NEVER_ASKED, OF_RECORDS)
    return _in_order(BEDSIDE, behind)


def ways_to_know(column: str) -> tuple[tuple[str, ...], ...]:
    """Sets of columns, one of which must be on the forms for `column` to become known.

    A score needs its total or all its parts. The doses count among the parts: one that is not
    asked for would score as not given.
    """
    if column in TOTALS:
        parts = tuple(name for name in columns_behind(column) if name != "sofa")
        return (("sofa",), parts)
    asked = columns_behind(column) if column == "sofa_cardiovascular" else INPUTS_OF.get(column)
    return (tuple(name for name in asked or (column,) if name not in NEVER_ASKED),)


def _inputs(column: str) -> Iterator[str]:
    """The columns of `PATIENTS` that the snapshot's `column` is computed from."""
    yield from _patient_columns(_derived, column)


def _patient_columns(table: ops.Node, column: str) -> Iterator[str]:
    if table == PATIENTS.op():
        yield column
        return
    assert isinstance(table, ops.Project)  # each step of `derive_snapshot` is one
    for read in table.values[column].find(ops.Field, filter=ops.Value):
        yield from _patient_columns(read.rel, read.name)
