"""Whether an effect differs between strata or subgroups.

| question | paper |
|---|---|
| do odds ratios of strata differ, over cells | Breslow, Day 1980; Tarone Biometrika 1985;72:91 |
| do effects differ from the common one, over strata | Cochran Biometrics 1954;10:101 |
| by how much do two subgroups differ, as a ratio | Altman, Bland BMJ 2003;326:219 |

A treatment effect within one subgroup, even a significant one beside one that is not, is no
interaction: the ratio of the odds ratios is. statsmodels' Breslow-Day test divides 0 by 0 where the
common odds ratio is 1, and is written out here. Checked against R's metafor.
"""

from collections.abc import Callable
from math import inf, log, sqrt

from scipy import stats

from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.ratios import log_interval, odds_ratio, risk_ratio
from immunosep.analysis.stratified import (
    Strata,
    estimate_mantel_haenszel_difference,
    estimate_mantel_haenszel_odds_ratio,
    estimate_mantel_haenszel_risk_ratio,
    informative,
    with_both_arms,
)


def breslow_day_test(strata: Strata, *, tarone: bool = False) -> TestResult | None:
    """The test that the strata share one odds ratio, on request with Tarone's adjustment.

    None with fewer than two strata that say something, or a common odds ratio of 0 or infinity.
    """
    telling = informative(strata)
    common = estimate_mantel_haenszel_odds_ratio(telling)
    if len(telling) < 2 or common.low is None:
        return None
    assert common.value is not None
    fitted = [_fitted(stratum, common.value) for stratum in telling]
    distances = [s.events_1 - first for s, first in zip(telling, fitted, strict=True)]
    variances = [_fitted_variance(s, first) for s, first in zip(telling, fitted, strict=True)]
    statistic = sum(d**2 / v for d, v in zip(distances, variances, strict=True))
    if tarone:
        statistic -= sum(distances) ** 2 / sum(variances)
    return _chi_squared(statistic, len(telling), f"Breslow-Day{', Tarone' * tarone}")


def odds_ratio_q_test(strata: Strata) -> TestResult | None:
    """Cochran's Q of log odds ratios around Mantel and Haenszel's; strata without a 0."""
    usable = [s for s in with_both_arms(strata) if all(s.cells)]
    common = estimate_mantel_haenszel_odds_ratio(strata).value
    return _ratio_q_test(usable, common, odds_ratio, _log_odds_variance, "odds ratios")


def risk_ratio_q_test(strata: Strata) -> TestResult | None:
    """Cochran's Q of log risk ratios around Mantel and Haenszel's; strata with events in both."""
    usable = [s for s in with_both_arms(strata) if s.events_1 and s.events_2]
    common = estimate_mantel_haenszel_risk_ratio(strata).value
    return _ratio_q_test(usable, common, risk_ratio, _log_risk_variance, "risk ratios")


def difference_q_test(strata: Strata) -> TestResult | None:
    """Cochran's Q of differences around Mantel and Haenszel's; None if one has no variance."""
    known = with_both_arms(strata)
    common = estimate_mantel_haenszel_difference(strata).value
    if common is None:
        return None
    return _q_test([(s.difference - common, _variance(s)) for s in known], "differences")


def estimate_ratio_of_odds_ratios(
    inside: TwoByTwo, outside: TwoByTwo, *, level: float = LEVEL
) -> Estimate:
    """The interaction: the odds ratio inside a subgroup over that outside, by Woolf's variance."""
    method = "ratio of odds ratios"
    first, second = odds_ratio(inside), odds_ratio(outside)
    if not (all(inside.cells) and all(outside.cells)) or first is None or not second:
        return Estimate(value=None, low=None, high=None, method=method, level=level)
    return log_interval(
        first / second, _interaction_error(inside, outside), method=method, level=level
    )


def interaction_test(inside: TwoByTwo, outside: TwoByTwo) -> TestResult | None:
    """The z test that the odds ratio is the same inside a subgroup as outside."""
    ratio = estimate_ratio_of_odds_ratios(inside, outside).value
    if ratio is None:
        return None
    statistic = log(ratio) / _interaction_error(inside, outside)
    return TestResult(
        p_value=2 * float(stats.norm.sf(abs(statistic))),
        statistic=statistic,
        method="z test of the ratio of odds ratios",
    )


def _fitted(stratum: TwoByTwo, ratio: float) -> float:
    """The events of the first arm that both margins and a common odds ratio lead one to expect."""
    n1, n2, events = stratum.total_1, stratum.total_2, stratum.events
    linear = ratio * (n1 + events) + n2 - events
    root = sqrt(max(0.0, linear**2 - 4 * (ratio - 1) * ratio * n1 * events))
    # Two forms of one root of the quadratic: each loses digits where the other does not.
    if linear > 0:
        return 2 * ratio * n1 * events / (linear + root)
    return (linear - root) / (2 * (ratio - 1))


def _fitted_variance(stratum: TwoByTwo, first: float) -> float:
    cells = (
        first,
        stratum.total_1 - first,
        stratum.events - first,
        stratum.total_2 - stratum.events + first,
    )
    return 1 / sum(1 / cell for cell in cells)


def _interaction_error(inside: TwoByTwo, outside: TwoByTwo) -> float:
    return sqrt(_log_odds_variance(inside) + _log_odds_variance(outside))


def _ratio_q_test(
    usable: Strata,
    common: float | None,
    ratio: Callable[[TwoByTwo], float | None],
    variance: Callable[[TwoByTwo], float],
    of: str,
) -> TestResult | None:
    if common is None or common in (0, inf):
        return None
    centre = log(common)
    return _q_test([(log(ratio(s) or 1.0) - centre, variance(s)) for s in usable], of)


def _q_test(distances: list[tuple[float, float]], of: str) -> TestResult | None:
    if len(distances) < 2 or any(variance <= 0 for _, variance in distances):
        return None
    statistic = sum(distance**2 / variance for distance, variance in distances)
    return _chi_squared(statistic, len(distances), f"Cochran's Q of {of}")


def _chi_squared(statistic: float, strata: int, method: str) -> TestResult:
    return TestResult(
        p_value=float(stats.chi2.sf(statistic, strata - 1)),
        statistic=statistic,
        degrees_of_freedom=strata - 1,
        method=method,
    )


def _log_odds_variance(s: TwoByTwo) -> float:
    return sum(1 / count for count in s.cells)


def _log_risk_variance(s: TwoByTwo) -> float:
    return 1 / s.events_1 - 1 / s.total_1 + 1 / s.events_2 - 1 / s.total_2


def _variance(s: TwoByTwo) -> float:
    p1, p2 = s.proportions
    return p1 * (1 - p1) / s.total_1 + p2 * (1 - p2) / s.total_2
