"""Exact operating characteristics of two arms compared by a proportion: every outcome counted.

The joint probability of the responders in both arms is carried from look to look; outcomes whose
pooled z reaches the limit leave. No approximation and no simulation: the sum over all outcomes.
Own code: no Python library has it. Checked against an enumeration in R
(tests/validation/test_interim_exact_r.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.stats import binom

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class ExactDesign:
    """Looks after `per_arm` participants in each arm, with the limits of z there.

    `lower` are limits of futility, one for each look but the last, and are obeyed. `sided` 2 also
    rejects below the mirror image of `upper`.
    """

    per_arm: tuple[int, ...]
    upper: tuple[float, ...]
    lower: tuple[float, ...] = ()
    sided: int = 1


@dataclass(frozen=True, kw_only=True)
class ExactCharacteristics:
    """The chance to reject at each look and in all, to stop as hopeless, and the average total."""

    reject_by_look: tuple[float, ...]
    hopeless_by_look: tuple[float, ...]
    expected_total: float

    @property
    def reject(self) -> float:
        """The chance to reject at any look: the power, or the type I error if arms are alike."""
        return sum(self.reject_by_look)


def find_exact(design: ExactDesign, *, treated: float, control: float) -> ExactCharacteristics:
    """What a design does if the arms' proportions are these."""
    outcomes, expected = np.ones((1, 1)), 0.0
    rejected, hopeless = list[float](), list[float]()
    for at, (before, after) in enumerate(pairwise((0, *design.per_arm))):
        expected += 2 * (after - before) * float(outcomes.sum())
        outcomes = _more(outcomes, after - before, treated=treated, control=control)
        rejecting, stopping = _leaving(design, at)
        rejected.append(float(outcomes[rejecting].sum()))
        hopeless.append(float(outcomes[stopping].sum()))
        outcomes = np.where(rejecting | stopping, 0.0, outcomes)
    return ExactCharacteristics(
        reject_by_look=tuple(rejected), hopeless_by_look=tuple(hopeless), expected_total=expected
    )


def _leaving(design: ExactDesign, at: int) -> tuple[Mask, Mask]:
    """Which outcomes reject at a look, and which are hopeless."""
    z = pooled_z(design.per_arm[at])
    rejecting: Mask = (np.abs(z) if design.sided == 2 else z) >= design.upper[at]
    low = design.lower[at] if at < len(design.lower) else -np.inf
    return rejecting, ~rejecting & (z < low)


def pooled_z(per_arm: int) -> Array:
    """z of every outcome: rows are responders treated, columns responders of the control arm.

    Where nobody or everybody responded the arms do not differ, and z is 0.
    """
    counts = np.arange(per_arm + 1) / per_arm
    treated, control = counts[:, None], counts[None, :]
    both = (treated + control) / 2
    spread = np.sqrt(both * (1 - both) * 2 / per_arm)
    difference = treated - control
    z: Array = np.divide(difference, spread, out=np.zeros_like(difference), where=spread > 0)
    return z


def _more(outcomes: Array, added: int, *, treated: float, control: float) -> Array:
    """The outcomes after `added` more in each arm."""
    before = outcomes.shape[0] - 1
    found: Array = (
        _transition(before, added, treated).T @ outcomes @ _transition(before, added, control)
    )
    return found


def _transition(before: int, added: int, rate: float) -> Array:
    start, end = np.arange(before + 1)[:, None], np.arange(before + added + 1)[None, :]
    moved: Array = binom.pmf(end - start, added, rate)
    return moved


def largest_type_one_error(
    design: ExactDesign, *, rates: Sequence[float] = tuple(np.linspace(0.01, 0.99, 99))
) -> float:
    """The largest chance to reject while both arms share one proportion, of those in `rates`."""
    return max(find_exact(design, treated=rate, control=rate).reject for rate in rates)
