"""An odds ratio adjusted for covariates, whatever the data: maximum likelihood, or Firth's where
outcomes are separated (Heinze & Schemper, Stat Med 2002;21:2409).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.coefficients import exponential, not_estimable
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.firth import firth_interval, firth_test, fit_firth
from immunosep.analysis.generalised_linear import Family, fit_if_finite, outcomes_of


@dataclass(frozen=True, kw_only=True)
class OddsRatio:
    """An odds ratio with its test; `penalised` where it had to be Firth's."""

    estimate: Estimate
    test: TestResult
    penalised: bool = False


def estimate_odds_ratio(
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike],
    of: str,
    level: float = LEVEL,
) -> OddsRatio:
    """The odds ratio of the covariate `of`; not estimable where all or none respond, or where
    the covariate is the same for everyone.
    """
    y = outcomes_of(outcome, Family.LOGISTIC)
    if len(np.unique(y)) < 2 or len(np.unique(np.asarray(covariates[of]))) < 2:
        return OddsRatio(
            estimate=not_estimable(Family.LOGISTIC.value, level=level),
            test=TestResult(p_value=None, method=Family.LOGISTIC.value),
        )
    fit = fit_if_finite(y, covariates=covariates, family=Family.LOGISTIC)
    if fit is not None:
        return OddsRatio(
            estimate=fit.coefficients.ratio(of, level=level), test=fit.coefficients.test(of)
        )
    penalised = fit_firth(y, covariates=covariates)
    return OddsRatio(
        estimate=exponential(firth_interval(penalised, of, level=level)),
        test=firth_test(penalised, of),
        penalised=True,
    )
