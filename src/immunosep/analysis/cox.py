"""Cox regression (J R Stat Soc B 1972;34:187): hazard ratios, in strata where asked.

Newton's method on the partial likelihood. A coefficient without a finite estimate (nobody dies in
one arm: monotone likelihood) is refused.

lifelines 0.30 has Efron's ties alone, statsmodels 0.15 no exact ones and neither R's test of
proportional hazards, which needs the same sums; own code, checked against R's survival.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.coefficients import Coefficients, chi_squared, newton_step, not_estimable
from immunosep.analysis.design import Array, Design, as_mask, design_of
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.kaplan_meier import follow_up
from immunosep.analysis.partial_likelihood import (
    Likelihood,
    Stratum,
    Ties,
    likelihood,
    strata_of,
)
from immunosep.errors import AnalysisError

_SUBJECT = "Cox regression"
_MOST_STEPS, _SMALL_STEP = 30, 1e-9  # steps in standard deviations of a covariate
_INFINITE = (
    "a covariate has no finite coefficient (such as an arm in which nobody has the event): "
    "compare the arms by log-rank test or restricted mean instead"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class CoxFit:
    """Log hazard ratios, with what the model says of the data and what further tests need."""

    coefficients: Coefficients
    ties: Ties
    log_likelihood: float
    log_likelihood_null: float
    score_test: TestResult
    design: Design
    time: Array
    event: Array
    strata: tuple[Stratum, ...]

    def hazard_ratio(self, name: str, *, level: float = LEVEL) -> Estimate:
        """The hazard ratio of a covariate, per unit."""
        return self.coefficients.ratio(name, level=level)

    def likelihood_ratio_test(self) -> TestResult:
        """The likelihood-ratio test that no covariate matters."""
        return chi_squared(
            2 * (self.log_likelihood - self.log_likelihood_null),
            len(self.design.names),
            method="Cox regression, likelihood-ratio test",
        )

    def wald_test(self) -> TestResult:
        """The Wald test that no covariate matters."""
        return self.coefficients.test_together(self.design.names)


def fit_cox(
    time: ArrayLike,
    event: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike],
    strata: ArrayLike | None = None,
    ties: Ties = Ties.EFRON,
) -> CoxFit:
    """The Cox model of these covariates; AnalysisError where it has no finite estimate."""
    times, events = follow_up(time, event)
    design = design_of(covariates, rows=len(times), subject=_SUBJECT, intercept=False)
    if not events.any():
        raise AnalysisError(_SUBJECT, ["nobody has the event: there is no hazard to compare"])
    of = np.zeros(len(times)) if strata is None else np.asarray(strata)
    parts = strata_of(times, events, of)
    middle, scale = design.matrix.mean(axis=0), design.matrix.std(axis=0)
    x = (design.matrix - middle) / scale
    start = likelihood(x, np.zeros(len(scale)), parts, ties=ties)
    beta, fitted = _climb(x, parts, start, ties=ties)
    return CoxFit(
        coefficients=Coefficients(
            names=design.names,
            values=beta / scale,
            covariance=np.linalg.inv(fitted.information) / np.outer(scale, scale),
            method=f"Cox regression, {ties} ties" + ("" if strata is None else ", stratified"),
        ),
        ties=ties,
        log_likelihood=fitted.value,
        log_likelihood_null=start.value,
        score_test=_score_test(start),
        design=design,
        time=times,
        event=events,
        strata=tuple(parts),
    )


def estimate_hazard_ratio(
    time: ArrayLike,
    event: ArrayLike,
    *,
    treated: ArrayLike,
    strata: ArrayLike | None = None,
    ties: Ties = Ties.EFRON,
    level: float = LEVEL,
) -> Estimate:
    """The hazard ratio of two arms; not estimable where one is empty or has no events."""
    of = as_mask(treated)
    try:
        fit = fit_cox(time, event, covariates={"treated": of}, strata=strata, ties=ties)
    except AnalysisError:
        follow_up(time, event)  # values that cannot be are an error still
        return not_estimable(f"Cox regression, {ties} ties", level=level)
    return fit.hazard_ratio("treated", level=level)


def _climb(
    x: Array, strata: list[Stratum], start: Likelihood, *, ties: Ties
) -> tuple[Array, Likelihood]:
    """Newton's method, steps halved while they lead down."""
    beta = np.zeros(x.shape[1])
    here = start
    for _ in range(_MOST_STEPS):
        step = _solved(here)
        there = likelihood(x, beta + step, strata, ties=ties)
        while there.value < here.value - abs(here.value) * 1e-12:
            step /= 2
            there = likelihood(x, beta + step, strata, ties=ties)
        beta += step
        here = there
        if np.abs(step).max() < _SMALL_STEP:
            _solved(here)  # or it stands still on a level that never ends
            return beta, here
    raise AnalysisError(_SUBJECT, [_INFINITE])


def _solved(here: Likelihood) -> Array:
    return newton_step(here.score, here.information, subject=_SUBJECT, because=_INFINITE)


def _score_test(start: Likelihood) -> TestResult:
    statistic = float(start.score @ _solved(start))
    return chi_squared(statistic, len(start.score), method="Cox regression, score test")
