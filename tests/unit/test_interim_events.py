"""When a trial will have its events."""

from collections.abc import Sequence
from math import exp
from typing import Any

import numpy as np
import pytest
from scipy.stats import nbinom

from immunosep.analysis.interim.events import (
    EventForecast,
    Hazard,
    Watched,
    fit_hazards,
    forecast_events,
)
from immunosep.errors import AnalysisError

DIED = [Watched(days=day, event=True, under_observation=False) for day in (2, 5, 12, 40)]
DONE = [Watched(days=90, event=False, under_observation=False)] * 6
WATCHED = [Watched(days=day, event=False, under_observation=True) for day in (0, 10, 30, 60)]
ALL = [*DIED, *DONE, *WATCHED]


def forecast(
    watched: Sequence[Watched] = ALL,
    *,
    days_ahead: Sequence[float] = (30, 90),
    longest: float = 90,
    seed: int = 7,
    **asked: Any,
) -> EventForecast:
    return forecast_events(
        watched,
        days_ahead=days_ahead,
        watched_for_days=longest,
        rng=np.random.default_rng(seed),
        **asked,
    )


def test_hazards_count_events_and_days_between_the_cuts():
    early, late = fit_hazards(ALL, cuts=(9,))
    assert (early.events, early.days) == (2, 2 + 5 + 9 * 11)
    assert (late.events, late.days) == (2, 3 + 31 + 6 * 81 + 1 + 21 + 51)


def test_an_event_on_day_0_counts_in_the_first_piece():
    first, second = fit_hazards([Watched(days=0, event=True, under_observation=False)], cuts=(9,))
    assert (first.events, second.events) == (1, 0)


def test_no_more_events_than_participants_at_risk():
    point = forecast().curve[-1]
    assert 4 <= point.low <= point.expected <= point.high <= 8


def test_expected_events_are_those_of_the_exponential():
    """10,000 past days fix the hazard at 0.02; 200 go on for 20 days."""
    past = [Watched(days=10, event=at < 1000, under_observation=False) for at in range(5000)]
    at_risk = [Watched(days=0, event=False, under_observation=True)] * 200
    found = forecast([*past, *at_risk], days_ahead=(20,), longest=1000)
    assert found.curve[0].expected == pytest.approx(1000 + 200 * (1 - exp(-0.4)), abs=1.5)


def test_nobody_has_an_event_after_the_end_of_observation():
    near_the_end = [Watched(days=89.999, event=False, under_observation=True)] * 50
    assert forecast([*DIED, *near_the_end]).curve[-1].high == 4


def test_a_hazard_that_falls_leaves_fewer_events_to_come():
    early = [Watched(days=1, event=True, under_observation=False)] * 40
    later = [Watched(days=60, event=False, under_observation=True)] * 60
    flat, falling = (forecast([*early, *later], cuts=cuts).curve[0] for cuts in ((), (9,)))
    assert falling.expected < flat.expected - 2


def test_those_still_to_be_enrolled_bring_events():
    """Nobody is at risk now: all events are of the new, whose number is negative binomial."""
    past = [Watched(days=1, event=True, under_observation=False)] * 4000
    found = forecast(past, days_ahead=(30,), longest=20, enrolled_per_day=(8.0, 10.0), draws=8000)
    new = nbinom(8.0, 10 / 40)
    assert found.curve[0].expected == pytest.approx(4000 + new.mean() * (1 - 1 / 30), rel=1e-3)
    assert found.curve[0].high == pytest.approx(4000 + new.ppf(0.975), abs=2)


def test_target_is_reached_between_early_and_late():
    found = forecast(target=5)
    assert found.early is not None
    assert found.middle is not None
    assert 0 < found.early < found.middle
    assert found.late is None or found.late > found.middle


def test_target_reached_already_needs_no_days():
    assert forecast(target=4).late == 0


def test_target_beyond_all_participants_is_never_reached():
    assert forecast(target=9).early is None


def test_same_generator_gives_the_same_forecast():
    assert forecast() == forecast()
    assert forecast() != forecast(seed=8)


def test_all_that_is_wrong_is_said_at_once():
    wrong = [Watched(days=-1, event=True, under_observation=True)]
    with pytest.raises(AnalysisError) as raised:
        forecast(wrong, days_ahead=(-1,), level=0, cuts=(90,))
    assert len(raised.value.problems) == 5


def test_no_participant_is_refused():
    with pytest.raises(AnalysisError, match="no participant was given"):
        forecast([])


def test_watched_beyond_the_end_is_refused():
    with pytest.raises(AnalysisError, match="watched beyond 5 days"):
        forecast(WATCHED, longest=5)


def test_a_piece_nobody_reached_is_refused():
    with pytest.raises(AnalysisError, match="nobody was watched beyond day 80"):
        forecast([*DIED, *WATCHED], cuts=(9, 80))


def test_hazard_is_a_plain_value():
    assert fit_hazards(DIED[:1])[0] == Hazard(start=0.0, end=float("inf"), events=1, days=2.0)
