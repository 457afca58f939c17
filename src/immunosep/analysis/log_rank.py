"""The log-rank test and its relatives: observed against expected events, in strata where asked.

Weights are S(t-)^rho of all groups together (Harrington & Fleming, Biometrika 1982;69:553): rho 0
is the log-rank test (Mantel 1966), rho 1 Peto and Peto's modification of Wilcoxon's (J R Stat Soc A
1972;135:185). The variance is hypergeometric; strata add up.

lifelines 0.30 has no strata, statsmodels 0.15 answers no expected events; own code, checked against
R's survival.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from immunosep.analysis.coefficients import chi_squared
from immunosep.analysis.design import Array
from immunosep.analysis.estimates import TestResult
from immunosep.analysis.kaplan_meier import follow_up
from immunosep.errors import AnalysisError

_NOTHING = 1e-12  # a variance of a group whose events are all foregone, but for rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class LogRank:
    """Weighted events per group, as observed and as expected if all groups were alike."""

    groups: tuple[str, ...]
    observed: Array
    expected: Array
    test: TestResult


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sums:
    observed: Array
    expected: Array
    variance: Array

    def plus(self, other: "_Sums") -> "_Sums":
        return _Sums(
            observed=self.observed + other.observed,
            expected=self.expected + other.expected,
            variance=self.variance + other.variance,
        )


def log_rank_test(
    time: ArrayLike,
    event: ArrayLike,
    *,
    group: ArrayLike,
    strata: ArrayLike | None = None,
    rho: float = 0.0,
) -> LogRank:
    """Compare the groups' curves; no P value where no event happens while two are at risk."""
    times, events = follow_up(time, event)
    groups, member = np.unique(np.asarray(group), return_inverse=True)
    if len(groups) < 2:
        raise AnalysisError("Log-rank test", [f"{len(groups)} group; expected two or more"])
    stratum = np.zeros(len(times)) if strata is None else np.asarray(strata)
    sums = _Sums(
        observed=np.zeros(len(groups)),
        expected=np.zeros(len(groups)),
        variance=np.zeros((len(groups), len(groups))),
    )
    for each in np.unique(stratum):
        at = stratum == each
        sums = sums.plus(_sums(times[at], events[at], member[at], groups=len(groups), rho=rho))
    return LogRank(
        groups=tuple(str(name) for name in groups),
        observed=sums.observed,
        expected=sums.expected,
        test=_tested(sums, rho=rho, stratified=strata is not None),
    )


def _sums(
    times: Array, events: Array, member: NDArray[np.intp], *, groups: int, rho: float
) -> _Sums:
    """The sums of one stratum over its distinct times, which are the rows here."""
    distinct, rows = np.unique(times, return_inverse=True)
    shape = (len(distinct), groups)
    died, left = np.zeros(shape), np.zeros(shape)
    np.add.at(died, (rows, member), events)
    np.add.at(left, (rows, member), 1.0)
    at_risk = left[::-1].cumsum(axis=0)[::-1]
    deaths, everyone = died.sum(axis=1), at_risk.sum(axis=1)
    before = np.concatenate([[1.0], np.cumprod(1 - deaths / everyone)[:-1]])
    weight = before**rho
    share = at_risk / everyone[:, None]
    spread = weight**2 * deaths * (everyone - deaths) / np.maximum(everyone - 1, 1)
    return _Sums(
        observed=weight @ died,
        expected=(weight * deaths) @ share,
        variance=np.diag(spread @ share) - (share.T * spread) @ share,
    )


def _tested(sums: _Sums, *, rho: float, stratified: bool) -> TestResult:
    name = {0.0: "Log-rank test", 1.0: "Peto-Peto test"}.get(rho, f"Fleming-Harrington {rho:g}")
    method = f"{name}, stratified" if stratified else name
    informed = np.diag(sums.variance) > _NOTHING
    away = (sums.observed - sums.expected)[informed][:-1]  # they sum to 0: one group too many
    if not len(away):
        return TestResult(p_value=None, method=method)
    variance = sums.variance[np.ix_(informed, informed)][:-1, :-1]
    statistic = float(away @ np.linalg.solve(variance, away))
    return chi_squared(statistic, len(away), method=method)
