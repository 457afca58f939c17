"""The win ratio against counts by hand, Mann-Whitney's U and the spread of simulated trials."""

from math import log

import numpy as np
import pytest
from scipy import stats

from immunosep.analysis.pairs import Higher, Later, Outcome
from immunosep.analysis.win_ratio import estimate_win_ratio
from immunosep.errors import AnalysisError
from tests.validation.golden import bounds, width

# Treated die on day 5, or live to day 28 with SOFA falling by 6; controls die on day 3, are lost on
# day 4, or live to day 28 with SOFA falling by 2.
TIME = [5, 28, 3, 4, 28]
EVENT = [1, 0, 1, 0, 0]
FALL = [np.nan, 6, np.nan, 3, 2]
TREATED = [1, 1, 0, 0, 0]
BOTH: list[Outcome] = [Later(time=TIME, event=EVENT), Higher(value=FALL)]


def test_pairs_are_those_counted_by_hand():
    found = estimate_win_ratio(BOTH, treated=TREATED)
    assert (found.wins, found.losses, found.ties) == (4, 1, 1)
    assert found.decided_by == (3, 2)
    assert found.win_ratio.value == pytest.approx(4)
    assert found.net_benefit.value == pytest.approx(3 / 6)
    assert found.win_odds.value == pytest.approx((4 + 0.5) / (1 + 0.5))


def test_the_variance_is_that_of_hand():
    found = estimate_win_ratio(BOTH, treated=TREATED)
    of_treated, of_control = 2 * np.cov([1, 3], [1, 0]), 3 * np.cov([2, 1, 1], [0, 0, 1])
    slope = np.array([1 / 4, -1 / 1])
    error = (slope @ (of_treated + of_control) @ slope) ** 0.5
    low, value, high = (log(each) for each in bounds(found.win_ratio))
    assert high - low == pytest.approx(2 * 1.959964 * error)
    assert found.test.statistic == pytest.approx(value / error)


def told(mine: tuple[float, bool, float], theirs: tuple[float, bool, float]) -> int:
    """Who of a pair wins, by the definition: 1, -1 or 0."""
    (t, had, fall), (u, have, drop) = mine, theirs
    longer = int(have and (t > u or (t == u and not had)))
    shorter = int(had and (u > t or (u == t and not have)))
    return (longer - shorter) or int(fall > drop) - int(fall < drop)


def test_participants_alike_count_as_often_as_there_are():
    rng = np.random.default_rng(4)
    time, event = rng.integers(1, 6, 90).astype(float), rng.random(90) < 0.5
    fall = np.where(rng.random(90) < 0.2, np.nan, rng.integers(0, 4, 90))
    treated = rng.random(90) < 0.5
    outcomes: list[Outcome] = [Later(time=time, event=event), Higher(value=fall)]
    found = estimate_win_ratio(outcomes, treated=treated)
    people = list(zip(time.tolist(), event.tolist(), fall.tolist(), strict=True))
    one, two = ([people[at] for at in np.flatnonzero(arm)] for arm in (treated, ~treated))
    signs = [told(mine, theirs) for mine in one for theirs in two]
    assert (found.wins, found.losses) == (signs.count(1), signs.count(-1))


def test_a_death_on_the_day_another_is_last_seen_loses():
    found = estimate_win_ratio([Later(time=[5, 5], event=[0, 1])], treated=[1, 0])
    assert (found.wins, found.losses) == (1, 0)


def test_deaths_on_the_same_day_tie():
    found = estimate_win_ratio([Later(time=[5, 5], event=[1, 1])], treated=[1, 0])
    assert found.ties == 1


def test_who_is_lost_before_the_other_dies_ties():
    found = estimate_win_ratio([Later(time=[4, 5], event=[0, 1])], treated=[1, 0])
    assert found.ties == 1


def test_within_a_margin_nobody_wins():
    found = estimate_win_ratio([Higher(value=[3, 2], margin=1)], treated=[1, 0])
    assert found.ties == 1


def test_the_net_benefit_of_one_number_is_mann_whitneys():
    rng = np.random.default_rng(6)
    value, treated = rng.integers(0, 9, 50), np.arange(50) < 22
    found = estimate_win_ratio([Higher(value=value)], treated=treated)
    u = stats.mannwhitneyu(value[treated], value[~treated]).statistic
    assert found.net_benefit.value == pytest.approx(2 * u / (22 * 28) - 1)


def test_strata_count_only_pairs_within():
    one = estimate_win_ratio(BOTH, treated=TREATED)
    twice: list[Outcome] = [
        Later(time=TIME * 2, event=EVENT * 2),
        Higher(value=FALL * 2),
    ]
    two = estimate_win_ratio(twice, treated=TREATED * 2, strata=np.repeat(["a", "b"], 5))
    assert (two.wins, two.losses, two.ties) == (8, 2, 2)
    assert two.win_ratio.value == pytest.approx(one.win_ratio.value)
    assert two.net_benefit.value == pytest.approx(one.net_benefit.value)
    assert width(two.net_benefit) == pytest.approx(width(one.net_benefit) / 2**0.5)


