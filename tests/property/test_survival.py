"""What survival must do whatever the data are."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from immunosep.analysis.cox import estimate_hazard_ratio, fit_cox
from immunosep.analysis.kaplan_meier import Interval, estimate_survival
from immunosep.analysis.log_rank import log_rank_test
from immunosep.analysis.partial_likelihood import Ties
from immunosep.analysis.restricted_mean import compare_restricted_means
from immunosep.errors import AnalysisError

FOLLOWED = st.lists(
    st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), min_size=2, max_size=25
).map(lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True)))


@given(FOLLOWED, st.sampled_from(Interval))
def test_the_curve_falls_within_its_interval(followed, interval):
    time, event, _ = followed
    curve = estimate_survival(time, event, interval=interval)
    told = curve.survival > 0
    assert (np.diff(curve.survival) <= 0).all()
    assert (curve.low[told] <= curve.survival[told] + 1e-12).all()
    assert (curve.high[told] >= curve.survival[told] - 1e-12).all()
    assert (curve.high[told] <= 1).all()


@given(FOLLOWED)
def test_twice_the_participants_have_the_same_curve_and_a_narrower_interval(followed):
    time, event, _ = followed
    one, two = (
        estimate_survival(time, event),
        estimate_survival(np.tile(time, 2), np.tile(event, 2)),
    )
    told = one.survival > 0
    assert two.survival == pytest.approx(one.survival)
    assert ((two.high - two.low)[told] <= (one.high - one.low)[told] + 1e-12).all()


ONLY_TIES = ([1, 2, 2], [False, True, True], [True, False, True])
ONE_EVENT_LEFT = ([1, 2, 2], [False, True, True], [False, False, True])


@given(FOLLOWED, st.sampled_from(Ties))
@example(tuple(map(np.array, ONLY_TIES)), Ties.EXACT)
@example(tuple(map(np.array, ONE_EVENT_LEFT)), Ties.EXACT)
def test_swapping_the_arms_mirrors_the_hazard_ratio(followed, ties):
    time, event, arm = followed
    one = estimate_hazard_ratio(time, event, treated=arm, ties=ties)
    two = estimate_hazard_ratio(time, event, treated=~arm, ties=ties)
    assert one.estimable == two.estimable
    assume(one.value is not None)
    assert [two.value, two.low, two.high] == pytest.approx(
        [1 / each for each in (one.value, one.high, one.low) if each], rel=1e-6
    )


@given(FOLLOWED, st.randoms())
def test_the_order_of_participants_changes_nothing(followed, random):
    time, event, arm = followed
    order = list(range(len(time)))
    random.shuffle(order)
    one = estimate_hazard_ratio(time, event, treated=arm)
    two = estimate_hazard_ratio(time[order], event[order], treated=arm[order])
    assert two.value == (None if one.value is None else pytest.approx(one.value, rel=1e-6))


@given(FOLLOWED)
def test_a_stratum_without_events_changes_no_hazard_ratio(followed):
    time, event, arm = followed
    strata = np.repeat([0, 1], [len(time), 2])
    one = estimate_hazard_ratio(time, event, treated=arm)
    two = estimate_hazard_ratio([*time, 3, 4], [*event, 0, 0], treated=[*arm, 0, 1], strata=strata)
    assert two.value == (None if one.value is None else pytest.approx(one.value, rel=1e-6))


@given(FOLLOWED, st.sampled_from([0.0, 1.0]))
def test_log_rank_expects_as_many_events_as_happened(followed, rho):
    time, event, arm = followed
    assume(0 < arm.sum() < len(arm))
    found = log_rank_test(time, event, group=arm, rho=rho)
    assert found.expected.sum() == pytest.approx(found.observed.sum())
    assert found.test.p_value is None or 0 <= found.test.p_value <= 1


@given(FOLLOWED)
def test_without_ties_log_rank_is_the_score_test_of_cox(followed):
    _, event, arm = followed
    time = np.arange(1, len(event) + 1)
    try:
        fit = fit_cox(time, event, covariates={"arm": arm})
    except AnalysisError:
        return
    found = log_rank_test(time, event, group=arm).test
    assert fit.score_test.statistic == pytest.approx(found.statistic)


@given(FOLLOWED, st.integers(1, 9))
def test_restricted_means_mirror(followed, tau):
    time, event, arm = followed
    one = compare_restricted_means(time, event, treated=arm, tau=tau)
    two = compare_restricted_means(time, event, treated=~arm, tau=tau)
    assert one.difference.estimable == two.difference.estimable
    assume(one.difference.value is not None)
    assert one.difference.value == pytest.approx(-(two.difference.value or 0.0))
    assert one.treated is not None
    assert 0 <= one.treated.mean <= tau
