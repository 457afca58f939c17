"""The difference of two proportions, first minus second, and its intervals in closed form.

| interval | paper |
|---|---|
| Newcombe, methods 10 and 11 (continuity-corrected) | Newcombe Stat Med 1998;17:873 |
| Agresti-Caffo | Agresti, Caffo Am Stat 2000;54:280 |
| Wald, plain, with continuity correction, with pooled variance | Fleiss, Levin, Paik 2003, 2.3 |

The score intervals are in `scores`. Checked against R (base, ratesci) and, for the three that it
has, against statsmodels, which takes longer to import than these lines to run.
"""

from math import hypot, sqrt

from immunosep.analysis.counts import TwoByTwo, two_sided_quantile
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.proportions import estimate_wilson


def estimate_newcombe(
    table: TwoByTwo, *, level: float = LEVEL, continuity: bool = False
) -> Estimate:
    """The difference with Newcombe's interval, built of the two Wilson intervals."""
    name = "Newcombe, continuity-corrected" if continuity else "Newcombe"
    if not table.both_arms:
        return not_estimable(name, level)
    first, second = (
        estimate_wilson(events, total, level=level, continuity=continuity)
        for events, total in (
            (table.events_1, table.total_1),
            (table.events_2, table.total_2),
        )
    )
    (p1, low_1, high_1), (p2, low_2, high_2) = _numbers(first), _numbers(second)
    return Estimate(
        value=table.difference,
        low=table.difference - hypot(p1 - low_1, high_2 - p2),
        high=table.difference + hypot(high_1 - p1, p2 - low_2),
        method=name,
        level=level,
    )


def estimate_agresti_caffo(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """The difference with the interval of Wald after one event and one other is added to each arm.

    The interval lies around the difference of the enlarged table, and is not cut at 1.
    """
    name = "Agresti-Caffo"
    if not table.both_arms:
        return not_estimable(name, level)
    larger = TwoByTwo.of(
        (table.events_1 + 1, table.total_1 + 2), (table.events_2 + 1, table.total_2 + 2)
    )
    half = two_sided_quantile(level) * _standard_error(larger)
    return Estimate(
        value=table.difference,
        low=larger.difference - half,
        high=larger.difference + half,
        method=name,
        level=level,
    )


def estimate_wald(table: TwoByTwo, *, level: float = LEVEL, continuity: bool = False) -> Estimate:
    """The difference with Wald's interval: of no width where both proportions are 0 or 1."""
    name = "Wald, continuity-corrected" if continuity else "Wald"
    if not table.both_arms:
        return not_estimable(name, level)
    correction = (1 / table.total_1 + 1 / table.total_2) / 2 if continuity else 0.0
    half = two_sided_quantile(level) * _standard_error(table) + correction
    return _around(table.difference, half, name, level)


def estimate_pooled_wald(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """The difference with Wald's interval on the variance of a common proportion."""
    name = "Wald, pooled variance"
    if not table.both_arms:
        return not_estimable(name, level)
    half = two_sided_quantile(level) * pooled_standard_error(table)
    return _around(table.difference, half, name, level)


def pooled_standard_error(table: TwoByTwo) -> float:
    """The standard error of the difference if both arms share one proportion."""
    share = table.events / table.total
    return sqrt(share * (1 - share) * (1 / table.total_1 + 1 / table.total_2))


def not_estimable(method: str, level: float) -> Estimate:
    """What a method answers where there is nothing to estimate from."""
    return Estimate(value=None, low=None, high=None, method=method, level=level)


def _standard_error(table: TwoByTwo) -> float:
    p1, p2 = table.proportions
    return sqrt(p1 * (1 - p1) / table.total_1 + p2 * (1 - p2) / table.total_2)


def _around(value: float, half: float, method: str, level: float) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half, method=method, level=level)


def _numbers(estimate: Estimate) -> tuple[float, float, float]:
    assert estimate.value is not None
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.value, estimate.low, estimate.high
