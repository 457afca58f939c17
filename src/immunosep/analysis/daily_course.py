"""Daily SOFA of those alive, as a course: a linear mixed model of arm and day (`mixed`).

Scores that were seen, of everybody and of each immune state. Days dead and days not scored have no
row: the model takes them as missing at random, which death is not, so the answer is about the
living, to be read beside survival.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from immunosep.analysis.daily_scores import DailyScores
from immunosep.analysis.estimates import Estimate, TestResult
from immunosep.analysis.mixed import difference_on, fit_daily
from immunosep.analysis.people import Mask, People
from immunosep.errors import AnalysisError

WHOLE = "all"
TOO_FEW = "not estimable, for it takes scores of both arms on two days or more"


@dataclass(frozen=True, kw_only=True)
class CourseLine:
    """The arms' courses compared in everybody or one immune state, or why they cannot be.

    `slope` is by how many points a day the treated arm changes more than the control; `last` the
    difference on the last day. `singular`: a variance between participants came out as 0.
    """

    id: str
    label: str
    participants: int
    scores: int
    slope: Estimate | None = None
    test: TestResult | None = None
    last: Estimate | None = None
    singular: bool = False
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Course:
    """The lines, and the days they are of."""

    first_day: int
    last_day: int
    lines: tuple[CourseLine, ...]


def compare_courses(people: People, daily: DailyScores) -> Course | None:
    """Everybody, then each immune state; None with one group."""
    if not people.compared:
        return None
    return Course(
        first_day=daily.days[0],
        last_day=daily.days[-1],
        lines=tuple(
            _line(people, daily, id_=id_, label=label, among=among)
            for id_, label, among in _parts(people)
        ),
    )


def _parts(people: People) -> Iterator[tuple[str, str, Mask]]:
    yield WHOLE, "All participants", people.everybody
    if len(people.states) > 1:
        for state, label in people.states.items():
            yield state, label, people.immune_state == state


def _line(people: People, daily: DailyScores, *, id_: str, label: str, among: Mask) -> CourseLine:
    known = np.isfinite(daily.seen) & ~daily.dead & among[:, None]
    who, at = np.nonzero(known)
    line = CourseLine(
        id=id_, label=label, participants=len(np.unique(who)), scores=len(who)
    )  # fmt: skip
    try:
        fit = fit_daily(
            daily.seen[known],
            day=np.array(daily.days, dtype=float)[at],
            treated=people.treated[who],
            participant=who,
        )
    except (AnalysisError, np.linalg.LinAlgError, ValueError):
        return CourseLine(**vars(line) | {"why_not": TOO_FEW})
    slope = fit.coefficients
    return CourseLine(
        id=id_,
        label=label,
        participants=line.participants,
        scores=line.scores,
        slope=slope.estimate("treated:day"),
        test=slope.test("treated:day"),
        last=difference_on(fit, float(daily.days[-1])),
        singular=fit.singular,
    )
