"""Cut-offs, accuracy, risks, decision curves: against hand calculation and brute force."""

from math import log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from immunosep.analysis.biomarker.accuracy import (
    Fourfold,
    count_fourfold,
    estimate_accuracy,
    estimate_predictive_values,
)
from immunosep.analysis.biomarker.cut_offs import CutOffRule, choose_cut_off
from immunosep.analysis.biomarker.decision import estimate_net_benefit
from immunosep.analysis.biomarker.reclassification import estimate_reclassification
from immunosep.analysis.biomarker.risk import estimate_calibration, fit_risk
from immunosep.analysis.biomarker.roc import (
    compare_areas,
    compare_areas_of_cohorts,
    draw_curve,
    estimate_area,
)
from immunosep.errors import AnalysisError

MARKER = [1, 2, 3, 4, 5, 6, 7, 8]
ILL = [0, 0, 0, 1, 0, 1, 1, 1]
COUNTS = Fourfold(true_positive=30, false_negative=20, false_positive=10, true_negative=440)
GRADES = st.lists(st.integers(0, 12), min_size=2, max_size=25)


def rule(kind: Any = "youden", value: float | None = None) -> CutOffRule:
    return CutOffRule(rule=kind, value=value)


def test_curve_begins_where_all_are_positive_and_ends_where_nobody_is():
    points = draw_curve(MARKER, ILL)
    assert (points[0].sensitivity, points[0].specificity) == (1, 0)
    assert (points[-1].sensitivity, points[-1].specificity) == (0, 1)
    assert len(points) == 9


def test_area_of_a_marker_turned_round_is_the_rest():
    high, low = (estimate_area(MARKER, ILL, direction=way) for way in ("high", "low"))
    assert high.value == pytest.approx(1 - (low.value or 0))
    assert high.low == pytest.approx(1 - (low.high or 0))


def test_a_marker_that_tells_all_apart_has_no_interval():
    found = estimate_area([1, 2, 3, 4], [0, 0, 1, 1])
    assert (found.value, found.low, found.high) == (1, None, None)


def test_two_areas_without_variance_have_no_test():
    found = compare_areas([1, 2, 3, 4], [10, 20, 30, 40], [0, 0, 1, 1])
    assert (found.difference.value, found.test.p_value) == (0, None)


def test_areas_of_two_cohorts_are_independent():
    one = estimate_area(MARKER, ILL)
    found = compare_areas_of_cohorts((MARKER, ILL), (MARKER, ILL[::-1]))
    assert one.low is not None
    assert found.difference.value == pytest.approx(0.9375 - 0.0625)
    half = ((one.value or 0) - one.low) * sqrt(2)
    assert found.difference.low == pytest.approx(0.875 - half)


@pytest.mark.parametrize(
    ("marker", "outcome", "said"),
    [
        ([1, 2], [1, 1], "2 of 2 have the condition"),
        ([1, float("nan")], [1, 0], "missing or infinite"),
        ([1, 2, 3], [1, 0], "3 values of the marker and 2 outcomes"),
    ],
)
def test_curves_of_what_cannot_be_ranked_are_refused(marker, outcome, said):
    with pytest.raises(AnalysisError, match=said):
        estimate_area(marker, outcome)


def test_youden_takes_the_largest_sum_and_of_equals_the_most_specific():
    assert choose_cut_off(MARKER, ILL, rule()) == 5
    assert choose_cut_off(MARKER, ILL[::-1], rule(), direction="low") == 4


@given(cases=GRADES, controls=GRADES)
def test_no_cut_off_has_a_larger_sum_than_youdens(cases, controls):
    marker, ill = cases + controls, [1] * len(cases) + [0] * len(controls)
    found = estimate_accuracy(
        count_fourfold(marker, ill, cut_off=choose_cut_off(marker, ill, rule()))
    )
    sums = [
        np.mean([case > at for case in cases]) + np.mean([control <= at for control in controls])
        for at in sorted(set(marker))
    ]
    assert (found.sensitivity.value or 0) + (found.specificity.value or 0) == pytest.approx(
        max(sums)
    )


@pytest.mark.parametrize(
    ("kind", "value", "cut_off"),
    [
        ("specificity", 0.7, 3),
        ("specificity", 0.75, 3),
        ("specificity", 0.9, 5),
        ("specificity", 1.0, 5),
        ("sensitivity", 0.9, 3),
        ("sensitivity", 0.75, 5),
        ("given", 4.4, 4.4),
    ],
)
def test_a_cut_off_is_as_good_as_asked(kind, value, cut_off):
    assert choose_cut_off(MARKER, ILL, rule(kind, value)) == cut_off


