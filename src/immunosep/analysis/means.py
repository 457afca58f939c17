"""Two means compared by Student's t test, or Welch's (Biometrika 1947;34:28), on SciPy's t.

From participants' values, or from a paper's means and standard deviations.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.coefficients import not_estimable, quantile, two_sided
from immunosep.analysis.design import Array, as_mask, as_numbers
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.errors import AnalysisError


class Variances(StrEnum):
    """Whether both arms are taken to spread alike."""

    EQUAL = "Student's t test"
    OWN = "Welch's t test"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What is known of one arm; the mean of nobody and the deviation of one are None."""

    count: int
    mean: float | None
    deviation: float | None


@dataclass(frozen=True, kw_only=True)
class MeanDifference:
    """Two arms, and the treated arm's mean less the control's."""

    treated: Summary
    control: Summary
    difference: Estimate
    test: TestResult


def compare_means(
    values: ArrayLike,
    *,
    treated: ArrayLike,
    variances: Variances = Variances.OWN,
    level: float = LEVEL,
) -> MeanDifference:
    """The difference of two means; no interval where there is no spread to judge it by."""
    numbers, of = as_numbers(values), as_mask(treated)
    if not np.isfinite(numbers).all():
        lacking = int((~np.isfinite(numbers)).sum())
        raise AnalysisError("Means", [f"{lacking} values are missing: impute or leave them out"])
    arms = _summary(numbers[of]), _summary(numbers[~of])
    return compare_summaries(treated=arms[0], control=arms[1], variances=variances, level=level)


def compare_summaries(
    *,
    treated: Summary,
    control: Summary,
    variances: Variances = Variances.OWN,
    level: float = LEVEL,
) -> MeanDifference:
    """The same from each arm's number, mean and standard deviation."""
    found = _differing(treated, control, variances, level=level)
    return MeanDifference(treated=treated, control=control, difference=found[0], test=found[1])


def _summary(values: Array) -> Summary:
    return Summary(
        count=len(values),
        mean=float(values.mean()) if len(values) else None,
        deviation=float(values.std(ddof=1)) if len(values) > 1 else None,
    )


def _differing(
    one: Summary, two: Summary, variances: Variances, *, level: float
) -> tuple[Estimate, TestResult]:
    method = variances.value
    nothing = TestResult(p_value=None, method=method)
    if one.mean is None or two.mean is None:
        return not_estimable(method, level=level), nothing
    away = one.mean - two.mean
    error, freedom = (_pooled if variances is Variances.EQUAL else _own)(one, two)
    if not error:
        return Estimate(value=away, low=None, high=None, method=method, level=level), nothing
    half = quantile(level, freedom) * error
    return (
        Estimate(value=away, low=away - half, high=away + half, method=method, level=level),
        TestResult(
            p_value=two_sided(away / error, freedom),
            statistic=away / error,
            degrees_of_freedom=freedom,
            method=method,
        ),
    )


def _pooled(one: Summary, two: Summary) -> tuple[float, float]:
    """The standard error of the difference, 0 if unknown, and its degrees of freedom."""
    freedom = one.count + two.count - 2
    if not freedom:
        return 0.0, 0.0
    parts = ((arm.count - 1) * (arm.deviation or 0.0) ** 2 for arm in (one, two))
    return sqrt(sum(parts) / freedom * (1 / one.count + 1 / two.count)), freedom


def _own(one: Summary, two: Summary) -> tuple[float, float]:
    """The same with Satterthwaite's degrees of freedom (Biometrics 1946;2:110)."""
    if one.deviation is None or two.deviation is None:
        return 0.0, 0.0
    parts = [arm.deviation**2 / arm.count for arm in (one, two) if arm.deviation is not None]
    total = sum(parts)
    if not total:
        return 0.0, 0.0
    shares = [part / total for part in parts]
    below = shares[0] ** 2 / (one.count - 1) + shares[1] ** 2 / (two.count - 1)
    return sqrt(total), 1 / below
