"""Adverse events of virtual participants until day 90: one row is one event."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from immunosep.simulation import published_outcomes as outcomes
from immunosep.simulation.course_cast import DAY_S, Cast, Floats
from immunosep.simulation.sofa_courses import Bools, Ints

LAST_ONSET = 45  # assumed: most events fall into the first weeks
MODERATE, SEVERE, FATAL = 2, 3, 5  # CTCAE 5.0 grades


@dataclass(frozen=True, kw_only=True, eq=False)
class EventCourses:
    """Whose (a place in the cast) each event is, and what was written of it."""

    participant: Ints
    serious: Bools
    term: NDArray[np.str_]
    organ_class: NDArray[np.str_]
    began_s: Ints
    ended_s: Ints
    grade: Ints
    related: Bools
    susar: Bools
    fatal: Bools


def draw_events(cast: Cast, rng: np.random.Generator) -> EventCourses:
    """Every event of everybody, participants in order, serious ones first."""
    serious = _draw_counts(cast.by_cell(dict(outcomes.SERIOUS)), outcomes.SERIOUS_EACH, rng)
    others = _draw_counts(cast.by_cell(dict(outcomes.ANY_EVENT)), outcomes.OTHERS_EACH, rng)
    who = np.concatenate([np.repeat(np.arange(len(cast)), n) for n in (serious, others)])
    is_serious = np.arange(len(who)) < serious.sum()
    first = np.r_[True, np.diff(who) != 0] & is_serious  # one event of each who has any
    related = first & (rng.random(len(who)) < cast.by_arm(outcomes.RELATED)[who])
    susar = first & (rng.random(len(who)) < cast.by_cell(dict(outcomes.UNEXPECTED))[who])
    began, ended, fatal = _draw_times(cast, who, is_serious, rng)
    term, organ_class = _draw_terms(is_serious, rng)
    severe = rng.random(len(who)) < 1 - (1 - outcomes.SEVERE) ** (1 / outcomes.OTHERS_EACH)
    order = np.argsort(who, kind="stable")
    return EventCourses(
        participant=who[order],
        serious=is_serious[order],
        term=term[order],
        organ_class=organ_class[order],
        began_s=began[order],
        ended_s=ended[order],
        grade=np.where(fatal, FATAL, np.where(is_serious | severe, SEVERE, MODERATE))[order],
        related=(related | susar)[order],
        susar=susar[order],
        fatal=fatal[order],
    )


def _draw_counts(share: Floats, each: float, rng: np.random.Generator) -> Ints:
    """None, or one and more: `each` on average of those with any."""
    has = rng.random(len(share)) < share
    return np.where(has, 1 + rng.poisson(each - 1, len(share)), 0).astype(np.int64)


def _draw_times(
    cast: Cast, who: Ints, serious: Bools, rng: np.random.Generator
) -> tuple[Ints, Ints, Bools]:
    """When each began and ended; the last serious one of somebody who dies is why they do."""
    until = np.minimum(cast.death_day[who], LAST_ONSET)
    began_day = rng.random(len(who)) * np.maximum(until - 1, 0.5)
    length = rng.gamma(1.5, 4, len(who))
    death = (cast.death_day[who] - 1).astype(float)
    ended_day = np.minimum(began_day + length, death)
    fatal = np.zeros(len(who), dtype=bool)
    of_serious = np.flatnonzero(serious)
    last = of_serious[np.r_[np.diff(who[of_serious]) != 0, np.ones(min(1, len(of_serious)), bool)]]
    fatal[last] = cast.death_day[who[last]] <= LAST_ONSET
    dose = cast.first_dose_s[who]
    return (
        dose + (began_day * DAY_S).astype(np.int64),
        dose + (np.where(fatal, death, ended_day) * DAY_S).astype(np.int64),
        fatal,
    )


def _draw_terms(
    serious: Bools, rng: np.random.Generator
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    term = np.empty(len(serious), dtype="U60")
    organ_class = np.empty(len(serious), dtype="U60")
    for kind, of in (("serious", serious), ("other", ~serious)):
        words, classes, weights = zip(*outcomes.TERMS[kind], strict=True)
        share = np.array(weights) / sum(weights)
        at = rng.choice(len(words), size=int(of.sum()), p=share)
        term[of], organ_class[of] = np.array(words)[at], np.array(classes)[at]
    return term, organ_class
