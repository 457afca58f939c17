"""Whether a regression separates its outcomes, so that maximum likelihood has no finite answer.

Albert & Anderson (Biometrika 1984;71:1): a logistic regression has no finite estimate if some
combination of the covariates is never negative among who responds, never positive among who does
not, and not zero for all. For counts it must be zero wherever the count is not (Correia, Guimarães
& Zylkin, Stata J 2020;20:95). Such a combination is zero for everybody whose expected outcome stays
away from the limit as the fit runs off, which leaves few to look at; of them a linear programme
answers (Konis 2007), by SciPy's HiGHS. The programme alone takes a minute for 100,000.
"""

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import linprog

from immunosep.analysis.design import Array, Mask

_NOTHING = 1e-6  # what HiGHS leaves of an exact zero, columns scaled to at most 1
_FAR = 15.0  # logits: a fit that runs off stops near 30, no estimate of use comes near 15


def separates_responses(x: Array, outcome: Array, *, predicted: Array) -> bool:
    """Whether a logistic regression has an infinite coefficient, given where its fit stopped."""
    sign = np.where(outcome > 0, 1.0, -1.0)
    return _separates(x, sign, settled=np.abs(predicted) < _FAR)


def separates_counts(x: Array, outcome: Array, *, predicted: Array) -> bool:
    """Whether a Poisson regression has an infinite coefficient, given where its fit stopped."""
    return _separates(x, -np.ones(len(x)), settled=(outcome > 0) | (predicted > -_FAR))


def _separates(x: Array, sign: Array, *, settled: Mask) -> bool:
    if settled.all():
        return False
    scaled = x / np.abs(x).max(axis=0)
    square = np.linalg.qr(scaled[settled], mode="r")  # has the null space of all those rows
    left = null_space(square) if settled.any() else np.eye(x.shape[1])
    return left.shape[1] > 0 and _some_direction((sign[:, None] * scaled)[~settled] @ left)


def _some_direction(apart: Array) -> bool:
    """Whether a direction exists that is 0 or more in every row, and more in one."""
    rows = np.unique(apart, axis=0)
    found = linprog(
        -rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs"
    )
    best: float = -found["fun"]
    return best > _NOTHING
