"""What a new version of a trial would say of those who are enrolled already: counted, not changed.

Each participant's snapshot, as it was frozen when they were randomised, is put to both versions by
the one evaluator. The answers are counts for people who decide on an amendment; nobody's immune
state, stratum or allocation is touched by them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import pyarrow as pa

from immunosep.protocol.schedule import Visit
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import UNCLASSIFIED, UNDETERMINED, Verdict, assess


@dataclass(frozen=True, kw_only=True)
class Impact:
    """How many participants a version concerns, by what would be another with it.

    `states` counts each change of immune state as (from, to). `undecided` would need a value that
    nobody asked for. Visits are counted once for each participant who has them still to come.
    """

    participants: int = 0
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    not_eligible: int = 0
    undecided: int = 0
    windows: int = 0
    visits_moved: Counter[str] = field(default_factory=Counter)
    visits_added: Counter[str] = field(default_factory=Counter)
    visits_removed: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Impact") -> "Impact":
        """Those of both."""
        return Impact(
            participants=self.participants + other.participants,
            states=self.states + other.states,
            not_eligible=self.not_eligible + other.not_eligible,
            undecided=self.undecided + other.undecided,
            windows=self.windows + other.windows,
            visits_moved=self.visits_moved + other.visits_moved,
            visits_added=self.visits_added + other.visits_added,
            visits_removed=self.visits_removed + other.visits_removed,
        )


def impact_of(old: Trial, new: Trial, patients: pa.Table, *, days: Sequence[int | None]) -> Impact:
    """What `new` would say of participants enrolled under `old`.

    `patients` has their frozen snapshots, one row each; `days` the day of treatment on which each
    of them is (1 is that of the first dose), None before it.
    """
    if not patients.num_rows:
        return Impact()
    before, after = assess(old, patients), assess(new, patients)
    verdicts = _pairs(before, after, "verdict")
    states = _pairs(before, after, "immune_state")
    closing = _pairs(before, after, "window_closes_at")
    stood = [(was, now) for was, now in verdicts if was == Verdict.ELIGIBLE.value]
    return Impact(
        participants=patients.num_rows,
        states=Counter((was, now) for was, now in states if was != now),
        not_eligible=sum(now == Verdict.INELIGIBLE.value for _, now in stood),
        undecided=sum(now == Verdict.UNDETERMINED.value for _, now in stood),
        windows=sum(was != now for was, now in closing),
        **_visits(old, new, days),
    )


def together(impacts: Iterable[Impact]) -> Impact:
    """The impact on several groups, such as centres that work by different versions."""
    return reduce(Impact.__add__, impacts, Impact())


def impact_in_words(impact: Impact, new: Trial) -> list[str]:
    """What would change, one sentence for each kind; one that says so if nothing would."""
    whole = impact.participants
    if not whole:
        return ["Nobody is enrolled yet."]
    said = list(_sentences(impact, new))
    return said or [f"Nothing would change for {_of(whole, 'participant')} enrolled."]


def _sentences(impact: Impact, new: Trial) -> Iterator[str]:
    whole = impact.participants
    changed = sum(impact.states.values())
    if changed:
        each = [
            f"{number} from {_state(new, was)} to {_state(new, now)}"
            for (was, now), number in impact.states.most_common()
        ]
        yield f"{changed} of {whole} would change state: {'; '.join(each)}."
    if impact.not_eligible:
        yield f"{impact.not_eligible} of {whole} would not be eligible."
    if impact.undecided:
        yield (
            f"{impact.undecided} of {whole} could not be decided: something is asked that was not "
            "asked of them."
        )
    if impact.windows:
        yield f"{_of(impact.windows, 'window')} for the first dose would move."
    for visits, verb in (
        (impact.visits_moved, "moves"),
        (impact.visits_added, "is added"),
        (impact.visits_removed, "is no longer planned"),
    ):
        for visit, number in visits.items():
            yield f"{visit}, still to come, {verb} for {_of(number, 'participant')}."


def _of(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _state(trial: Trial, state: str) -> str:
    if state in (UNCLASSIFIED, UNDETERMINED):
        return "none of those treated" if state == UNCLASSIFIED else "not decided"
    return next((each.label for each in trial.immune_states if each.id == state), state)


def _pairs(before: pa.Table, after: pa.Table, name: str) -> list[tuple[Any, Any]]:
    return list(zip(before[name].to_pylist(), after[name].to_pylist(), strict=True))


def _visits(old: Trial, new: Trial, days: Sequence[int | None]) -> dict[str, Counter[str]]:
    """Each visit that changes, by what becomes of it, with how many have it still to come."""
    before, after = ({visit.id: visit for visit in trial.schedule} for trial in (old, new))
    found: dict[str, Counter[str]] = {
        "visits_moved": Counter(),
        "visits_added": Counter(),
        "visits_removed": Counter(),
    }
    for id_ in dict.fromkeys([*before, *after]):
        was, now = before.get(id_), after.get(id_)
        if was and now and _time(was) == _time(now):
            continue
        what = "visits_moved" if was and now else "visits_added" if now else "visits_removed"
        number = sum(_is_to_come(day, was, now) for day in days)
        if number:
            found[what][_name(was, now)] = number
    return found


def _time(visit: Visit) -> tuple[int, int, int]:
    return visit.day, visit.days_before, visit.days_after


def _is_to_come(day: int | None, *visits: Visit | None) -> bool:
    """Whether a visit after the first dose lies ahead, by either version."""
    last = max(visit.day + visit.days_after for visit in visits if visit)
    return last > 0 and (day is None or last >= day)


def _name(was: Visit | None, now: Visit | None) -> str:
    """The visit with its day, and the day it had."""
    visit = now or was
    assert visit is not None
    named = f"{visit.label} (day {visit.day}"
    return f"{named}, was {was.day})" if was and now and was.day != now.day else f"{named})"
