"""The risk difference and risk ratio of two arms, adjusted for covariates, by standardisation.

A logistic regression predicts each participant's risk under either arm; the averages are compared
(g-computation: Robins 1986; FDA guidance on adjusting for covariates, 2023). Standard errors are by
the delta method from the model's variance, covariates taken as they are. Checked against R.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt

from numpy.typing import ArrayLike
from scipy.special import expit

from immunosep.analysis.coefficients import exponential, normal_interval
from immunosep.analysis.design import Array
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.generalised_linear import (
    Family,
    GeneralisedLinearFit,
    fit_generalised_linear,
)

_METHOD = "Standardisation of a logistic regression"


@dataclass(frozen=True, kw_only=True)
class StandardisedRisks:
    """The risks had everyone been treated and had nobody been, and how they compare."""

    treated: float
    control: float
    difference: Estimate
    ratio: Estimate


def estimate_standardised_risks(
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike],
    of: str,
    level: float = LEVEL,
) -> StandardisedRisks:
    """The risks standardised over all participants; `of` names the column of the arm (1 or 0)."""
    fit = fit_generalised_linear(outcome, covariates=covariates, family=Family.LOGISTIC)
    one, of_one = _risk(fit, of, 1.0)
    two, of_two = _risk(fit, of, 0.0)
    slope = of_one - of_two
    log_slope = of_one / one - of_two / two
    return StandardisedRisks(
        treated=one,
        control=two,
        difference=normal_interval(
            one - two, _error(fit, slope), method=f"{_METHOD}, risk difference", level=level
        ),
        ratio=exponential(
            normal_interval(
                log(one / two), _error(fit, log_slope), method=f"{_METHOD}, risk ratio", level=level
            )
        ),
    )


def _risk(fit: GeneralisedLinearFit, of: str, arm: float) -> tuple[float, Array]:
    """The mean risk with everybody in this arm, and its slope in the coefficients."""
    x = fit.design.replaced(of, arm).matrix
    risk = expit(x @ fit.coefficients.values)
    slope: Array = (risk * (1 - risk)) @ x / len(x)
    return float(risk.mean()), slope


def _error(fit: GeneralisedLinearFit, slope: Array) -> float:
    return sqrt(slope @ fit.coefficients.covariance @ slope)
