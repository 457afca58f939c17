"""Regression where the answer is known by hand or by another way, and where there is none."""

from math import log

import numpy as np
import pytest
from scipy import optimize, special

from immunosep.analysis.design import INTERCEPT, Array, design_of
from immunosep.analysis.firth import firth_interval, firth_test, fit_firth
from immunosep.analysis.generalised_linear import (
    Family,
    fit_generalised_linear,
    fit_if_finite,
    interval_of_profile,
    profile_interval,
    robust_coefficients,
)
from immunosep.analysis.linear import estimate_adjusted_difference, fit_linear
from immunosep.analysis.logistic import estimate_odds_ratio
from immunosep.analysis.standardisation import estimate_standardised_risks
from immunosep.analysis.stepwise import Direction, fit_stepwise
from immunosep.errors import AnalysisError
from tests.validation.golden import bounds

ARM = np.repeat([1, 1, 0, 0], [46, 85, 26, 119])
RESPONSE = np.repeat([1, 0, 1, 0], [46, 85, 26, 119])
"""ImmunoSep's primary endpoint, JAMA 2026;335:775."""


def table(a: int, b: int, c: int, d: int):
    """Outcome and arm of a two-by-two table: treated with and without, control with and without."""
    counts = [a, b, c, d]
    return np.repeat([1, 0, 1, 0], counts), np.repeat([1, 1, 0, 0], counts)


def test_words_become_indicators_of_all_but_the_first():
    found = design_of({"state": ["mals", "sii", "none", "sii"]}, rows=4, subject="A model")
    assert found.names == (INTERCEPT, "state=none", "state=sii")
    assert list(found.column("state=sii")) == [0, 1, 0, 1]


def test_all_that_is_wrong_with_a_design_is_said_at_once():
    with pytest.raises(AnalysisError) as told:
        design_of({"age": [60, np.nan], "sofa": [1, 2, 3]}, rows=2, subject="A model")
    assert told.value.problems == (
        "age lacks 1 values: impute them or leave those rows out",
        "sofa has 3 values; expected one for each of 2",
    )


def test_a_column_that_repeats_another_is_named():
    with pytest.raises(AnalysisError, match="weight_g says nothing"):
        design_of({"weight_kg": [1, 2, 4], "weight_g": [1e3, 2e3, 4e3]}, rows=3, subject="A model")


def test_more_columns_than_participants_are_refused():
    with pytest.raises(AnalysisError, match="b says nothing"):
        design_of({"a": [1, 2], "b": [3, 5]}, rows=2, subject="A model")


def test_no_covariate_is_a_design_without_columns():
    found = design_of({}, rows=3, subject="A model", intercept=False)
    assert found.matrix.shape == (3, 0)


def test_the_trials_logistic_regression_is_the_printed_one():
    found = estimate_odds_ratio(RESPONSE, covariates={"arm": ARM}, of="arm")
    low, value, high = bounds(found.estimate)
    assert (round(value, 2), round(low, 2), round(high, 2)) == (2.48, 1.42, 4.32)
    assert found.test.p_value == pytest.approx(0.0014, abs=5e-5)


def test_the_odds_ratio_of_a_table_is_woolfs():
    outcome, arm = table(12, 13, 4, 19)
    fit = fit_generalised_linear(outcome, covariates={"arm": arm}, family=Family.LOGISTIC)
    assert fit.coefficients.value("arm") == pytest.approx(log(12 * 19 / 13 / 4))
    error = (1 / 12 + 1 / 13 + 1 / 4 + 1 / 19) ** 0.5
    assert fit.coefficients.standard_error("arm") == pytest.approx(error)


def test_the_rate_ratio_of_two_counts_is_their_ratio():
    found = fit_generalised_linear(
        [3, 5, 1, 1], covariates={"arm": [1, 1, 0, 0]}, family=Family.POISSON
    )
    assert found.coefficients.ratio("arm").value == pytest.approx(4)


@pytest.mark.parametrize("cells", [(0, 9, 3, 6), (9, 0, 3, 6), (3, 6, 0, 9), (0, 9, 9, 0)])
def test_a_table_with_an_empty_cell_has_no_likelihood_estimate(cells):
    outcome, arm = table(*cells)
    assert fit_if_finite(outcome, covariates={"arm": arm}, family=Family.LOGISTIC) is None


@pytest.mark.parametrize("cells", [(0, 9, 3, 6), (9, 0, 3, 6), (3, 6, 0, 9), (0, 9, 9, 0)])
def test_firth_adds_one_half_to_each_cell(cells):
    outcome, arm = table(*cells)
    a, b, c, d = (cell + 0.5 for cell in cells)
    fit = fit_firth(outcome, covariates={"arm": arm})
    assert fit.coefficients.value("arm") == pytest.approx(log(a * d / b / c), abs=1e-8)


