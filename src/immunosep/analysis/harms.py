"""Adverse events after treatment began, by arm and immune state (CONSORT Harms 2022).

Junqueira et al. BMJ 2023;381:e073725. Participants with at least one event are compared, never
events; events are counted beside them. Those who had a first dose are at risk. Terms are compared
without a test: so many would find differences by chance. Who had no event of a kind for certain,
but one that may be of it (its seriousness, grade or outcome is not recorded), is unknown there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from ibis.expr import types as ir

from immunosep.analysis.comparisons import Compared
from immunosep.analysis.derivations import treatment_emergent
from immunosep.analysis.outcomes import Numbers, compare_proportions
from immunosep.analysis.people import Mask, People
from immunosep.protocol.endpoints import AdverseEvents
from immunosep.protocol.trial import Trial

SEVERE = 3  # CTCAE 5.0: severe
RELATED = ("possible", "probable", "definite", "related")
Kind = Callable[[ir.Table], ir.BooleanValue]

KINDS: dict[str, tuple[str, Kind]] = {
    "any": ("Any adverse event", lambda rows: rows.participant.notnull()),
    "serious": ("Any serious adverse event", lambda rows: rows.serious),
    "non_serious": ("Any non-serious adverse event", lambda rows: ~rows.serious),
    "severe": (f"Any of grade {SEVERE} or more", lambda rows: rows.grade >= SEVERE),
    "related": (
        "Any serious one at least possibly related",
        lambda rows: rows.serious & rows.relatedness.isin(RELATED),
    ),
    "susar": ("Any suspected unexpected serious reaction", lambda rows: rows.susar),
    "fatal": ("Any that ended in death", lambda rows: rows.outcome == "fatal"),
}


@dataclass(frozen=True, kw_only=True)
class HarmLine:
    """One kind of event: participants with any, and how many events there were in each group."""

    line: Compared
    events: tuple[int, ...]
    by_state: tuple[Compared, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Term:
    """One term of one organ class: per group, participants with any and events."""

    organ_class: str
    term: str
    serious: bool
    participants: tuple[int, ...]
    events: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Harms:
    """What harm came until `last_day`, of how many at risk in each group; `recorded` events in all.

    Where none is recorded of anybody, nothing is known: no line is 0 of n.
    """

    last_day: int
    recorded: int
    at_risk: tuple[int, ...]
    kinds: tuple[HarmLine, ...]
    terms: tuple[Term, ...]
    unknown_onset: int
    unknown_seriousness: int


def analyse_harms(people: People) -> Harms:
    """Every kind and every term of event."""
    last_day = _last_day(people.records.trial)
    at_risk = np.isfinite(people.numbers("first_dose_s"))
    rows = treatment_emergent(last_day)
    every = people.records.tables["events"]
    return Harms(
        last_day=last_day,
        recorded=every.num_rows,
        at_risk=tuple(int((group.members & at_risk).sum()) for group in people.groups),
        kinds=tuple(
            _kind(people, rows, at_risk, id_=id_, label=label, kind=kind)
            for id_, (label, kind) in KINDS.items()
        ),
        terms=_terms(people, rows, at_risk),
        unknown_onset=every["began_s"].null_count,
        unknown_seriousness=every["serious"].null_count,
    )


def _last_day(trial: Trial) -> int:
    days = [
        endpoint.definition.day
        for endpoint in trial.endpoints
        if isinstance(endpoint.definition, AdverseEvents)
    ]
    return max(days, default=max((visit.day for visit in trial.schedule), default=0))


def _kind(
    people: People, rows: ir.Table, at_risk: Mask, *, id_: str, label: str, kind: Kind
) -> HarmLine:
    rows = rows.mutate(is_one=kind(rows))
    counted = rows.group_by("participant").aggregate(
        events=rows.is_one.sum(), unclear=rows.is_one.isnull().sum()
    )
    events, has = _answers(people, people.records.ask(counted))
    return HarmLine(
        line=compare_proportions(people, has, id_=f"harms.{id_}", label=label, within=at_risk),
        events=tuple(int(events[group.members & at_risk].sum()) for group in people.groups),
        by_state=tuple(
            compare_proportions(
                people,
                has,
                id_=f"harms.{id_}.{state}",
                label=words,
                within=at_risk & (people.immune_state == state),
            )
            for state, words in people.states.items()
        ),
    )


def _answers(people: People, counted: pa.Table) -> tuple[Numbers, Numbers]:
    """How many events each participant had, in their order; and whether any: 1, 0, NaN."""
    columns = (counted[name].to_pylist() for name in ("participant", "events", "unclear"))
    of = {name: (events or 0, unclear) for name, events, unclear in zip(*columns, strict=True)}
    found = np.array([of.get(name, (0, 0)) for name in people.words("participant")], dtype=float)
    events, unclear = found.T
    has = np.where(events > 0, 1.0, np.where(unclear > 0, np.nan, 0.0))
    nothing_recorded = not people.records.tables["events"].num_rows
    return events, np.full(len(has), np.nan) if nothing_recorded else has


def _terms(people: People, rows: ir.Table, at_risk: Mask) -> tuple[Term, ...]:
    """The terms, by organ class, the most common first."""
    place = {name: at for at, name in enumerate(people.words("participant"))}
    rows = rows.mutate(
        word=rows.preferred_term.coalesce(rows.term),
        organs=rows.organ_class.coalesce("No organ class"),
        weighs=rows.serious.coalesce(True),
    )
    found = people.records.ask(
        rows.group_by("organs", "word", "weighs", "participant").aggregate(events=rows.count())
    ).to_pydict()
    groups = np.array([group.members & at_risk for group in people.groups])
    tallies: dict[tuple[str, str, bool], np.ndarray[tuple[int, int], np.dtype[np.int64]]] = {}
    for organs, word, weighs, name, events in zip(*found.values(), strict=True):
        tally = tallies.setdefault(
            (organs, word, weighs), np.zeros((2, len(people.groups)), dtype=np.int64)
        )
        mine = groups[:, place[name]]
        tally[0] += mine
        tally[1] += mine * events
    return tuple(
        Term(
            organ_class=organs,
            term=word,
            serious=weighs,
            participants=tuple(int(n) for n in tally[0]),
            events=tuple(int(n) for n in tally[1]),
        )
        for (organs, word, weighs), tally in sorted(
            tallies.items(), key=lambda item: (item[0][0], -int(item[1][0].sum()), item[0])
        )
        if tally[0].sum()
    )
