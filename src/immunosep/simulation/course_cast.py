"""Who takes part in a virtual trial, where, in which arm, and what becomes of them until day 90.

One row is one participant; every array has their order. Sources: `published`,
`published_outcomes`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from immunosep.protocol.trial import Trial
from immunosep.simulation import published
from immunosep.simulation import published_outcomes as outcomes
from immunosep.simulation.sofa_courses import DAYS, NEVER, Bools, Fates, Ints

Floats = NDArray[np.float64]

DAY_S = 86_400
BEGAN_S = 1_628_121_600  # 5 August 2021, JAMA 2026;335:775: the first participant
RAN_DAYS = 906  # to the last first dose; the follow-up ended on 29 April 2024
BLOCK = 4  # places of a centre's list that hold both arms alike; the trial's value mixes 4 and 6
LAST_DAY = 90
SAFE_UNTIL = 28  # assumed: nobody discharged by day 15 dies before


@dataclass(frozen=True, kw_only=True, eq=False)
class Cast:
    """The participants. Days count from the first dose; NEVER for what does not happen."""

    centre: Ints  # at which of the trial's centres
    position: Ints  # in the centre's list
    treated: Bools
    mals: Bools
    withdrew: Bools
    first_dose_s: Ints
    sepsis_s: Ints
    death_day: Ints
    discharge_day: Ints
    not_assessed_on_day_9: Bools
    stopped: Bools
    stopped_because: NDArray[np.str_]
    stopped_day: Ints

    def __len__(self) -> int:
        """How many there are."""
        return len(self.treated)

    def by_arm(self, pair: outcomes.Pair) -> Floats:
        """Of a pair of numbers, each participant's own."""
        found: Floats = np.where(self.treated, *pair)
        return found

    def by_cell(self, cells: dict[str, outcomes.Pair]) -> Floats:
        """Of a pair of numbers for each immune state, each participant's own."""
        found: Floats = np.where(
            self.mals, self.by_arm(cells["mals"]), self.by_arm(cells["immunoparalysis"])
        )
        return found

    @property
    def fates(self) -> Fates:
        """What the daily scores must agree with."""
        return Fates(
            treated=self.treated,
            mals=self.mals,
            death_day=self.death_day,
            discharge_day=self.discharge_day,
            not_assessed_on_day_9=self.not_assessed_on_day_9,
        )


def draw_cast(rng: np.random.Generator, *, participants: int, trial: Trial) -> Cast:
    """So many participants of the trial's centres, in the order in which they were randomised."""
    centre = _draw_centres(rng, participants, len(trial.centres))
    position = _positions(centre)
    treated = _draw_arms(rng, centre, position)
    mals = rng.random(participants) < np.where(treated, *outcomes.MALS)
    death_day = _draw_deaths(rng, treated)
    discharge_day, missed = _draw_discharges(rng, treated, death_day)
    first_dose_s = np.sort(BEGAN_S + rng.integers(0, RAN_DAYS * DAY_S, participants))
    wait_h = np.clip(
        rng.normal(published.TO_FIRST_DOSE_MEDIAN_H, published.TO_FIRST_DOSE_SD_H, participants),
        8, 71,
    )  # fmt: skip
    stopped, because, stopped_day = _draw_stops(rng, treated, death_day, discharge_day)
    return Cast(
        centre=centre,
        position=position,
        treated=treated,
        mals=mals,
        withdrew=rng.random(participants) < np.where(treated, *outcomes.WITHDREW),
        first_dose_s=first_dose_s,
        sepsis_s=first_dose_s - (wait_h * 3600).astype(np.int64),
        death_day=death_day,
        discharge_day=discharge_day,
        not_assessed_on_day_9=missed,
        stopped=stopped,
        stopped_because=because,
        stopped_day=stopped_day,
    )


def _draw_centres(rng: np.random.Generator, count: int, known: int) -> Ints:
    """Few large centres, many small: rates are gamma (Anisimov Stat Med 2007;26:4958)."""
    open_ = rng.choice(known, size=min(published.CENTRES_IN_REPORT, known), replace=False)
    size = rng.gamma(1.0, size=len(open_))
    return open_[rng.choice(len(open_), size=count, p=size / size.sum())].astype(np.int64)


