"""Limits of looks: what has to hold whatever the numbers; others' numbers are in validation."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from immunosep.analysis.interim.boundaries import find_boundaries, find_boundaries_at
from immunosep.analysis.interim.exact import ExactDesign, find_exact, largest_type_one_error
from immunosep.analysis.interim.recursion import begin, find_crossing
from immunosep.analysis.interim.size import TwoRates, find_drift, find_power, find_size
from immunosep.analysis.interim.spending import spent
from immunosep.errors import AnalysisError
from immunosep.protocol.interim import SPENDING_FUNCTIONS, Futility, Spending
from tests.unit.looked_at import limits, looks

PARAMETERS = {
    Spending.WANG_TSIATIS: 0.25,
    Spending.HAYBITTLE_PETO: 3.0,
    Spending.HWANG_SHIH_DECANI: -4.0,
    Spending.KIM_DEMETS: 2.0,
}
SHARES = st.lists(st.integers(5, 95), min_size=1, max_size=4, unique=True).map(
    lambda parts: (*(part / 100 for part in sorted(parts)), 1.0)
)


@given(
    information=SHARES,
    spending=st.sampled_from(sorted(Spending)),
    alpha=st.sampled_from([0.01, 0.025, 0.05]),
    sided=st.sampled_from([1, 2]),
)
def test_all_of_alpha_is_spent_and_no_more(information, spending, alpha, sided):
    plan = looks(
        information=information,
        spending=spending,
        parameter=PARAMETERS.get(spending),
        alpha=alpha,
        sided=sided,
    )
    crossing = find_boundaries(plan).crossing(drift=0.0)
    rejecting = crossing.upper.sum() * sided
    assert rejecting == pytest.approx(alpha, rel=1e-7)


def test_one_look_has_the_limit_of_a_fixed_sample():
    assert limits(information=(1.0,)).upper == pytest.approx((norm.isf(0.025),))


def test_wang_and_tsiatis_lie_between_their_ends():
    """Biometrics 1987;43:193: exponent 0 is O'Brien & Fleming's, 1/2 Pocock's."""
    low = limits(spending=Spending.WANG_TSIATIS, parameter=0.0)
    high = limits(spending=Spending.WANG_TSIATIS, parameter=0.5)
    assert low.upper == pytest.approx(limits(spending=Spending.OBRIEN_FLEMING).upper)
    assert high.upper == pytest.approx(limits(spending=Spending.POCOCK).upper)


@pytest.mark.parametrize("spending", sorted(SPENDING_FUNCTIONS))
def test_spending_begins_at_nothing_and_ends_at_all(spending):
    amounts = [
        spent(spending, error=0.05, share=share, parameter=PARAMETERS.get(spending))
        for share in (1e-9, 0.3, 0.7, 1.0, 1.4)
    ]
    assert amounts == sorted(amounts)
    assert amounts[0] < 1e-6
    assert amounts[3:] == pytest.approx([0.05, 0.05])


def test_spending_of_hwang_shih_and_decani_is_even_at_parameter_0():
    amount = spent(Spending.HWANG_SHIH_DECANI, error=0.05, share=0.3, parameter=0)
    assert amount == pytest.approx(0.015)


def test_a_shape_of_limits_spends_nothing():
    with pytest.raises(ValueError, match="pocock with parameter None"):
        spent(Spending.POCOCK, error=0.05, share=0.5, parameter=None)


def test_haybittle_and_peto_without_a_parameter_take_3():
    assert limits(spending=Spending.HAYBITTLE_PETO).upper[:2] == (3.0, 3.0)


def test_a_first_look_that_never_stops_changes_nothing():
    crossing = find_crossing(begin(drift=0.0), information=(0.5, 1.0), upper=(40.0, 1.96))
    assert crossing.upper == pytest.approx([0, norm.sf(1.96)], abs=1e-12)