def test_strata_are_weighted_by_one_over_their_size():
    value = [2, 1, 1, 2, 2, 1, 1, 1]
    treated, strata = [1, 1, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1]
    found = estimate_win_ratio(
        [Higher(value=[*value, 2, 1])], treated=[*treated, 1, 0], strata=[*strata, 1, 1]
    )
    # Stratum 0: one win, one loss of four participants. Stratum 1: six wins, none lost, of six.
    assert found.win_ratio.value == pytest.approx((1 / 4 + 6 / 6) / (1 / 4))


def test_a_stratum_of_one_arm_changes_nothing():
    value, treated = [3, 1, 2, 2, 1, 4], [1, 1, 1, 0, 0, 0]
    one = estimate_win_ratio([Higher(value=value)], treated=treated)
    two = estimate_win_ratio(
        [Higher(value=[*value, 9])], treated=[*treated, 1], strata=[*"aaaaaa", "b"]
    )
    assert two.win_ratio.value == pytest.approx(one.win_ratio.value)
    assert two.win_ratio.low == pytest.approx(one.win_ratio.low)


def test_swapping_the_arms_turns_the_ratio_over():
    one = estimate_win_ratio(BOTH, treated=TREATED)
    two = estimate_win_ratio(BOTH, treated=[1 - arm for arm in TREATED])
    low, value, high = bounds(one.win_ratio)
    assert bounds(two.win_ratio) == pytest.approx((1 / high, 1 / value, 1 / low))
    assert one.net_benefit.value == pytest.approx(-bounds(two.net_benefit)[1])


def test_pairs_in_parts_are_the_pairs_at_once(monkeypatch):
    rng = np.random.default_rng(9)
    outcomes: list[Outcome] = [Higher(value=rng.normal(size=60))]
    whole = estimate_win_ratio(outcomes, treated=np.arange(60) < 30)
    monkeypatch.setattr("immunosep.analysis.pairs._AT_ONCE", 100)
    assert estimate_win_ratio(outcomes, treated=np.arange(60) < 30) == whole


@pytest.mark.parametrize("arm", [[1, 1, 1], [0, 0, 0]])
def test_no_win_ratio_of_one_arm(arm):
    found = estimate_win_ratio([Higher(value=[1, 2, 3])], treated=arm)
    answers = [found.win_ratio.value, found.win_odds.value, found.net_benefit.value]
    assert answers == [None, None, None]


def test_no_win_ratio_where_nothing_is_lost():
    found = estimate_win_ratio([Higher(value=[3, 4, 1, 2])], treated=[1, 1, 0, 0])
    assert (found.win_ratio.value, found.win_odds.value, found.test.p_value) == (None, None, None)
    assert found.net_benefit.value == 1


def test_nobody_dies_and_all_is_tied():
    found = estimate_win_ratio([Later(time=[9, 9, 9, 9], event=[0] * 4)], treated=[1, 1, 0, 0])
    assert (found.ties, found.win_ratio.value, found.win_odds.value) == (4, None, 1)


def test_one_participant_in_an_arm_has_no_interval():
    found = estimate_win_ratio([Higher(value=[2, 1, 3])], treated=[1, 0, 0])
    assert (found.win_ratio.value, found.win_ratio.low, found.test.p_value) == (1, None, None)


def test_an_outcome_of_another_length_is_an_error():
    with pytest.raises(AnalysisError, match="2 values; expected one for each of 3"):
        estimate_win_ratio([Higher(value=[1, 2])], treated=[1, 0, 0])


def test_no_outcome_is_an_error():
    with pytest.raises(AnalysisError, match="no outcome is given"):
        estimate_win_ratio([], treated=[1, 0])


def test_the_standard_error_is_the_spread_of_simulated_trials():
    rng = np.random.default_rng(10)
    treated = np.arange(160) < 80
    logs, widths = [], []
    for _ in range(400):
        time = rng.exponential(np.where(treated, 40, 30))
        fall = rng.normal(np.where(treated, 1.0, 0.0), 3)
        found = estimate_win_ratio(
            [Later(time=np.minimum(time, 28), event=time < 28), Higher(value=fall)],
            treated=treated,
        )
        low, value, high = bounds(found.win_ratio)
        logs.append(log(value))
        widths.append(log(high / low) / (2 * 1.959964))
    assert np.mean(widths) == pytest.approx(np.std(logs), rel=0.12)  # 3.3 errors of a deviation
