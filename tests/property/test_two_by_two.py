"""What every method of two proportions must keep, whatever the counts."""

from math import inf, isclose, log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep.analysis import differences, exact, ratios, scores, stratified
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import Estimate, TestResult
from immunosep.analysis.heterogeneity import breslow_day_test, estimate_ratio_of_odds_ratios
from immunosep.analysis.stratified_exact import estimate_exact_odds_ratio, exact_stratified_test
from immunosep.analysis.stratified_scores import (
    Weights,
    estimate_stratified_miettinen_nurminen,
)

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
OVER_STRATA = [
    stratified.estimate_mantel_haenszel_odds_ratio,
    stratified.estimate_mantel_haenszel_risk_ratio,
    stratified.estimate_mantel_haenszel_difference,
    stratified.estimate_standardised_difference,
    estimate_exact_odds_ratio,
    estimate_stratified_miettinen_nurminen,
]
SHRINKING = [DIFFERENCES[0], DIFFERENCES[1], DIFFERENCES[4], DIFFERENCES[5]]


@st.composite
def tables(draw, most: int = 60):
    total_1, total_2 = draw(st.integers(1, most)), draw(st.integers(1, most))
    events_1, events_2 = draw(st.integers(0, total_1)), draw(st.integers(0, total_2))
    return TwoByTwo.of((events_1, total_1), (events_2, total_2))


STRATA = st.lists(tables(most=15), min_size=1, max_size=5)


