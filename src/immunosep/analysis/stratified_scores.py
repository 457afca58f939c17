"""The common difference of proportions over strata, with the score interval.

Under a tested difference each stratum has its most likely proportions and their variance; the
weighted mean of the distances is compared with its standard error (Miettinen, Nurminen Stat Med
1985;4:213). Weights by Mantel and Haenszel are fixed; inverse variances change with the tested
difference. With these a stratum in which nobody or everybody has the event would decide alone: as
in R's ratesci it is counted with half an event and half of none more in each arm (Laud Pharm Stat
2017;16:334). No Python library has it. Checked against ratesci.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.differences import not_estimable
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.scores import difference_variance, invert, standardised
from immunosep.analysis.stratified import Strata, with_both_arms

Array = NDArray[np.float64]
NO_VARIANCE = 1e-12  # what stands for none in a weight: such a stratum decides alone
SAME = 1e-15  # differences this close are one
HALF = 0.5  # what is added to the cells of a stratum in which all outcomes are alike


@dataclass(frozen=True, kw_only=True)
class _Softened:
    """A stratum with a half added to each of its cells."""

    events_1: float
    total_1: float
    events_2: float
    total_2: float

    @property
    def events(self) -> float:
        return self.events_1 + self.events_2

    @property
    def difference(self) -> float:
        return self.events_1 / self.total_1 - self.events_2 / self.total_2


Stratum = TwoByTwo | _Softened


class Weights(StrEnum):
    """How strata count towards the common difference."""

    MANTEL_HAENSZEL = "Mantel-Haenszel"
    INVERSE_VARIANCE = "inverse variance"
    INVERSE_PLAIN_VARIANCE = "inverse variance without N/(N-1)"


def estimate_stratified_miettinen_nurminen(
    strata: Strata, *, weights: Weights = Weights.MANTEL_HAENSZEL, level: float = LEVEL
) -> Estimate:
    """The common difference, where the score is 0, with the differences it would not reject."""
    method = f"stratified Miettinen-Nurminen, {weights}"
    known = [_softened(stratum, weights) for stratum in with_both_arms(strata)]
    if not known:
        return not_estimable(method, level)
    observed = np.array([stratum.difference for stratum in known])

    def score(value: float) -> float:
        variances = np.array([_variance_of(stratum, value) for stratum in known])
        shares = _shares(known, weights, variances)
        return standardised(float(shares @ (observed - value)), float(shares**2 @ variances))

    value = _balanced(score, float(observed.min()), float(observed.max()))
    low, high = invert(score, value, within=(-1.0, 1.0), level=level)
    return Estimate(value=value, low=low, high=high, method=method, level=level)


def _softened(stratum: TwoByTwo, weights: Weights) -> Stratum:
    if weights is Weights.MANTEL_HAENSZEL or 0 < stratum.events < stratum.total:
        return stratum
    return _Softened(
        events_1=stratum.events_1 + HALF,
        total_1=stratum.total_1 + 2 * HALF,
        events_2=stratum.events_2 + HALF,
        total_2=stratum.total_2 + 2 * HALF,
    )


def _variance_of(stratum: Stratum, difference: float) -> float:
    return difference_variance(stratum, difference) * _factor(stratum)


def _factor(stratum: Stratum) -> float:
    total = stratum.total_1 + stratum.total_2
    return total / (total - 1)


def _shares(strata: Sequence[Stratum], weights: Weights, variances: Array) -> Array:
    match weights:
        case Weights.MANTEL_HAENSZEL:
            parts = np.array([1 / (1 / s.total_1 + 1 / s.total_2) for s in strata])
        case Weights.INVERSE_VARIANCE:
            parts = 1 / np.maximum(variances, NO_VARIANCE)
        case Weights.INVERSE_PLAIN_VARIANCE:
            factors = np.array([_factor(s) for s in strata])
            parts = factors / np.maximum(variances, NO_VARIANCE)
        case _:
            assert_never(weights)
    return np.asarray(parts / parts.sum())


def _balanced(score: Callable[[float], float], least: float, most: float) -> float:
    """Where the weighted distances cancel: between the smallest and the largest difference."""
    if most - least < SAME:
        return least
    return float(brentq(score, least, most, xtol=1e-15, rtol=1e-14))
