"""The proportional-odds model of an ordered outcome (McCullagh, J R Stat Soc B 1980;42:109).

log odds of being above category j = beta x - theta_j: one odds ratio of a higher (worse) category,
whichever cut is looked at. Brant's test (Biometrics 1990;46:1171) compares that with a logistic
regression at each cut. Newton's method on the exact derivatives: statsmodels' OrderedModel 0.15
takes them by differences, which ends in warnings and loses the fifth digit of a standard error.
Checked against ImmunoSep's infection outcome (JAMA 2026;335:775) and, with two categories, against
logistic regression.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from immunosep.analysis.coefficients import (
    Coefficients,
    chi_squared,
    newton_step,
    not_estimable,
)
from immunosep.analysis.design import Array, Design, design_of
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.generalised_linear import Family, fit_if_finite
from immunosep.errors import AnalysisError

_METHOD = "Proportional-odds regression"
_BRANT = "Brant's test of proportional odds"
_APART = "a covariate tells the categories apart, so its odds ratio is infinite: leave it out"
_MOST_STEPS, _SMALL_STEP = 60, 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class OrdinalFit:
    """Log odds ratios of a higher category; `categories` are those that somebody is in, ordered."""

    coefficients: Coefficients
    cuts: Array
    categories: tuple[object, ...]
    log_likelihood: float
    log_likelihood_null: float
    design: Design
    place: NDArray[np.intp]

    def odds_ratio(self, name: str, *, level: float = LEVEL) -> Estimate:
        """The odds ratio of being in a higher category, per unit."""
        return self.coefficients.ratio(name, level=level)

    def likelihood_ratio_test(self) -> TestResult:
        """The likelihood-ratio test that no covariate matters."""
        fall = 2 * (self.log_likelihood - self.log_likelihood_null)
        method = f"{_METHOD}, likelihood-ratio test"
        return chi_squared(max(fall, 0.0), len(self.design.names), method=method)


@dataclass(frozen=True, kw_only=True, eq=False)
class CommonOddsRatio:
    """Two arms' ordered outcomes compared."""

    estimate: Estimate
    wald: TestResult
    likelihood_ratio: TestResult
    proportional: TestResult


@dataclass(frozen=True, kw_only=True, eq=False)
class _Place:
    """The log likelihood at some coefficients with its derivatives: the cuts first."""

    value: float
    score: Array
    information: Array


def fit_ordinal(
    outcome: ArrayLike, *, covariates: Mapping[str, ArrayLike], order: Sequence[object]
) -> OrdinalFit:
    """The model of an outcome whose categories are `order`, the lowest (best) first.

    A category nobody is in tells nothing and is left out, which changes no other number.
    """
    place, categories = _placed(outcome, order)
    whole = design_of(covariates, rows=len(place), subject=_METHOD)
    design = Design(names=whole.names[1:], matrix=whole.matrix[:, 1:])  # the cuts are intercepts
    if len(categories) < 2:
        raise AnalysisError(_METHOD, ["everyone is in one category: there is nothing to compare"])
    middle, scale = design.matrix.mean(axis=0), design.matrix.std(axis=0)
    x = (design.matrix - middle) / scale
    shares = np.bincount(place).cumsum()[:-1] / len(place)
    start = np.concatenate([logit(shares), np.zeros(x.shape[1])])
    null = _place(x, place, start)
    found, there = _climb(x, place, start)
    cuts = len(shares)
    covariance = np.linalg.inv(there.information)[cuts:, cuts:]
    beta = found[cuts:] / scale
    return OrdinalFit(
        coefficients=Coefficients(
            names=design.names,
            values=beta,
            covariance=covariance / np.outer(scale, scale),
            method=_METHOD,
        ),
        cuts=found[:cuts] + float(middle @ beta),
        categories=categories,
        log_likelihood=there.value,
        log_likelihood_null=null.value,
        design=design,
        place=place,
    )


def estimate_common_odds_ratio(
    outcome: ArrayLike, *, treated: ArrayLike, order: Sequence[object], level: float = LEVEL
) -> CommonOddsRatio:
    """The odds ratio of a higher category with treatment; not estimable with an arm empty, with
    everyone in one category, or with the arms wholly apart.
    """
    _placed(outcome, order)
    arm = np.asarray(treated).astype(np.float64)
    try:
        fit = fit_ordinal(outcome, covariates={"treated": arm}, order=order)
    except AnalysisError:
        nothing = TestResult(p_value=None, method=_METHOD)
        return CommonOddsRatio(
            estimate=not_estimable(_METHOD, level=level),
            wald=nothing,
            likelihood_ratio=nothing,
            proportional=TestResult(p_value=None, method=_BRANT),
        )
    return CommonOddsRatio(
        estimate=fit.odds_ratio("treated", level=level),
        wald=fit.coefficients.test("treated"),
        likelihood_ratio=fit.likelihood_ratio_test(),
        proportional=proportional_odds_test(fit),
    )


