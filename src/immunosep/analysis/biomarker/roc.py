"""How well a marker ranks those with a condition above those without: the area under its curve.

The area is the chance that one of the former is above one of the latter, ties counting a half
(Hanley & McNeil Radiology 1982;143:29). Its variance, and the covariance of two areas from the same
people, are those of U-statistics (DeLong, DeLong & Clarke-Pearson Biometrics 1988;44:837), computed
by ranks (Sun & Xu IEEE Signal Process Lett 2014;21:1389).

Own code: SciPy and statsmodels have no variance of an area. Checked against the paper's own data as
SAS prints them, and against the U-statistic itself (tests/validation/test_roc_delong_1988.py).
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, rankdata

from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.errors import AnalysisError

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Direction = Literal["high", "low"]

METHOD = "DeLong"


@dataclass(frozen=True, kw_only=True)
class RocPoint:
    """One cut-off: what is on its far side is positive."""

    cut_off: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True, kw_only=True)
class AreaDifference:
    """How much larger the first of two areas is."""

    difference: Estimate
    test: TestResult


@dataclass(frozen=True, eq=False, kw_only=True)
class Placements:
    """Of each case the share of controls below it; of each control the share of cases above it.

    `cases` and `controls` have one row for each marker.
    """

    cases: Array
    controls: Array

    @property
    def areas(self) -> Array:
        """The area under the curve of each marker."""
        found: Array = self.cases.mean(axis=1)
        return found

    def covariance(self) -> Array:
        """Of the areas; variances need two cases and two controls."""
        parts = (self.cases, self.controls)
        found: Array = sum(np.atleast_2d(np.cov(part)) / part.shape[1] for part in parts)
        return found


def estimate_area(
    marker: ArrayLike, outcome: ArrayLike, *, direction: Direction = "high", level: float = LEVEL
) -> Estimate:
    """The area under the curve with DeLong's interval.

    There is no interval if all cases rank above all controls, or below: the variance is then 0,
    which would claim to be sure.
    """
    found = place([oriented(marker, direction)], outcome)
    return _estimate(float(found.areas[0]), _variance(found), level=level, within=(0.0, 1.0))


def compare_areas(
    first: ArrayLike,
    second: ArrayLike,
    outcome: ArrayLike,
    *,
    directions: tuple[Direction, Direction] = ("high", "high"),
    level: float = LEVEL,
) -> AreaDifference:
    """Two markers of the same people: the difference of their areas, and DeLong's test of none."""
    markers = [oriented(first, directions[0]), oriented(second, directions[1])]
    found = place(markers, outcome)
    contrast = np.array([1.0, -1.0])
    variance = float(contrast @ found.covariance() @ contrast) if _enough(found) else None
    return _difference(float(contrast @ found.areas), variance, level=level)


def compare_areas_of_cohorts(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    *,
    direction: Direction = "high",
    level: float = LEVEL,
) -> AreaDifference:
    """One marker in two cohorts, each a pair of marker and outcome: the areas are independent."""
    one, other = (place([oriented(m, direction)], y) for m, y in (first, second))
    variances = (_variance(one), _variance(other))
    both = None if None in variances else sum(each or 0 for each in variances)
    return _difference(float(one.areas[0] - other.areas[0]), both, level=level)


def draw_curve(
    marker: ArrayLike, outcome: ArrayLike, *, direction: Direction = "high"
) -> tuple[RocPoint, ...]:
    """Every cut-off that is a measured value, from the one that calls most people positive.

    Beyond the cut-off is positive: above it if `high` values mark the condition, below if `low`.
    The curve's corner where all are positive comes first, with an infinite cut-off.
    """
    values, ill = oriented(marker, direction), as_outcome(outcome)
    _check(values[None, :], ill)
    cut_offs = np.concatenate([[-np.inf], np.unique(values)])
    cases, controls = np.sort(values[ill]), np.sort(values[~ill])
    sensitivity = 1 - np.searchsorted(cases, cut_offs, side="right") / len(cases)
    specificity = np.searchsorted(controls, cut_offs, side="right") / len(controls)
    sign = 1.0 if direction == "high" else -1.0
    return tuple(
        RocPoint(cut_off=float(sign * at), sensitivity=float(s), specificity=float(p))
        for at, s, p in zip(cut_offs, sensitivity, specificity, strict=True)
    )


def place(markers: list[Array], outcome: ArrayLike) -> Placements:
    """Where cases and controls stand among each other, by each marker."""
    values, ill = np.vstack(markers), as_outcome(outcome)
    _check(values, ill)
    cases, controls = values[:, ill], values[:, ~ill]
    together = rankdata(np.hstack([cases, controls]), axis=1)
    count, others = cases.shape[1], controls.shape[1]
    above = together[:, :count] - rankdata(cases, axis=1)
    below = together[:, count:] - rankdata(controls, axis=1)
    return Placements(cases=above / others, controls=1 - below / count)


def oriented(marker: ArrayLike, direction: Direction) -> Array:
    """The marker turned so that high values mark the condition."""
    values = np.asarray(marker, dtype=np.float64)
    return values if direction == "high" else -values


def as_outcome(outcome: ArrayLike) -> Mask:
    """Who has the condition."""
    return np.asarray(outcome).astype(np.bool_)


def _variance(found: Placements) -> float | None:
    return float(found.covariance()[0, 0]) if _enough(found) else None


def _enough(found: Placements) -> bool:
    return min(int(found.cases.shape[1]), int(found.controls.shape[1])) >= 2


def _difference(value: float, variance: float | None, *, level: float) -> AreaDifference:
    estimate = _estimate(value, variance, level=level, within=(-1.0, 1.0))
    if not variance:
        return AreaDifference(difference=estimate, test=TestResult(p_value=None, method=METHOD))
    z = value / sqrt(variance)
    return AreaDifference(
        difference=estimate,
        test=TestResult(p_value=float(2 * norm.sf(abs(z))), statistic=z, method=METHOD),
    )


def _estimate(
    value: float, variance: float | None, *, level: float, within: tuple[float, float]
) -> Estimate:
    if not variance:
        return Estimate(value=value, low=None, high=None, method=METHOD, level=level)
    half = float(norm.ppf((1 + level) / 2)) * sqrt(variance)
    return Estimate(
        value=value,
        low=max(within[0], value - half),
        high=min(within[1], value + half),
        method=METHOD,
        level=level,
    )


def _check(values: Array, ill: Mask) -> None:
    problems = []
    if values.shape[1] != len(ill):
        problems.append(
            f"{values.shape[1]} values of the marker and {len(ill)} outcomes were given"
        )
    if not np.isfinite(values).all():
        problems.append("a value of the marker is missing or infinite; leave such rows out first")
    if not ill.any() or ill.all():
        problems.append(
            f"{int(ill.sum())} of {len(ill)} have the condition; expected some with it and some "
            "without"
        )
    if problems:
        raise AnalysisError("ROC curve", problems)
