"""Survival against R 4.2.2, package survival 3.5-3: four of its data sets, three conditional ones.

The values and the data are those of ../shared/golden/survival.json and its README.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from immunosep.analysis.concordance import estimate_concordance
from immunosep.analysis.cox import CoxFit, fit_cox
from immunosep.analysis.cox_robust import robust_coefficients
from immunosep.analysis.kaplan_meier import Interval, SurvivalCurve, estimate_survival
from immunosep.analysis.log_rank import log_rank_test
from immunosep.analysis.partial_likelihood import Ties
from immunosep.analysis.proportional_hazards import proportional_hazards_test
from immunosep.analysis.restricted_mean import compare_restricted_means, estimate_restricted_mean
from tests.validation.golden import answers, columns, listed, near, width

SETS = ["veteran", "ovarian", "colon_death", "aml"]
STRATIFIED = ["veteran", "ovarian", "colon_death"]
TIES = {"cox_efron": Ties.EFRON, "cox_breslow": Ties.BRESLOW, "cox_exact": Ties.EXACT}
INTERVALS = {
    "km_plain": Interval.PLAIN,
    "km_log": Interval.LOG,
    "km_loglog": Interval.LOG_LOG,
}


class Data:
    """One data set with R's answers."""

    def __init__(self, shared: Path, name: str) -> None:
        self.r = answers(shared, "survival")[name]
        self.columns = columns(shared, self.r["file"])
        self.time = self.columns[self.r["time"]]
        self.event = self.columns[self.r["event"]] == 1
        self.group = self.columns[self.r["group"]]

    def of(self, label: str) -> tuple[Any, Any]:
        """Times and events of a group as R labels it, such as `trt=1`."""
        at = self.group == float(label.split("=")[1])
        return self.time[at], self.event[at]

    def curve(self, label: str, interval: Interval) -> SurvivalCurve:
        return estimate_survival(*self.of(label), interval=interval)

    def cox(self, key: str, **options: Any) -> CoxFit:
        terms = {name: self.columns[name] for name in listed(self.r[key]["terms"])}
        return fit_cox(self.time, self.event, covariates=terms, **options)


@pytest.fixture(params=SETS)
def data(request, shared):
    return Data(shared, request.param)


@pytest.fixture(params=STRATIFIED)
def stratified(request, shared):
    return Data(shared, request.param)


@pytest.mark.parametrize("key", INTERVALS)
def test_kaplan_meier_is_that_of_r(data, key):
    for row in data.r[key]:
        curve = data.curve(row["group"], INTERVALS[key])
        at = curve.at(row["time"])
        assert at.value == near(row["surv"])
        assert (at.low, at.high) == (
            near(row["lower"]),
            near(row["upper"]),
        )
        assert curve.at_risk_at([row["time"]]) == (row["n_risk"],)


def test_standard_errors_are_those_of_r(data):
    for row in data.r["km_plain"]:
        curve = data.curve(row["group"], Interval.PLAIN)
        known = curve.times <= row["time"]
        error = curve.standard_errors[known][-1] if known.any() else 0.0
        expected = np.nan if row["se"] is None else row["se"]
        assert error == near(expected)


def test_events_between_the_times_are_those_of_r(data):
    rows = data.r["km_plain"]
    for group in {row["group"] for row in rows}:
        theirs = [row for row in rows if row["group"] == group]
        curve = data.curve(group, Interval.PLAIN)
        until = [curve.events_until(row["time"]) for row in theirs]
        assert np.diff([0, *until]).tolist() == [row["n_event"] for row in theirs]


def test_medians_are_those_of_r(data):
    for row in data.r["median"]:
        found = data.curve(row["group"], Interval.LOG_LOG).median()
        assert (found.value, found.low, found.high) == (row["median"], row["lower"], row["upper"])


def test_restricted_means_are_those_of_r(data):
    for row in data.r["rmst"]:
        found = estimate_restricted_mean(*data.of(row["group"]), tau=row["tau"])
        assert found is not None
        assert found.mean == near(row["rmst"])
        assert found.standard_error == near(row["se"])


def test_restricted_means_are_compared_as_r_has_them(data):
    control, treated = data.r["rmst"]
    found = compare_restricted_means(
        data.time, data.event, treated=data.group == 1, tau=control["tau"]
    )
    assert found.difference.value == near(treated["rmst"] - control["rmst"])
    assert found.ratio.value == near(treated["rmst"] / control["rmst"])


