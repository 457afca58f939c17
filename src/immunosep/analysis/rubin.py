"""Rubin's rules: one answer from several imputed data sets (Rubin 1987, chapter 3).

The variance is that within data sets and that between them; degrees of freedom are Barnard &
Rubin's (Biometrika 1999;86:948), which stay below those of complete data. Checked against R's mice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.coefficients import Coefficients, quantile, two_sided
from immunosep.analysis.design import as_numbers
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.errors import AnalysisError

_METHOD = "Multiple imputation, Rubin's rules"


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """A pooled value; `within` and `between` are variances, `degrees_of_freedom` None infinity."""

    value: float
    within: float
    between: float
    imputations: int
    degrees_of_freedom: float | None

    @property
    def variance(self) -> float:
        """The total variance."""
        return self.within + (1 + 1 / self.imputations) * self.between

    @property
    def standard_error(self) -> float:
        """The root of the total variance."""
        return sqrt(self.variance)

    @property
    def due_to_missing(self) -> float:
        """The share of the variance that imputation adds (lambda)."""
        return 1 - self.within / self.variance if self.variance > 0 else 0.0

    @property
    def missing_information(self) -> float:
        """The fraction of missing information, with so few imputations allowed for."""
        if self.degrees_of_freedom is None:
            return self.due_to_missing
        few = 2 / (self.degrees_of_freedom + 3)
        return self.due_to_missing + few * (1 - self.due_to_missing)

    def estimate(self, *, level: float = LEVEL) -> Estimate:
        """The value with its interval on Student's t."""
        half = quantile(level, self.degrees_of_freedom) * self.standard_error
        return Estimate(
            value=self.value,
            low=self.value - half,
            high=self.value + half,
            method=_METHOD,
            level=level,
        )

    def test(self) -> TestResult:
        """The test that the value is zero; no P value where nothing varies."""
        if self.variance <= 0:
            return TestResult(p_value=None, method=_METHOD)
        statistic = self.value / self.standard_error
        return TestResult(
            p_value=two_sided(statistic, self.degrees_of_freedom),
            statistic=statistic,
            degrees_of_freedom=self.degrees_of_freedom,
            method=_METHOD,
        )


def pool(
    values: ArrayLike, variances: ArrayLike, *, complete_degrees_of_freedom: float | None = None
) -> Pooled:
    """Pool one value, with its variance, from each data set."""
    found, within = as_numbers(values), as_numbers(variances)
    if found.shape != within.shape or len(found) < 2:
        message = f"{len(found)} values and {len(within)} variances; expected two or more, in pairs"
        raise AnalysisError(_METHOD, [message])
    count, spread, own = len(found), float(found.var(ddof=1)), float(within.mean())
    total = own + (1 + 1 / count) * spread
    share = (1 + 1 / count) * spread / total if total > 0 else 0.0
    return Pooled(
        value=float(found.mean()),
        within=own,
        between=spread,
        imputations=count,
        degrees_of_freedom=_degrees_of_freedom(share, count, complete_degrees_of_freedom),
    )


def pool_coefficients(fits: Sequence[Coefficients]) -> Mapping[str, Pooled]:
    """Pool the same model's coefficients from each data set, by name."""
    if len({fit.names for fit in fits}) != 1:
        raise AnalysisError(_METHOD, ["the models differ; expected the same covariates in each"])
    errors = [np.sqrt(np.diag(fit.covariance)) for fit in fits]
    return {
        name: pool(
            [fit.values[at] for fit in fits],
            [error[at] ** 2 for error in errors],
            complete_degrees_of_freedom=fits[0].degrees_of_freedom,
        )
        for at, name in enumerate(fits[0].names)
    }


def _degrees_of_freedom(share: float, count: int, complete: float | None) -> float | None:
    old = (count - 1) / share**2 if share > 0 else None
    if complete is None:
        return old
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return observed if old is None else old * observed / (old + observed)
