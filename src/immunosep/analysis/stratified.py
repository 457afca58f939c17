"""Two arms compared within strata: Mantel and Haenszel's estimates, the standardised difference.

| estimate | paper | variance |
|---|---|---|
| odds ratio, its test | Mantel, Haenszel JNCI 1959;22:719 | Robins Biometrics 1986;42:311 |
| risk ratio | Nurminen Biometrika 1981;68:525 | Greenland, Robins Biometrics 1985;41:55 |
| difference | Greenland, Robins Biometrics 1985;41:55 | Sato Biometrics 1989;45:1323 |
| standardised difference | strata by their share of all participants | binomial, per arm |

Odds ratio and test are statsmodels' `StratifiedTable`, given only the strata that say something:
with the others it divides by 0. It has no variance of the other two, which are written out here.
Checked against R's `mantelhaen.test` and metafor. Exact methods are in `stratified_exact`, score
intervals in `stratified_scores`, whether strata differ in `heterogeneity`.
"""

from collections.abc import Sequence
from math import inf, sqrt

import numpy as np
from statsmodels.stats.contingency_tables import StratifiedTable  # type: ignore[import-untyped]

from immunosep.analysis.counts import TwoByTwo, two_sided_quantile
from immunosep.analysis.differences import not_estimable
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.ratios import log_interval

Strata = Sequence[TwoByTwo]


def estimate_mantel_haenszel_odds_ratio(strata: Strata, *, level: float = LEVEL) -> Estimate:
    """The common odds ratio, its interval by Robins, Breslow and Greenland."""
    method = "Mantel-Haenszel odds ratio"
    telling = informative(strata)
    over = sum(a * d / stratum.total for stratum in telling for a, _, _, d in [stratum.cells])
    under = sum(b * c / stratum.total for stratum in telling for _, b, c, _ in [stratum.cells])
    if not (over and under):
        value = None if over == under else inf if over else 0.0
        return Estimate(value=value, low=None, high=None, method=method, level=level)
    table = _stratified_table(telling)
    return log_interval(
        float(table.oddsratio_pooled),
        float(table.logodds_pooled_se),
        method=method,
        level=level,
    )


def estimate_mantel_haenszel_risk_ratio(strata: Strata, *, level: float = LEVEL) -> Estimate:
    """The common risk ratio, its interval by Greenland and Robins."""
    method = "Mantel-Haenszel risk ratio"
    known = with_both_arms(strata)
    over = sum(s.events_1 * s.total_2 / s.total for s in known)
    under = sum(s.events_2 * s.total_1 / s.total for s in known)
    if not (over and under):
        value = None if over == under else inf if over else 0.0
        return Estimate(value=value, low=None, high=None, method=method, level=level)
    spread = sum(
        (s.total_1 * s.total_2 * s.events - s.events_1 * s.events_2 * s.total) / s.total**2
        for s in known
    )
    return log_interval(over / under, sqrt(spread / (over * under)), method=method, level=level)


def estimate_mantel_haenszel_difference(strata: Strata, *, level: float = LEVEL) -> Estimate:
    """The common difference of proportions, its interval by Sato."""
    method = "Mantel-Haenszel difference"
    known = with_both_arms(strata)
    if not known:
        return not_estimable(method, level)
    weights = [s.total_1 * s.total_2 / s.total for s in known]
    value = sum(w * s.difference for w, s in zip(weights, known, strict=True)) / sum(weights)
    variance = sum(value * _sato_p(s) + _sato_q(s) for s in known) / sum(weights) ** 2
    half = two_sided_quantile(level) * sqrt(max(0.0, variance))  # but for rounding
    return Estimate(value=value, low=value - half, high=value + half, method=method, level=level)


def estimate_standardised_difference(strata: Strata, *, level: float = LEVEL) -> Estimate:
    """The difference if each arm had the strata in the shares of all participants together."""
    method = "standardised difference"
    known = with_both_arms(strata)
    if not known:
        return not_estimable(method, level)
    shares = np.array([s.total for s in known]) / sum(s.total for s in known)
    value = float(shares @ [s.difference for s in known])
    half = two_sided_quantile(level) * sqrt(float(shares**2 @ [_variance(s) for s in known]))
    return Estimate(value=value, low=value - half, high=value + half, method=method, level=level)


def cochran_mantel_haenszel_test(strata: Strata, *, continuity: bool = False) -> TestResult | None:
    """The test that the odds ratio is 1 in every stratum; None if no stratum tells anything."""
    telling = informative(strata)
    if not telling:
        return None
    found = _stratified_table(telling).test_null_odds(correction=continuity)
    return TestResult(
        p_value=float(found.pvalue),
        statistic=float(found.statistic),
        degrees_of_freedom=1,
        method=f"Cochran-Mantel-Haenszel{', continuity-corrected' * continuity}",
    )


def informative(strata: Strata) -> list[TwoByTwo]:
    """The strata that say something of an odds ratio: no margin is 0."""
    return [s for s in with_both_arms(strata) if 0 < s.events < s.total]


def with_both_arms(strata: Strata) -> list[TwoByTwo]:
    """The strata with somebody in each arm."""
    return [stratum for stratum in strata if stratum.both_arms]


def _stratified_table(strata: Strata) -> StratifiedTable:
    """The strata as statsmodels takes them."""
    return StratifiedTable([np.reshape(stratum.cells, (2, 2)).astype(float) for stratum in strata])


def _sato_p(s: TwoByTwo) -> float:
    first, second = s.total_1 / s.total, s.total_2 / s.total
    return (
        s.events_2 * first**2
        - s.events_1 * second**2
        + first * second * (s.total_2 - s.total_1) / 2
    )


def _sato_q(s: TwoByTwo) -> float:
    a, b, c, d = s.cells
    return (a * d + b * c) / s.total / 2


def _variance(s: TwoByTwo) -> float:
    p1, p2 = s.proportions
    return p1 * (1 - p1) / s.total_1 + p2 * (1 - p2) / s.total_2
