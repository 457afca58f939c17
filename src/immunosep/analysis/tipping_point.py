"""How far those without an outcome would have to differ before the conclusion changes.

Of a yes-or-no outcome: every pair of numbers of responders among those without one, by arm (Yan,
Lee & Li, J Biopharm Stat 2009;19:1085). Of imputed scores: what was filled in moved by an amount in
each arm, and the responders derived and pooled again (Ratitch, O'Kelly & Tosiello, Pharm Stat
2013;12:337). Where conclusions tip is told; how likely that is, is for the reader to judge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from immunosep.analysis.design import Array, Mask, as_mask
from immunosep.analysis.imputation import Imputed
from immunosep.analysis.rubin import Pooled, pool
from immunosep.errors import AnalysisError

_SUBJECT = "Tipping-point analysis"


@dataclass(frozen=True, kw_only=True)
class ArmCounts:
    """One arm: responders among those whose outcome is known, and how many lack one."""

    responders: int
    known: int
    missing: int


@dataclass(frozen=True, kw_only=True, eq=False)
class TippingGrid:
    """By responders among the missing treated (row) and controls (column): difference and P."""

    difference: Array
    p_value: Array
    alpha: float

    @property
    def significant(self) -> Mask:
        """Where the conclusion is that the arms differ."""
        found: Mask = self.p_value <= self.alpha
        return found

    @property
    def edge(self) -> tuple[int | None, ...]:
        """For each number of responders among the missing controls: the fewest among the missing
        treated with which the treated arm is still significantly better; None if none would do.
        """
        better = self.significant & (self.difference > 0)
        return tuple(int(np.argmax(column)) if column.any() else None for column in better.T)


@dataclass(frozen=True, kw_only=True)
class Shifted:
    """The pooled risk difference after moving what was filled in, by arm."""

    treated: float
    control: float
    pooled: Pooled


def tip_responders(*, treated: ArmCounts, control: ArmCounts, alpha: float = 0.05) -> TippingGrid:
    """Fisher's exact P value and the risk difference for all ways the missing could have gone."""
    problems = [
        f"the {name} arm has counts that cannot be: expected 0 <= responders <= known, somebody in"
        for name, arm in (("treated", treated), ("control", control))
        if not 0 <= arm.responders <= arm.known or arm.missing < 0 or arm.known + arm.missing < 1
    ]
    if problems:
        raise AnalysisError(_SUBJECT, problems)
    sizes = [arm.known + arm.missing for arm in (treated, control)]
    one = treated.responders + np.arange(treated.missing + 1)
    two = control.responders + np.arange(control.missing + 1)
    p_value = [[_fisher(a, sizes[0], b, sizes[1]) for b in two.tolist()] for a in one.tolist()]
    return TippingGrid(
        difference=one[:, None] / sizes[0] - two / sizes[1],
        p_value=np.array(p_value),
        alpha=alpha,
    )


def pool_risk_difference(
    imputed: Imputed, *, respond: Callable[[Array], Mask], treated: ArrayLike
) -> Pooled:
    """The risk difference of a response derived from each completed table, pooled (Wald's
    variance); `respond` takes one row per participant.
    """
    arm = as_mask(treated)
    if arm.all() or not arm.any():
        raise AnalysisError(_SUBJECT, ["an arm is empty; expected participants in both"])
    responses = np.array([respond(table) for table in imputed.sets], dtype=np.float64)
    one, two = responses[:, arm].mean(axis=1), responses[:, ~arm].mean(axis=1)
    variances = one * (1 - one) / arm.sum() + two * (1 - two) / (~arm).sum()
    return pool(one - two, variances)


def tip_scores(
    imputed: Imputed,
    *,
    respond: Callable[[Array], Mask],
    treated: ArrayLike,
    shifts_treated: Sequence[float],
    shifts_control: Sequence[float] = (0.0,),
) -> tuple[Shifted, ...]:
    """The pooled risk difference at every pair of shifts, the treated arm's varying slowest."""
    arm = as_mask(treated)
    return tuple(
        Shifted(
            treated=one,
            control=two,
            pooled=pool_risk_difference(
                imputed.shift(np.where(arm, one, two)), respond=respond, treated=arm
            ),
        )
        for one in shifts_treated
        for two in shifts_control
    )


def _fisher(a: int, one: int, b: int, two: int) -> float:
    return float(stats.fisher_exact(np.array([[a, one - a], [b, two - b]])).pvalue)