def test_a_sensitivity_no_value_has_is_refused():
    """The lowest value belongs to a case, and nobody is below it."""
    with pytest.raises(AnalysisError, match=r"the most sensitive one has 50\.0 %"):
        choose_cut_off([1, 2, 3], [1, 0, 1], rule("sensitivity", 0.9))


@pytest.mark.parametrize("value", [None, 0, 1.2])
def test_a_rule_asks_for_a_proportion(value):
    with pytest.raises(AnalysisError, match="expected a proportion above 0"):
        choose_cut_off(MARKER, ILL, rule("specificity", value))


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("youden", None, "Youden's index"),
        ("specificity", 0.97, "specificity of at least 97 %"),
        ("given", 4420, "as given"),
    ],
)
def test_a_rule_says_itself(kind, value, words):
    assert str(rule(kind, value)) == words


def test_the_cut_off_itself_is_negative():
    high = count_fourfold(MARKER, ILL, cut_off=6)
    low = count_fourfold(MARKER, ILL, cut_off=6, direction="low")
    assert (high.positive, high.negative) == (2, 6)
    assert (low.positive, low.negative) == (5, 3)


def test_accuracy_is_that_of_the_table():
    found = estimate_accuracy(COUNTS)
    assert found.sensitivity.value == 0.6
    assert found.specificity.value == pytest.approx(440 / 450)
    assert found.positive_predictive_value.value == 0.75
    assert found.negative_predictive_value.value == pytest.approx(440 / 460)
    assert found.likelihood_ratio_positive.value == pytest.approx(0.6 / (10 / 450))


def test_likelihood_ratio_has_the_interval_of_its_logarithm():
    """Simel, Samsa & Matchar 1991: the variance is 1/a - 1/(a+b) + 1/c - 1/(c+d)."""
    found = estimate_accuracy(COUNTS).likelihood_ratio_positive
    error = sqrt(1 / 30 - 1 / 50 + 1 / 10 - 1 / 450)
    assert found.low is not None
    assert log(27) - log(found.low) == pytest.approx(1.959964 * error)


def test_predictive_values_at_the_prevalence_of_the_cohort_are_those_of_the_cohort():
    found = estimate_predictive_values(COUNTS, prevalence=0.1)
    assert found.positive.value == pytest.approx(0.75)
    assert found.negative.value == pytest.approx(440 / 460)


def test_npv_at_4_per_cent_is_that_of_bayes():
    """97.1 % and 97.1 % at 4 % give 99.876 %."""
    counts = Fourfold(true_positive=971, false_negative=29, false_positive=29, true_negative=971)
    found = estimate_predictive_values(counts, prevalence=0.04)
    assert found.negative.value == pytest.approx(0.99876, abs=5e-6)


@given(st.tuples(*[st.integers(0, 40)] * 4), st.floats(0.01, 0.99))
def test_intervals_hold_their_estimates_at_zero_too(cells, prevalence):
    counts = Fourfold(
        true_positive=cells[0],
        false_negative=cells[1],
        false_positive=cells[2],
        true_negative=cells[3],
    )
    values, accuracy = (
        estimate_predictive_values(counts, prevalence=prevalence),
        vars(estimate_accuracy(counts)),
    )
    del accuracy["counts"]
    held = [
        each.low <= each.value <= each.high
        for each in (values.positive, values.negative, *accuracy.values())
        if None not in (each.value, each.low, each.high)
    ]
    assert all(held)


def test_a_table_without_a_case_has_no_sensitivity():
    counts = Fourfold(true_positive=0, false_negative=0, false_positive=3, true_negative=7)
    found = estimate_accuracy(counts)
    assert found.sensitivity.value is None
    assert found.likelihood_ratio_positive.value is None
    assert estimate_predictive_values(counts, prevalence=0.5).positive.value is None


def test_a_test_nobody_fails_has_a_likelihood_ratio_of_zero():
    counts = Fourfold(true_positive=5, false_negative=0, false_positive=3, true_negative=7)
    found = estimate_accuracy(counts).likelihood_ratio_negative
    assert (found.value, found.low) == (0, None)


@pytest.mark.parametrize("prevalence", [0, 1, 4])
def test_a_prevalence_is_between_0_and_1(prevalence):
    with pytest.raises(AnalysisError, match="expected a proportion between 0 and 1"):
        estimate_predictive_values(COUNTS, prevalence=prevalence)


def invented(people: int = 4000, seed: int = 5) -> tuple[Any, Any]:
    """Risks that are true, and who had the condition by them."""
    rng = np.random.default_rng(seed)
    risk = expit(rng.normal(-2, 1.2, people))
    return risk, rng.random(people) < risk


