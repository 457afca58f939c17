"""How the trial was run: enrolment, deviations, doses, and how complete and clean its data are."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import ibis
import numpy as np

from immunosep.analysis.derivations import How, derive_daily_sofa
from immunosep.analysis.followed import DAY_S, FOLLOWED, beside, kept
from immunosep.analysis.people import EVERYBODY, People
from immunosep.protocol.endpoints import SofaFall
from immunosep.tables.records import DAYS, DEVIATIONS, DOSES, PARTICIPANTS, QUERIES, SCREENED


@dataclass(frozen=True, kw_only=True)
class CentreLine:
    """One centre: screened, randomised, deviations, and queries still open."""

    centre: str
    screened: int
    randomised: int
    deviations: int
    open_queries: int


@dataclass(frozen=True, kw_only=True)
class DeviationLine:
    """One kind of deviation; per group, participants with any and how often it happened."""

    kind: str
    important: bool | None
    participants: tuple[int, ...]
    times: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class DoseLine:
    """One route; per group, doses planned until the records were written, and given."""

    route: str
    planned: tuple[int, ...]
    given: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class DayLine:
    """One day of one group and immune state: scores of those seen, and what became of the others.

    `mean` and `deviation` are of those alive and scored that day.
    """

    group: str
    state: str
    day: int
    seen: int
    dead: int
    carried: int
    mean: float | None
    deviation: float | None


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How complete and clean the data are.

    `days_expected` are those recorded as spent in hospital; of `days_unrecorded` nothing is known.
    """

    days_expected: int
    days_scored: int
    days_incomplete: int
    days_unrecorded: int
    deviations_unjudged: int
    queries: int
    queries_open: int
    median_days_to_close: float | None
    unsigned: int
    unlocked: int
    important_missing: Mapping[str, int]


def count_deviations(people: People) -> tuple[DeviationLine, ...]:
    """One line per kind, the most common first; those of a centre alone count in no group."""
    rows = DEVIATIONS.left_join(kept().select("participant", "arm"), "participant")
    rows = rows.group_by("kind", "important", "arm", "participant").aggregate(times=rows.count())
    found = rows.group_by("kind", "important", "arm").aggregate(
        who=rows.participant.nunique(), times=rows.times.sum()
    )
    lines: dict[tuple[str, bool | None], tuple[list[int], list[int]]] = {}
    ids = [group.id for group in people.groups]
    for row in people.records.ask(found).to_pylist():
        who, times = lines.setdefault(
            (row["kind"], row["important"]), ([0] * len(ids), [0] * len(ids))
        )
        at = 0 if ids == [EVERYBODY] else ids.index(row["arm"]) if row["arm"] in ids else None
        if at is not None:
            who[at] += row["who"]
            times[at] += row["times"]
    return tuple(
        DeviationLine(kind=kind, important=important, participants=tuple(who), times=tuple(times))
        for (kind, important), (who, times) in sorted(
            lines.items(), key=lambda item: (-sum(item[1][1]), item[0][0], str(item[0][1]))
        )
    )


def count_doses(people: People) -> tuple[DoseLine, ...]:
    """One line per route of giving. A dose not given that is still to come is none planned yet."""
    due = DOSES.filter((DOSES.due_s <= people.records.manifest.as_of_s) | DOSES.given_s.notnull())
    rows = due.join(kept().select("participant", "arm"), "participant")
    found = rows.group_by("route", "arm").aggregate(
        planned=rows.count(), given=rows.given_s.count()
    )
    routes: dict[str, dict[str, tuple[int, int]]] = {}
    for row in people.records.ask(found).to_pylist():
        id_ = row["arm"] if people.compared else EVERYBODY
        before = routes.setdefault(row["route"], {}).get(id_, (0, 0))
        routes[row["route"]][id_] = (before[0] + row["planned"], before[1] + row["given"])
    return tuple(
        DoseLine(
            route=route,
            planned=tuple(of.get(group.id, (0, 0))[0] for group in people.groups),
            given=tuple(of.get(group.id, (0, 0))[1] for group in people.groups),
        )
        for route, of in sorted(routes.items())
    )


def count_centres(people: People) -> tuple[CentreLine, ...]:
    """One line per centre, the largest first."""
    ask = people.records.ask
    home = PARTICIPANTS.select("participant", "centre")
    queries = QUERIES.filter(QUERIES.closed_s.isnull()).join(home, "participant")
    counts = [
        {
            row["centre"]: row["n"]
            for row in ask(table.group_by("centre").aggregate(n=table.count())).to_pylist()
        }
        for table in (SCREENED, PARTICIPANTS, DEVIATIONS, queries)
    ]
    centres = sorted(set().union(*counts), key=lambda c: (-counts[1].get(c, 0), c))
    return tuple(
        CentreLine(
            centre=centre,
            screened=counts[0].get(centre, 0),
            randomised=counts[1].get(centre, 0),
            deviations=counts[2].get(centre, 0),
            open_queries=counts[3].get(centre, 0),
        )
        for centre in centres
    )


