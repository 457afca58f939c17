"""The power of a two-arm comparison, exactly: Fisher's test by enumeration, and the t test.

Fisher's two-sided P value sums the tables that are no likelier than the one seen; the power sums
the chance of every pair of counts whose P value is at most alpha. The t test's is of the noncentral
t distribution, which statsmodels has.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.power import TTestIndPower  # type: ignore[import-untyped]

from immunosep.analysis.design import Array, Mask
from immunosep.errors import AnalysisError

_TIED = 1 + 1e-7  # likelihoods closer than this are equal, as in R's fisher.test


def fisher_power(
    *, treated: int, control: int, risk_treated: float, risk_control: float, alpha: float = 0.05
) -> float:
    """The chance that Fisher's two-sided test of so many participants is significant at `alpha`."""
    _check(sizes=(treated, control), shares=(risk_treated, risk_control, alpha))
    chances = np.outer(
        stats.binom.pmf(np.arange(treated + 1), treated, risk_treated),
        stats.binom.pmf(np.arange(control + 1), control, risk_control),
    )
    return float(chances[fisher_rejects(treated, control, alpha=alpha)].sum())


def fisher_rejects(treated: int, control: int, *, alpha: float = 0.05) -> Mask:
    """Which tables are significant, by the responders treated (rows) and in control (columns)."""
    rejected = np.zeros((treated + 1, control + 1), dtype=np.bool_)
    for total in range(treated + control + 1):
        of = np.arange(max(0, total - control), min(treated, total) + 1)
        rejected[of, total - of] = _p_values(of, treated, control, total) <= alpha
    return rejected


def t_test_power(
    *, treated: int, control: int, difference: float, deviation: float, alpha: float = 0.05
) -> float:
    """The chance that Student's two-sided t test finds a difference of means significant."""
    _check(sizes=(treated - 1, control - 1), shares=(alpha,))
    if deviation <= 0:
        raise AnalysisError("Power", ["the standard deviation is not above 0"])
    found = TTestIndPower().power(
        effect_size=abs(difference) / deviation,
        nobs1=treated,
        alpha=alpha,
        ratio=control / treated,
    )
    return float(found)


def _p_values(of: NDArray[np.intp], treated: int, control: int, total: int) -> Array:
    """Of each table with this total of responders: the chance of one no likelier than it."""
    chance = stats.hypergeom.pmf(of, treated + control, treated, total)
    order = np.sort(chance)
    summed = np.concatenate([[0.0], order.cumsum()])
    found: Array = summed[np.searchsorted(order, chance * _TIED, side="right")]
    return found


def _check(*, sizes: tuple[int, ...], shares: tuple[float, ...]) -> None:
    problems = []
    if min(sizes) < 1:
        problems.append("an arm has too few participants")
    if not all(0 <= share <= 1 for share in shares):
        problems.append("a risk or alpha is not between 0 and 1")
    if problems:
        raise AnalysisError("Power", problems)
