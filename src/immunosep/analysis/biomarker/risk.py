"""A marker turned into a risk, and how true the risk is: calibration.

The risk is that of a logistic regression. In another cohort its calibration is the intercept (0 if
as many have the condition as foretold), the slope (1 if high risks are as high and low as low as
foretold; Cox Biometrika 1958;45:562), and the observed share in groups of like risk. The Brier
score is the mean squared error; scaled, 1 is perfect and 0 no better than the prevalence
(Steyerberg et al. Epidemiology 2010;21:128).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import expit, logit

from immunosep.analysis.biomarker.roc import as_outcome
from immunosep.analysis.coefficients import normal_interval, not_estimable
from immunosep.analysis.design import INTERCEPT
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.generalised_linear import Family, fit_if_finite
from immunosep.analysis.proportions import estimate_clopper_pearson
from immunosep.errors import AnalysisError

Array = np.ndarray[Any, np.dtype[np.float64]]

GROUPS = 10  # tenths of risk, Hosmer & Lemeshow 1980
SMALLEST = 1e-12  # a risk nearer to 0 or 1 is taken as this near


@dataclass(frozen=True, kw_only=True)
class RiskModel:
    """A logistic regression: the risk's logit is the intercept and each marker times its weight."""

    intercept: float
    weights: Mapping[str, float]

    def risks(self, markers: Mapping[str, ArrayLike]) -> Array:
        """The risk of each person, of whom every marker is known."""
        total = self.intercept + sum(
            weight * np.asarray(markers[name], dtype=np.float64)
            for name, weight in self.weights.items()
        )
        found: Array = np.asarray(expit(total), dtype=np.float64)
        return found


@dataclass(frozen=True, kw_only=True)
class RiskGroup:
    """People of like risk: the mean risk foretold, and the share that has the condition."""

    people: int
    foretold: float
    observed: Estimate


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How true foretold risks are; the slope is None in value where markers separate all."""

    intercept: Estimate
    slope: Estimate
    observed_by_expected: float
    brier: float
    brier_scaled: float
    groups: tuple[RiskGroup, ...]


def fit_risk(markers: Mapping[str, ArrayLike], outcome: ArrayLike) -> RiskModel | None:
    """The likeliest model, or None where markers tell all cases from all controls."""
    fit = fit_if_finite(
        as_outcome(outcome).astype(np.float64), covariates=markers, family=Family.LOGISTIC
    )
    if fit is None:
        return None
    weights = {name: fit.coefficients.value(name) for name in markers}
    return RiskModel(intercept=fit.coefficients.value(INTERCEPT), weights=weights)


def estimate_calibration(
    risk: ArrayLike, outcome: ArrayLike, *, groups: int = GROUPS, level: float = LEVEL
) -> Calibration:
    """How true the risks are in a cohort other than the one they were fitted to."""
    risks, ill = np.asarray(risk, dtype=np.float64), as_outcome(outcome)
    check_risks(risks, ill)
    prevalence = float(ill.mean())
    brier = float(((risks - ill) ** 2).mean())
    return Calibration(
        intercept=_intercept(_logits(risks), ill, level),
        slope=_slope(_logits(risks), ill, level),
        observed_by_expected=float(ill.sum() / risks.sum()),
        brier=brier,
        brier_scaled=1 - brier / (prevalence * (1 - prevalence)),
        groups=_groups(risks, ill, groups, level),
    )


def check_risks(risks: Array, ill: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
    """Refuse what is no risk, or cohorts in which everyone or nobody has the condition."""
    problems = []
    if len(risks) != len(ill):
        problems.append(f"{len(risks)} risks and {len(ill)} outcomes were given")
    if not ((risks >= 0) & (risks <= 1)).all():
        problems.append("a risk is missing or not between 0 and 1")
    if not ill.any() or ill.all():
        problems.append(
            f"{int(ill.sum())} of {len(ill)} have the condition; expected some, not all"
        )
    if problems:
        raise AnalysisError("risks", problems)


def _logits(risks: Array) -> Array:
    found: Array = logit(np.clip(risks, SMALLEST, 1 - SMALLEST))
    return found


def _intercept(logits: Array, ill: ArrayLike, level: float) -> Estimate:
    """By how much all logits would have to rise so that as many are ill as foretold."""
    cases = float(np.sum(ill))

    def excess(rise: float) -> float:
        return float(expit(logits + rise).sum()) - cases

    reach = float(np.abs(logits).max()) + 50
    rise = float(brentq(excess, -reach, reach, xtol=1e-12))
    risks = expit(logits + rise)
    error = 1 / sqrt(float((risks * (1 - risks)).sum()))
    return normal_interval(rise, error, method="calibration in the large, Wald", level=level)


def _slope(logits: Array, ill: ArrayLike, level: float) -> Estimate:
    method = "calibration slope, Wald"
    if np.ptp(logits) == 0:
        return not_estimable(method, level=level)
    fit = fit_if_finite(
        np.asarray(ill, dtype=np.float64), covariates={"logit": logits}, family=Family.LOGISTIC
    )
    if fit is None:
        return not_estimable(method, level=level)
    error = fit.coefficients.standard_error("logit")
    return normal_interval(fit.coefficients.value("logit"), error, method=method, level=level)


def _groups(
    risks: Array, ill: np.ndarray[Any, np.dtype[np.bool_]], count: int, level: float
) -> tuple[RiskGroup, ...]:
    """Groups as even as ties allow: people of one risk are never parted."""
    edges = np.unique(np.quantile(risks, np.linspace(0, 1, count + 1)[1:-1]))
    member = np.searchsorted(edges, risks, side="left")
    return tuple(
        RiskGroup(
            people=int(inside.sum()),
            foretold=float(risks[inside].mean()),
            observed=estimate_clopper_pearson(
                int(ill[inside].sum()), int(inside.sum()), level=level
            ),
        )
        for inside in (member == each for each in np.unique(member))
    )
