"""Logistic regression with an intercept for each centre, drawn from a normal distribution.

The likelihood integrates each centre's intercept out by adaptive Gauss-Hermite quadrature (Pinheiro
& Bates, J Comput Graph Stat 1995;4:12); with one node it is Laplace's approximation. Standard
errors are of the Hessian. Odds ratios are those within a centre, farther from 1 than those over all
centres. statsmodels 0.15 fits it by variational Bayes alone; own code, checked against R's lme4.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from immunosep.analysis.coefficients import Coefficients
from immunosep.analysis.design import Array, as_numbers
from immunosep.analysis.generalised_linear import (
    Family,
    GeneralisedLinearFit,
    fit_generalised_linear,
)

_METHOD = "Logistic regression with random intercepts"
_NODES = 15
_MOST_STEPS, _SMALL_STEP = 50, 1e-11
_NOTHING = 1e-4  # a deviation between centres that came out as 0, in logits
_APART = 1e-3  # of a standard error: how far apart the Hessian's differences are taken


@dataclass(frozen=True, kw_only=True, eq=False)
class RandomInterceptFit:
    """Log odds ratios within a centre, and the standard deviation between centres in logits."""

    coefficients: Coefficients
    deviation: float
    log_likelihood: float
    singular: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """The data, and what the search moves in: standard errors of the model without centres."""

    fixed: GeneralisedLinearFit
    unit: Array
    centre: NDArray[np.intp]
    nodes: Array
    log_weights: Array

    def beta(self, at: Array) -> Array:
        moved: Array = self.fixed.coefficients.values + self.unit @ at[:-1]
        return moved


def fit_random_intercept(
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike],
    centre: ArrayLike,
    nodes: int = _NODES,
) -> RandomInterceptFit:
    """The model of responses (1 or 0) with covariates, of participants within centres."""
    fixed = fit_generalised_linear(outcome, covariates=covariates, family=Family.LOGISTIC)
    places, weights = np.polynomial.hermite.hermgauss(nodes)
    rows = _Rows(
        fixed=fixed,
        unit=as_numbers(np.linalg.cholesky(fixed.coefficients.covariance)),
        centre=np.unique(np.asarray(centre), return_inverse=True)[1],
        nodes=np.sqrt(2) * places,
        log_weights=np.log(weights) + places**2 - np.log(np.pi) / 2,
    )
    count = len(fixed.design.names)

    def lacking(at: Array) -> float:
        return -_log_likelihood(at, rows)

    best = minimize(
        lacking,
        np.append(np.zeros(count), 0.5),
        method="L-BFGS-B",
        jac="3-point",
        bounds=[*[(-np.inf, np.inf)] * count, (0.0, np.inf)],
        options={"ftol": 1e-14, "gtol": 1e-7, "maxiter": 500},
    )
    at = as_numbers(best["x"])
    singular = bool(at[-1] < _NOTHING)
    return RandomInterceptFit(
        coefficients=Coefficients(
            names=fixed.design.names,
            values=rows.beta(at),
            covariance=fixed.coefficients.covariance if singular else _covariance(at, rows),
            method=_METHOD,
        ),
        deviation=0.0 if singular else float(at[-1]),
        log_likelihood=_log_likelihood(at, rows),
        singular=singular,
    )


def _log_likelihood(at: Array, rows: _Rows) -> float:
    """The sum over centres of the log of the integral over their intercept."""
    fixed, deviation = rows.fixed.design.matrix @ rows.beta(at), float(at[-1])
    mode, width = _modes(fixed, deviation, rows)
    parts = []
    for node, weight in zip(rows.nodes, rows.log_weights, strict=True):
        own = mode + node * width
        predicted = fixed + deviation * own[rows.centre]
        told = rows.fixed.outcome * predicted - np.logaddexp(0, predicted)
        parts.append(weight + np.bincount(rows.centre, weights=told) - own**2 / 2)
    return float((logsumexp(parts, axis=0) + np.log(width)).sum())


def _modes(fixed: Array, deviation: float, rows: _Rows) -> tuple[Array, Array]:
    """Each centre's likeliest intercept in standard deviations, and the width around it."""
    own = np.zeros(rows.centre.max() + 1)
    for _ in range(_MOST_STEPS):
        mean = expit(fixed + deviation * own[rows.centre])
        slope = deviation * np.bincount(rows.centre, weights=rows.fixed.outcome - mean) - own
        bend = 1 + deviation**2 * np.bincount(rows.centre, weights=mean * (1 - mean))
        step = slope / bend
        own = own + np.clip(step, -2, 2)
        if np.abs(step).max() < _SMALL_STEP:
            break
    return own, 1 / np.sqrt(bend)


def _covariance(at: Array, rows: _Rows) -> Array:
    """Of the coefficients, from the Hessian in them and the deviation by central differences."""
    moves = np.eye(len(at)) * _APART

    def value(move: Array) -> float:
        return _log_likelihood(at + move, rows)

    hessian = np.array(
        [[value(a + b) - value(a - b) - value(b - a) + value(-a - b) for b in moves] for a in moves]
    ) / (4 * _APART**2)
    inside = np.linalg.inv(-(hessian + hessian.T) / 2)[:-1, :-1]
    return as_numbers(rows.unit @ inside @ rows.unit.T)
