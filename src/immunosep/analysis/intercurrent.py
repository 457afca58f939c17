"""To how many each intercurrent event of an estimand happened (ICH E9(R1), 2019, A.3.1).

One answer per participant: 1, 0, or NaN where the records do not tell. Who is unknown is counted
beside, never among those to whom nothing happened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import ibis
import numpy as np
from ibis.expr import types as ir

from immunosep.analysis.derivations import derive_death
from immunosep.analysis.followed import DAY_S, FOLLOWED, beside, kept
from immunosep.analysis.outcomes import Numbers
from immunosep.analysis.people import Mask, People, numbers_of
from immunosep.analysis.reversal import derive_reversal
from immunosep.protocol.endpoints import Death, Endpoint, IntercurrentEvent, Reversal
from immunosep.tables.records import DAYS


@dataclass(frozen=True, kw_only=True)
class HappenedTo:
    """An intercurrent event: to how many of each group, and of how many it is unknown.

    `counts` is None where it is not counted.
    """

    event: IntercurrentEvent
    counts: Mapping[str, int] | None
    unknown: Mapping[str, int] = field(default_factory=dict)


def count_intercurrent(
    people: People, endpoint: Endpoint, *, last_day: int
) -> tuple[HappenedTo, ...]:
    """To how many each intercurrent event happened by the endpoint's last day."""
    answers: dict[str, Callable[[], Numbers]] = {
        "death": lambda: numbers_of(people.ask(derive_death(Death(day=last_day)))["response"]),
        "treatment stopped early": lambda: _stopped(people),
        "discharge alive": lambda: numbers_of(people.ask(derive_discharge(last_day))["response"]),
        "fewer than two samples": lambda: _too_few(people, endpoint),
    }
    return tuple(
        _counted(people, event, answers[event.event]())
        if event.event in answers
        else HappenedTo(event=event, counts=None)
        for event in endpoint.estimand.intercurrent_events
    )


def derive_discharge(last_day: int) -> ir.Table:
    """One row per participant: `response`, whether they left hospital alive by a day.

    NULL where no discharge is recorded, but one may still be (`known_day`).
    """
    told = DAYS.filter((DAYS.day <= last_day) & (DAYS.status == "discharged"))
    rows = beside(kept(), told.group_by("participant").aggregate(days_out=told.count()))
    rows = beside(rows, FOLLOWED)
    day = (rows.left_hospital_s - rows.origin_s) / DAY_S
    left = (rows.days_out > 0).coalesce(False) | (day < last_day).coalesce(False)
    return rows.select(
        "participant", response=ibis.cases((left, True), (rows.known_day >= last_day, False))
    )


def _stopped(people: People) -> Numbers:
    """Of those who had a first dose; there is nothing to stop of the others."""
    completed = people.numbers("treatment_completed")
    return np.where(np.isfinite(people.numbers("first_dose_s")), 1 - completed, 0.0)


def _too_few(people: People, endpoint: Endpoint) -> Numbers:
    assert isinstance(endpoint.definition, Reversal)
    return numbers_of(people.ask(derive_reversal(endpoint.definition))["too_few"])


def _counted(people: People, event: IntercurrentEvent, answer: Numbers) -> HappenedTo:
    return HappenedTo(
        event=event,
        counts=_by_group(people, answer == 1),
        unknown=_by_group(people, np.isnan(answer)),
    )


def _by_group(people: People, who: Mask) -> dict[str, int]:
    return {group.id: int((who & group.members).sum()) for group in people.groups}
