"""Which missing values would decide an unknown criterion.

A missing value matters to an unknown criterion if it can decide it alone, or if the criterion stays
unknown without it once everything else is known. Both are found by asking the evaluator again with
candidate values filled in, so that any trial's rules are understood without reading them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from immunosep.concepts.snapshot import INPUTS_OF
from immunosep.concepts.sofa import COMPONENTS
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import assess, met
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import COLUMNS

FAR_SECONDS = 10 * 365 * 86400  # further from any other time than a protocol's window is long

MOST_ROWS = 20_000  # asked at once: one question instead of thirty, and no gigabytes for a hospital

Deciding = list[dict[str, tuple[str, ...]]]


def deciding_columns(trial: Trial, patients: pa.Table, answers: pa.Table) -> Deciding:
    """For each row, each unknown criterion's id with the missing columns that would decide it."""
    criteria = trial.criteria
    asked = {
        c.id: tuple(name for read in c.reads for name in INPUTS_OF.get(read, (read,)))
        for c in criteria
    }
    open_ids = [c.id for c in criteria if answers[met(c.id)].null_count]
    columns = [
        name
        for name in dict.fromkeys(name for key in open_ids for name in asked[key])
        if patients[name].null_count
    ]
    known_parts = [_inputs_of_known_parts(row) for row in answers.select(_PARTS).to_pylist()]
    found: Deciding = [{} for _ in range(patients.num_rows)]
    for name, tried in _tried(trial, patients, columns):
        readers = [key for key in open_ids if name in asked[key]]
        for key, rows in _decided_by(patients, answers, name, readers, tried).items():
            for row in rows:
                if name in known_parts[row]:
                    continue
                found[row][key] = (*found[row].get(key, ()), name)
    return found


def _tried(
    trial: Trial, patients: pa.Table, columns: Sequence[str]
) -> Iterator[tuple[str, "_Tried"]]:
    """What the trial answers when each column is filled in, several columns asked at once."""
    tries = {name: _Tries.of(patients, name, columns) for name in columns}
    size = sum(len(each.tables) for each in tries.values()) or 1
    at_once = max(1, MOST_ROWS * len(columns) // (size * patients.num_rows or 1))
    for names in _batched(columns, at_once):
        together = [table for name in names for table in tries[name].tables]
        answered = assess(trial, pa.concat_tables(together))
        for name in names:
            rows = len(tries[name].tables) * patients.num_rows
            yield name, _Tried(alone=tries[name].alone, answers=answered.slice(0, rows))
            answered = answered.slice(rows)


def _batched(names: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """The names in their order, `size` at a time."""
    rest = iter(names)
    while taken := tuple(islice(rest, size)):
        yield taken


@dataclass(frozen=True)
class _Tries:
    """The patients again and again: first one column filled, `alone` times, then all the others."""

    alone: int
    tables: list[pa.Table]

    @classmethod
    def of(cls, patients: pa.Table, name: str, columns: Sequence[str]) -> "_Tries":
        """For one column."""
        alone = _filled(patients, name)
        return cls(len(alone), [*alone, *_others_filled(patients, name, columns)])


@dataclass(frozen=True, kw_only=True)
class _Tried:
    """The answers to one column's tries, in their order."""

    alone: int
    answers: pa.Table


def _decided_by(
    patients: pa.Table,
    answers: pa.Table,
    name: str,
    readers: Sequence[str],
    tried: _Tried,
) -> Mapping[str, list[int]]:
    absent, count = pc.is_null(patients[name]), patients.num_rows
    matters = {}
    for key in readers:
        column = tried.answers[met(key)]
        can = _any_of(pc.is_valid(column).slice(0, tried.alone * count), count)
        must = _any_of(pc.is_null(column.slice(tried.alone * count)), count)
        unknown = pc.and_(pc.is_null(answers[met(key)]), absent)
        matters[key] = pc.indices_nonzero(pc.and_(unknown, pc.or_(can, must))).to_pylist()
    return matters


def _inputs_of_known_parts(row: Mapping[str, int | None]) -> frozenset[str]:
    """What needs no asking for SOFA: the total where a part is known, else every part."""
    known = [name for name, points in row.items() if points is not None]
    if not known:
        return frozenset(name for part in _PARTS for name in INPUTS_OF[part])
    answered = {name for part in known for name in INPUTS_OF[part]} - {"respiratory_support"}
    return frozenset({"sofa", *answered})


def _any_of(mask: Any, count: int) -> Any:
    """Whether any trial of each patient holds: the trials lie one after another, `count` long."""
    first, *rest = (mask.slice(start, count) for start in range(0, len(mask), count))
    for other in rest:
        first = pc.or_(first, other)
    return first


def _filled(patients: pa.Table, name: str) -> list[pa.Table]:
    return [_fill(patients, {name: value}) for value in _candidates(COLUMNS[name], patients)]


def _others_filled(patients: pa.Table, name: str, columns: Sequence[str]) -> list[pa.Table]:
    """Every other missing column known: all at their low end, all high, all of no concern."""
    others = {
        other: _candidates(COLUMNS[other], patients)
        for other in columns
        if other not in (name, "sofa")  # a total would hide its own parts
    }
    low = {other: candidates[0] for other, candidates in others.items()}
    high = {other: candidates[-1] for other, candidates in others.items()}
    healthy = {other: COLUMNS[other].healthy for other in others}
    calm = {other: low[other] if value is None else value for other, value in healthy.items()}
    return [_fill(patients, values) for values in (low, high, calm)]


def _fill(patients: pa.Table, values: Mapping[str, Any]) -> pa.Table:
    for name, value in values.items():
        at = patients.schema.get_field_index(name)
        field = patients.schema.field(at)
        patients = patients.set_column(
            at, field, pc.fill_null(patients[name], pa.scalar(value, field.type))
        )
    return patients


def _candidates(column: Column, patients: pa.Table) -> list[Any]:
    match column.kind:
        case Kind.YES_NO:
            return [False, True]
        case Kind.CATEGORY:
            return list(column.choices)
        case Kind.TIME:
            known = [pc.mean(patients[name]).as_py() or 0 for name in _TIMES]
            return [int(min(known)) - FAR_SECONDS, int(max(known)) + FAR_SECONDS]
        case Kind.NUMBER | Kind.INTEGER if column.possible:
            return [
                column.possible.low + (1e-6 if column.possible.above else 0),
                column.possible.high,
            ]
        case _:
            return [""]


_PARTS = [f"sofa_{part}" for part in COMPONENTS]
_TIMES = tuple(column.name for column in COLUMNS.values() if column.kind is Kind.TIME)