def describe_days(people: People) -> tuple[DayLine, ...]:
    """Daily SOFA by group and immune state, over the days of the longest fall that is judged."""
    definition = _longest_fall(people)
    if definition is None:
        return ()
    daily = derive_daily_sofa(
        definition.baseline_day, definition.last_day, dead_counts_as=definition.dead_counts_as
    )
    rows = daily.join(kept().select("participant", "arm", "immune_state"), "participant")
    if not people.compared:
        rows = rows.mutate(arm=rows.arm.nullif(rows.arm))
    observed = rows.how == How.OBSERVED
    found = rows.group_by("arm", "immune_state", "day").aggregate(
        seen=observed.sum(),
        dead=(rows.how == How.DEAD).sum(),
        carried=(rows.how == How.CARRIED).sum(),
        points=rows.value.sum(where=observed),
        squares=(rows.value * rows.value).sum(where=observed),
    )
    ordered = found.order_by("arm", "immune_state", "day")
    return tuple(_day_line(row) for row in people.records.ask(ordered).to_pylist())


def _day_line(row: dict[str, Any]) -> DayLine:
    """From whole sums: an engine's mean of floats differs in its last bits from run to run."""
    seen, points, squares = row["seen"] or 0, row["points"] or 0, row["squares"] or 0
    spread = (seen * squares - points**2) / (seen * (seen - 1)) if seen > 1 else None
    return DayLine(
        group=row["arm"] or EVERYBODY,
        state=row["immune_state"],
        day=row["day"],
        seen=seen,
        dead=row["dead"] or 0,
        carried=row["carried"] or 0,
        mean=points / seen if seen else None,
        deviation=None if spread is None else sqrt(spread),
    )


def describe_quality(people: People) -> Quality:
    """How complete and clean the data are."""
    ask, tables = people.records.ask, people.records.tables
    definition = _longest_fall(people)
    last_day = definition.last_day if definition else 0
    scores = DAYS.filter((DAYS.day <= last_day) & DAYS.status.isin(["present", "not_assessed"]))
    scored = scores.aggregate(
        expected=scores.count(),
        scored=scores.sofa.count(),
        incomplete=(scores.sofa_lowest < scores.sofa_highest).sum(),
    )
    counts = ask(scored).to_pylist()[0]
    opened, closed = (
        np.asarray(tables["queries"][name].cast("float64").to_numpy(), dtype=float)
        for name in ("opened_s", "closed_s")
    )
    took = ((closed - opened) / DAY_S)[np.isfinite(closed)]
    return Quality(
        days_expected=counts["expected"],
        days_scored=counts["scored"],
        days_incomplete=counts["incomplete"] or 0,
        days_unrecorded=_unrecorded(people, definition),
        deviations_unjudged=tables["deviations"]["important"].null_count,
        queries=len(opened),
        queries_open=int((~np.isfinite(closed)).sum()),
        median_days_to_close=float(np.median(took)) if len(took) else None,
        unsigned=int((people.numbers("signed") == 0).sum()),
        unlocked=int((people.numbers("locked") == 0).sum()),
        important_missing={
            name: int((~np.isfinite(people.numbers(name))).sum())
            for name in ("first_dose_s", "last_alive_s", "sofa_at_entry", "age_years")
        },
    )


def _unrecorded(people: People, definition: SofaFall | None) -> int:
    """Days of which no page says anything, and that were not after a death."""
    if definition is None:
        return 0
    first, last = definition.baseline_day, definition.last_day
    told = DAYS.filter(DAYS.status.notnull() & (DAYS.day >= first) & (DAYS.day <= last))
    rows = beside(kept(), told.group_by("participant").aggregate(told=told.count()))
    alive = told.filter(told.status != "dead")
    rows = beside(rows, alive.group_by("participant").aggregate(alive=alive.count()))
    rows = beside(rows, FOLLOWED)
    to_death = rows.dead_day.coalesce(last + 1).clip(first, last + 1) - first
    open_ = ibis.cases(
        (rows.dead_day.notnull(), to_death - rows.alive.coalesce(0)),
        else_=last - first + 1 - rows.told.coalesce(0),
    )
    found = people.records.ask(rows.aggregate(days=open_.clip(lower=0).sum())).to_pylist()
    return int(found[0]["days"] or 0)


def _longest_fall(people: People) -> SofaFall | None:
    falls = [
        endpoint.definition
        for endpoint in people.records.trial.endpoints
        if isinstance(endpoint.definition, SofaFall)
    ]
    return max(falls, key=lambda fall: fall.last_day, default=None)
