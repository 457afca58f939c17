"""What a regression answers: its coefficients by name, with Wald intervals and Wald tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

from immunosep.analysis.design import Array, as_numbers
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.errors import AnalysisError

_NOTHING = 1e-8  # information on a covariate in standard deviations: a fit that runs off has less


@dataclass(frozen=True, kw_only=True, eq=False)
class Coefficients:
    """Fitted coefficients with their covariance; `degrees_of_freedom` None stands for infinity."""

    names: tuple[str, ...]
    values: Array
    covariance: Array
    method: str
    degrees_of_freedom: float | None = None

    def value(self, name: str) -> float:
        """The coefficient of this name."""
        return float(self.values[self.names.index(name)])

    def standard_error(self, name: str) -> float:
        """Its standard error."""
        at = self.names.index(name)
        return sqrt(self.covariance[at, at])

    def estimate(self, name: str, *, level: float = LEVEL) -> Estimate:
        """The coefficient with its Wald interval."""
        value = self.value(name)
        half = quantile(level, self.degrees_of_freedom) * self.standard_error(name)
        return Estimate(
            value=value, low=value - half, high=value + half, method=self.method, level=level
        )

    def ratio(self, name: str, *, level: float = LEVEL) -> Estimate:
        """The exponential of the coefficient: an odds, rate or hazard ratio."""
        return exponential(self.estimate(name, level=level))

    def test(self, name: str) -> TestResult:
        """The Wald test that the coefficient is zero."""
        statistic = self.value(name) / self.standard_error(name)
        return TestResult(
            p_value=two_sided(statistic, self.degrees_of_freedom),
            statistic=statistic,
            degrees_of_freedom=self.degrees_of_freedom,
            method=f"{self.method}, Wald test",
        )

    def test_together(self, names: Sequence[str]) -> TestResult:
        """The Wald test that all these coefficients are zero."""
        at = [self.names.index(name) for name in names]
        part = self.values[at]
        statistic = float(part @ np.linalg.solve(self.covariance[np.ix_(at, at)], part))
        return chi_squared(statistic, len(at), method=f"{self.method}, joint Wald test")


def newton_step(score: Array, information: Array, *, subject: str, because: str) -> Array:
    """Where the likelihood's top would be; AnalysisError where it has none in some direction."""
    if np.linalg.eigvalsh(information)[0] < _NOTHING:
        raise AnalysisError(subject, [because])
    return as_numbers(np.linalg.solve(information, score))


def exponential(estimate: Estimate) -> Estimate:
    """The same on the scale of ratios."""
    value, low, high = (
        None if end is None else float(np.exp(end))
        for end in (estimate.value, estimate.low, estimate.high)
    )
    return Estimate(value=value, low=low, high=high, method=estimate.method, level=estimate.level)


def not_estimable(method: str, *, level: float = LEVEL) -> Estimate:
    """What a number that does not exist is answered with."""
    return Estimate(value=None, low=None, high=None, method=method, level=level)


def normal_interval(value: float, error: float, *, method: str, level: float = LEVEL) -> Estimate:
    """A value with its Wald interval on the normal distribution."""
    half = quantile(level) * error
    return Estimate(value=value, low=value - half, high=value + half, method=method, level=level)


def chi_squared(statistic: float, degrees_of_freedom: int, *, method: str) -> TestResult:
    """A test whose statistic follows a chi-squared distribution."""
    return TestResult(
        p_value=float(stats.chi2.sf(statistic, degrees_of_freedom)),
        statistic=statistic,
        degrees_of_freedom=degrees_of_freedom,
        method=method,
    )


def quantile(level: float, degrees_of_freedom: float | None = None) -> float:
    """How many standard errors an interval of this level reaches to either side."""
    tail = (1 + level) / 2
    if degrees_of_freedom is None:
        return float(stats.norm.ppf(tail))
    return float(stats.t.ppf(tail, degrees_of_freedom))


def two_sided(statistic: float, degrees_of_freedom: float | None = None) -> float:
    """The two-sided P value of a normal or Student's t statistic."""
    if degrees_of_freedom is None:
        return float(2 * stats.norm.sf(abs(statistic)))
    return float(2 * stats.t.sf(abs(statistic), degrees_of_freedom))
