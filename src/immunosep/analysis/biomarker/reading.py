"""A table of markers from a file: CSV, JSON or Parquet, read as the bedside's files are.

One row per person. A marker is a number; the outcome is 1 or 0, yes or no, true or false. Rows that
lack a marker or the outcome are left out and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from immunosep.errors import SourceError
from immunosep.sources.bedside.files import read_sheet, subject_of
from immunosep.sources.bedside.problems import Problems
from immunosep.sources.bedside.sheets import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

YES, NO = ("1", "1.0", "yes", "true"), ("0", "0.0", "no", "false")


@dataclass(frozen=True, eq=False, kw_only=True)
class MarkerTable:
    """Those of whom every marker and the outcome are known; `left_out` are the others."""

    markers: dict[str, Array]
    outcome: Mask
    cohorts: tuple[str | None, ...]
    left_out: int


def read_markers(
    path: str | Path, *, markers: Sequence[str], outcome: str, cohort: str | None = None
) -> MarkerTable:
    """The columns of these names; SourceError says everything that is wrong with them."""
    subject, sheet = subject_of(path), read_sheet(path)
    asked = [*markers, outcome, *([cohort] if cohort else [])]
    unknown = [_unknown(name, sheet) for name in asked if name not in sheet.headers]
    if unknown:
        raise SourceError(subject, unknown)
    problems = Problems()
    numbers = {name: _read(sheet, name, _number, problems) for name in markers}
    outcomes = _read(sheet, outcome, _yes_no, problems)
    cohorts = [_word(cell) for cell in _cells(sheet, cohort)] if cohort else [None] * len(outcomes)
    if problems:
        raise SourceError(subject, problems.sentences(sheet.places))
    return _known(numbers, outcomes, cohorts)


def _known(
    numbers: dict[str, list[Any]], outcomes: list[Any], cohorts: Sequence[str | None]
) -> MarkerTable:
    kept = [
        row
        for row, outcome in enumerate(outcomes)
        if outcome is not None and all(column[row] is not None for column in numbers.values())
    ]
    return MarkerTable(
        markers={
            name: np.array([column[row] for row in kept], dtype=np.float64)
            for name, column in numbers.items()
        },
        outcome=np.array([outcomes[row] for row in kept], dtype=np.bool_),
        cohorts=tuple(cohorts[row] for row in kept),
        left_out=len(outcomes) - len(kept),
    )


def _read(sheet: Sheet, name: str, parse: Any, problems: Problems) -> list[Any]:
    read = []
    for row, cell in enumerate(_cells(sheet, name)):
        word = _word(cell)
        value, problem = (None, "") if word is None else parse(word)
        if problem:
            problems.in_row(row, f"{name}: {problem}")
        read.append(value)
    return read


def _number(word: str) -> tuple[float | None, str]:
    try:
        value = float(word)
    except ValueError:
        return None, "is no number; write digits and a decimal point, and nothing where unknown"
    return (value, "") if isfinite(value) else (None, "is not a finite number")


def _yes_no(word: str) -> tuple[bool | None, str]:
    if word.lower() in (*YES, *NO):
        return word.lower() in YES, ""
    return None, "is neither 1 nor 0, yes nor no; write one, and nothing where unknown"


def _cells(sheet: Sheet, name: str) -> list[Any]:
    return sheet.columns[sheet.headers.index(name)]


def _word(cell: Any) -> str | None:
    """The cell as text; None where it is empty."""
    text = "" if cell is None else str(cell).strip()
    return text or None


def _unknown(name: str, sheet: Sheet) -> str:
    near = get_close_matches(name, sheet.headers, n=1)
    hint = f"the nearest is {near[0]!r}" if near else f"it has {', '.join(sheet.headers[:8])}"
    return f"there is no column {name!r}; {hint}. Give a name of its header line"
