"""Every endpoint of a trial: derived, compared, and read again as its plan leaves open.

An endpoint without a definition as data is named as not derived, never left out in silence.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

import numpy as np
import pyarrow as pa

from immunosep.analysis import derivations
from immunosep.analysis.comparisons import (
    Adjusted,
    Averaged,
    Compared,
    Interaction,
    Ordered,
    Stratified,
    Survived,
)
from immunosep.analysis.daily_scores import gather_daily_scores
from immunosep.analysis.derivations import How, Reading
from immunosep.analysis.intercurrent import HappenedTo, count_intercurrent
from immunosep.analysis.missing_scores import (
    EitherWay,
    ImputedResponse,
    impute_response,
    take_either_way,
)
from immunosep.analysis.outcomes import (
    adjust,
    compare_by_state,
    compare_numbers,
    compare_order,
    compare_proportions,
    compare_subgroup,
    compare_times,
    stratify,
)
from immunosep.analysis.people import Mask, People, numbers_of
from immunosep.analysis.reversal import derive_reversal
from immunosep.protocol.analysis_plan import AnalysisPlan
from immunosep.protocol.endpoints import (
    AdverseEvents,
    Death,
    Endpoint,
    MeanSofa,
    OrderedOutcome,
    Rank,
    Reversal,
    SofaFall,
    SurvivalWithSofaFall,
)

NO_DEFINITION = "the trial gives it in words alone, without a definition to derive it by"
READINGS = {
    Reading.DEATH_IS_NO_RESPONSE: "Death by the last day is no response, whatever the formula says",
    Reading.COMPLETE_CASES: "Without those whose last day had to be carried forward",
    Reading.DAYS_AT_HAND: "Nothing carried forward: the mean of the days at hand",
    Reading.COMPONENTS_CARRIED: "Each component carried forward by itself",
}


@dataclass(frozen=True, kw_only=True)
class Filled:
    """Of one group: days by where their score comes from, and participants with a day carried."""

    group: str
    days: Mapping[str, int]
    participants_carried: int
    carried_on_last_day: int
    dead_responders: int


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """The same endpoint read in another named way."""

    reading: str
    words: str
    line: Compared


@dataclass(frozen=True, kw_only=True, eq=False)
class EndpointResult:
    """What was found of one endpoint; parts that do not apply to its kind are empty.

    `unknown` says of how many it cannot be told, by why, the most common reason first.
    """

    endpoint: Endpoint
    not_derived: str = ""
    unknown: Mapping[str, int] = field(default_factory=dict)
    line: Compared | None = None
    by_state: tuple[Compared, ...] = ()
    stratified: Stratified | None = None
    adjusted: Adjusted | None = None
    subgroups: tuple[Interaction, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    imputed: ImputedResponse | None = None
    either_way: EitherWay | None = None
    times: Survived | None = None
    times_by_state: Mapping[str, Survived] | None = None
    numbers: Averaged | None = None
    numbers_by_state: tuple[Averaged, ...] = ()
    order: Ordered | None = None
    filled: tuple[Filled, ...] = ()
    happened: tuple[HappenedTo, ...] = ()


def analyse_endpoint(people: People, endpoint: Endpoint, *, plan: AnalysisPlan) -> EndpointResult:
    """One endpoint by the methods of its kind."""
    definition = endpoint.definition
    match definition:
        case None:
            return EndpointResult(endpoint=endpoint, not_derived=NO_DEFINITION)
        case SofaFall():
            found = _sofa_fall(people, endpoint, definition, plan)
            last_day = definition.last_day
        case MeanSofa():
            found = _mean_sofa(people, endpoint, definition)
            last_day = definition.last_day
        case Death():
            found = _death(people, endpoint, definition, plan)
            last_day = definition.day
        case SurvivalWithSofaFall():
            rows = people.ask(derivations.derive_survival_with_sofa_fall(definition))
            found = _proportions(people, endpoint, rows, plan)
            last_day = definition.day
        case Reversal():
            found = _reversal(people, endpoint, definition, plan)
            last_day = definition.day
        case OrderedOutcome():
            found = _ordered(people, endpoint, definition)
            last_day = definition.day
        case AdverseEvents():
            rows = people.ask(derivations.derive_adverse_events(definition))
            found = _proportions(people, endpoint, rows, plan, brief=True)
            last_day = definition.day
        case _:
            assert_never(definition)
    return replace(found, happened=count_intercurrent(people, endpoint, last_day=last_day))


def analyse_endpoints(
    people: People, *, plan: AnalysisPlan, done: Callable[[int], None] = lambda steps: None
) -> tuple[EndpointResult, ...]:
    """Every endpoint, in the protocol's order; `done` is told of each."""
    results = []
    for endpoint in people.records.trial.endpoints:
        results.append(analyse_endpoint(people, endpoint, plan=plan))
        done(1)
    return tuple(results)


