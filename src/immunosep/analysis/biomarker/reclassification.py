"""What a second marker adds: who is moved to a truer risk.

Net reclassification improvement, with categories of risk or without (Pencina et al. Stat Med
2008;27:157 and 2011;30:11), and integrated discrimination improvement (2008). The variances are
those of the shares moved as observed, not under the hypothesis that nothing was gained.

These reward a model that is badly calibrated (Hilden & Gerds Stat Med 2014;33:3405): read them
beside the areas and the decision curve. Own code: no Python library has them; checked against R's
PredictABEL (tests/validation/test_reclassification_r.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.biomarker.risk import check_risks
from immunosep.analysis.biomarker.roc import as_outcome
from immunosep.analysis.coefficients import normal_interval
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.errors import AnalysisError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Reclassification:
    """Gains by a new risk over an old one; `categorical` is None where no categories were asked.

    `among_ill` and `among_well` are the parts of the continuous one.
    """

    continuous: Estimate
    among_ill: Estimate
    among_well: Estimate
    categorical: Estimate | None
    discrimination: Estimate


def estimate_reclassification(
    old: ArrayLike,
    new: ArrayLike,
    outcome: ArrayLike,
    *,
    limits: Sequence[float] = (),
    level: float = LEVEL,
) -> Reclassification:
    """Compare two risks of the same people; `limits` part the categories, a limit in the upper."""
    before, after = (np.asarray(risk, dtype=np.float64) for risk in (old, new))
    ill = as_outcome(outcome)
    check_risks(before, ill)
    check_risks(after, ill)
    moved = np.sign(after - before)
    return Reclassification(
        continuous=_net(moved, ill, "continuous NRI, Wald", level),
        among_ill=_part(moved[ill], "NRI of those with the condition, Wald", level),
        among_well=_part(-moved[~ill], "NRI of those without it, Wald", level),
        categorical=_categorical(before, after, ill, limits, level) if limits else None,
        discrimination=_discrimination(after - before, ill, level),
    )


def _categorical(
    before: Array,
    after: Array,
    ill: np.ndarray[Any, np.dtype[np.bool_]],
    limits: Sequence[float],
    level: float,
) -> Estimate:
    if sorted(limits) != list(limits) or not all(0 < limit < 1 for limit in limits):
        raise AnalysisError(
            "reclassification", ["limits of risk must rise between 0 and 1, these left out"]
        )
    moved = np.sign(
        np.searchsorted(limits, after, side="right") - np.searchsorted(limits, before, side="right")
    ).astype(np.float64)
    return _net(moved, ill, "categorical NRI, Wald", level)


def _net(
    moved: Array, ill: np.ndarray[Any, np.dtype[np.bool_]], method: str, level: float
) -> Estimate:
    value = float(moved[ill].mean() - moved[~ill].mean())
    error = sqrt(_squared_error(moved[ill]) + _squared_error(moved[~ill]))
    return normal_interval(value, error, method=method, level=level)


def _part(moved: Array, method: str, level: float) -> Estimate:
    return normal_interval(
        float(moved.mean()), sqrt(_squared_error(moved)), method=method, level=level
    )


def _squared_error(moved: Array) -> float:
    return float(moved.var() / len(moved))


def _discrimination(
    gained: Array, ill: np.ndarray[Any, np.dtype[np.bool_]], level: float
) -> Estimate:
    value = float(gained[ill].mean() - gained[~ill].mean())
    squared = sum(float(part.var(ddof=1)) / len(part) for part in (gained[ill], gained[~ill]))
    return normal_interval(value, sqrt(squared), method="IDI, Wald", level=level)
