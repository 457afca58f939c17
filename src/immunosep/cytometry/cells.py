"""How bright the gated monocytes are in HLA-DR, and whether anything moved that brightness.

The brightness of a population is the geometric mean of all of it, compensated, without subtracting
a background (BD's procedure). The median is kept beside it: cells that do not belong pull the mean
and leave the median where it was.
"""

from dataclasses import dataclass
from math import erfc, exp, sqrt

import numpy as np

from immunosep.cytometry.density import Array
from immunosep.cytometry.gating import SECOND_CUT, Gate, move_cut

FEWEST = 3  # cells that a regression on time can be drawn through
STEEPEST = 700.0  # of ln brightness: beyond it no number holds the change


@dataclass(frozen=True, kw_only=True)
class Brightness:
    """One population: how many, their mean and median, and their spread in decades."""

    count: int
    geometric_mean: float
    median: float
    log10_deviation: float
    not_positive: float

    @property
    def median_apart(self) -> float:
        """How far the mean lies from the median, as a share of the median."""
        return abs(self.geometric_mean / self.median - 1)


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How much brightness changed from the first cell to the last, and the chance of so much."""

    change: float
    p_value: float


def measure_brightness(values: Array) -> Brightness | None:
    """The brightness of these cells; None where none is above zero."""
    positive = values[values > 0]
    if len(positive) == 0:
        return None
    logs = np.log10(positive)
    return Brightness(
        count=len(values),
        geometric_mean=float(10 ** logs.mean()),
        median=float(np.median(positive)),
        log10_deviation=float(logs.std(ddof=1)) if len(logs) > 1 else 0.0,
        not_positive=1 - len(positive) / len(values),
    )


def measure_drift(values: Array, time: Array) -> Drift | None:
    """A straight line of ln brightness over time; None where the file keeps no time."""
    kept = (values > 0) & np.isfinite(time)
    y, x = np.log(values[kept]), time[kept]
    if len(x) < FEWEST or x.max() <= x.min():
        return None
    away = (x - x.mean()) / (x.max() - x.min())
    slope = float(away @ y) / float(away @ away)
    rest = y - y.mean() - slope * away
    error = sqrt(float(rest @ rest) / (len(x) - 2) / float(away @ away))
    p_value = erfc(abs(slope) / error / sqrt(2)) if error > 0 else float(slope == 0)
    return Drift(change=exp(min(slope, STEEPEST)) - 1, p_value=p_value)


def second_opinion(hla_dr: Array, gate: Gate) -> float:
    """How far the brightness moves, as a share, when the CD14 cut is moved either way."""
    first = _geometric_mean(hla_dr[gate.monocytes])
    moved = [_geometric_mean(hla_dr[move_cut(gate, share)]) for share in (-SECOND_CUT, SECOND_CUT)]
    return max(abs(other / first - 1) for other in moved)


def _geometric_mean(values: Array) -> float:
    found = measure_brightness(values)
    return found.geometric_mean if found else float("inf")