def _proportions(
    people: People,
    endpoint: Endpoint,
    rows: pa.Table,
    plan: AnalysisPlan,
    *,
    brief: bool = False,
) -> EndpointResult:
    response = numbers_of(rows["response"])
    by_state = compare_by_state(people, response, id_=endpoint.id)
    found = EndpointResult(
        endpoint=endpoint,
        unknown=_reasons(rows),
        line=compare_proportions(people, response, id_=endpoint.id, label="All participants"),
        by_state=by_state,
        stratified=stratify(by_state),
    )
    if brief:
        return found
    return replace(
        found,
        adjusted=adjust(people, response, plan=plan),
        subgroups=tuple(
            compare_subgroup(people, response, id_=endpoint.id, subgroup=subgroup)
            for subgroup in plan.subgroups
        ),
    )


def _sofa_fall(
    people: People, endpoint: Endpoint, definition: SofaFall, plan: AnalysisPlan
) -> EndpointResult:
    rows = people.ask(derivations.derive_sofa_fall(definition))
    found = _proportions(people, endpoint, rows, plan)
    if endpoint.rank is Rank.PRIMARY and plan.imputation is not None:
        daily = gather_daily_scores(people, definition)
        found = replace(found, imputed=impute_response(people, daily, plan=plan.imputation))
    return replace(
        found,
        either_way=take_either_way(found.line) if found.line else None,
        sensitivity=tuple(
            Sensitivity(
                reading=reading,
                words=words,
                line=compare_proportions(
                    people,
                    numbers_of(
                        people.ask(derivations.derive_sofa_fall(definition, reading=reading))[
                            "response"
                        ]
                    ),
                    id_=f"{endpoint.id}.{reading}",
                    label=words,
                ),
            )
            for reading, words in READINGS.items()
        ),
        numbers=compare_numbers(
            people,
            numbers_of(rows["fall"]),
            id_=f"{endpoint.id}.fall",
            label="Fall of SOFA, points",
        ),
        filled=tuple(_filled(group.id, rows.filter(pa.array(group.members)))
                     for group in people.groups),
    )  # fmt: skip


def _filled(group: str, rows: pa.Table) -> Filled:
    days = {how.value: int(np.nansum(numbers_of(rows[f"days_{how}"]))) for how in How}
    carried = numbers_of(rows[f"days_{How.CARRIED}"])
    last = np.asarray(rows["last_day_is"].to_pylist(), dtype=object)
    return Filled(
        group=group,
        days=days,
        participants_carried=int((carried > 0).sum()),
        carried_on_last_day=int((last == How.CARRIED.value).sum()),
        dead_responders=int(np.nansum(numbers_of(rows["dead_responder"]))),
    )


def _mean_sofa(people: People, endpoint: Endpoint, definition: MeanSofa) -> EndpointResult:
    rows = people.ask(derivations.derive_mean_sofa(definition))
    values = numbers_of(rows["value"])
    return EndpointResult(
        endpoint=endpoint,
        unknown=_reasons(rows),
        numbers=compare_numbers(people, values, id_=endpoint.id, label="All survivors"),
        numbers_by_state=tuple(
            compare_numbers(
                people,
                values,
                id_=f"{endpoint.id}.{state}",
                label=label,
                within=people.immune_state == state,
            )
            for state, label in people.states.items()
        ),
    )


def _death(
    people: People, endpoint: Endpoint, definition: Death, plan: AnalysisPlan
) -> EndpointResult:
    rows = people.ask(derivations.derive_death(definition))
    found = _proportions(people, endpoint, rows, plan)
    return replace(found, times=_times(people, rows, definition.day))


def _reversal(
    people: People, endpoint: Endpoint, definition: Reversal, plan: AnalysisPlan
) -> EndpointResult:
    rows = people.ask(derive_reversal(definition))
    response = numbers_of(rows["response"])
    enough = numbers_of(rows["too_few"]) != 1  # or nobody knows: then the response is unknown
    words = f"Of those with {definition.samples} samples or more by day {definition.day}"
    found = _proportions(people, endpoint, rows, plan)
    return replace(
        found,
        times=_times(people, rows, definition.day),
        sensitivity=(
            Sensitivity(
                reading="sampled",
                words=words,
                line=compare_proportions(
                    people, response, id_=f"{endpoint.id}.sampled", label=words, within=enough
                ),
            ),
        ),
    )


def _ordered(people: People, endpoint: Endpoint, definition: OrderedOutcome) -> EndpointResult:
    rows = people.ask(derivations.derive_ordered_outcome(definition))
    level = numbers_of(rows["level"])
    return EndpointResult(
        endpoint=endpoint,
        unknown=_reasons(rows),
        order=compare_order(people, level, levels=definition.levels),
    )


def _reasons(rows: pa.Table) -> dict[str, int]:
    counts = Counter(why for why in rows["unknown_because"].to_pylist() if why is not None)
    return dict(counts.most_common())


def _times(people: People, rows: pa.Table, until_day: int) -> Survived:
    return compare_times(
        people, numbers_of(rows["time_days"]), _mask(rows["event"]), until_day=until_day
    )


def _mask(column: pa.ChunkedArray) -> Mask:
    found: Mask = np.asarray(numbers_of(column) == 1, dtype=bool)
    return found


def is_primary(result: EndpointResult) -> bool:
    """Whether the trial was planned to answer this one."""
    return result.endpoint.rank is Rank.PRIMARY
