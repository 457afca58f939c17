"""Logistic and Poisson regression by maximum likelihood, as statsmodels fits them.

Intervals are Wald's or of the profile likelihood (Venzon & Moolgavkar, Appl Stat 1988;37:87).
Variances that hold where the model does not are White's (Econometrica 1980;48:817) HC0, or
clustered (Liang & Zeger, Biometrika 1986;73:13), both without a correction for small samples.
A coefficient without a finite estimate is refused; `logistic` then asks Firth. Checked against R.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.optimize import brentq
from statsmodels.genmod import families  # type: ignore[import-untyped]
from statsmodels.genmod.generalized_linear_model import GLM  # type: ignore[import-untyped]

from immunosep.analysis.coefficients import Coefficients
from immunosep.analysis.design import Array, Design, as_numbers, design_of
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.separation import separates_counts, separates_responses
from immunosep.errors import AnalysisError

_TOLERANCE, _MOST_STEPS = 1e-13, 200  # relative, of the deviance
_FARTHEST = 60  # doublings of a standard error before a profile is said to be flat


class Family(StrEnum):
    """What is counted: a response (1 or 0), or events."""

    LOGISTIC = "Logistic regression"
    POISSON = "Poisson regression"


@dataclass(frozen=True, kw_only=True, eq=False)
class GeneralisedLinearFit:
    """A fitted model; `fitted` is the expected outcome of each participant."""

    family: Family
    coefficients: Coefficients
    design: Design
    outcome: Array
    fitted: Array
    log_likelihood: float
    deviance: float
    deviance_null: float

    @property
    def akaike(self) -> float:
        """Akaike's criterion: twice the number of coefficients, less twice the log likelihood."""
        return 2 * len(self.design.names) - 2 * self.log_likelihood


def fit_generalised_linear(
    outcome: ArrayLike, *, covariates: Mapping[str, ArrayLike], family: Family
) -> GeneralisedLinearFit:
    """The model with an intercept; AnalysisError where the outcomes have no finite answer."""
    fit = fit_if_finite(outcome, covariates=covariates, family=family)
    if fit is None:
        message = (
            "a covariate tells the outcomes apart (such as an arm without a response), so its "
            "coefficient has no finite estimate: use Firth's regression, or leave it out"
        )
        raise AnalysisError(family, [message])
    return fit


def fit_if_finite(
    outcome: ArrayLike, *, covariates: Mapping[str, ArrayLike], family: Family
) -> GeneralisedLinearFit | None:
    """The same, or None where a coefficient is infinite."""
    y = outcomes_of(outcome, family)
    design = design_of(covariates, rows=len(y), subject=family)
    found = _fitted(design.matrix, y, family)
    separates = separates_responses if family is Family.LOGISTIC else separates_counts
    if separates(design.matrix, y, predicted=design.matrix @ as_numbers(found.params)):
        return None
    return GeneralisedLinearFit(
        family=family,
        coefficients=Coefficients(
            names=design.names,
            values=as_numbers(found.params),
            covariance=as_numbers(found.cov_params()),
            method=family.value,
        ),
        design=design,
        outcome=y,
        fitted=as_numbers(found.fittedvalues),
        log_likelihood=float(found.llf),
        deviance=float(found.deviance),
        deviance_null=float(found.null_deviance),
    )


def outcomes_of(outcome: ArrayLike, family: Family) -> Array:
    """Outcomes as numbers; AnalysisError where one cannot be."""
    y = as_numbers(outcome)
    allowed = (y == 0) | (y == 1) if family is Family.LOGISTIC else (y >= 0) & (y == np.floor(y))
    if not allowed.all():
        expected = "1 or 0" if family is Family.LOGISTIC else "whole numbers from 0 on"
        wrong = int((~allowed).sum())
        raise AnalysisError(family, [f"{wrong} outcomes are missing or not {expected}"])
    return y


def robust_coefficients(
    fit: GeneralisedLinearFit, *, clusters: ArrayLike | None = None
) -> Coefficients:
    """The same coefficients with HC0 variances, or with those of clusters."""
    scores = fit.design.matrix * (fit.outcome - fit.fitted)[:, None]
    if clusters is not None:
        _, member = np.unique(np.asarray(clusters), return_inverse=True)
        summed = np.zeros((member.max() + 1, scores.shape[1]))
        np.add.at(summed, member, scores)
        scores = summed
    shifts = scores @ fit.coefficients.covariance
    kind = "HC0 variance" if clusters is None else "cluster-robust variance"
    return Coefficients(
        names=fit.design.names,
        values=fit.coefficients.values,
        covariance=as_numbers(shifts.T @ shifts),
        method=f"{fit.family}, {kind}",
    )


def profile_interval(fit: GeneralisedLinearFit, name: str, *, level: float = LEVEL) -> Estimate:
    """A coefficient with the interval of its profile likelihood."""
    at = fit.design.names.index(name)
    others = np.delete(fit.design.matrix, at, axis=1)
    column = fit.design.matrix[:, at]

    def profile(value: float) -> float:
        if not others.shape[1]:
            of = _statsmodels(fit.family)
            return float(of.loglike(fit.outcome, of.fitted(column * value)))
        return float(_fitted(others, fit.outcome, fit.family, offset=column * value).llf)

    return interval_of_profile(
        profile,
        best=fit.coefficients.value(name),
        top=fit.log_likelihood,
        error=fit.coefficients.standard_error(name),
        method=f"{fit.family}, profile likelihood",
        level=level,
    )


def interval_of_profile(
    profile: Callable[[float], float],
    *,
    best: float,
    top: float,
    error: float,
    method: str,
    level: float,
) -> Estimate:
    """Where twice the fall of a profile from its `top` reaches the chi-squared quantile."""
    fall = float(stats.chi2.ppf(level, 1)) / 2

    def above(value: float) -> float:
        return profile(value) - top + fall

    def end(direction: float) -> float | None:
        step = direction * error
        for _ in range(_FARTHEST):
            if above(best + step) < 0:
                return float(brentq(above, best, best + step, xtol=1e-9, rtol=1e-9))
            step *= 2
        return None

    return Estimate(value=best, low=end(-1), high=end(1), method=method, level=level)


def _fitted(x: Array, y: Array, family: Family, *, offset: Array | None = None) -> Any:
    model = GLM(y, x, family=_statsmodels(family), offset=offset)
    with catch_warnings(), np.errstate(all="ignore"):
        # A fit that runs off is found out by `separation`, in every case and not in some.
        simplefilter("ignore")
        return model.fit(tol=_TOLERANCE, maxiter=_MOST_STEPS, tol_criterion="deviance")


def _statsmodels(family: Family) -> Any:
    return families.Binomial() if family is Family.LOGISTIC else families.Poisson()