def _positions(centre: Ints) -> Ints:
    """Each participant's place in their centre's list, from 1."""
    order = np.argsort(centre, kind="stable")
    first = np.searchsorted(centre[order], centre[order], side="left")
    position = np.empty(len(centre), dtype=np.int64)
    position[order] = np.arange(len(centre)) - first + 1
    return position


def _draw_arms(rng: np.random.Generator, centre: Ints, position: Ints) -> Bools:
    """Permuted blocks in each centre: True for immunotherapy."""
    block = (position - 1) // BLOCK
    keys = rng.random((len(centre), 1))[:, 0]
    order = np.lexsort((keys, block, centre))
    # A block's places in the order of random keys: the first half is treated. The last block of a
    # centre may be cut short, as a real one is: a slot of a whole block is drawn for each.
    starts = np.flatnonzero(
        np.r_[True, (np.diff(centre[order]) != 0) | (np.diff(block[order]) != 0)]
    )
    sizes = np.diff(np.r_[starts, len(order)])
    treated = np.empty(len(centre), dtype=bool)
    for size in range(1, BLOCK + 1):
        of = starts[sizes == size]
        slots = np.argsort(rng.random((len(of), BLOCK)), axis=1)[:, :size]
        places = of[:, None] + np.arange(size)
        treated[order[places]] = slots < BLOCK // 2
    return treated


def _draw_deaths(rng: np.random.Generator, treated: Bools) -> Ints:
    nine, twenty_eight, ninety = (
        np.where(treated, *pair)
        for pair in (outcomes.DEAD_BY_DAY_9, outcomes.DEAD_BY_DAY_28, outcomes.DEAD_BY_DAY_90)
    )
    chance = rng.random(len(treated))
    spans = [(chance < nine, 2, 9), ((chance >= nine) & (chance < twenty_eight), 10, 28),
             ((chance >= twenty_eight) & (chance < ninety), 29, LAST_DAY)]  # fmt: skip
    day = np.full(len(treated), NEVER, dtype=np.int64)
    for who, first, last in spans:
        day[who] = rng.integers(first, last + 1, int(who.sum()))
    return day


def _draw_discharges(
    rng: np.random.Generator, treated: Bools, death_day: Ints
) -> tuple[Ints, Bools]:
    """The day of leaving hospital alive, and who was there on day 9 without being assessed."""
    carried = np.where(treated, *outcomes.CARRIED_ON_DAY_9)
    stays = 1 - np.where(treated, *outcomes.DEAD_BY_DAY_28)
    lives = death_day > SAFE_UNTIL
    chance = rng.random(len(treated))
    early = lives & (chance < carried * outcomes.DISCHARGED_OF_CARRIED / stays)
    missed = lives & ~early & (chance < carried / stays)
    day = np.full(len(treated), NEVER, dtype=np.int64)
    day[early] = rng.integers(6, 10, int(early.sum()))
    later = lives & ~early
    day[later] = 10 + rng.gamma(2, 11, int(later.sum())).astype(np.int64)
    day[day >= death_day] = NEVER
    return day, missed & (day > DAYS - 6)


def _draw_stops(
    rng: np.random.Generator, treated: Bools, death_day: Ints, discharge_day: Ints
) -> tuple[Bools, NDArray[np.str_], Ints]:
    """Who did not complete 15 days of treatment, why, and on which day it ended.

    Those who die or leave by day 15 stop then. As many others stop as the published share needs.
    """
    ends = np.minimum(np.minimum(death_day, discharge_day), NEVER)
    must = ends <= DAYS
    share = np.where(treated, *outcomes.STOPPED_EARLY)
    rest = np.array([max(0.0, _left_to_stop(must[treated == arm], share[treated == arm]))
                     for arm in (False, True)])  # fmt: skip
    chosen = ~must & (rng.random(len(treated)) < rest[treated.astype(int)])
    day = np.where(must, ends, np.where(chosen, rng.integers(2, DAYS, len(treated)), DAYS))
    why = np.where(
        death_day <= DAYS, "death", np.where(discharge_day <= DAYS, "discharge", "adverse event")
    )
    return must | chosen, np.where(must | chosen, why, "completed"), day.astype(np.int64)


def _left_to_stop(must: Bools, share: Floats) -> float:
    if not len(must) or must.all():
        return 0.0
    return float((share[0] - must.mean()) / (1 - must.mean()))
