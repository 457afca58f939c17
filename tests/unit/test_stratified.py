"""Strata that tell nothing, or everything."""

from math import inf

import pytest

from immunosep.analysis import heterogeneity, stratified
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.stratified_exact import estimate_exact_odds_ratio, exact_stratified_test
from immunosep.analysis.stratified_scores import estimate_stratified_miettinen_nurminen

NOBODY = [TwoByTwo.of((0, 0), (1, 4))]
ALIKE = [TwoByTwo.of((0, 9), (0, 7)), TwoByTwo.of((3, 3), (4, 4))]
ALL_AGAINST_NONE = [TwoByTwo.of((4, 4), (0, 5)), TwoByTwo.of((3, 3), (0, 2))]
MIRRORED = [stratum.mirrored for stratum in ALL_AGAINST_NONE]
RATIOS = [
    stratified.estimate_mantel_haenszel_odds_ratio,
    stratified.estimate_mantel_haenszel_risk_ratio,
    estimate_exact_odds_ratio,
]
DIFFERENCES = [
    stratified.estimate_mantel_haenszel_difference,
    stratified.estimate_standardised_difference,
    estimate_stratified_miettinen_nurminen,
]
TESTS = [
    stratified.cochran_mantel_haenszel_test,
    heterogeneity.breslow_day_test,
    heterogeneity.odds_ratio_q_test,
    heterogeneity.risk_ratio_q_test,
    heterogeneity.difference_q_test,
]


@pytest.mark.parametrize("estimate", RATIOS + DIFFERENCES)
def test_strata_without_an_arm_estimate_nothing(estimate):
    assert estimate(NOBODY).value is None
    assert estimate([]).value is None


@pytest.mark.parametrize("test", TESTS)
def test_strata_without_an_arm_test_nothing(test):
    assert test(NOBODY) is None
    assert test([]) is None


def test_strata_of_equal_outcomes_leave_the_odds_ratio_open():
    found = estimate_exact_odds_ratio(ALIKE)
    assert (found.value, found.low, found.high) == (None, 0, inf)
    assert exact_stratified_test(ALIKE).p_value == 1
    assert stratified.cochran_mantel_haenszel_test(ALIKE) is None


@pytest.mark.parametrize("estimate", RATIOS)
def test_all_against_none_is_infinite_and_its_mirror_0(estimate):
    assert estimate(ALL_AGAINST_NONE).value == inf
    assert estimate(MIRRORED).value == 0


def test_infinite_odds_ratio_has_an_exact_lower_end():
    assert 1 < (estimate_exact_odds_ratio(ALL_AGAINST_NONE).low or 0) < inf
    assert estimate_exact_odds_ratio(ALL_AGAINST_NONE).high == inf
    assert heterogeneity.breslow_day_test(ALL_AGAINST_NONE) is None


def test_interaction_needs_every_cell():
    full, empty = TwoByTwo.of((3, 9), (2, 8)), TwoByTwo.of((0, 9), (2, 8))
    assert heterogeneity.interaction_test(full, full) is not None
    assert heterogeneity.interaction_test(full, empty) is None
