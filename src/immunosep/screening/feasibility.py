"""How many of a hospital's patients a trial could have enrolled, and where the others are lost.

Counted two ways: in the order of the protocol (attrition: each patient is lost at the first
criterion that stands against them) and leaving one out (how many are lost to this criterion alone,
together with one that says the same the other way round: "adult" and "below 18" are one).
A criterion that is unknown loses nobody: such patients are carried along and counted as unknown.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from immunosep.protocol.criteria import Criterion
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import Verdict, met

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Counts = np.ndarray[Any, np.dtype[np.int64]]

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True, kw_only=True)
class Step:
    """One criterion of the attrition, in protocol order.

    `lost` is decided against here and at no step before; `unknown` is not decided here among those
    left; `left` goes on to the next; `lost_to_this_alone` would not be lost if it were dropped.
    """

    criterion: str
    text: str
    kind: str  # inclusion | exclusion
    lost: int
    unknown: int
    left: int
    lost_to_this_alone: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """One unit or year: how many were screened, and how many nothing decided stands against."""

    name: str
    screened: int
    possible: int


@dataclass(frozen=True, kw_only=True)
class Feasibility:
    """A hospital's patients against a trial: the attrition, and who is left by unit and by year.

    `possible` are those nothing decided stands against, of whom `eligible` have every criterion
    decided. `months` is the time from the first assessment to the last.
    """

    screened: int
    possible: int
    eligible: int
    months: float | None
    steps: tuple[Step, ...]
    immune_states: dict[str, int]
    by_unit: tuple[Group, ...]
    by_year: tuple[Group, ...]

    @property
    def possible_per_month(self) -> float | None:
        """Patients a month nothing decided stands against; unknown over less than a month."""
        return self.possible / self.months if self.months and self.months >= 1 else None

    def as_json(self) -> dict[str, Any]:
        """Every count, for a program to read."""
        return {
            "screened": self.screened,
            "possible": self.possible,
            "eligible": self.eligible,
            "possible_per_month": self.possible_per_month,
            "attrition": [vars(step) for step in self.steps],
            "immune_states": self.immune_states,
            "by_unit": [vars(group) for group in self.by_unit],
            "by_year": [vars(group) for group in self.by_year],
        }


def count_feasibility(trial: Trial, answers: pa.Table, patients: pa.Table) -> Feasibility:
    """Count the answers of `assess`; `patients`, in the same order, give unit and time."""
    verdicts = Counter(answers["verdict"].to_pylist())
    possible = ~_equal(answers["verdict"], Verdict.INELIGIBLE)
    return Feasibility(
        screened=answers.num_rows,
        possible=int(possible.sum()),
        eligible=verdicts[Verdict.ELIGIBLE.value],
        months=_months(patients),
        steps=_attrition(trial, answers),
        immune_states=dict(Counter(answers["immune_state"].to_pylist()).most_common()),
        by_unit=_groups(patients["unit"].to_pylist(), possible),
        by_year=_groups(_years(patients), possible),
    )


def _attrition(trial: Trial, answers: pa.Table) -> tuple[Step, ...]:
    criteria = [(c, "inclusion", False) for c in trial.inclusion]
    criteria += [(c, "exclusion", True) for c in trial.exclusion]
    against = [_equal(answers[met(c.id)], loses) for c, _, loses in criteria]
    times_lost = _times_lost([c for c, _, _ in criteria], against, answers.num_rows)
    left, steps = np.ones(answers.num_rows, bool), []
    for (criterion, kind, _), lost in zip(criteria, against, strict=True):
        lost_here, left = left & lost, left & ~lost
        unknown = left & answers[met(criterion.id)].is_null().to_numpy()
        steps.append(
            Step(
                criterion=criterion.id,
                text=criterion.text,
                kind=kind,
                lost=int(lost_here.sum()),
                unknown=int(unknown.sum()),
                left=int(left.sum()),
                lost_to_this_alone=int((lost & (times_lost == 1)).sum()),
            )
        )
    return tuple(steps)


def _times_lost(criteria: list[Criterion], against: list[Mask], rows: int) -> Counts:
    """How many criteria stand against each patient; those that say the same twice are one.

    Two criteria say the same if they read the same columns and stand against the same patients.
    """
    said = {
        (frozenset(criterion.reads), mask.tobytes()): mask
        for criterion, mask in zip(criteria, against, strict=True)
    }
    return np.sum(list(said.values()), axis=0, dtype=int) if said else np.zeros(rows, int)


def _equal(column: pa.ChunkedArray, value: Any) -> Mask:
    same: Mask = pc.fill_null(pc.equal(column, value), False).to_numpy()
    return same


def _groups(names: list[str | None], possible: Mask) -> tuple[Group, ...]:
    named = [name or "unknown" for name in names]
    screened = Counter(named)
    left: Mapping[str, int] = Counter(
        name for name, is_left in zip(named, possible, strict=True) if is_left
    )
    return tuple(
        Group(name=name, screened=screened[name], possible=left[name]) for name in sorted(screened)
    )


def _months(patients: pa.Table) -> float | None:
    """How long the records run: by their times, or by calendar years where those are shifted."""
    years = pc.min_max(patients["calendar_year"]).as_py()
    if years["min"] is not None:
        whole_years: int = years["max"] - years["min"] + 1
        return 12.0 * whole_years
    span = pc.min_max(patients["assessed_at"]).as_py()
    if span["min"] is None:
        return None
    months: float = (span["max"] - span["min"]) / 86400 / DAYS_PER_MONTH
    return months


def _years(patients: pa.Table) -> list[str | None]:
    told, at = patients["calendar_year"].to_pylist(), patients["assessed_at"].to_pylist()
    return [str(year) if year else _year(seconds) for year, seconds in zip(told, at, strict=True)]


def _year(seconds: int | None) -> str | None:
    return None if seconds is None else str(datetime.fromtimestamp(seconds, UTC).year)
