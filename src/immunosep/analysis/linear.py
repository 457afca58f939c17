"""Linear regression by least squares; with the baseline among the covariates, ANCOVA.

`estimate_adjusted_difference` is the arms' difference at equal baseline (Vickers & Altman, BMJ
2001;323:1123), on Student's t. statsmodels fits it. Checked against R.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.regression.linear_model import OLS  # type: ignore[import-untyped]

from immunosep.analysis.coefficients import Coefficients
from immunosep.analysis.design import Design, as_numbers, design_of
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.errors import AnalysisError

_SUBJECT = "Linear regression"


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearFit:
    """A fitted model, with the residual standard deviation."""

    coefficients: Coefficients
    design: Design
    residual_deviation: float


def fit_linear(outcome: ArrayLike, *, covariates: Mapping[str, ArrayLike]) -> LinearFit:
    """The model with an intercept; every participant needs an outcome."""
    y = as_numbers(outcome)
    if not np.isfinite(y).all():
        lacking = int((~np.isfinite(y)).sum())
        raise AnalysisError(_SUBJECT, [f"{lacking} outcomes are missing: impute or leave them out"])
    design = design_of(covariates, rows=len(y), subject=_SUBJECT)
    left = len(y) - len(design.names)
    if left < 1:
        message = (
            f"{len(y)} participants for {len(design.names)} coefficients: leave covariates out"
        )
        raise AnalysisError(_SUBJECT, [message])
    found = OLS(y, design.matrix).fit()
    return LinearFit(
        coefficients=Coefficients(
            names=design.names,
            values=as_numbers(found.params),
            covariance=as_numbers(found.cov_params()),
            method=_SUBJECT,
            degrees_of_freedom=left,
        ),
        design=design,
        residual_deviation=float(found.scale) ** 0.5,
    )


def estimate_adjusted_difference(
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike],
    of: str,
    level: float = LEVEL,
) -> Estimate:
    """The difference of means per unit of `of`, such as the arm, at equal other covariates."""
    return fit_linear(outcome, covariates=covariates).coefficients.estimate(of, level=level)
