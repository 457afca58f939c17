"""When a trial will have its participants: against closed forms, brute force and simulation."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import nbinom

from immunosep.errors import AnalysisError
from immunosep.screening.recruitment import (
    CentreCount,
    CentreRates,
    RecruitmentForecast,
    distribution_of,
    fit_rates,
    forecast_recruitment,
)

OPENED, TODAY = date(2021, 8, 5), date(2022, 6, 1)
COUNTS = (0, 0, 1, 2, 2, 3, 5, 9, 14, 30)
CENTRES = tuple(
    CentreCount(centre=str(at), opened=OPENED + timedelta(days=10 * at), enrolled=count)
    for at, count in enumerate(COUNTS)
)
RATES = CentreRates(shape=1.5, rate=60.0)


def forecast(
    centres: Sequence[CentreCount] = CENTRES, *, target: int = 200, **asked: Any
) -> RecruitmentForecast:
    return forecast_recruitment(centres, as_of=TODAY, target=target, **asked)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_rates_are_the_likeliest():
    """A search of both parameters at once, in place of ours of one."""
    days = [centre.open_days(date.min, TODAY) for centre in CENTRES]

    def cost(logarithms: Any) -> float:
        shape, rate = np.exp(logarithms)
        chances = nbinom.logpmf(COUNTS, shape, rate / (rate + np.array(days)))
        return -float(np.sum(chances))

    best = minimize(cost, [0.0, 3.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    found = fit_rates(CENTRES, as_of=TODAY)
    assert (found.shape, found.rate) == pytest.approx(tuple(np.exp(best.x)), rel=1e-4)
    assert not found.alike


def test_a_mean_rate_is_shape_by_rate():
    assert RATES.mean == pytest.approx(0.025)


def test_one_centre_to_come_is_a_negative_binomial():
    """Anisimov & Fedorov 2007: shape and k enrolled, rate and days open, over the days ahead."""
    centre = CentreCount(centre="a", opened=in_days(-100), enrolled=7)
    point = forecast([centre], days=[in_days(50)], rates=RATES).curve[0]
    exact = nbinom(1.5 + 7, 160 / 210)
    assert point.expected == pytest.approx(7 + exact.mean())
    assert (point.low, point.high) == (7 + exact.ppf(0.025), 7 + exact.ppf(0.975))


def test_target_day_is_the_first_with_the_chance():
    centre = CentreCount(centre="a", opened=in_days(-100), enrolled=7)
    found = forecast([centre], target=20, rates=RATES)
    assert found.middle is not None
    days = (found.middle - TODAY).days
    chances = [nbinom.sf(12, 8.5, 160 / (160 + ahead)) for ahead in (days - 1, days)]
    assert chances[0] < 0.5 <= chances[1]


@given(
    st.lists(
        st.tuples(st.floats(0.05, 300), st.floats(1e-4, 20)),
        min_size=1,
        max_size=6,
    )
)
def test_distribution_of_a_sum_has_its_mean_and_variance(terms):
    shapes, odds = (np.array(each) for each in zip(*terms, strict=True))
    chances = distribution_of(shapes, odds)
    counts = np.arange(len(chances))
    mean = chances @ counts
    assert chances.sum() == pytest.approx(1, abs=1e-7)
    assert mean == pytest.approx(shapes @ odds, rel=1e-5, abs=1e-5)
    assert chances @ (counts - mean) ** 2 == pytest.approx(
        shapes @ (odds * (1 + odds)), rel=1e-3, abs=1e-3
    )


def test_distribution_of_a_sum_is_that_of_its_convolution():
    both = distribution_of(np.array([0.7, 4.0]), np.array([3.0, 0.5]), at_most=40)
    one, other = nbinom.pmf(np.arange(41), 0.7, 1 / 4), nbinom.pmf(np.arange(41), 4.0, 1 / 1.5)
    assert both == pytest.approx(np.convolve(one, other)[:41], abs=1e-11)


def test_centres_alike_share_one_rate():
    same = [CentreCount(centre=str(at), opened=OPENED, enrolled=5) for at in range(6)]
    found = fit_rates(same, as_of=TODAY)
    assert found == CentreRates(shape=30.5, rate=6 * 300.0, alike=True)


def test_a_centre_that_stands_out_is_expected_to_go_on():
    wide, narrow = (
        forecast_recruitment(centres, as_of=TODAY, target=200, days=[in_days(200)])
        for centres in (CENTRES, [*CENTRES[:-1], CentreCount(centre="9", opened=in_days(-5))])
    )
    assert wide.curve[0].expected > narrow.curve[0].expected + 20


def test_a_centre_to_open_adds_from_its_day_on():
    coming = CentreCount(centre="new", opened=in_days(100))
    days = [in_days(90), in_days(200)]
    without, along = (forecast(each, days=days).curve for each in (CENTRES, [*CENTRES, coming]))
    assert along[0].expected == pytest.approx(without[0].expected)
    rates = fit_rates(CENTRES, as_of=TODAY)
    assert along[1].expected == pytest.approx(without[1].expected + 100 * rates.mean)


def test_centres_that_close_may_never_reach_the_target():
    closing = [CentreCount(centre="a", opened=OPENED, enrolled=9, closes=in_days(30))]
    found = forecast(closing, days=[in_days(30), in_days(900)])
    assert (found.early, found.middle, found.late) == (None, None, None)
    assert found.curve[0].expected == found.curve[1].expected


def test_a_target_reached_already_is_reached_today():
    found = forecast(target=20)
    assert (found.early, found.late) == (TODAY, TODAY)


def test_nobody_enrolled_yet_leaves_a_wide_interval():
    found = forecast([CentreCount(centre="a", opened=in_days(-60))], days=[in_days(60)])
    assert found.rates.alike
    assert (found.curve[0].low, found.late) == (0, None)


def test_interval_is_that_of_simulated_futures():
    found = forecast(days=[in_days(120)], rates=RATES)
    rng = np.random.default_rng(3)
    days = np.array([centre.open_days(date.min, TODAY) for centre in CENTRES])
    rates = rng.gamma(1.5 + np.array(COUNTS), size=(40_000, 10)) / (60 + days)
    totals = sum(COUNTS) + rng.poisson(rates * 120).sum(axis=1)
    point = found.curve[0]
    assert point.expected == pytest.approx(totals.mean(), rel=0.005)
    assert [point.low, point.high] == pytest.approx(np.quantile(totals, [0.025, 0.975]), abs=1)


def test_order_of_the_centres_does_not_matter():
    ahead, back = (
        forecast(centres, days=[in_days(120)]).curve[0] for centres in (CENTRES, CENTRES[::-1])
    )
    assert (back.low, back.high) == (ahead.low, ahead.high)
    assert back.expected == pytest.approx(ahead.expected)


def test_all_that_is_wrong_is_said_at_once():
    wrong = [
        CentreCount(centre="a", opened=in_days(3), enrolled=2),
        CentreCount(centre="b", opened=OPENED, enrolled=-1, closes=OPENED - timedelta(days=1)),
    ]
    with pytest.raises(AnalysisError) as raised:
        forecast(wrong, target=0, days=[in_days(-1)], level=2.0)
    assert len(raised.value.problems) == 6
    assert "centre a has enrolled before it opened" in raised.value.problems[0]


def test_no_centre_at_all_is_refused():
    with pytest.raises(AnalysisError, match="no centre was given"):
        forecast([])


def test_rates_need_a_centre_that_was_open():
    with pytest.raises(AnalysisError, match="give the planned `rates`"):
        forecast([CentreCount(centre="a", opened=in_days(10))])
