"""Whether hazards are proportional: the score test of Grambsch & Therneau (Biometrika 1994;81:515).

Each covariate is given a second coefficient, for its product with a function of time: one minus
the Kaplan-Meier estimate of all participants just before the time, so that events are evenly
spread. The score test asks whether that coefficient is zero, with the exact information matrix, as
R's survival 3 does; lifelines 0.30 approximates that matrix, so own code, checked against R's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from immunosep.analysis.coefficients import chi_squared
from immunosep.analysis.cox import CoxFit
from immunosep.analysis.design import Array
from immunosep.analysis.estimates import TestResult
from immunosep.analysis.kaplan_meier import estimate_survival
from immunosep.analysis.partial_likelihood import Stratum, Ties, moments_of
from immunosep.errors import AnalysisError

_METHOD = "Grambsch-Therneau score test, time on the Kaplan-Meier scale"


@dataclass(frozen=True, kw_only=True)
class ProportionalHazards:
    """The test of each covariate and of all together."""

    terms: Mapping[str, TestResult]
    overall: TestResult


@dataclass(frozen=True, kw_only=True, eq=False)
class _Extended:
    """Score of the products with time; information of the model, of the products, and of both."""

    score: Array
    own: Array
    mixed: Array
    products: Array


def proportional_hazards_test(fit: CoxFit) -> ProportionalHazards:
    """Test every covariate of a Cox model with Efron's or Breslow's ties."""
    if fit.ties is Ties.EXACT:
        raise AnalysisError("Test of proportional hazards", ["exact ties: fit with Efron's"])
    curve = estimate_survival(fit.time, fit.event)
    before = np.concatenate([[1.0], curve.survival[:-1]])
    parts = [
        _extended(fit, stratum, 1 - before[np.searchsorted(curve.times, stratum.times)])
        for stratum in fit.strata
    ]
    summed = _Extended(
        score=np.sum([part.score for part in parts], axis=0),
        own=np.sum([part.own for part in parts], axis=0),
        mixed=np.sum([part.mixed for part in parts], axis=0),
        products=np.sum([part.products for part in parts], axis=0),
    )
    names = fit.design.names
    return ProportionalHazards(
        terms={name: _tested(summed, [at]) for at, name in enumerate(names)},
        overall=_tested(summed, list(range(len(names)))),
    )


def _extended(fit: CoxFit, stratum: Stratum, scale: Array) -> _Extended:
    x = (fit.design.matrix - fit.design.matrix.mean(axis=0))[stratum.rows]
    moments = moments_of(x, fit.coefficients.values, stratum, ties=fit.ties)
    when = scale[moments.at]
    died = x[np.concatenate(stratum.deaths)]
    return _Extended(
        score=when @ (died - moments.mean),
        own=moments.variance.sum(axis=0),
        mixed=np.einsum("i,ijk->jk", when, moments.variance),
        products=np.einsum("i,ijk->jk", when**2, moments.variance),
    )


def _tested(summed: _Extended, at: list[int]) -> TestResult:
    """What the products' score is worth once the model's own coefficients are fitted."""
    mixed = summed.mixed[:, at]
    left = summed.products[np.ix_(at, at)] - mixed.T @ np.linalg.solve(summed.own, mixed)
    score = summed.score[at]
    return chi_squared(float(score @ np.linalg.solve(left, score)), len(at), method=_METHOD)
