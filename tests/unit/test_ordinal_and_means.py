"""Ordered outcomes and means where the answer is known by another way, and where there is none."""

import numpy as np
import pytest
from scipy import special

from immunosep.analysis.generalised_linear import Family, fit_generalised_linear
from immunosep.analysis.means import Variances, compare_means
from immunosep.analysis.ordinal import (
    estimate_common_odds_ratio,
    fit_ordinal,
    proportional_odds_test,
)
from immunosep.errors import AnalysisError

ARM = np.repeat([1, 0], 40)
PLACE = np.tile([0, 1, 2, 3, 1], 16)


def test_two_categories_are_a_logistic_regression():
    rng = np.random.default_rng(7)
    arm, age = rng.integers(0, 2, 80), rng.normal(60, 10, 80)
    outcome = (arm + age / 10 + rng.logistic(size=80) > 6).astype(int)
    covariates = {"arm": arm, "age": age}
    ordinal = fit_ordinal(outcome, covariates=covariates, order=[0, 1])
    logistic = fit_generalised_linear(outcome, covariates=covariates, family=Family.LOGISTIC)
    assert ordinal.coefficients.values == pytest.approx(logistic.coefficients.values[1:])
    assert -ordinal.cuts[0] == pytest.approx(logistic.coefficients.values[0])
    assert ordinal.log_likelihood == pytest.approx(logistic.log_likelihood)
    errors = ordinal.coefficients.standard_error("age")
    assert errors == pytest.approx(logistic.coefficients.standard_error("age"))


def test_two_categories_have_no_proportionality_to_test():
    fit = fit_ordinal(ARM[::-1] * 0 + (PLACE > 1), covariates={"arm": ARM}, order=[0, 1])
    assert proportional_odds_test(fit).p_value is None


def test_proportionality_is_not_testable_where_a_cut_is_separated():
    outcome = [0, 0, 1, 1, 2, 0, 1, 1, 0, 1]
    arm = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    found = estimate_common_odds_ratio(outcome, treated=arm, order=[0, 1, 2])
    assert found.estimate.estimable
    assert found.proportional.p_value is None


def test_proportionality_is_refuted_where_the_arms_cross():
    outcome = np.repeat([0, 1, 2, 0, 1, 2], [60, 5, 60, 10, 100, 10])
    arm = np.repeat([1, 0], [125, 120])
    found = estimate_common_odds_ratio(outcome, treated=arm, order=[0, 1, 2])
    assert found.proportional.p_value is not None
    assert found.proportional.p_value < 1e-6


def test_brants_statistic_of_two_cuts_is_that_of_the_difference_of_log_odds():
    """With one arm and two cuts it is a Wald test of two odds ratios that share participants."""
    counts = np.array([[20.0, 15, 25], [30, 12, 18]])
    outcome = np.repeat([0, 1, 2, 0, 1, 2], counts.ravel().astype(int))
    arm = np.repeat([1, 0], counts.sum(axis=1).astype(int))
    found = proportional_odds_test(fit_ordinal(outcome, covariates={"arm": arm}, order=[0, 1, 2]))
    away, variance = 0.0, 0.0
    for sign, (low, middle, high) in zip((1, -1), counts, strict=True):
        above_low, above_middle, size = middle + high, high, low + middle + high
        away += sign * (np.log(above_middle / (low + middle)) - np.log(above_low / low))
        covariance = size / (above_low * (low + middle))
        variance += 1 / above_low + 1 / low + 1 / above_middle + 1 / (low + middle) - 2 * covariance
    assert found.statistic == pytest.approx(away**2 / variance)


def test_a_category_nobody_is_in_changes_nothing():
    one = fit_ordinal(PLACE, covariates={"arm": ARM}, order=[0, 1, 2, 3])
    two = fit_ordinal(PLACE, covariates={"arm": ARM}, order=[0, "rare", 1, 2, 3, "worse"])
    assert two.categories == (0, 1, 2, 3)
    assert two.coefficients.values == pytest.approx(one.coefficients.values)


def test_a_participant_far_from_all_others_is_fitted():
    size = np.array([2.8, 0.2, 0, 0, 1.1, 0.1, 0.1, 0.5, 0.9, 0, 16, 0])
    place = np.array([3, 2, 3, 1, 0, 2, 2, 2, 2, 1, 0, 2])
    fit = fit_ordinal(place, covariates={"size": size}, order=range(4))
    predicted = fit.coefficients.value("size") * size
    above = special.expit(predicted[:, None] - fit.cuts)
    edges = np.column_stack([np.ones(12), above, np.zeros(12)])
    seen = edges[np.arange(12), place], edges[np.arange(12), place + 1]
    assert np.log(seen[0] - seen[1]).sum() == pytest.approx(fit.log_likelihood)
    # Where the likelihood is highest, its slope in the coefficient is nothing.
    slope = size @ (1 - seen[0] - seen[1])
    assert slope == pytest.approx(0, abs=1e-6)


def test_turning_the_order_round_turns_the_odds_ratio_over():
    one = fit_ordinal(PLACE[::-1], covariates={"arm": ARM}, order=[0, 1, 2, 3])
    two = fit_ordinal(PLACE[::-1], covariates={"arm": ARM}, order=[3, 2, 1, 0])
    assert two.coefficients.values == pytest.approx(-one.coefficients.values, abs=1e-9)


@pytest.mark.parametrize(
    ("outcome", "arm"),
    [([0, 1, 2, 1], [1, 1, 1, 1]), ([2, 2, 2, 2], [0, 0, 1, 1]), ([0, 0, 1, 1], [0, 0, 1, 1])],
    ids=["one arm", "one category", "arms apart"],
)
def test_no_common_odds_ratio(outcome, arm):
    found = estimate_common_odds_ratio(outcome, treated=arm, order=[0, 1, 2])
    answers = [found.estimate.value, found.wald.p_value, found.proportional.p_value]
    assert answers == [None, None, None]


def test_an_outcome_outside_the_order_is_an_error():
    with pytest.raises(AnalysisError, match="1 outcomes are missing or no category"):
        estimate_common_odds_ratio(["a", "b", "?"], treated=[0, 1, 1], order=["a", "b"])


@pytest.mark.parametrize("variances", Variances)
@pytest.mark.parametrize("arm", [[0, 0, 0], [1, 1, 1]])
def test_no_difference_of_means_with_an_empty_arm(variances, arm):
    found = compare_means([1, 2, 3], treated=arm, variances=variances)
    assert (found.difference.value, found.test.p_value) == (None, None)


@pytest.mark.parametrize("variances", Variances)
def test_a_difference_without_spread_has_no_interval(variances):
    found = compare_means([1, 1, 3, 3], treated=[0, 0, 1, 1], variances=variances)
    assert (found.difference.value, found.difference.low, found.test.p_value) == (2, None, None)


def test_one_participant_against_one_has_no_interval():
    found = compare_means([1, 3], treated=[0, 1], variances=Variances.EQUAL)
    assert (found.difference.value, found.difference.high) == (2, None)


def test_one_participant_has_a_student_interval_and_no_welch_one():
    values, treated = [1.0, 2, 4, 9], [0, 0, 0, 1]
    student = compare_means(values, treated=treated, variances=Variances.EQUAL)
    welch = compare_means(values, treated=treated, variances=Variances.OWN)
    assert (student.difference.low is None, welch.difference.low is None) == (False, True)


def test_a_missing_value_is_an_error():
    with pytest.raises(AnalysisError, match="1 values are missing"):
        compare_means([1, np.nan], treated=[0, 1])