def test_risks_are_calibrated_where_they_were_fitted():
    marker = np.log(invented()[0])
    ill = invented()[1]
    model = fit_risk({"marker": marker}, ill)
    assert model is not None
    found = estimate_calibration(model.risks({"marker": marker}), ill)
    assert found.intercept.value == pytest.approx(0, abs=1e-6)
    assert found.slope.value == pytest.approx(1, abs=1e-6)
    assert found.observed_by_expected == pytest.approx(1)


def test_risks_twice_as_far_out_have_half_the_slope():
    risk, ill = invented(20_000)
    found = estimate_calibration(expit(2 * np.log(risk / (1 - risk))), ill)
    assert found.slope.value == pytest.approx(0.5, abs=0.03)


def test_risks_too_high_have_a_negative_intercept():
    risk, ill = invented(20_000)
    found = estimate_calibration(expit(np.log(risk / (1 - risk)) + 0.7), ill)
    assert found.intercept.value == pytest.approx(-0.7, abs=0.06)


def test_brier_score_of_the_prevalence_is_worth_nothing():
    found = estimate_calibration([0.5] * 8, ILL)
    assert (found.brier, found.brier_scaled) == (0.25, 0)
    assert found.slope.value is None


def test_groups_of_risk_never_part_equal_risks():
    found = estimate_calibration([0.1] * 5 + [0.9] * 3, ILL)
    assert [group.people for group in found.groups] == [5, 3]
    assert [group.foretold for group in found.groups] == pytest.approx([0.1, 0.9])
    assert [group.observed.value for group in found.groups] == [0.2, 1.0]


def test_ten_groups_are_of_like_size():
    found = estimate_calibration(*invented(1000))
    assert [group.people for group in found.groups] == [100] * 10
    assert all(
        (group.observed.low or 0) - 0.05 <= group.foretold <= (group.observed.high or 1) + 0.05
        for group in found.groups
    )


def test_markers_that_tell_all_apart_give_no_risk():
    assert fit_risk({"marker": [1, 2, 3, 4]}, [0, 0, 1, 1]) is None


def test_risks_that_tell_all_apart_have_no_slope():
    found = estimate_calibration([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    assert found.slope.value is None


def test_what_is_no_risk_is_refused():
    with pytest.raises(AnalysisError) as raised:
        estimate_calibration([0.5, 1.5, 0.2], [1, 1])
    assert len(raised.value.problems) == 3


def test_net_benefit_is_that_of_vickers_and_elkin():
    """3 of 4 cases and 1 of 4 others at 0.3 or more; at 0.3 a false one costs 3/7."""
    risk = [0.1, 0.2, 0.1, 0.2, 0.5, 0.4, 0.6, 0.3]
    (point,) = estimate_net_benefit(risk, ILL, thresholds=(0.3,))
    assert point.by_risk == pytest.approx(3 / 8 - 1 / 8 * 3 / 7)
    assert point.by_all == pytest.approx(4 / 8 - 4 / 8 * 3 / 7)
    assert point.avoided == pytest.approx(100 * (point.by_risk - point.by_all) / (3 / 7))


def test_acting_below_every_risk_is_acting_on_all():
    (point,) = estimate_net_benefit([0.5] * 8, ILL, thresholds=(0.01,))
    assert point.by_risk == point.by_all


@pytest.mark.parametrize("threshold", [0, 1])
def test_a_threshold_is_a_risk(threshold):
    with pytest.raises(AnalysisError, match="between 0 and 1"):
        estimate_net_benefit([0.5] * 8, ILL, thresholds=(threshold,))


def test_the_same_risk_reclassifies_nobody():
    risk, ill = invented(100)
    found = estimate_reclassification(risk, risk, ill, limits=(0.1,))
    assert found.categorical is not None
    assert (found.continuous.value, found.categorical.value) == (0, 0)
    assert found.discrimination.value == 0


def test_the_two_risks_exchanged_turn_every_gain_round():
    risk, ill = invented(300)
    other = np.random.default_rng(9).permutation(risk)
    one = estimate_reclassification(risk, other, ill)
    back = estimate_reclassification(other, risk, ill)
    assert one.continuous.value == pytest.approx(-(back.continuous.value or 0))
    assert one.discrimination.low == pytest.approx(-(back.discrimination.high or 0))
    assert one.categorical is None


@pytest.mark.parametrize("limits", [(0.4, 0.2), (0.0,), (1.0,)])
def test_limits_of_risk_rise_between_0_and_1(limits):
    with pytest.raises(AnalysisError, match="limits of risk must rise"):
        estimate_reclassification([0.5] * 8, [0.4] * 8, ILL, limits=limits)