@pytest.mark.parametrize("rho", [0, 1])
def test_log_rank_is_that_of_r(data, rho):
    found, r = log_rank_test(data.time, data.event, group=data.group, rho=rho), data.r
    expected = r[f"logrank_rho{rho}"]
    assert found.test.statistic == near(expected["chisq"])
    assert found.test.p_value == near(expected["p_value"])
    assert found.observed == near(expected["observed"])
    assert found.expected == near(expected["expected"])


def test_stratified_log_rank_is_that_of_r(stratified):
    strata = stratified.columns[stratified.r["strata"]]
    found = log_rank_test(stratified.time, stratified.event, group=stratified.group, strata=strata)
    expected = stratified.r["logrank_stratified"]
    assert found.test.statistic == near(expected["chisq"])
    assert found.test.degrees_of_freedom == expected["df"]
    assert found.test.p_value == near(expected["p_value"])


@pytest.mark.parametrize("key", TIES)
def test_cox_is_that_of_r(data, key):
    fit, r = data.cox(key, ties=TIES[key]), data.r[key]
    estimates = [fit.coefficients.estimate(name) for name in fit.design.names]
    errors = [fit.coefficients.standard_error(name) for name in fit.design.names]
    assert [each.value for each in estimates] == near(listed(r["coef"]))
    assert [each.low for each in estimates] == near(listed(r["lower"]))
    assert [each.high for each in estimates] == near(listed(r["upper"]))
    assert errors == near(listed(r["se"]))


@pytest.mark.parametrize("key", TIES)
def test_cox_tests_are_those_of_r(data, key):
    fit, r = data.cox(key, ties=TIES[key]), data.r[key]
    assert [fit.log_likelihood_null, fit.log_likelihood] == near(r["loglik"])
    for test, name in ((fit.likelihood_ratio_test(), "lr"), (fit.score_test, "score")):
        found = [test.statistic, test.degrees_of_freedom, test.p_value]
        assert found == near(r[name])
    assert fit.wald_test().statistic == pytest.approx(r["wald"][0], abs=0.00501)  # R rounds it
    assert fit.wald_test().p_value == near(r["wald"][2])


@pytest.mark.parametrize("key", TIES)
def test_concordance_is_that_of_r(data, key):
    fit = data.cox(key, ties=TIES[key])
    risk = fit.design.matrix @ fit.coefficients.values
    found = estimate_concordance(data.time, data.event, risk=risk)
    value, error = data.r[key]["concordance"]
    assert found.value == near(value)
    assert width(found) == near(2 * 1.959963984540054 * error)


def test_robust_errors_are_those_of_r(data):
    found = robust_coefficients(data.cox("cox_efron"))
    errors = [found.standard_error(name) for name in found.names]
    assert errors == near(listed(data.r["cox_efron_robust_se"]))


def test_proportional_hazards_are_those_of_r(data):
    found = proportional_hazards_test(data.cox("cox_efron"))
    for row in data.r["cox_zph"]:
        test = found.overall if row["term"] == "GLOBAL" else found.terms[row["term"]]
        assert test.statistic == near(row["chisq"])
        assert test.degrees_of_freedom == row["df"]
        assert test.p_value == near(row["p"])


def test_stratified_cox_is_that_of_r(stratified):
    strata = stratified.columns[stratified.r["strata"]]
    fit, r = stratified.cox("cox_stratified", strata=strata), stratified.r["cox_stratified"]
    errors = [fit.coefficients.standard_error(name) for name in fit.design.names]
    assert fit.coefficients.values == near(r["coef"])
    assert errors == near(r["se"])
    assert [fit.log_likelihood_null, fit.log_likelihood] == near(r["loglik"])


def test_conditional_logistic_is_a_stratified_cox_with_exact_ties(shared):
    r, data = answers(shared, "regression")["infert_clogit"], columns(shared, "data/infert.csv")
    fit = fit_cox(
        np.ones(len(data["case"])),
        data["case"],
        covariates={name: data[name] for name in r["terms"]},
        strata=data["stratum"],
        ties=Ties.EXACT,
    )
    errors = [fit.coefficients.standard_error(name) for name in r["terms"]]
    assert fit.coefficients.values == near(r["coef"])
    assert errors == near(r["se"])
