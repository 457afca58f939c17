"""Logistic regression with random intercepts against R 4.2.2, package lme4 1.1-31.

cbpp by Laplace's approximation, the synthetic trial by 15 nodes; the values and the data are those
of ../shared/golden/regression.json and its README. Both search for the likelihood's top: hence
1e-3. lme4's standard errors of cbpp are 1 % smaller than ours, its Hessian being of differences of
a value it iterates for; R's glmmTMB, which differentiates exactly, prints ours.
"""

from math import comb, log

import numpy as np
import pytest

from immunosep.analysis.generalised_linear import Family, fit_generalised_linear
from immunosep.analysis.random_intercept import fit_random_intercept
from tests.validation.golden import answers, columns, near


@pytest.fixture
def regressions(shared):
    return answers(shared, "regression")


def test_a_trial_in_centres_is_that_of_lme4(shared, regressions):
    r = regressions["syn_glmm_site"]
    data = columns(shared, r["file"])
    found = fit_random_intercept(
        data["response"],
        covariates={name: data[name] for name in ("arm", "hyper")},
        centre=data["site"],
    )
    errors = [found.coefficients.standard_error(name) for name in r["fixed_terms"]]
    assert found.coefficients.values == near(r["fixed"], rel=1e-3)
    assert errors == near(r["fixed_se"], rel=1e-3)
    assert found.deviation == near(r["var"][0]["sdcor"], rel=1e-3)
    assert found.log_likelihood == near(r["loglik"], rel=1e-6)


def test_laplaces_approximation_is_that_of_lme4(shared, regressions):
    r = regressions["cbpp_laplace"]
    data = columns(shared, r["file"])
    ill, size = data["incidence"].astype(int), data["size"].astype(int)
    outcome = np.concatenate([np.arange(n) < k for k, n in zip(ill, size, strict=True)])
    period = np.repeat(data["period"], size)
    covariates = {f"period{each}": period == each for each in (2, 3, 4)}
    found = fit_random_intercept(
        outcome, covariates=covariates, centre=np.repeat(data["herd"], size), nodes=1
    )
    errors = [found.coefficients.standard_error(name) for name in r["fixed_terms"]]
    ways = sum(log(comb(n, k)) for k, n in zip(ill, size, strict=True))
    assert found.coefficients.values == near(r["fixed"], rel=1e-3)
    assert errors == pytest.approx([0.2325, 0.3066, 0.3266, 0.4274], abs=5e-5)  # glmmTMB
    assert errors == near(r["fixed_se"], rel=2e-2)
    assert found.deviation == near(r["var"][0]["sdcor"], rel=1e-3)
    assert found.log_likelihood + ways == near(r["loglik"], rel=1e-5)


def test_centres_that_do_not_differ_leave_the_ordinary_model():
    outcome, arm = np.tile([0, 1, 1, 0, 1, 0, 0, 0], 12), np.tile([0, 1], 48)
    centre = np.repeat(np.arange(12), 8)
    found = fit_random_intercept(outcome, covariates={"arm": arm}, centre=centre)
    plain = fit_generalised_linear(outcome, covariates={"arm": arm}, family=Family.LOGISTIC)
    assert (found.singular, found.deviation) == (True, 0)
    assert found.coefficients.values == pytest.approx(plain.coefficients.values, abs=1e-6)
    assert found.coefficients.covariance == pytest.approx(plain.coefficients.covariance)