def test_firths_estimate_has_the_highest_penalised_likelihood():
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(40), rng.integers(0, 2, 40), rng.normal(size=40)])
    y = x[:, 1] + x[:, 2] + rng.normal(size=40) > 1

    def lacking(beta: Array) -> float:
        mean = special.expit(x @ beta)
        information = (x.T * (mean * (1 - mean))) @ x
        likelihood = np.log(np.where(y, mean, 1 - mean)).sum()
        return -float(likelihood + np.linalg.slogdet(information)[1] / 2)

    best = optimize.minimize(lacking, np.zeros(3), method="Nelder-Mead", tol=1e-10)
    fit = fit_firth(y, covariates={"arm": x[:, 1], "age": x[:, 2]})
    assert fit.coefficients.values == pytest.approx(best.x, rel=1e-4)
    assert fit.log_likelihood == pytest.approx(-best.fun, rel=1e-10)


def test_firths_test_and_interval_agree_on_significance():
    outcome, arm = table(0, 10, 4, 6)
    fit = fit_firth(outcome, covariates={"arm": arm})
    p_value = firth_test(fit, "arm").p_value
    assert p_value is not None
    at_p = firth_interval(fit, "arm", level=1 - p_value)
    assert at_p.high == pytest.approx(0, abs=1e-6)


def test_firth_finds_its_top_with_one_participant_far_from_all_others():
    size = [0.6, 147.1, 7.2, 0, 1, 0.2, 1.6, 0, 2.1, 2]
    fit = fit_firth([1, 1, 0, 0, 1, 0, 0, 1, 0, 0], covariates={"size": size})
    assert fit.coefficients.value("size") * 147.1 == pytest.approx(1.66534, abs=1e-5)


def test_a_profile_that_never_falls_has_no_end():
    found = interval_of_profile(
        lambda value: -max(value, 0.0), best=0, top=0, error=1, method="A profile", level=0.95
    )
    assert found.low is None
    assert found.high == pytest.approx(3.841459 / 2)


def test_separated_outcomes_are_answered_by_firth():
    outcome, arm = table(0, 10, 4, 6)
    found = estimate_odds_ratio(outcome, covariates={"arm": arm}, of="arm")
    low, value, high = bounds(found.estimate)
    assert found.penalised
    assert 0 < low < value < high < 1
    assert "Firth" in found.estimate.method


def test_outcomes_separated_along_a_line_are_found():
    age = np.arange(20.0)
    assert fit_if_finite(age > 9, covariates={"age": age}, family=Family.LOGISTIC) is None


def test_outcomes_that_overlap_at_one_value_only_are_separated():
    age = [1, 2, 3, 3, 4, 5]
    found = fit_if_finite([0, 0, 0, 1, 1, 1], covariates={"age": age}, family=Family.LOGISTIC)
    assert found is None


def test_nearly_separated_outcomes_have_their_estimate():
    age = [1, 2, 3, 4, 5, 6]
    found = fit_if_finite([0, 0, 1, 0, 1, 1], covariates={"age": age}, family=Family.LOGISTIC)
    assert found is not None


def test_an_extreme_participant_is_not_taken_for_separation():
    size = [1.0, 2, 3, 4, 5, 6, 400]
    y = [0, 0, 1, 0, 1, 1, 1]
    assert fit_if_finite(y, covariates={"size": size}, family=Family.LOGISTIC) is not None


def test_an_arm_without_events_has_no_rate_ratio():
    with pytest.raises(AnalysisError, match="no finite estimate"):
        fit_generalised_linear(
            [0, 0, 3, 1], covariates={"arm": [1, 1, 0, 0]}, family=Family.POISSON
        )


@pytest.mark.parametrize("outcome", [np.zeros(276), np.ones(276)])
def test_no_odds_ratio_where_all_or_none_respond(outcome):
    found = estimate_odds_ratio(outcome, covariates={"arm": ARM}, of="arm")
    assert (found.estimate.value, found.test.p_value) == (None, None)


def test_no_odds_ratio_of_one_arm():
    found = estimate_odds_ratio(RESPONSE, covariates={"arm": np.ones(276)}, of="arm")
    assert not found.estimate.estimable


@pytest.mark.parametrize(
    ("family", "outcome"), [(Family.LOGISTIC, [0, 2, np.nan]), (Family.POISSON, [-1, 0.5, 2])]
)
def test_outcomes_that_cannot_be_are_counted(family, outcome):
    with pytest.raises(AnalysisError, match="2 outcomes are missing or not"):
        fit_generalised_linear(outcome, covariates={}, family=family)


def test_the_profile_of_an_intercept_alone_is_that_of_a_binomial():
    fit = fit_generalised_linear([1, 1, 1, 0], covariates={}, family=Family.LOGISTIC)
    low, _, high = bounds(profile_interval(fit, INTERCEPT))
    top = 3 * log(3 / 4) + log(1 / 4)
    for end in (low, high):
        risk = special.expit(end)
        assert 2 * (top - 3 * log(risk) - log(1 - risk)) == pytest.approx(3.841459, rel=1e-5)