def same(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return first == second or isclose(first, second, rel_tol=1e-7, abs_tol=1e-9)


def same_estimate(first: Estimate, second: Estimate) -> bool:
    pairs = [(first.value, second.value), (first.low, second.low), (first.high, second.high)]
    return all(same(a, b) for a, b in pairs)


def _p_value(test: TestResult | None) -> float | None:
    return test.p_value if test else None


def inverse(ratio: float | None) -> float | None:
    return None if ratio is None else 1 / ratio if ratio else inf


@pytest.mark.parametrize("estimate", DIFFERENCES)
@given(table=tables())
def test_exchanging_arms_turns_a_difference_round(estimate, table):
    found, mirrored = estimate(table), estimate(table.mirrored)
    assert same(found.value, -mirrored.value)
    assert same(found.low, -mirrored.high)
    assert same(found.high, -mirrored.low)


@pytest.mark.parametrize("estimate", RATIOS)
@given(table=tables())
def test_exchanging_arms_inverts_a_ratio(estimate, table):
    found, mirrored = estimate(table), estimate(table.mirrored)
    assert same(found.value, inverse(mirrored.value))
    assert same(found.low, inverse(mirrored.high))
    assert same(found.high, inverse(mirrored.low))


@pytest.mark.parametrize("estimate", DIFFERENCES)
@given(table=tables())
def test_interval_of_a_difference_holds_it(estimate, table):
    found = estimate(table)
    assert found.low - 1e-12 <= found.value <= found.high + 1e-12


@pytest.mark.parametrize("estimate", RATIOS)
@given(table=tables())
def test_interval_of_a_ratio_holds_it(estimate, table):
    found: Any = estimate(table)
    if found.value is not None and found.low is not None:
        assert found.low * (1 - 1e-9) <= found.value <= found.high * (1 + 1e-9)


@pytest.mark.parametrize("estimate", DIFFERENCES + RATIOS)
@given(table=tables())
def test_interval_widens_with_its_level(estimate, table):
    narrow: Any = estimate(table, level=0.8)
    wide: Any = estimate(table, level=0.99)
    if narrow.low is not None:
        assert wide.low <= narrow.low + 1e-9
        assert wide.high >= narrow.high * (1 - 1e-9) - 1e-9


@pytest.mark.parametrize("estimate", SHRINKING)
@given(table=tables(most=40))
def test_interval_shrinks_as_the_trial_grows(estimate, table):
    larger = TwoByTwo.of(
        (4 * table.events_1, 4 * table.total_1), (4 * table.events_2, 4 * table.total_2)
    )
    found: Any = estimate(table)
    narrower: Any = estimate(larger)
    assert narrower.high - narrower.low < found.high - found.low


@pytest.mark.parametrize("estimate", [scores.estimate_miettinen_nurminen, scores.estimate_mee])
@given(table=tables())
def test_score_interval_stays_within_what_can_be(estimate, table):
    found = estimate(table)
    assert -1 <= found.low <= found.high <= 1


@given(table=tables(most=25))
def test_boschloo_never_exceeds_fisher(table):
    boschloo, fisher = _p_value(exact.boschloo_test(table)), _p_value(exact.fisher_test(table))
    assert boschloo is not None
    assert fisher is not None
    assert boschloo <= fisher * (1 + 1e-9)


@pytest.mark.parametrize("test", [exact.fisher_test, exact.boschloo_test, exact.barnard_test])
@given(table=tables(most=20))
def test_exchanging_arms_changes_no_p_value(test, table):
    assert same(test(table).p_value, test(table.mirrored).p_value)


@given(table=tables())
def test_exact_interval_and_fisher_one_sided_agree(table):
    """Whether the interval lies above 1 is whether the one-sided P is at most half of alpha."""
    found = ratios.estimate_conditional_odds_ratio(table)
    p_value = exact.fisher_test(table, alternative="greater").p_value
    assert found.low is not None
    assert p_value is not None
    assert (found.low > 1) == (p_value < 0.025) or isclose(p_value, 0.025, rel_tol=1e-6)


@pytest.mark.parametrize("estimate", OVER_STRATA)
@given(strata=STRATA)
def test_stratum_of_nobody_changes_nothing(estimate, strata):
    more = [*strata, TwoByTwo.of((0, 0), (0, 0)), TwoByTwo.of((0, 0), (2, 3))]
    assert same_estimate(estimate(strata), estimate(more))


@pytest.mark.parametrize("estimate", OVER_STRATA)
@given(strata=STRATA)
def test_order_of_strata_changes_nothing(estimate, strata):
    assert same_estimate(estimate(strata), estimate(strata[::-1]))


@pytest.mark.parametrize("estimate", OVER_STRATA)
@given(strata=STRATA)
def test_interval_over_strata_holds_its_estimate(estimate, strata):
    found: Any = estimate(strata)
    if found.value is not None and found.low is not None:
        assert found.low <= found.value * (1 + 1e-9) + 1e-9
        assert found.high >= found.value * (1 - 1e-9) - 1e-9


@pytest.mark.parametrize("weights", Weights)
@given(strata=STRATA)
def test_exchanging_arms_turns_a_stratified_difference_round(weights, strata):
    found: Any = estimate_stratified_miettinen_nurminen(strata, weights=weights)
    mirrored: Any = estimate_stratified_miettinen_nurminen(
        [stratum.mirrored for stratum in strata], weights=weights
    )
    assert found.value == pytest.approx(-mirrored.value, abs=1e-6)
    assert found.low == pytest.approx(-mirrored.high, abs=1e-6)


@given(table=tables())
def test_one_stratum_is_the_table(table):
    found = estimate_stratified_miettinen_nurminen([table])
    assert same_estimate(found, scores.estimate_miettinen_nurminen(table))
    assert same(exact_stratified_test([table]).p_value, exact.fisher_test(table).p_value)
    conditional = ratios.estimate_conditional_odds_ratio(table)
    assert same_estimate(estimate_exact_odds_ratio([table]), conditional)


@given(strata=STRATA)
def test_exchanging_arms_leaves_the_tests_over_strata(strata):
    mirrored = [stratum.mirrored for stratum in strata]
    for test in (stratified.cochran_mantel_haenszel_test, breslow_day_test):
        found, turned = _p_value(test(strata)), _p_value(test(mirrored))
        assert same(found, turned)


@given(table=tables())
def test_same_strata_are_of_one_odds_ratio(table):
    found = _p_value(breslow_day_test([table, table]))
    assert found is None or found == pytest.approx(1, abs=1e-5)
    if all(table.cells):
        ratio = estimate_ratio_of_odds_ratios(table, table)
        assert log(ratio.value or 0) == pytest.approx(0, abs=1e-12)
