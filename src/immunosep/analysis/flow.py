"""Who was screened, randomised, treated, followed and analysed: the counts of CONSORT 2025's flow.

Hopewell et al. BMJ 2025;389:e081123 (CONSORT 2025), item 22 and its diagram. Counts of one group
are of one arm, or of everybody where arms are not compared.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from immunosep.analysis.derivations import derive_death
from immunosep.analysis.outcomes import Numbers
from immunosep.analysis.people import EVERYBODY, Mask, People, numbers_of
from immunosep.protocol.endpoints import Death


class AnalysisSet(StrEnum):
    """Who counts in which analysis (ICH E9, 1998, 5.2)."""

    RANDOMISED = "randomised"
    ANALYSED = "analysed"
    TREATED = "treated"
    PER_PROTOCOL = "per_protocol"


SET_WORDS: Mapping[AnalysisSet, str] = {
    AnalysisSet.RANDOMISED: "Everybody who was randomised",
    AnalysisSet.ANALYSED: "As randomised, without those who took back consent and data: endpoints",
    AnalysisSet.TREATED: "Of those analysed, who had a first dose: harms",
    AnalysisSet.PER_PROTOCOL: "Of those treated, without randomisation in error and without an "
    "important deviation",
}


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One group's way through the trial; reasons with their counts, the most common first.

    What is not recorded is counted apart: `end_unknown` of treatment, `pending` whose fate may
    still be learnt (their record is not locked), `unjudged` for whom a deviation is not judged.
    """

    group: str
    label: str
    randomised: int
    withdrew: int
    treated: int
    not_treated: int
    completed: int
    stopped: Mapping[str, int]
    end_unknown: int
    lost: int
    pending: int
    analysed: int
    per_protocol: int
    unjudged: int
    in_error: int
    unblinded: int


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The whole diagram; `last_day` is the day by which somebody of unknown fate is lost."""

    screened: int
    not_enrolled: Mapping[str, int]
    randomised: int
    last_day: int
    branches: tuple[Branch, ...]

    def count(self, set_: AnalysisSet) -> dict[str, int]:
        """How many of each group are in a set."""
        return {branch.group: int(getattr(branch, set_.value)) for branch in self.branches}


def count_flow(people: People) -> Flow:
    """The counts of the diagram."""
    screened = people.records.tables["screened"]
    reasons = Counter(
        reason or "no reason recorded"
        for reason, randomised in zip(
            screened["reason"].to_pylist(), screened["randomised"].to_pylist(), strict=True
        )
        if not randomised
    )
    last_day = _last_day(people)
    return Flow(
        screened=screened.num_rows,
        not_enrolled=dict(reasons.most_common()),
        randomised=people.records.tables["participants"].num_rows,
        last_day=last_day,
        branches=_branches(people, last_day),
    )


def per_protocol(people: People) -> Numbers:
    """Who is in the per-protocol set: 1 or 0, NaN while a deviation of theirs is not judged."""
    deviations = people.records.tables["deviations"]
    of: dict[bool | None, set[str]] = {True: set(), False: set(), None: set()}
    for name, weighs in zip(
        deviations["participant"].to_pylist(), deviations["important"].to_pylist(), strict=True
    ):
        of[weighs].add(name)
    names = people.words("participant")
    important, unjudged = (
        np.array([name in of[weighs] for name in names], dtype=bool) for weighs in (True, None)
    )
    out = important | ~_treated(people) | (people.numbers("in_error") == 1)
    return np.where(out, 0.0, np.where(unjudged, np.nan, 1.0))


def _treated(people: People) -> Mask:
    return np.isfinite(people.numbers("first_dose_s"))


def _last_day(people: People) -> int:
    days = [
        endpoint.definition.day
        for endpoint in people.records.trial.endpoints
        if isinstance(endpoint.definition, Death)
    ]
    return max(days, default=0)


def _branches(people: People, last_day: int) -> tuple[Branch, ...]:
    everybody = people.records.tables["participants"]
    arms = np.asarray(everybody["arm"].to_pylist(), dtype=object)
    withdrew = np.asarray(everybody["data_withdrawn"].to_pylist(), dtype=bool)
    treated, kept = _treated(people), per_protocol(people)
    fate = numbers_of(people.ask(derive_death(Death(day=last_day)))["response"])
    locked = people.numbers("locked") == 1
    completed = people.numbers("treatment_completed")
    why = np.asarray(
        [
            (word or "no reason recorded").replace("_", " ")
            for word in people.words("treatment_ended_because")
        ]
    )
    branches = []
    for group in people.groups:
        of, mine = group.members, (arms == group.id) | (group.id == EVERYBODY)
        stopped = of & treated & (completed == 0)
        branches.append(
            Branch(
                group=group.id,
                label=group.label,
                randomised=int(mine.sum()),
                withdrew=int((mine & withdrew).sum()),
                treated=int((of & treated).sum()),
                not_treated=int((of & ~treated).sum()),
                completed=int((of & treated & (completed == 1)).sum()),
                stopped=dict(Counter(why[stopped].tolist()).most_common()),
                end_unknown=int((of & treated & np.isnan(completed)).sum()),
                lost=int((of & locked & np.isnan(fate)).sum()),
                pending=int((of & ~locked & np.isnan(fate)).sum()),
                analysed=int(of.sum()),
                per_protocol=int((of & (kept == 1)).sum()),
                unjudged=int((of & np.isnan(kept)).sum()),
                in_error=int((of & (people.numbers("in_error") == 1)).sum()),
                unblinded=int((of & np.isfinite(people.numbers("unblinded_s"))).sum()),
            )
        )
    return tuple(branches)