def proportional_odds_test(fit: OrdinalFit) -> TestResult:
    """Brant's test over all covariates; no P value with two categories or a cut that separates."""
    above = [fit.place > cut for cut in range(len(fit.cuts))]
    covariates = dict(zip(fit.design.names, fit.design.matrix.T, strict=True))
    fits = [fit_if_finite(each, covariates=covariates, family=Family.LOGISTIC) for each in above]
    finite = [each for each in fits if each is not None]
    if len(finite) < len(above) or len(above) < 2:
        return TestResult(p_value=None, method=_BRANT)
    slopes = np.array([each.coefficients.values[1:] for each in finite])
    away = (slopes[1:] - slopes[0]).ravel()
    covariance = _between(fit.design, [each.fitted for each in finite])
    count = slopes.shape[1]
    contrast = np.kron(
        np.column_stack([-np.ones(len(above) - 1), np.eye(len(above) - 1)]), np.eye(count)
    )
    spread = contrast @ covariance @ contrast.T
    return chi_squared(float(away @ np.linalg.solve(spread, away)), len(away), method=_BRANT)


def _between(design: Design, risks: Sequence[Array]) -> Array:
    """The covariance of the slopes of all cuts, which share their participants (Brant, eq. 8)."""
    x = np.column_stack([np.ones(len(design.matrix)), design.matrix])
    inverse = [np.linalg.inv((x.T * (risk * (1 - risk))) @ x) for risk in risks]
    cuts = range(len(risks))
    shared = [[np.minimum(risks[a], risks[b]) - risks[a] * risks[b] for b in cuts] for a in cuts]
    blocks = [[inverse[a] @ (x.T * shared[a][b]) @ x @ inverse[b] for b in cuts] for a in cuts]
    slopes: Array = np.block([[block[1:, 1:] for block in row] for row in blocks])
    return slopes


def _placed(
    outcome: ArrayLike, order: Sequence[object]
) -> tuple[NDArray[np.intp], tuple[object, ...]]:
    """Each participant's category by its place among those somebody is in."""
    values = np.asarray(outcome).tolist()
    known = {category: at for at, category in enumerate(order)}
    strange = sum(value not in known for value in values)
    if strange:
        expected = ", ".join(str(category) for category in order)
        message = f"{strange} outcomes are missing or no category; expected one of {expected}"
        raise AnalysisError(_METHOD, [message])
    places = np.array([known[value] for value in values], dtype=np.intp)
    used, place = np.unique(places, return_inverse=True)
    return place, tuple(order[at] for at in used)


def _climb(x: Array, place: NDArray[np.intp], start: Array) -> tuple[Array, _Place]:
    """Newton's method, steps halved while they lead down or the cuts out of order."""
    at, here = start, _place(x, place, start)
    for _ in range(_MOST_STEPS):
        step = _step(here)
        there = _place(x, place, at + step)
        while not there.value >= here.value - abs(here.value) * 1e-12:
            step /= 2
            there = _place(x, place, at + step)
        at, here = at + step, there
        if np.abs(step).max() < _SMALL_STEP:
            _step(here)  # or it stands still on a level that never ends
            return at, here
    raise AnalysisError(_METHOD, [_APART])


def _step(here: _Place) -> Array:
    return newton_step(here.score, here.information, subject=_METHOD, because=_APART)


def _place(x: Array, place: NDArray[np.intp], at: Array) -> _Place:
    cuts = len(at) - x.shape[1]
    ends = np.concatenate([[-np.inf], at[:cuts], [np.inf]])
    predicted = x @ at[cuts:]
    below, above = expit(ends[place] - predicted), expit(ends[place + 1] - predicted)
    chance = above - below
    if (chance <= 0).any():
        return _Place(value=-np.inf, score=np.zeros(len(at)), information=np.eye(len(at)))
    slopes = _slopes(x, place, cuts)
    weights = [below * (1 - below) / chance, above * (1 - above) / chance]
    score = weights[1][:, None] * slopes[1] - weights[0][:, None] * slopes[0]
    bends = [weights[0] * (1 - 2 * below), weights[1] * (1 - 2 * above)]
    curvature = (slopes[1].T * bends[1]) @ slopes[1] - (slopes[0].T * bends[0]) @ slopes[0]
    return _Place(
        value=float(np.log(chance).sum()),
        score=score.sum(axis=0),
        information=score.T @ score - curvature,
    )


def _slopes(x: Array, place: NDArray[np.intp], cuts: int) -> tuple[Array, Array]:
    """How each participant's lower and upper limit move with the cuts and the coefficients."""
    lower, upper = np.zeros((2, len(x), cuts + x.shape[1]))
    lower[:, cuts:] = upper[:, cuts:] = -x
    rows = np.arange(len(x))
    lower[rows[place > 0], place[place > 0] - 1] = 1
    upper[rows[place < cuts], place[place < cuts]] = 1
    return lower, upper