def test_every_participant_a_cluster_is_hc0():
    fit = fit_generalised_linear(RESPONSE, covariates={"arm": ARM}, family=Family.LOGISTIC)
    own = robust_coefficients(fit, clusters=np.arange(276))
    assert own.covariance == pytest.approx(robust_coefficients(fit).covariance)


def test_standardised_risks_without_covariates_are_the_proportions():
    found = estimate_standardised_risks(RESPONSE, covariates={"arm": ARM}, of="arm")
    assert (found.treated, found.control) == pytest.approx((46 / 131, 26 / 145))
    low, _, high = bounds(found.difference)
    wald = 2 * 1.959964 * (46 * 85 / 131**3 + 26 * 119 / 145**3) ** 0.5
    assert high - low == pytest.approx(wald, rel=1e-6)


def test_a_joint_test_of_one_is_the_square_of_its_own():
    found = fit_linear([1, 2, 4, 3], covariates={"arm": [0, 0, 1, 1]}).coefficients
    one, joint = found.test("arm"), found.test_together(["arm"])
    assert one.statistic is not None
    assert joint.statistic == pytest.approx(one.statistic**2)


def test_an_adjusted_difference_without_covariates_is_that_of_means():
    found = estimate_adjusted_difference([1, 2, 4, 3], covariates={"arm": [0, 0, 1, 1]}, of="arm")
    low, value, high = bounds(found)
    error = 0.5**0.5  # the pooled variance is 0.5, and each arm has two
    assert value == pytest.approx(2)
    assert high - low == pytest.approx(2 * 4.302653 * error, rel=1e-6)


def test_a_missing_outcome_is_refused():
    with pytest.raises(AnalysisError, match="1 outcomes are missing"):
        fit_linear([1, np.nan, 3], covariates={"arm": [0, 0, 1]})


def test_as_many_coefficients_as_participants_are_refused():
    with pytest.raises(AnalysisError, match="2 participants for 2 coefficients"):
        fit_linear([1, 2], covariates={"arm": [0, 1]})


def drawn(size: int = 400):
    """Outcomes that depend on the arm and on SOFA, not on two other covariates."""
    rng = np.random.default_rng(5)
    covariates = {
        "noise": rng.normal(size=size),
        "sofa": rng.normal(size=size),
        "arm": rng.integers(0, 2, size),
        "ward": rng.choice(["a", "b", "c"], size),
    }
    chance = special.expit(1.2 * covariates["sofa"] + 0.9 * covariates["arm"] - 0.5)
    return rng.random(size) < chance, covariates


@pytest.mark.parametrize("direction", Direction)
def test_stepwise_keeps_what_matters(direction):
    outcome, covariates = drawn()
    found = fit_stepwise(outcome, covariates=covariates, direction=direction)
    assert found.chosen == ("sofa", "arm")
    assert found.fit.design.names == (INTERCEPT, "sofa", "arm")


def test_stepwise_enters_the_strongest_first():
    outcome, covariates = drawn()
    steps = fit_stepwise(outcome, covariates=covariates).steps
    assert [(step.name, step.entered) for step in steps] == [("sofa", True), ("arm", True)]


def test_stepwise_removes_the_weakest_first():
    outcome, covariates = drawn()
    steps = fit_stepwise(outcome, covariates=covariates, direction=Direction.BACKWARD).steps
    assert {step.name for step in steps} == {"noise", "ward"}
    assert steps[0].p_value >= steps[1].p_value
    assert not any(step.entered for step in steps)


def test_stepwise_keeps_what_it_was_told_to():
    outcome, covariates = drawn()
    found = fit_stepwise(outcome, covariates=covariates, forced=["noise"])
    assert "noise" in found.fit.design.names
    assert "noise" not in found.chosen


def test_stepwise_removes_one_that_another_makes_superfluous():
    rng = np.random.default_rng(8)
    one, two = rng.normal(size=600), rng.normal(size=600)
    covariates = {"both": one + two + rng.normal(size=600), "one": one, "two": two}
    outcome = rng.random(600) < special.expit(1.5 * (one + two))
    steps = fit_stepwise(outcome, covariates=covariates).steps
    assert steps[0].name == "both"
    assert ("both", False) in [(step.name, step.entered) for step in steps]


def test_stepwise_leaves_out_what_separates():
    outcome, arm = table(0, 40, 20, 20)
    found = fit_stepwise(outcome, covariates={"arm": arm, "noise": np.arange(80) % 3})
    assert "arm" not in found.chosen


def test_stepwise_says_all_that_is_wrong_at_once():
    with pytest.raises(AnalysisError) as told:
        fit_stepwise([0, 1], covariates={"a": [0, 1]}, forced=["b"], entry=0.2, removal=0.1)
    assert len(told.value.problems) == 2
