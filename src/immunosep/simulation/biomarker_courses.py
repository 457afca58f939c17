"""Ferritin and HLA-DR of virtual participants: at entry, and on the days of a second look.

One row of `Biomarkers` is one sample. At entry they are those of the patient's immune state; later
ones are such that the published share of those sampled again leaves it. When somebody leaves it,
which is the same for both states, and how far values move, are assumed.
"""

from dataclasses import dataclass

import numpy as np

from immunosep.simulation import published
from immunosep.simulation import published_outcomes as outcomes
from immunosep.simulation.course_cast import Cast, Floats
from immunosep.simulation.sofa_courses import Bools, Ints
from immunosep.trials.immunosep.endpoints import (
    FERRITIN_FALL,
    REVERSED_FERRITIN_NG_ML,
    REVERSED_HLA_DR,
)
from immunosep.trials.immunosep.immune_states import FERRITIN_NG_ML, HLA_DR_PER_MONOCYTE
from immunosep.trials.immunosep.schedule import BIOMARKER_DAYS

LATER_DAYS = np.array([day for day in BIOMARKER_DAYS if day > 0])
SECOND_BY = 4  # assumed: those sampled again live at least until this day


@dataclass(frozen=True, kw_only=True, eq=False)
class Biomarkers:
    """One row per sample: whose (a place in the cast), on which day, and what was found."""

    participant: Ints
    day: Ints
    ferritin_ng_ml: Floats
    hla_dr: Floats
    ferritin_at_entry: Floats  # one per participant
    hla_dr_at_entry: Floats


def draw_biomarkers(cast: Cast, rng: np.random.Generator) -> Biomarkers:
    """Every sample of everybody, in the order of the participants and days."""
    ferritin, hla_dr = _draw_entry(cast, rng)
    again = _draw_sampled_again(cast, rng)
    who, days = np.nonzero(again[:, None] & (cast.death_day[:, None] > LATER_DAYS))
    day = LATER_DAYS[days]
    leaves = rng.random(len(cast)) < cast.by_arm(outcomes.REVERSED_OF_SAMPLED)
    due = np.array([np.searchsorted(LATER_DAYS, np.minimum(cast.death_day - 1, 28), side="right")])[
        0
    ]
    since = LATER_DAYS[np.minimum((rng.random(len(cast)) * np.maximum(due, 1)).astype(int), 7)]
    left = leaves[who] & (day >= since[who])
    later_ferritin, later_hla_dr = _draw_later(cast, ferritin, hla_dr, who, left, rng)
    at_entry = np.arange(len(cast))
    order = np.argsort(np.concatenate([at_entry, who]), kind="stable")
    return Biomarkers(
        participant=np.concatenate([at_entry, who])[order],
        day=np.concatenate([np.zeros(len(cast), dtype=np.int64), day])[order],
        ferritin_ng_ml=np.concatenate([ferritin, later_ferritin])[order],
        hla_dr=np.concatenate([hla_dr, later_hla_dr])[order],
        ferritin_at_entry=ferritin,
        hla_dr_at_entry=hla_dr,
    )


def _draw_entry(cast: Cast, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """A pair for each: drawn as among those screened, kept where it has the state wanted."""
    ferritin, hla_dr = np.zeros(len(cast)), np.zeros(len(cast))
    open_ = np.arange(len(cast))
    while len(open_):
        one, two = rng.standard_normal((2, len(open_)))
        other = published.CORRELATION * one + np.sqrt(1 - published.CORRELATION**2) * two
        ferritin[open_] = np.rint(
            np.exp(published.FERRITIN_LOG_MEAN + published.FERRITIN_LOG_SD * one)
        )
        hla_dr[open_] = np.rint(np.exp(published.HLA_DR_LOG_MEAN + published.HLA_DR_LOG_SD * other))
        high = ferritin[open_] > FERRITIN_NG_ML
        paralysed = ~high & (hla_dr[open_] < HLA_DR_PER_MONOCYTE)
        open_ = open_[~np.where(cast.mals[open_], high, paralysed)]
    return ferritin, hla_dr


def _draw_sampled_again(cast: Cast, rng: np.random.Generator) -> Bools:
    """Whether there is a second sample, in the published share of each arm."""
    can = cast.death_day > SECOND_BY
    share = np.ones(len(cast))
    for arm in (True, False):
        of = cast.treated == arm
        share[of] = can[of].mean() if of.any() and can[of].any() else 1.0
    found: Bools = can & (rng.random(len(cast)) < cast.by_arm(outcomes.SAMPLED_AGAIN) / share)
    return found


def _draw_later(
    cast: Cast, ferritin: Floats, hla_dr: Floats, who: Ints, left: Bools, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Ferritin and HLA-DR of later samples, on the side of the limits that `left` says."""
    count = len(who)
    before, mals = ferritin[who], cast.mals[who]
    kept = 1 - FERRITIN_FALL
    factor = np.where(
        left, rng.uniform(0.25, kept - 0.01, count), rng.uniform(kept + 0.01, 1.5, count)
    )
    # With immunoparalysis ferritin stays below its limit, and HLA-DR alone decides.
    low = np.minimum(before * rng.uniform(0.5, 1.1, count), REVERSED_FERRITIN_NG_ML - 10)
    rising = np.where(
        left,
        REVERSED_HLA_DR + 1 + rng.gamma(2, 3000, count),
        np.minimum(hla_dr[who] * rng.uniform(0.8, 1.6, count), REVERSED_HLA_DR),
    )
    return np.rint(np.where(mals, before * factor, low)), np.rint(rising)
