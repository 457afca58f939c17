"""Counts, proportions, ratios and what is made of them, where they are degenerate or refused."""

from math import inf

import numpy as np
import pytest

from immunosep.analysis import differences, ratios, scores
from immunosep.analysis.association import (
    chi_squared_test,
    log_odds_test,
    n_minus_1_test,
    pooled_z_test,
    yates_test,
)
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import Estimate
from immunosep.analysis.number_needed import number_needed
from immunosep.analysis.proportions import estimate_clopper_pearson, estimate_wilson
from immunosep.analysis.two_by_two import compare
from immunosep.errors import AnalysisError

NOBODY = TwoByTwo.of((0, 0), (3, 7))
NO_EVENTS = TwoByTwo.of((0, 10), (0, 12))
ALL_EVENTS = TwoByTwo.of((10, 10), (12, 12))
DIFFERENCES = [
    differences.estimate_newcombe,
    differences.estimate_agresti_caffo,
    differences.estimate_wald,
    differences.estimate_pooled_wald,
    scores.estimate_miettinen_nurminen,
    scores.estimate_mee,
]
RATIOS = [
    ratios.estimate_woolf,
    ratios.estimate_risk_ratio,
    ratios.estimate_conditional_odds_ratio,
    scores.estimate_risk_ratio_score,
    scores.estimate_odds_ratio_score,
]


def ends(estimate: Estimate) -> tuple[float | None, float | None]:
    return estimate.low, estimate.high


def test_counts_refuse_every_problem_at_once():
    with pytest.raises(AnalysisError) as refused:
        TwoByTwo.of((5, 3), (-1, 4))
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("events", [1.0, True, "1"])
def test_counts_are_whole_numbers(events):
    with pytest.raises(AnalysisError, match="not a whole number"):
        TwoByTwo.of((events, 3), (1, 4))


def test_counts_of_numpy_are_counts():
    assert TwoByTwo.of((np.int64(1), np.int64(3)), (1, 4)).events == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_level_is_a_fraction(level):
    with pytest.raises(AnalysisError, match="between 0 and 1"):
        estimate_wilson(3, 10, level=level)


@pytest.mark.parametrize("estimate", DIFFERENCES + RATIOS)
def test_nothing_is_estimated_from_an_arm_of_nobody(estimate):
    assert estimate(NOBODY).value is None
    assert not estimate(NOBODY).estimable


@pytest.mark.parametrize("estimate", [estimate_wilson, estimate_clopper_pearson])
def test_proportion_of_nobody_is_not_estimable(estimate):
    assert estimate(0, 0).value is None


@pytest.mark.parametrize("estimate", DIFFERENCES)
@pytest.mark.parametrize("table", [NO_EVENTS, ALL_EVENTS])
def test_difference_exists_where_all_outcomes_are_alike(estimate, table):
    found = estimate(table)
    assert found.value == 0
    assert found.low <= 0 <= found.high


@pytest.mark.parametrize("estimate", DIFFERENCES)
def test_difference_of_all_and_none_is_1(estimate):
    found = estimate(TwoByTwo.of((10, 10), (0, 12)))
    assert found.value == 1
    assert found.low <= 1 <= found.high


@pytest.mark.parametrize("test", [chi_squared_test, yates_test, n_minus_1_test, pooled_z_test])
@pytest.mark.parametrize("table", [NOBODY, NO_EVENTS, ALL_EVENTS, TwoByTwo.of((0, 0), (0, 0))])
def test_nothing_is_tested_where_outcomes_are_alike(test, table):
    assert test(table) is None


def test_log_odds_are_not_tested_with_a_cell_of_0():
    assert log_odds_test(NO_EVENTS) is None


@pytest.mark.parametrize("table", [NO_EVENTS, ALL_EVENTS])
def test_every_odds_ratio_fits_where_outcomes_are_alike(table):
    assert ratios.estimate_woolf(table).value is None
    assert ends(ratios.estimate_conditional_odds_ratio(table)) == (0, inf)
    assert ends(scores.estimate_odds_ratio_score(table)) == (0, inf)


@pytest.mark.parametrize(("arms", "value"), [(((3, 10), (0, 12)), inf), (((0, 10), (3, 12)), 0)])
@pytest.mark.parametrize("estimate", RATIOS)
def test_ratio_to_none_is_infinite_and_of_none_0(arms, value, estimate):
    assert estimate(TwoByTwo.of(*arms)).value == value


def test_constrained_proportions_are_the_most_likely():
    """56/70 and 48/80, 0.3377 apart: a library was found to take others."""
    table = TwoByTwo.of((56, 70), (48, 80))
    first, second = scores.constrained_proportions(table, 0.3377)
    grid = np.linspace(0.001, 0.999 - 0.3377, 100_000)
    likelihood = (
        56 * np.log(grid + 0.3377)
        + 14 * np.log(1 - grid - 0.3377)
        + 48 * np.log(grid)
        + 32 * np.log(1 - grid)
    )
    assert second == pytest.approx(grid[likelihood.argmax()], abs=1e-5)
    assert (first, second) == pytest.approx((0.851, 0.513), abs=5e-4)


def test_number_needed_is_1_over_the_difference():
    found = number_needed(differences.estimate_newcombe(TwoByTwo.of((46, 131), (26, 145))))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((5.82, 3.67, 14.73), abs=0.005)
    assert not found.through_infinity


def test_number_needed_runs_through_infinity_where_the_difference_may_be_0():
    found = number_needed(differences.estimate_newcombe(TwoByTwo.of((57, 131), (72, 145))))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((-16.28, -5.68, 17.9), abs=0.01)
    assert found.through_infinity


def test_number_needed_of_no_difference_is_none():
    found = number_needed(differences.estimate_newcombe(NO_EVENTS))
    assert found is not None
    assert found.value is None
    assert number_needed(differences.estimate_newcombe(NOBODY)) is None


def test_number_needed_of_an_end_at_0_is_unbounded():
    found = number_needed(Estimate(value=0.1, low=0.0, high=0.2, method="any"))
    assert found is not None
    assert (found.low, found.high, found.through_infinity) == (None, 5, True)


def test_comparison_refuses_an_arm_of_nobody():
    with pytest.raises(AnalysisError, match="the first arm has no participants"):
        compare(NOBODY)


def test_comparison_of_numpy_counts_is_json_all_the_same():
    assert compare(TwoByTwo.of((3, 10), (0, 12))).as_json()["odds_ratio"]["woolf"]["low"] is None
