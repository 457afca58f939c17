"""Regression against R 4.2.2: glm and lm, with variances by the sandwich and the delta method.

The values and the data are those of ../shared/golden/regression.json and its README. R takes the
weights of glm's variance from the step before the last: hence 1e-6 for what stands on them. Its
profiles are interpolated: hence 1e-4.
"""

from math import exp, log
from pathlib import Path
from typing import Any

import pytest

from immunosep.analysis.coefficients import Coefficients
from immunosep.analysis.generalised_linear import (
    Family,
    GeneralisedLinearFit,
    fit_generalised_linear,
    profile_interval,
    robust_coefficients,
)
from immunosep.analysis.linear import fit_linear
from immunosep.analysis.logistic import estimate_odds_ratio
from immunosep.analysis.standardisation import estimate_standardised_risks
from tests.validation.golden import answers, bounds, columns, near, width

MODELS = ["syn_logit_unadj", "syn_logit_adj", "syn_poisson", "infert"]
TWO_Z = 2 * 1.959963984540054


class Model:
    """One model with R's answers."""

    def __init__(self, shared: Path, name: str) -> None:
        self.r = answers(shared, "regression")[name]
        data = columns(shared, self.r["file"])
        outcome, terms = self.r["formula"].split(" ~ ")
        self.outcome = data[outcome]
        self.covariates = {term: data[term] for term in terms.split(" + ")}
        self.clusters = data[self.r["cluster"]] if self.r.get("cluster") else None

    def fit(self) -> GeneralisedLinearFit:
        family = Family.POISSON if self.r["family"] == "poisson" else Family.LOGISTIC
        return fit_generalised_linear(self.outcome, covariates=self.covariates, family=family)


@pytest.fixture(params=MODELS)
def model(request, shared):
    return Model(shared, request.param)


@pytest.fixture(params=[name for name in MODELS if name != "syn_poisson"])
def logistic(request, shared):
    return Model(shared, request.param)


def errors(coefficients: Coefficients) -> list[Any]:
    return [coefficients.standard_error(name) for name in coefficients.names]


def test_coefficients_are_those_of_r(model):
    fit, r = model.fit(), model.r
    assert list(fit.design.names) == r["terms"]
    assert fit.coefficients.values == near(r["coef"])
    assert errors(fit.coefficients) == near(r["se"], rel=1e-6)


def test_wald_tests_and_intervals_are_those_of_r(model):
    found, r = model.fit().coefficients, model.r
    estimates = [found.estimate(name) for name in r["terms"]]
    tests = [found.test(name) for name in r["terms"]]
    assert [each.low for each in estimates] == near(r["wald_lower"], rel=1e-6)
    assert [each.high for each in estimates] == near(r["wald_upper"], rel=1e-6)
    assert [each.statistic for each in tests] == near(r["z"], rel=1e-6)
    assert [each.p_value for each in tests] == near(r["p"], rel=1e-6)


def test_likelihoods_are_those_of_r(model):
    fit, r = model.fit(), model.r
    found = [fit.log_likelihood, fit.deviance, fit.deviance_null, fit.akaike]
    assert found == near([r[name] for name in ("loglik", "deviance", "null_deviance", "aic")])


def test_profile_intervals_are_those_of_r(model):
    fit, r = model.fit(), model.r
    estimates = [profile_interval(fit, name) for name in r["terms"]]
    assert [each.low for each in estimates] == near(r["profile"]["lower"], rel=1e-4)
    assert [each.high for each in estimates] == near(r["profile"]["upper"], rel=1e-4)


def test_robust_errors_are_those_of_r(model):
    assert errors(robust_coefficients(model.fit())) == near(model.r["hc0_se"], rel=1e-6)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "syn_logit_unadj"])
def test_clustered_errors_are_those_of_r(shared, name):
    model = Model(shared, name)
    found = robust_coefficients(model.fit(), clusters=model.clusters)
    assert errors(found) == near(model.r["cluster_hc0_se"], rel=1e-6)


def test_standardised_risks_are_those_of_r(logistic):
    of, r = logistic.r["terms"][1], logistic.r["gcomp"]
    found = estimate_standardised_risks(logistic.outcome, covariates=logistic.covariates, of=of)
    assert [found.treated, found.control] == near([r["p1"], r["p0"]])
    assert found.difference.value == near(r["rd"])
    assert width(found.difference) == near(TWO_Z * r["rd_se_delta"], rel=1e-6)
    low, value, high = (log(each) for each in bounds(found.ratio))
    assert value == near(r["log_rr"])
    assert high - low == near(TWO_Z * r["log_rr_se"], rel=1e-6)


def test_an_odds_ratio_is_the_exponential_of_rs_coefficient(logistic):
    of, r = logistic.r["terms"][1], logistic.r
    found = estimate_odds_ratio(logistic.outcome, covariates=logistic.covariates, of=of)
    assert found.estimate.value == near(exp(r["coef"][1]))
    assert not found.penalised


def test_analysis_of_covariance_is_that_of_r(shared):
    r = answers(shared, "regression")["ancova_sofa9"]
    data = columns(shared, r["file"])
    known = data["sofa9"] == data["sofa9"]
    covariates = {name: data[name][known] for name in ("arm", "hyper", "sofa0")}
    fit = fit_linear(data["sofa9"][known], covariates=covariates)
    tests = [fit.coefficients.test(name) for name in r["terms"]]
    assert fit.coefficients.values == near(r["coef"])
    assert errors(fit.coefficients) == near(r["se"])
    assert [each.statistic for each in tests] == near(r["t"])
    assert [each.p_value for each in tests] == near(r["p"])
    assert (fit.coefficients.degrees_of_freedom, fit.residual_deviation) == (
        r["df"],
        near(r["sigma"]),
    )
