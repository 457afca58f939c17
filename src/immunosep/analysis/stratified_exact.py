"""The exact conditional analysis of strata with one odds ratio: Fisher's test, carried over strata.

Given the margins of every stratum, the events of the first arm add up to a sum whose distribution
is the convolution of the strata's hypergeometric ones, tilted by the odds ratio (Zelen Biometrika
1971;58:129; Breslow, Day 1980, 4.4). No Python library has it. Checked against R's
`mantelhaen.test(exact = TRUE)` and, for one stratum, against SciPy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import hypergeom

from immunosep.analysis.counts import TwoByTwo, check_level
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.exact import TIE
from immunosep.analysis.stratified import Strata, informative

Array = NDArray[np.float64]
METHOD = "conditional over strata, exact"


@dataclass(frozen=True, eq=False)
class _Sum:
    """The events of the first arm over all strata: what was seen, and what could have been."""

    seen: int
    possible: Array
    log_weights: Array

    def probabilities(self, share: float) -> Array:
        """Of each possible sum, if the odds ratio is share / (1 - share)."""
        tilted = self.log_weights + self.possible * (np.log(share) - np.log1p(-share))
        weights = np.exp(tilted - tilted.max())
        return np.asarray(weights / weights.sum())

    def mean(self, share: float) -> float:
        """What is expected of the sum under the same odds ratio."""
        return float(self.probabilities(share) @ self.possible)


def estimate_exact_odds_ratio(strata: Strata, *, level: float = LEVEL) -> Estimate:
    """The common odds ratio that is most likely given all margins, with the exact interval."""
    check_level(level)
    telling = informative(strata)
    if not telling:
        return Estimate(value=None, low=0.0, high=inf, method=METHOD, level=level)
    total = _distribution(telling)
    tail = (1 - level) / 2
    seen, first, last = total.seen, total.possible[0], total.possible[-1]
    at_least, at_most = total.possible >= seen, total.possible <= seen
    value = low = 0.0
    high = inf
    if seen > first:
        low = _odds_where(lambda share: total.probabilities(share)[at_least].sum() - tail)
        value = inf
    if seen < last:
        high = _odds_where(lambda share: tail - total.probabilities(share)[at_most].sum())
        value = 0.0
    if first < seen < last:
        value = _odds_where(lambda share: total.mean(share) - seen)
    return Estimate(value=value, low=low, high=high, method=METHOD, level=level)


def exact_stratified_test(strata: Strata) -> TestResult:
    """The exact test that the odds ratio is 1 in every stratum: small probabilities added up."""
    telling = informative(strata)
    if not telling:
        return TestResult(p_value=1.0, method=METHOD)
    total = _distribution(telling)
    probabilities = total.probabilities(0.5)
    seen = probabilities[total.possible == total.seen]
    p_value = probabilities[probabilities <= seen * (1 + TIE)].sum()
    return TestResult(p_value=min(1.0, float(p_value)), method=METHOD)


def _distribution(strata: Strata) -> _Sum:
    weights = np.ones(1)
    for stratum in strata:
        weights = np.convolve(weights, hypergeom.pmf(_possible(stratum), *_margins(stratum)))
    fewest = sum(int(_possible(stratum)[0]) for stratum in strata)
    possible = np.arange(fewest, fewest + len(weights), dtype=float)
    kept = weights > 0  # a product of a thousand small numbers may underflow
    return _Sum(sum(stratum.events_1 for stratum in strata), possible[kept], np.log(weights[kept]))


def _possible(stratum: TwoByTwo) -> NDArray[np.int_]:
    fewest = max(0, stratum.events - stratum.total_2)
    return np.arange(fewest, min(stratum.events, stratum.total_1) + 1)


def _margins(stratum: TwoByTwo) -> tuple[int, int, int]:
    return stratum.total, stratum.events, stratum.total_1


def _odds_where(rising: Callable[[float], float]) -> float:
    share = brentq(rising, 1e-12, 1 - 1e-12, xtol=1e-15, rtol=1e-14)
    return float(share / (1 - share))
