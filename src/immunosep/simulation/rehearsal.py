"""What somebody who tries a site out finds waiting: patients of the last day, at one centre.

They are drawn as all others are, and their moments set so that each waits for one step: to be
screened, to consent, for the laboratory, to be randomised; and, of those randomised, for the
pharmacy or on the way from it. A few more there had the first dose days or weeks ago, so that
there is somebody to follow. Everybody else joined long enough ago to have reached day 90.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from immunosep.protocol.trial import Trial
from immunosep.simulation.histories import Fate, draw_values
from immunosep.simulation.virtual_patients import (
    DAYS,
    MOMENTS,
    draw_pairs,
    laboratory,
    largest_centre,
    table_of,
)

WAITING: Mapping[str, Mapping[str, float]] = {
    "screening": {"sepsis": -6, "seen": -0.5, "bedside": 1, "consent": 3, "laboratory": 8},
    "consent": {"sepsis": -11, "seen": -4, "bedside": -3, "consent": 1, "laboratory": 8},
    "laboratory": {"sepsis": -18, "seen": -9, "bedside": -8, "consent": -6, "laboratory": 2},
    "ready": {"sepsis": -27, "seen": -20, "bedside": -19, "consent": -17, "laboratory": -2},
}
"""Hours from the last moment of the rehearsal; what lies after it has not happened."""

RANDOMISED: Mapping[str, Mapping[str, float]] = {
    "to_receive": {"sepsis": -30, "seen": -22, "bedside": -21, "consent": -19, "laboratory": -8,
                   "decided": -2.2, "first_dose": 0.6},
    "to_prepare": {"sepsis": -33, "seen": -24, "bedside": -23, "consent": -20, "laboratory": -6,
                   "decided": -0.5, "first_dose": 3},
}  # fmt: skip


FOLLOWED: Mapping[str, float] = {"followed": -6 * 24, "": -12.5 * 24, "recovering": -33 * 24}
"""Hours from the last moment to the first dose, of those who are in the trial now."""

AFTERWARDS_DAYS = 100  # from the last randomisation to day 90, and to most of the cleaning


def with_a_day_to_try(
    patients: pa.Table, trial: Trial, *, days: int = DAYS, rng: np.random.Generator
) -> pa.Table:
    """The patients, and with a `story` those that wait at the centre that randomised most.

    Four are added. The first randomised there become the last: their moments move to today, or to
    the weeks before it. `days` is how long the trial has run by now.
    """
    rows: list[dict[str, Any]] = patients.to_pylist()
    centre, end = largest_centre(patients), 24.0 * days
    there = [row for row in rows if row["centre"] == centre and row["first_dose_hour"] is not None
             and row["withdrew_hour"] is None]  # fmt: skip
    for story, row in zip(RANDOMISED, there, strict=False):
        row |= {"story": story} | _moments(RANDOMISED[story], end)
    for story, row in zip(FOLLOWED, there[len(RANDOMISED) :], strict=False):
        row |= {"story": story} | _moved(row, by=end + FOLLOWED[story] - row["first_dose_hour"])
    states = dict(zip(WAITING, _states(trial), strict=False))
    pairs = draw_pairs(trial, Counter(states.values()), rng)
    for story, state in states.items():
        fate = Fate(state=state)
        found = draw_values(fate, rng) | laboratory(fate, pairs)
        about = {"centre": centre, "reason": "", "story": story}
        rows.append(about | found | _moments(WAITING[story], end))
    return table_of(rows)


def _states(trial: Trial) -> list[str]:
    """An immune state for each who waits: the commonest, which the trial names last."""
    return [trial.immune_states[-1].id] * len(WAITING)


def _moments(hours: Mapping[str, float], end: float) -> dict[str, float | None]:
    return dict.fromkeys(MOMENTS) | {f"{name}_hour": end + hour for name, hour in hours.items()}


def _moved(row: Mapping[str, Any], *, by: float) -> dict[str, float | None]:
    """All moments of a row, so many hours later."""
    return {name: None if row[name] is None else row[name] + by for name in MOMENTS}
