"""A table of markers from a file: CSV, JSON or Parquet, read as the bedside's files are.

One row per person. A marker is a number; the outcome is 1 or 0, yes or no, true or false. Rows that
lack a marker or the outcome are left out and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from immunosep.analysis.sheets import (
    parse_number,
    parse_text,
    parse_yes_no,
    read_column,
    unknown_column,
)
from immunosep.errors import SourceError
from immunosep.sources.bedside.files import read_sheet, subject_of
from immunosep.sources.bedside.problems import Problems

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


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
    unknown = [unknown_column(name, sheet) for name in asked if name not in sheet.headers]
    if unknown:
        raise SourceError(subject, unknown)
    problems = Problems()
    numbers = {name: read_column(sheet, name, parse_number, problems) for name in markers}
    outcomes = read_column(sheet, outcome, parse_yes_no, problems)
    cohorts = read_column(sheet, cohort, parse_text, problems) if cohort else [None] * len(outcomes)
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
