"""Odds ratio and risk ratio of a two-by-two table.

| estimate | paper |
|---|---|
| odds ratio, interval by Woolf's logarithm | Woolf Ann Hum Genet 1955;19:251 |
| odds ratio most likely given both margins, exact interval | Cornfield 1956, Fisher 1935 |
| risk ratio, interval by its logarithm | Katz et al. Biometrics 1978;34:469 |

The conditional one is SciPy's; it solves to the last digit what R's `fisher.test` solves to 1e-4. A
ratio to 0 is infinite, 0 to 0 is not estimable; with a cell of 0 the logarithm has no interval.
"""

import warnings
from math import exp, inf, log, sqrt

import numpy as np
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio

from immunosep.analysis.counts import TwoByTwo, check_level, two_sided_quantile
from immunosep.analysis.estimates import LEVEL, Estimate


def estimate_woolf(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """The odds ratio with Woolf's interval; no interval where a cell is 0."""
    standard_error = sqrt(sum(1 / n for n in table.cells)) if all(table.cells) else None
    return log_interval(odds_ratio(table), standard_error, method="Woolf", level=level)


def estimate_risk_ratio(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """The risk ratio with the interval of its logarithm; no interval where an arm has no event."""
    a, _, c, _ = table.cells
    variance = 1 / a - 1 / table.total_1 + 1 / c - 1 / table.total_2 if a and c else None
    standard_error = None if variance is None else sqrt(max(0.0, variance))
    return log_interval(risk_ratio(table), standard_error, method="log risk ratio", level=level)


def estimate_conditional_odds_ratio(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """The odds ratio that is most likely given both margins, with the exact interval."""
    check_level(level)
    method = "conditional maximum likelihood, exact"
    a, b, c, d = table.cells
    if not (table.both_arms and a + c and b + d):  # a margin of 0: the table tells nothing
        return Estimate(value=None, low=0.0, high=inf, method=method, level=level)
    with warnings.catch_warnings():
        # SciPy evaluates the likelihood far out, where it overflows without harm.
        warnings.simplefilter("ignore", RuntimeWarning)
        found = scipy_odds_ratio(np.array([[a, b], [c, d]]), kind="conditional")
        ends = found.confidence_interval(level)
    return Estimate(
        value=float(found.statistic),
        low=float(ends.low),
        high=float(ends.high),
        method=method,
        level=level,
    )


def odds_ratio(table: TwoByTwo) -> float | None:
    """The ratio of the odds, the cross product of the cells."""
    a, b, c, d = table.cells
    return _ratio(a * d, b * c)


def risk_ratio(table: TwoByTwo) -> float | None:
    """The ratio of the proportions."""
    return _ratio(table.events_1 * table.total_2, table.events_2 * table.total_1)


def log_interval(
    value: float | None, standard_error: float | None, *, method: str, level: float
) -> Estimate:
    """A ratio with the interval that is symmetric in its logarithm, if it has one."""
    half = two_sided_quantile(level) * (standard_error or 0.0)
    if standard_error is None or value is None or value in (0, inf):
        return Estimate(value=value, low=None, high=None, method=method, level=level)
    return Estimate(
        value=value,
        low=exp(log(value) - half),
        high=exp(log(value) + half),
        method=method,
        level=level,
    )


def _ratio(over: float, under: float) -> float | None:
    if under:
        return over / under
    return inf if over else None
