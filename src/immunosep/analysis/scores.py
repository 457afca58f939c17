"""Score intervals of two proportions: the values that the score test would not reject.

Difference, risk ratio and odds ratio by Miettinen, Nurminen Stat Med 1985;4:213, whose variance
is N/(N-1) times that of Mee Biometrics 1984;40:1175 (also Farrington, Manning Stat Med
1990;9:1447). The proportions that are most likely under each tested value are in closed form
(both papers' appendices).

statsmodels 0.15.0 (`confint_proportions_2indep`, method "score") was tried: its constrained
proportions are wrong (0.802 and 0.464 for 56/70 and 48/80 at a difference of 0.3377, where 0.851
and 0.513 are most likely), and it fails on 12/25 and 4/23. SciPy has no score interval. Checked
against R's ratesci and the printed intervals of Newcombe Stat Med 1998;17:873.
"""

from collections.abc import Callable
from math import acos, copysign, cos, inf, pi, sqrt
from typing import Protocol

from scipy.optimize import brentq

from immunosep.analysis.counts import TwoByTwo, two_sided_quantile
from immunosep.analysis.differences import not_estimable
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.ratios import odds_ratio, risk_ratio

FAR = 1e6  # a score that no level asks for: stands for one without limit
ROUNDING = 1e-13  # a distance this small is none
NEWTON_STEPS = 2  # the cosine loses half the digits near a double root; each step doubles them
Score = Callable[[float], float]


class Counts(Protocol):
    """What a score is computed from: a two-by-two table, or one with halves added."""

    @property
    def events_2(self) -> float:
        """Of the second arm."""

    @property
    def total_1(self) -> float:
        """Of the first arm."""

    @property
    def total_2(self) -> float:
        """Of the second arm."""

    @property
    def events(self) -> float:
        """Of both arms."""


