"""Daily SOFA as a table: one row per participant, one column per day, as the endpoint counts it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from immunosep.analysis.derivations import How, derive_daily_sofa
from immunosep.analysis.people import Mask, People, numbers_of
from immunosep.protocol.endpoints import SofaFall

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class DailyScores:
    """Scores that were seen, NaN elsewhere; and which days were dead. Rows are `people`'s."""

    definition: SofaFall
    days: tuple[int, ...]
    seen: Numbers
    dead: Mask

    def respond(self, scores: Numbers) -> Mask:
        """Who responds by the definition, from complete scores of the same days."""
        day = np.array(self.days)
        later = (day >= self.definition.first_day) & (day <= self.definition.last_day)
        first = scores[:, self.days.index(self.definition.baseline_day)]
        fall = first - scores[:, later].mean(axis=1)
        found: Mask = fall > self.definition.responds_above
        return found


def gather_daily_scores(people: People, definition: SofaFall) -> DailyScores:
    """The daily scores from the baseline to the last day."""
    days = tuple(range(definition.baseline_day, definition.last_day + 1))
    daily = derive_daily_sofa(
        definition.baseline_day, definition.last_day, dead_counts_as=definition.dead_counts_as
    )
    rows = people.records.ask(
        daily.select(
            "participant",
            "day",
            dead=(daily.how == How.DEAD).coalesce(False),
            score=(daily.how == How.OBSERVED).ifelse(daily.value, None),
        ).order_by("participant", "day")
    )
    shape = (len(people), len(days))
    return DailyScores(
        definition=definition,
        days=days,
        seen=numbers_of(rows["score"]).reshape(shape),
        dead=numbers_of(rows["dead"]).reshape(shape) == 1,
    )
