"""When a trial will have its events: a forecast by simulation, for looks that come by events.

The hazard is constant between cuts in the time since randomisation, because in sepsis it falls;
each piece's hazard is gamma after its events and days (Jeffreys' prior). Participants under
observation go on from the day they have reached, those still to be enrolled begin at day 0, and
nobody is watched longer than planned (Bagiella & Heitjan Stat Med 2001;20:2055).

How many are enrolled comes from `screening.recruitment` with its own uncertainty, or is none. Both
arms are one here: a forecast tells nothing of the difference between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np

from immunosep.analysis.estimates import LEVEL
from immunosep.errors import AnalysisError

Array = np.ndarray[Any, np.dtype[np.float64]]

JEFFREYS = 0.5  # events added to those seen: the prior of a rate that is not informative
DRAWS = 4000


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One participant: for how many days, whether the event came, and whether it still may.

    `under_observation` is False for those who had the event, completed or were lost.
    """

    days: float
    event: bool
    under_observation: bool


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """Events and days of observation between two cuts, in days since randomisation."""

    start: float
    end: float
    events: int
    days: float


@dataclass(frozen=True, kw_only=True)
class EventsBy:
    """How many events there will be after some days more: expected, and with which interval."""

    days_ahead: float
    expected: float
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class EventForecast:
    """Events to come. `early`, `middle`, `late`: the days until the target, None if not reached."""

    events: int
    target: int | None
    hazards: tuple[Hazard, ...]
    curve: tuple[EventsBy, ...]
    early: float | None
    middle: float | None
    late: float | None
    level: float


def fit_hazards(watched: Sequence[Watched], *, cuts: Sequence[float] = ()) -> tuple[Hazard, ...]:
    """Events and days in each piece; `cuts` are days after which the hazard may differ."""
    edges = [0.0, *cuts, inf]
    days = np.array([each.days for each in watched], float)
    event = np.array([each.event for each in watched], bool)
    return tuple(
        Hazard(
            start=start,
            end=end,
            events=int((event & (days > start) & (days <= end)).sum())
            + (int((event & (days == 0)).sum()) if start == 0 else 0),
            days=float(np.clip(np.minimum(days, end) - start, 0, None).sum()),
        )
        for start, end in pairwise(edges)
    )


def forecast_events(
    watched: Sequence[Watched],
    *,
    days_ahead: Sequence[float],
    watched_for_days: float,
    rng: np.random.Generator,
    cuts: Sequence[float] = (),
    enrolled_per_day: tuple[float, float] | None = None,
    target: int | None = None,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> EventForecast:
    """How many events there will be after each of `days_ahead`, and when there are `target`.

    `enrolled_per_day` are shape and rate of the gamma distribution of the trial's enrolment rate;
    None if nobody is enrolled any more. Nobody is looked beyond the last of `days_ahead`.
    """
    _check(watched, days_ahead, watched_for_days, cuts, level)
    hazards = fit_hazards(watched, cuts=cuts)
    at_risk = np.array([each.days for each in watched if each.under_observation], float)
    horizon = max(days_ahead)
    times = [
        _draw_times(hazards, at_risk, watched_for_days, horizon, enrolled_per_day, rng)
        for _ in range(draws)
    ]
    seen = sum(each.event for each in watched)
    tail = (1 - level) / 2
    early, middle, late = _until(times, target, seen, (tail, 0.5, 1 - tail))
    return EventForecast(
        events=seen,
        target=target,
        hazards=hazards,
        curve=tuple(_by(ahead, times, seen, tail) for ahead in days_ahead),
        early=early,
        middle=middle,
        late=late,
        level=level,
    )


def _draw_times(
    hazards: Sequence[Hazard],
    at_risk: Array,
    longest: float,
    horizon: float,
    enrolled_per_day: tuple[float, float] | None,
    rng: np.random.Generator,
) -> Array:
    """In how many days each event of one possible future comes, in order."""
    rates = [_draw_rate(hazard, rng) for hazard in hazards]
    arrivals = _draw_arrivals(enrolled_per_day, horizon, rng)
    reached = np.concatenate([at_risk, np.zeros(len(arrivals))])
    begins = np.concatenate([-at_risk, arrivals])
    edges = np.array([*(hazard.start for hazard in hazards), longest + 1.0])
    edges = edges[edges <= longest + 1.0]
    cumulated = np.concatenate([[0.0], np.cumsum(np.diff(edges) * rates[: len(edges) - 1])])
    used = np.interp(reached, edges, cumulated) + rng.exponential(size=len(reached))
    on_day = np.interp(used, cumulated, edges, right=inf)
    return np.sort((begins + on_day)[on_day <= longest])


def _draw_rate(hazard: Hazard, rng: np.random.Generator) -> float:
    """A hazard; one of which nothing was observed is taken as none, and `_check` has refused it."""
    return rng.gamma(hazard.events + JEFFREYS) / hazard.days if hazard.days > 0 else 0.0


def _draw_arrivals(
    enrolled_per_day: tuple[float, float] | None, horizon: float, rng: np.random.Generator
) -> Array:
    if enrolled_per_day is None:
        return np.zeros(0)
    shape, rate = enrolled_per_day
    count = rng.poisson(rng.gamma(shape) / rate * horizon)
    return rng.uniform(0, horizon, size=count)


def _by(ahead: float, times: Sequence[Array], seen: int, tail: float) -> EventsBy:
    counts = np.array([np.searchsorted(each, ahead, side="right") for each in times])
    low, high = np.quantile(counts, [tail, 1 - tail], method="inverted_cdf")
    return EventsBy(
        days_ahead=ahead,
        expected=seen + float(counts.mean()),
        low=seen + int(low),
        high=seen + int(high),
    )


def _until(
    times: Sequence[Array], target: int | None, seen: int, chances: Sequence[float]
) -> list[float | None]:
    if target is None:
        return [None] * len(chances)
    needed = target - seen
    if needed <= 0:
        return [0.0] * len(chances)
    days = [each[needed - 1] if len(each) >= needed else inf for each in times]
    found = np.quantile(np.array(days), chances, method="inverted_cdf")
    return [float(day) if day < inf else None for day in found]


def _check(
    watched: Sequence[Watched],
    days_ahead: Sequence[float],
    longest: float,
    cuts: Sequence[float],
    level: float,
) -> None:
    problems = []
    if not watched:
        problems.append("no participant was given; expected at least one")
    if not days_ahead or min(days_ahead, default=0) < 0:
        problems.append("`days_ahead` are none, or below 0; expected days from now on")
    if any(each.days < 0 for each in watched):
        problems.append("a participant was watched for fewer than 0 days")
    if any(each.event and each.under_observation for each in watched):
        problems.append("a participant had the event and is under observation; expected only one")
    if any(each.under_observation and each.days > longest for each in watched):
        problems.append(f"a participant is watched beyond {longest:g} days, the planned end")
    if not 0 < level < 1:
        problems.append(f"the level is {level:g}, expected a probability, such as 0.95")
    problems += _wrong_cuts(watched, longest, cuts)
    if problems:
        raise AnalysisError("event forecast", problems)


def _wrong_cuts(watched: Sequence[Watched], longest: float, cuts: Sequence[float]) -> list[str]:
    edges = [0.0, *cuts, longest]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        return [f"cuts must rise between 0 and {longest:g} days, the planned end"]
    return [
        f"nobody was watched beyond day {hazard.start:g}, so that the hazard there is not known; "
        "leave that cut out"
        for hazard in fit_hazards(watched, cuts=cuts)
        if watched and hazard.days == 0
    ]
