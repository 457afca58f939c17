"""Firth's logistic regression (Biometrika 1993;80:27): finite where outcomes are separated.

The likelihood is multiplied by the root of the determinant of the information, Jeffreys' prior,
which takes away the first-order bias. Intervals and tests are of the profile of that penalised
likelihood (Heinze & Schemper, Stat Med 2002;21:2409), as Wald's are wrong when data are separated.
With one yes-or-no covariate it is the odds ratio with 0.5 added to each cell. statsmodels 0.15 and
SciPy have none; own code, checked against that and against a maximiser that knows no derivatives.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from immunosep.analysis.coefficients import Coefficients, chi_squared
from immunosep.analysis.design import Array, Design, as_numbers, design_of
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.generalised_linear import Family, interval_of_profile, outcomes_of
from immunosep.errors import AnalysisError

_METHOD = "Firth's logistic regression"
_PROFILE = f"{_METHOD}, profile penalised likelihood"
_MOST_STEPS, _SMALL_STEP, _LONGEST_STEP = 200, 1e-9, 5.0  # on the scale of scaled covariates
_APART = 1e-5  # how far apart the slopes are whose difference is the curvature


@dataclass(frozen=True, kw_only=True, eq=False)
class FirthFit:
    """A fitted model; `log_likelihood` is the penalised one."""

    coefficients: Coefficients
    design: Design
    outcome: Array
    log_likelihood: float


@dataclass(frozen=True, kw_only=True, eq=False)
class _Place:
    """The penalised likelihood at some coefficients, with its slope and the information."""

    value: float
    score: Array
    information: Array


def fit_firth(outcome: ArrayLike, *, covariates: Mapping[str, ArrayLike]) -> FirthFit:
    """The penalised model with an intercept."""
    y = outcomes_of(outcome, Family.LOGISTIC)
    design = design_of(covariates, rows=len(y), subject=_METHOD)
    free = np.arange(len(design.names))
    beta, there = _climb(design.matrix, y, np.zeros(len(free)), free)
    return FirthFit(
        coefficients=Coefficients(
            names=design.names,
            values=beta,
            covariance=as_numbers(np.linalg.inv(there.information)),
            method=_METHOD,
        ),
        design=design,
        outcome=y,
        log_likelihood=there.value,
    )


def firth_interval(fit: FirthFit, name: str, *, level: float = LEVEL) -> Estimate:
    """A coefficient with the interval of its profile penalised likelihood."""
    return interval_of_profile(
        lambda value: _profile(fit, name, value),
        best=fit.coefficients.value(name),
        top=fit.log_likelihood,
        error=fit.coefficients.standard_error(name),
        method=_PROFILE,
        level=level,
    )


def firth_test(fit: FirthFit, name: str) -> TestResult:
    """The penalised likelihood-ratio test that a coefficient is zero."""
    statistic = 2 * (fit.log_likelihood - _profile(fit, name, 0.0))
    return chi_squared(max(statistic, 0.0), 1, method=f"{_METHOD}, likelihood-ratio test")


def _profile(fit: FirthFit, name: str, value: float) -> float:
    at = fit.design.names.index(name)
    beta = fit.coefficients.values.copy()
    beta[at] = value
    free = np.delete(np.arange(len(beta)), at)
    return _climb(fit.design.matrix, fit.outcome, beta, free)[1].value


def _climb(x: Array, y: Array, beta: Array, free: NDArray[np.intp]) -> tuple[Array, _Place]:
    """Newton's method on the free coefficients, steps bounded, and halved while they lead down."""
    scale = np.abs(x).max(axis=0)
    x, beta = x / scale, beta * scale
    here, size, slow = _place(x, y, beta), np.inf, False
    for _ in range(_MOST_STEPS):
        matrix = here.information[np.ix_(free, free)]
        if slow:
            matrix = _bent(x, y, beta, here, free)
        step = np.zeros(len(beta))
        step[free] = np.linalg.solve(matrix, here.score[free])
        step *= min(1.0, _LONGEST_STEP / max(np.abs(step).max(), _SMALL_STEP))
        there = _place(x, y, beta + step)
        while there.value < here.value and np.abs(step).max() > _SMALL_STEP:
            step /= 2
            there = _place(x, y, beta + step)
        slow, size = slow or np.abs(step).max() > size / 2, np.abs(step).max()
        beta, here = beta + step, there
        if size < _SMALL_STEP:
            back = np.outer(scale, scale)
            shift = float(np.log(scale).sum())  # the determinant is that of the unscaled covariates
            return beta / scale, _Place(
                value=here.value + shift,
                score=here.score * scale,
                information=here.information * back,
            )
    raise AnalysisError(_METHOD, ["it does not converge: leave a covariate out"])


def _bent(x: Array, y: Array, beta: Array, here: _Place, free: NDArray[np.intp]) -> Array:
    """What to divide the slope by: the curvature of the penalised likelihood, by differences.

    The information alone, Fisher's step, takes no notice of how the penalty bends, and swings
    around the top where one participant is far from all others. Where the curvature would lead
    down it is the information still.
    """
    moves = np.eye(len(beta))[free] * _APART
    bend = [_place(x, y, beta - move).score - _place(x, y, beta + move).score for move in moves]
    curvature = np.array(bend)[:, free] / (2 * _APART)
    slope = here.score[free]
    leads_up = float(slope @ np.linalg.solve(curvature, slope)) > 0
    return curvature if leads_up else here.information[np.ix_(free, free)]


def _place(x: Array, y: Array, beta: Array) -> _Place:
    predicted = x @ beta
    mean = expit(predicted)
    weight = mean * (1 - mean)
    information = (x.T * weight) @ x
    leverage = weight * np.einsum("ij,ji->i", x, np.linalg.solve(information, x.T))
    likelihood = (y * predicted - np.logaddexp(0, predicted)).sum()
    return _Place(
        value=float(likelihood + np.linalg.slogdet(information)[1] / 2),
        score=x.T @ (y - mean + leverage * (0.5 - mean)),
        information=information,
    )
