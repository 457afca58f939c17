"""What comparing two arms by a model must do whatever the data are."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from immunosep.analysis.logistic import estimate_odds_ratio
from immunosep.analysis.means import Variances, compare_means
from immunosep.analysis.ordinal import estimate_common_odds_ratio
from immunosep.analysis.pairs import Higher, Later
from immunosep.analysis.tipping_point import ArmCounts, tip_responders
from immunosep.analysis.win_ratio import estimate_win_ratio
from tests.validation.golden import bounds

ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), min_size=4, max_size=30
).map(lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True)))
COUNTS = st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 3)).filter(
    lambda counts: sum(counts) > 0
)


@given(ROWS)
def test_swapping_the_arms_turns_the_odds_ratio_over(rows):
    _, response, arm = rows
    one = estimate_odds_ratio(response, covariates={"arm": arm}, of="arm")
    two = estimate_odds_ratio(response, covariates={"arm": ~arm}, of="arm")
    assert one.penalised == two.penalised
    assert one.estimate.estimable == two.estimate.estimable
    assume(one.estimate.estimable)
    low, value, high = bounds(one.estimate)
    assert bounds(two.estimate) == pytest.approx((1 / high, 1 / value, 1 / low), rel=1e-4)
    assert two.test.p_value == pytest.approx(one.test.p_value, abs=1e-6)


@given(ROWS)
def test_an_odds_ratio_lies_within_its_interval(rows):
    _, response, arm = rows
    found = estimate_odds_ratio(response, covariates={"arm": arm}, of="arm").estimate
    assume(found.estimable)
    low, value, high = bounds(found)
    assert 0 < low <= value <= high


APART = ([0, 0, 1, 1, 1], [False] * 5, [False, True, True, True, True])
ONE_ABOVE = ([0, 0, 1, 0, 0], [False] * 5, [False, True, True, True, True])


@given(ROWS)
@example(tuple(map(np.array, APART)))
@example(tuple(map(np.array, ONE_ABOVE)))
def test_swapping_the_arms_turns_the_common_odds_ratio_over(rows):
    place, _, arm = rows
    one = estimate_common_odds_ratio(place, treated=arm, order=range(6))
    two = estimate_common_odds_ratio(place, treated=~arm, order=range(6))
    assert one.estimate.estimable == two.estimate.estimable
    assume(one.estimate.estimable)
    low, value, high = bounds(one.estimate)
    assert bounds(two.estimate) == pytest.approx((1 / high, 1 / value, 1 / low), rel=1e-5)


@given(ROWS, st.sampled_from(Variances))
def test_swapping_the_arms_mirrors_the_difference_of_means(rows, variances):
    value, _, arm = rows
    one = compare_means(value, treated=arm, variances=variances)
    two = compare_means(value, treated=~arm, variances=variances)
    assert (one.difference.low is None) == (two.difference.low is None)
    assume(one.difference.low is not None)
    low, middle, high = bounds(one.difference)
    assert bounds(two.difference) == pytest.approx((-high, -middle, -low))


@given(ROWS, st.randoms())
def test_the_order_of_participants_changes_no_win_ratio(rows, random):
    value, event, arm = rows
    order = list(range(len(value)))
    random.shuffle(order)
    one = estimate_win_ratio([Later(time=value, event=event)], treated=arm)
    two = estimate_win_ratio([Later(time=value[order], event=event[order])], treated=arm[order])
    assert (one.wins, one.losses, one.ties) == (two.wins, two.losses, two.ties)
    assert one.net_benefit.value == two.net_benefit.value


@given(ROWS)
def test_twice_the_participants_have_the_same_net_benefit_and_a_narrower_interval(rows):
    value, _, arm = rows
    one = estimate_win_ratio([Higher(value=value)], treated=arm).net_benefit
    two = estimate_win_ratio([Higher(value=np.tile(value, 2))], treated=np.tile(arm, 2)).net_benefit
    assert one.estimable == two.estimable
    assume(one.low is not None)
    assert two.value == pytest.approx(one.value)
    low, _, high = bounds(one)
    low_two, _, high_two = bounds(two)
    assert high_two - low_two < high - low


@given(COUNTS, COUNTS)
def test_every_way_the_missing_could_have_gone_is_a_table(one, two):
    arms = [ArmCounts(responders=a, known=a + b, missing=missing) for a, b, missing in (one, two)]
    grid = tip_responders(treated=arms[0], control=arms[1])
    assert grid.p_value.shape == (one[2] + 1, two[2] + 1)
    assert ((grid.p_value >= 0) & (grid.p_value <= 1 + 1e-9)).all()
    assert (np.diff(grid.difference, axis=0) > 0).all()
    assert (np.diff(grid.difference, axis=1) < 0).all()