def test_nobody_is_left_where_the_limits_meet():
    crossing = find_crossing(
        begin(drift=0.0), information=(0.5, 1.0), upper=(1.0, 2.0), lower=(1.0, 2.0)
    )
    assert crossing.upper == pytest.approx([norm.sf(1.0), 0])
    assert crossing.lower == pytest.approx([norm.cdf(1.0), 0])


def test_futility_that_binds_lowers_the_last_limit():
    free, binding = (
        limits(futility=Futility(binding=binding, z=(0.0, 0.5))) for binding in (False, True)
    )
    assert binding.upper[-1] < free.upper[-1]
    assert free.upper == limits().upper


def test_a_look_at_next_to_nothing_never_stops():
    first, last = limits(information=(0.0001, 1.0)).upper
    assert first == inf
    assert last == pytest.approx(norm.isf(0.025))


def test_limits_at_the_planned_looks_are_those_planned():
    found = find_boundaries_at(looks(), (1 / 3, 2 / 3, 1.0), final=True)
    assert found.upper == pytest.approx(limits().upper)


def test_limits_of_a_look_do_not_depend_on_the_looks_to_come():
    early = find_boundaries_at(looks(), (0.4,), final=False)
    later = find_boundaries_at(looks(), (0.4, 0.7, 1.1), final=True)
    assert early.upper == later.upper[:1]


@pytest.mark.parametrize("end", [0.9, 1.0, 1.15])
def test_all_of_alpha_is_spent_at_a_last_look_earlier_or_later_than_planned(end):
    found = find_boundaries_at(looks(), (0.4, end), final=True)
    assert found.crossing(drift=0.0).upper.sum() == pytest.approx(0.025)


def test_a_look_that_is_not_the_last_leaves_alpha_over():
    found = find_boundaries_at(looks(), (0.4, 0.9), final=False)
    assert found.crossing(drift=0.0).upper.sum() < 0.024


def test_limits_that_cannot_be_moved_are_refused():
    plan = looks(spending=Spending.POCOCK, futility=Futility(binding=True, z=(0.0, 0.0)))
    with pytest.raises(AnalysisError) as raised:
        find_boundaries_at(plan, (0.5, 0.4), final=True)
    assert len(raised.value.problems) == 3


def test_power_at_the_drift_with_a_power_is_that_power():
    bounds = limits()
    drift = find_drift(bounds, power=0.9)
    assert bounds.crossing(drift=drift).upper.sum() == pytest.approx(0.9)


def test_an_unequal_ratio_asks_for_more():
    even, odd = (
        find_size(limits(), TwoRates(treated=0.4, control=0.2, ratio=ratio), power=0.9)
        for ratio in (1.0, 3.0)
    )
    assert odd.largest > even.largest
    power = find_power(limits(), TwoRates(treated=0.4, control=0.2), total=even.largest)
    assert power.power == pytest.approx(0.9, abs=0.01)


def test_exact_design_with_one_look_sums_the_binomials():
    """Every table of two arms of 3 whose pooled z is above 1.96: only 3 against 0."""
    found = find_exact(ExactDesign(per_arm=(3,), upper=(1.96,)), treated=0.6, control=0.3)
    assert found.reject == pytest.approx(0.6**3 * 0.7**3)
    both = ExactDesign(per_arm=(3,), upper=(1.96,), sided=2)
    assert find_exact(both, treated=0.6, control=0.3).reject == pytest.approx(
        0.6**3 * 0.7**3 + 0.4**3 * 0.3**3
    )


def test_exact_futility_ends_the_trial():
    plan = ExactDesign(per_arm=(20, 40), upper=(9.0, 9.0), lower=(0.0,))
    found = find_exact(plan, treated=0.0, control=1.0)
    assert found.hopeless_by_look == pytest.approx((1.0, 0.0))
    assert found.expected_total == pytest.approx(40)


def test_exact_type_one_error_is_near_the_nominal():
    plan = ExactDesign(per_arm=(70, 140), upper=limits(information=(0.5, 1.0)).upper)
    largest = largest_type_one_error(plan, rates=(0.1, 0.3, 0.5))
    assert largest == pytest.approx(0.025, abs=0.002)