def estimate_miettinen_nurminen(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """The difference with the score interval of Miettinen and Nurminen."""
    return _difference(table, level, "Miettinen-Nurminen", _small_sample(table))


def estimate_mee(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """The difference with the score interval of Mee, without the factor N/(N-1)."""
    return _difference(table, level, "Mee", 1.0)


def estimate_risk_ratio_score(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """The risk ratio with the score interval of Miettinen and Nurminen."""
    return _ratio(table, level, "Miettinen-Nurminen, ratio", risk_ratio(table), _risk_score)


def estimate_odds_ratio_score(
    table: TwoByTwo, *, level: float = LEVEL, bias_corrected: bool = False
) -> Estimate:
    """The odds ratio with the score interval of Miettinen and Nurminen.

    `bias_corrected` takes the bias of the score in small arms away (Gart Biometrika 1985;72:673).
    """
    method = f"Miettinen-Nurminen, odds ratio{', bias-corrected' * bias_corrected}"
    score = _unbiased_odds_score if bias_corrected else _odds_score
    return _ratio(table, level, method, odds_ratio(table), score)


def constrained_proportions(table: Counts, difference: float) -> tuple[float, float]:
    """The two proportions that are most likely among those `difference` apart."""
    n1, n2, events = table.total_1, table.total_2, table.events
    # The cubic of Miettinen, Nurminen 1985, appendix 1, in the second proportion.
    l3 = float(n1 + n2)
    l2 = (n1 + 2 * n2) * difference - l3 - events
    l1 = (n2 * difference - l3 - 2 * table.events_2) * difference + events
    l0 = table.events_2 * difference * (1 - difference)
    q = l2**3 / (3 * l3) ** 3 - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
    p = copysign(sqrt(max(0.0, (l2 / (3 * l3)) ** 2 - l1 / (3 * l3))), q)
    angle = (pi + acos(min(1.0, max(-1.0, q / p**3)))) / 3 if p else pi / 2
    second = 2 * p * cos(angle) - l2 / (3 * l3)
    for _ in range(NEWTON_STEPS):
        slope = (3 * l3 * second + 2 * l2) * second + l1
        if slope:
            step = (((l3 * second + l2) * second + l1) * second + l0) / slope
            second -= step if abs(step) < 1e-4 else 0.0
    second = min(max(second, 0.0, -difference), 1.0, 1.0 - difference)
    return min(max(second + difference, 0.0), 1.0), second


def difference_variance(table: Counts, difference: float) -> float:
    """The variance of the observed difference if `difference` were the true one."""
    p1, p2 = constrained_proportions(table, difference)
    return p1 * (1 - p1) / table.total_1 + p2 * (1 - p2) / table.total_2


def invert(
    score: Score, estimate: float, *, within: tuple[float, float], level: float
) -> tuple[float, float]:
    """The values of a falling score that lie within the quantiles of `level`, as low and high."""
    z = two_sided_quantile(level)
    least, most = within
    low, high = least, most
    if estimate > least and score(least) > z:
        low = _root(lambda value: score(value) - z, least, estimate)
    if estimate < most and score(most) < -z:
        high = _root(lambda value: score(value) + z, estimate, most)
    return low, high


def standardised(distance: float, variance: float) -> float:
    """A distance in standard errors; without any variance, far off unless there is no distance."""
    if abs(distance) < ROUNDING:
        return 0.0
    if variance <= 0:
        return copysign(FAR, distance)
    return min(max(distance / sqrt(variance), -FAR), FAR)


def _root(function: Score, low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=1e-15, rtol=1e-14, maxiter=500))


def _small_sample(table: TwoByTwo) -> float:
    return table.total / (table.total - 1) if table.both_arms else 1.0


def _difference(table: TwoByTwo, level: float, method: str, factor: float) -> Estimate:
    if not table.both_arms:
        return not_estimable(method, level)
    observed = table.difference

    def score(value: float) -> float:
        return standardised(observed - value, factor * difference_variance(table, value))

    low, high = invert(score, observed, within=(-1.0, 1.0), level=level)
    return Estimate(value=observed, low=low, high=high, method=method, level=level)


def _ratio(
    table: TwoByTwo,
    level: float,
    method: str,
    value: float | None,
    score: Callable[[TwoByTwo, float], float],
) -> Estimate:
    """A ratio r is looked for as r / (1 + r), which runs from 0 to 1."""
    if not table.both_arms:
        return not_estimable(method, level)
    if value is None:  # 0 against 0: every ratio would do
        return Estimate(value=None, low=0.0, high=inf, method=method, level=level)
    share = 1.0 if value == inf else value / (1 + value)
    low, high = invert(lambda at: score(table, at), share, within=(0.0, 1.0), level=level)
    return Estimate(
        value=value, low=_ratio_of(low), high=_ratio_of(high), method=method, level=level
    )


def _ratio_of(share: float) -> float:
    return share / (1 - share) if share < 1 else inf


def _risk_score(table: TwoByTwo, share: float) -> float:
    n1, n2, events = table.total_1, table.total_2, table.events
    other = 1 - share
    linear = (n1 + table.events_2) * share + (n2 + table.events_1) * other
    root = sqrt(max(0.0, linear**2 - 4 * table.total * events * share * other))
    first, second = (min(1.0, 2 * events * part / (linear + root)) for part in (share, other))
    p1, p2 = table.proportions
    variance = other**2 * first * (1 - first) / n1 + share**2 * second * (1 - second) / n2
    return standardised(other * p1 - share * p2, _small_sample(table) * variance)


def _odds_score(table: TwoByTwo, share: float) -> float:
    return _odds_score_less(table, share, bias=0.0)


def _unbiased_odds_score(table: TwoByTwo, share: float) -> float:
    return _odds_score_less(table, share, bias=1.0)


def _odds_score_less(table: TwoByTwo, share: float, *, bias: float) -> float:
    n1, n2, events = table.total_1, table.total_2, table.events
    other, excess = 1 - share, 2 * share - 1
    linear = n1 * share + n2 * other - events * excess
    root = sqrt(max(0.0, linear**2 + 4 * n2 * excess * events * other))
    # Two forms of one root of the quadratic: each loses digits where the other does not.
    if linear > 0:
        second = 2 * events * other / (linear + root)
    else:
        second = (root - linear) / (2 * n2 * excess)
    first = min(1.0, max(0.0, (events - n2 * second) / n1))
    spread_1, spread_2 = n1 * first * (1 - first), n2 * second * (1 - second)
    distance = table.events_1 - n1 * first
    if not (spread_1 > 0 and spread_2 > 0):
        return standardised(distance, 0.0)
    variance = 1 / (1 / spread_1 + 1 / spread_2)
    distance -= bias * (first - second) / (spread_1 + spread_2) * variance
    return standardised(distance, _small_sample(table) * variance)
