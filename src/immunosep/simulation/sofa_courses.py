"""Daily SOFA of virtual participants to day 15, so that as many respond as were published to.

One row is one participant, one column one day. Whether a participant responds by day 9, and by day
15, is drawn first, in the published proportions of their arm and immune state; a course is then
drawn anew until its own scores say the same (rejection). Deaths and discharges are given.

The shape of a course, a straight approach to a level of its own with noise from day to day, is
assumed; the levels only have to lie on the right side of the limit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from immunosep.concepts.sofa import COMPONENTS, WORST_COMPONENT, WORST_TOTAL
from immunosep.simulation import published
from immunosep.simulation import published_outcomes as outcomes
from immunosep.trials.immunosep.endpoints import RESPONDS_ABOVE, SOFA_WHEN_DEAD

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAYS = 15
ROUNDS = 400  # of drawing anew; who then still has none keeps the last, a few in 10,000
NEVER = 10_000  # the day of what does not happen
LOWEST_AT_ENTRY = 2  # Sepsis-3


@dataclass(frozen=True, kw_only=True, eq=False)
class Fates:
    """What a course must agree with, one value per participant; days count from the first dose."""

    treated: Bools
    mals: Bools
    death_day: Ints
    discharge_day: Ints
    not_assessed_on_day_9: Bools


@dataclass(frozen=True, kw_only=True, eq=False)
class SofaCourses:
    """Totals and whether they were seen, participant by day; parts, participant by day by part."""

    totals: Ints
    seen: Bools
    parts: NDArray[np.float64]


def draw_sofa(fates: Fates, rng: np.random.Generator) -> SofaCourses:
    """The scores of everybody on days 1 to 15, with gaps where nobody could or did look."""
    count = len(fates.treated)
    entry = np.clip(
        np.rint(rng.normal(published.SOFA_MEAN, published.SOFA_SD, count)),
        LOWEST_AT_ENTRY,
        WORST_TOTAL,
    ).astype(np.int64)
    seen = _seen(fates, rng)
    wanted_9, wanted_15 = _wanted(fates, rng)
    totals = np.zeros((count, DAYS), dtype=np.int64)
    open_ = np.arange(count)
    for _ in range(ROUNDS):
        totals[open_] = _draw_paths(entry[open_], wanted_9[open_], wanted_15[open_], rng)
        fits = _fits(totals[open_], seen[open_], fates.death_day[open_],
                     wanted_9[open_], wanted_15[open_])  # fmt: skip
        open_ = open_[~fits]
        if not len(open_):
            break
    return SofaCourses(totals=totals, seen=seen, parts=_draw_parts(totals, seen, rng))


def _seen(fates: Fates, rng: np.random.Generator) -> Bools:
    days = np.arange(1, DAYS + 1)
    seen = (days < fates.death_day[:, None]) & (days < fates.discharge_day[:, None])
    missed = rng.random(seen.shape) < outcomes.NOT_ASSESSED
    missed[:, [0, 8]] = False
    missed[:, 8] |= fates.not_assessed_on_day_9
    found: Bools = seen & ~missed
    return found


def _wanted(fates: Fates, rng: np.random.Generator) -> tuple[Bools, Ints]:
    """Who responds by day 9, and by day 15 (1 or 0, and -1 where death decides by itself)."""
    arm = np.where(fates.treated, 0, 1)
    state = np.where(fates.mals, 0, 1)

    def by_arm(pair: outcomes.Pair) -> NDArray[np.float64]:
        return np.asarray(pair)[arm]

    def by_cell(cells: dict[str, outcomes.Pair]) -> NDArray[np.float64]:
        return np.asarray([cells["mals"], cells["immunoparalysis"]])[state, arm]

    dead_9, dead_28 = by_arm(outcomes.DEAD_BY_DAY_9), by_arm(outcomes.DEAD_BY_DAY_28)
    carried, of_carried = by_arm(outcomes.CARRIED_ON_DAY_9), by_arm(outcomes.CARRIED_WHO_RESPOND)
    respond = by_cell(dict(outcomes.RESPOND_DAY_9))
    others = (respond - carried * of_carried) / (1 - dead_9 - carried)
    is_carried = (fates.discharge_day <= 9) | fates.not_assessed_on_day_9
    alive_9 = fates.death_day > 9
    nine = alive_9 & (rng.random(len(arm)) < np.where(is_carried, of_carried, others))
    # Between day 9 and day 28 deaths are even, so 6 of 19 parts of them fall by day 15.
    alive_15 = 1 - dead_9 - (dead_28 - dead_9) * (DAYS - 9) / (28 - 9)
    both = respond * alive_15 / (1 - dead_9)
    late = (by_cell(dict(outcomes.RESPOND_DAY_15)) - outcomes.STILL_RESPOND * both) / (
        alive_15 - both
    )
    fifteen = rng.random(len(arm)) < np.where(nine, outcomes.STILL_RESPOND, late)
    return nine, np.where(fates.death_day > DAYS, fifteen.astype(np.int64), -1)


def _draw_paths(entry: Ints, nine: Bools, fifteen: Ints, rng: np.random.Generator) -> Ints:
    """Days 1 to 15: towards one level until day 9, towards another after it."""
    count = len(entry)
    fall = np.where(nine, 1.5 + rng.gamma(2, 1.1, count), 1.2 - rng.gamma(1.5, 1.2, count))
    later = np.where(
        fifteen == 1, 1.5 + rng.gamma(2.5, 1.2, count), 1.2 - rng.gamma(1.5, 1.4, count)
    )
    later = np.where(fifteen == -1, fall - rng.gamma(2, 1, count), later)
    early_days, late_days = np.arange(2, 10), np.arange(10, DAYS + 1)
    early = fall[:, None] * np.minimum((early_days - 1) / 3.0, 1.3)
    # What days 10 to 15 must be on average for the mean of days 2 to 15 to lie at `later`.
    tail = (later * 14 - early.sum(axis=1)) / len(late_days)
    # They leave the level of day 9 step by step, six steps that are 1 on average.
    steps = np.linspace(0.6, 1.4, len(late_days))
    before = early[:, -1:]
    falls = np.concatenate([early, before + (tail[:, None] - before) * steps], axis=1)
    noise = rng.normal(0, 0.7, falls.shape)
    path = np.clip(np.rint(entry[:, None] - falls + noise), 0, WORST_TOTAL - 1).astype(np.int64)
    return np.concatenate([entry[:, None], path], axis=1)


def _fits(totals: Ints, seen: Bools, death_day: Ints, nine: Bools, fifteen: Ints) -> Bools:
    """Whether the scores, missing ones carried forward, say what was wanted."""
    days = np.arange(DAYS)
    last = np.maximum.accumulate(np.where(seen, days, 0), axis=1)
    carried = np.take_along_axis(totals, last, axis=1)
    values = np.where(days + 1 >= death_day[:, None], SOFA_WHEN_DEAD, carried)
    early = values[:, 0] - values[:, 1:9].mean(axis=1) > RESPONDS_ABOVE
    late = values[:, 0] - values[:, 1:15].mean(axis=1) > RESPONDS_ABOVE
    found: Bools = (early == nine) & ((fifteen == -1) | (late == fifteen))
    return found


def _draw_parts(totals: Ints, seen: Bools, rng: np.random.Generator) -> NDArray[np.float64]:
    """Six parts that add up to each total; NaN where not measured.

    Each participant fails organs in an order of their own: the first points of it are those of any
    total, so parts rise and fall together as the total does.
    """
    count, slots = len(totals), WORST_COMPONENT * len(COMPONENTS)
    order = np.argsort(rng.random((count, slots), dtype=np.float32), axis=1)
    rank = np.argsort(order, axis=1).reshape(count, len(COMPONENTS), WORST_COMPONENT)
    parts = np.empty((*totals.shape, len(COMPONENTS)))
    for day in range(totals.shape[1]):
        parts[:, day] = (rank < totals[:, day, None, None]).sum(axis=2)
    parts[~seen] = np.nan
    unmeasured = (rng.random(totals.shape) < outcomes.PART_MISSING)[..., None] & (
        np.arange(len(COMPONENTS)) == rng.integers(0, len(COMPONENTS), totals.shape)[..., None]
    )
    parts[unmeasured & (parts == 0)] = np.nan
    return parts
