"""The win ratio of ordered outcomes, unmatched (Pocock et al., Eur Heart J 2012;33:176).

Pairs won by the treated over pairs lost. Beside it the net benefit, wins less losses per pair
(Buyse, Stat Med 2010;29:3245), and the win odds, which share the ties out (Brunner et al., Stat Med
2021;40:3367). Variances are of two-sample U-statistics (Bebu & Lachin, Biostatistics 2016;17:178),
ratios on the log scale. In strata only pairs of one stratum count, each weighted by one over the
stratum's size (Dong et al., J Biopharm Stat 2018;28:778). No installed library has it; own code,
checked against counts by hand, Mann-Whitney's U and the spread of simulated trials.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.coefficients import (
    exponential,
    normal_interval,
    not_estimable,
    two_sided,
)
from immunosep.analysis.design import Array, as_mask
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.pairs import Outcome, PairCounts, compare_pairs
from immunosep.errors import AnalysisError

_METHOD = "Win ratio"


@dataclass(frozen=True, kw_only=True)
class WinRatio:
    """Pairs won, lost and tied by the treated; `decided_by`: those each outcome told apart."""

    wins: int
    losses: int
    ties: int
    decided_by: tuple[int, ...]
    win_ratio: Estimate
    win_odds: Estimate
    net_benefit: Estimate
    test: TestResult


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shares:
    """Of all (weighted) pairs: the shares won and lost, and their covariance, None if unknown."""

    won: float
    lost: float
    covariance: Array | None

    def error(self, won: float, lost: float) -> float | None:
        """The standard error of this combination of the two, None if unknown or nothing."""
        if self.covariance is None:
            return None
        slope = np.array([won, lost])
        return sqrt(max(float(slope @ self.covariance @ slope), 0.0)) or None


def estimate_win_ratio(
    outcomes: Sequence[Outcome],
    *,
    treated: ArrayLike,
    strata: ArrayLike | None = None,
    level: float = LEVEL,
) -> WinRatio:
    """Compare two arms on these outcomes, the most important first.

    Not estimable where no pair can be made, or none is lost; without interval where a stratum has
    one participant in an arm, from whom no spread can be told.
    """
    if not outcomes:
        raise AnalysisError(_METHOD, ["no outcome is given; expected the most important first"])
    arm = as_mask(treated)
    of = np.zeros(len(arm)) if strata is None else np.asarray(strata)
    every = [compare_pairs(outcomes, treated=arm, among=of == each) for each in np.unique(of)]
    parts = [part for part in every if part.pairs]
    method = _METHOD if strata is None else f"{_METHOD}, stratified"
    if not parts:
        return _without_pairs(len(outcomes), method, level=level)
    wins, losses = (int(count) for count in np.sum([part.totals for part in parts], axis=0))
    shares = _shares(parts)
    return WinRatio(
        wins=wins,
        losses=losses,
        ties=sum(part.pairs for part in parts) - wins - losses,
        decided_by=tuple(np.sum([part.decided for part in parts], axis=0).tolist()),
        win_ratio=_win_ratio(shares, method, level=level),
        win_odds=_win_odds(shares, level=level),
        net_benefit=_around(
            shares.won - shares.lost, shares.error(1, -1), method="Net benefit", level=level
        ),
        test=_test(shares, method),
    )


def _shares(parts: Sequence[PairCounts]) -> _Shares:
    weights = np.array([1 / part.participants for part in parts])
    weights = weights / sum(
        weight * part.pairs for weight, part in zip(weights, parts, strict=True)
    )
    won, lost = weights @ np.array([part.totals for part in parts])
    told = all(min(len(part.treated), len(part.control)) > 1 for part in parts)
    covariance = (
        sum(weight**2 * _covariance(part) for weight, part in zip(weights, parts, strict=True))
        if told
        else None
    )
    return _Shares(won=float(won), lost=float(lost), covariance=covariance)


def _covariance(part: PairCounts) -> Array:
    """Of the numbers of wins and losses: how they vary from one participant to the next."""
    found: Array = len(part.treated) * np.cov(part.treated.T)
    return found + len(part.control) * np.cov(part.control.T)


def _win_ratio(shares: _Shares, method: str, *, level: float) -> Estimate:
    if min(shares.won, shares.lost) <= 0:
        return not_estimable(method, level=level)
    error = shares.error(1 / shares.won, -1 / shares.lost)
    return exponential(_around(log(shares.won / shares.lost), error, method=method, level=level))


def _win_odds(shares: _Shares, *, level: float) -> Estimate:
    benefit, method = shares.won - shares.lost, "Win odds"
    if abs(benefit) >= 1:
        return not_estimable(method, level=level)
    error = shares.error(2 / (1 - benefit**2), -2 / (1 - benefit**2))
    return exponential(
        _around(log((1 + benefit) / (1 - benefit)), error, method=method, level=level)
    )


def _around(value: float, error: float | None, *, method: str, level: float) -> Estimate:
    if error is None:
        return Estimate(value=value, low=None, high=None, method=method, level=level)
    return normal_interval(value, error, method=method, level=level)


def _test(shares: _Shares, method: str) -> TestResult:
    """The test that as many pairs are won as lost, on the log of the win ratio."""
    found = TestResult(p_value=None, method=f"{method}, test of no difference")
    if min(shares.won, shares.lost) <= 0:
        return found
    error = shares.error(1 / shares.won, -1 / shares.lost)
    if error is None:
        return found
    statistic = log(shares.won / shares.lost) / error
    return TestResult(p_value=two_sided(statistic), statistic=statistic, method=found.method)


def _without_pairs(outcomes: int, method: str, *, level: float) -> WinRatio:
    return WinRatio(
        wins=0,
        losses=0,
        ties=0,
        decided_by=(0,) * outcomes,
        win_ratio=not_estimable(method, level=level),
        win_odds=not_estimable("Win odds", level=level),
        net_benefit=not_estimable("Net benefit", level=level),
        test=TestResult(p_value=None, method=f"{method}, test of no difference"),
    )
