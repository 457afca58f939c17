"""The plan's outcomes in their order of importance, compared pair by pair (`win_ratio`).

Of a death, who dies later or not at all wins, as far as both were followed; of a fall of SOFA, who
has the larger. What does not tell a pair apart leaves it to the next outcome.
"""

from dataclasses import dataclass

import numpy as np

from immunosep.analysis import derivations
from immunosep.analysis.pairs import Higher, Later, Outcome
from immunosep.analysis.people import People, numbers_of
from immunosep.analysis.win_ratio import WinRatio, estimate_win_ratio
from immunosep.protocol.endpoints import Death, Endpoint, SofaFall


@dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """The outcomes by name, the most important first; pairs of all, and pairs within a state."""

    outcomes: tuple[Endpoint, ...]
    whole: WinRatio
    by_state: WinRatio | None


def compare_hierarchy(people: People, ids: tuple[str, ...]) -> Hierarchy | None:
    """The comparison; None with one group, or where the plan names no outcome."""
    by_id = {endpoint.id: endpoint for endpoint in people.records.trial.endpoints}
    endpoints = tuple(by_id[id_] for id_ in ids)
    if not people.compared or not endpoints:
        return None
    outcomes = [_outcome(people, endpoint) for endpoint in endpoints]
    return Hierarchy(
        outcomes=endpoints,
        whole=estimate_win_ratio(outcomes, treated=people.treated),
        by_state=estimate_win_ratio(
            outcomes, treated=people.treated, strata=people.immune_state
        )
        if len(people.states) > 1
        else None,
    )  # fmt: skip


def _outcome(people: People, endpoint: Endpoint) -> Outcome:
    match endpoint.definition:
        case Death() as death:
            rows = people.ask(derivations.derive_death(death))
            return Later(
                time=numbers_of(rows["time_days"]), event=numbers_of(rows["event"]) == 1
            )  # fmt: skip
        case SofaFall() as fall:
            # Points are whole and days few: to a billionth, falls that are equal are equal.
            values = numbers_of(people.ask(derivations.derive_sofa_fall(fall))["fall"])
            return Higher(value=np.round(values, 9))
        case _:
            raise AssertionError(endpoint.id)  # refused with the trial: protocol.check_plan
