"""The robust variance of Cox's model: right also where hazards are not quite proportional.

The sandwich of Lin & Wei (J Am Stat Assoc 1989;84:1074) from each participant's share of the score,
summed within clusters where there are any (Therneau & Grambsch 2000, 7.2); Efron's ties as there in
4.6. lifelines 0.30 shares Efron's ties out otherwise; own code, checked against R's survival.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from immunosep.analysis.coefficients import Coefficients
from immunosep.analysis.cox import CoxFit
from immunosep.analysis.design import Array, as_numbers
from immunosep.analysis.partial_likelihood import Stratum, Ties, moments_of
from immunosep.errors import AnalysisError


def robust_coefficients(fit: CoxFit, *, clusters: ArrayLike | None = None) -> Coefficients:
    """The same coefficients with the robust variance, one cluster per participant if none given."""
    residuals = score_residuals(fit)
    if clusters is not None:
        _, member = np.unique(np.asarray(clusters), return_inverse=True)
        summed = np.zeros((member.max() + 1, residuals.shape[1]))
        np.add.at(summed, member, residuals)
        residuals = summed
    shifts = as_numbers(residuals @ fit.coefficients.covariance)
    return Coefficients(
        names=fit.coefficients.names,
        values=fit.coefficients.values,
        covariance=shifts.T @ shifts,
        method=f"{fit.coefficients.method}, robust variance",
    )


def score_residuals(fit: CoxFit) -> Array:
    """Each participant's share of the score (Therneau & Grambsch 2000, 4.6), one row each."""
    if fit.ties is Ties.EXACT:
        raise AnalysisError("Cox regression", ["no robust variance with exact ties: use Efron's"])
    x = fit.design.matrix - fit.design.matrix.mean(axis=0)
    found: Array = np.zeros_like(x)
    for stratum in fit.strata:
        found[stratum.rows] = _score_residuals(x[stratum.rows], fit, stratum)
    return found


def _score_residuals(x: Array, fit: CoxFit, stratum: Stratum) -> Array:
    predicted = x @ fit.coefficients.values
    risk = np.exp(predicted - predicted.max())
    moments = moments_of(x, fit.coefficients.values, stratum, ties=fit.ties)
    hazard = 1 / moments.total
    pulled = moments.mean * hazard[:, None]
    # The death times at which a row is at risk: from this place on.
    start = np.searchsorted(stratum.last, np.arange(len(x)), side="right")
    total, weighted = _from(moments.at, hazard, start), _from(moments.at, pulled, start)
    found: Array = -risk[:, None] * (x * total[:, None] - weighted)
    died = np.concatenate(stratum.deaths)
    spared = moments.share * hazard  # the part of the hazard at its own time a death is not under
    sizes = _per_time(moments.at, np.ones(len(died)))
    mean = _per_time(moments.at, moments.mean) / sizes[:, None]
    back = _per_time(moments.at, spared[:, None] * moments.mean)
    at = moments.at
    found[died] += x[died] - mean[at]
    found[died] += risk[died, None] * (x[died] * _per_time(at, spared)[at, None] - back[at])
    return found


def _from(at: NDArray[np.intp], part: Array, start: NDArray[np.intp]) -> Array:
    """The sum of `part` over all deaths whose time is `start` or any earlier (later in order)."""
    per_time = _per_time(at, part)
    nobody = np.zeros((1, *part.shape[1:]))
    summed: Array = np.concatenate([per_time[::-1].cumsum(axis=0)[::-1], nobody])[start]
    return summed


def _per_time(at: NDArray[np.intp], part: Array) -> Array:
    summed = np.zeros((at[-1] + 1, *part.shape[1:]))
    np.add.at(summed, at, part)
    return summed
