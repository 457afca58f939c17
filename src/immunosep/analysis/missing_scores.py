"""What the primary endpoint's missing scores could hide: imputed, made worse, or taken either way.

Scores are filled in by chained equations (`imputation`), the arms apart, given the immune state and
the other days; days from death on keep the score the endpoint gives them. The response is derived
from each completed table and pooled (`rubin`). What was filled in of the treated arm after the
first day is then made worse, point by point (`tipping_point`).

Draws depend on the plan's seed and on the scores alone: each arm's come from the seed and a digest
of its own table, in the table's own order, so that neither names nor their order nor which arm is
called treated changes an answer.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from immunosep.analysis.coefficients import exponential
from immunosep.analysis.comparisons import Compared
from immunosep.analysis.daily_scores import DailyScores, Numbers
from immunosep.analysis.design import Mask
from immunosep.analysis.estimates import Estimate, TestResult
from immunosep.analysis.imputation import Death, Imputed, Scale, impute_daily
from immunosep.analysis.people import People
from immunosep.analysis.rubin import Pooled, pool
from immunosep.analysis.tipping_point import (
    ArmCounts,
    pool_risk_difference,
    tip_responders,
    tip_scores,
)
from immunosep.concepts.sofa import COMPONENTS
from immunosep.errors import AnalysisError
from immunosep.protocol.analysis_plan import ImputationPlan

SOFA = Scale(lowest=0, highest=4 * len(COMPONENTS))  # Vincent Intensive Care Med 1996;22:707
ALPHA = 0.05  # of the conclusion that is to tip: the trial's, two-sided
MOST_WAYS = 2500  # of the unknown to have gone that are gone through one by one


@dataclass(frozen=True, kw_only=True)
class ShiftedLine:
    """The answer where what was filled in of the treated arm is worse by so many points."""

    points: float
    difference: Estimate
    test: TestResult


@dataclass(frozen=True, kw_only=True)
class ImputedResponse:
    """The response after imputation; `why_not` says why there is none, all else then being empty.

    `shares` are the groups' mean proportions of responders. `tips_at` is the first shift at which
    the conclusion is another than without one; None if none of those tried is.
    """

    imputations: int
    filled: int
    shares: tuple[float, ...] = ()
    difference: Estimate | None = None
    odds_ratio: Estimate | None = None
    test: TestResult | None = None
    missing_information: float | None = None
    shifted: tuple[ShiftedLine, ...] = ()
    tips_at: float | None = None
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class EitherWay:
    """The response of those whose is unknown: of all `ways`, in how many the arms differ."""

    ways: int
    significant: int


def impute_response(
    people: People, daily: DailyScores, *, plan: ImputationPlan
) -> ImputedResponse | None:
    """The response with missing scores filled in; None with one group."""
    if not people.compared:
        return None
    filled = int((np.isnan(daily.seen) & ~daily.dead).sum())
    why_not = _why_not(people, daily, filled=filled)
    if not why_not:
        try:
            imputed = _impute(people, daily, plan=plan)
            return _answer(people, daily, imputed, plan=plan, filled=filled)
        except (AnalysisError, np.linalg.LinAlgError):
            why_not = "there are too few scores to fill in others by"
    return ImputedResponse(imputations=plan.imputations, filled=filled, why_not=why_not)


def take_either_way(line: Compared) -> EitherWay | None:
    """All ways in which the unknown could have gone; None where none is, or they are too many."""
    arms = [
        ArmCounts(responders=one.events, known=one.total, missing=one.unknown)
        for one in line.groups
    ]
    if len(arms) != 2 or not all(arm.known + arm.missing for arm in arms):
        return None
    ways = (arms[0].missing + 1) * (arms[1].missing + 1)
    if not 1 < ways <= MOST_WAYS:
        return None
    grid = tip_responders(treated=arms[0], control=arms[1], alpha=ALPHA)
    return EitherWay(ways=ways, significant=int(grid.significant.sum()))


def _why_not(people: People, daily: DailyScores, *, filled: int) -> str:
    """What stands against filling in; empty if nothing does."""
    known = np.isfinite(daily.seen) & ~daily.dead
    if not all(group.members.any() for group in people.groups):
        return "an arm is empty"
    if not filled:
        return "no score is missing"
    nobody = [
        f"{day}"
        for at, day in enumerate(daily.days)
        if any(not known[group.members, at].any() for group in people.groups)
    ]
    return f"nobody of one arm has a score on day {', '.join(nobody)}" if nobody else ""


def _impute(people: People, daily: DailyScores, *, plan: ImputationPlan) -> Imputed:
    """Each arm by itself, its rows in the order of what they hold."""
    states = np.searchsorted(np.unique(people.immune_state), people.immune_state).astype(float)
    sets = np.empty((plan.imputations, *daily.seen.shape))
    for group in people.groups:
        at = np.flatnonzero(group.members)
        held = np.column_stack([states, daily.dead, np.nan_to_num(daily.seen, nan=-1.0)])[at]
        at = at[np.lexsort(held.T[::-1])]
        held = held[np.lexsort(held.T[::-1])]
        sets[:, at] = impute_daily(
            daily.seen[at],
            rng=_generator(plan.seed, held),
            covariates=_told(states[at]),
            death=Death(days=daily.dead[at], score=float(daily.definition.dead_counts_as)),
            scale=SOFA,
            imputations=plan.imputations,
        ).sets
    return Imputed(sets=sets, filled=np.isnan(daily.seen) & ~daily.dead, scale=SOFA)


def _generator(seed: int, held: Numbers) -> np.random.Generator:
    digest = hashlib.sha256(np.ascontiguousarray(held, dtype="<f8").tobytes()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:16])])


def _told(states: Numbers) -> dict[str, Numbers]:
    return {f"state {at:g}": (states == at).astype(float) for at in np.unique(states)[1:]}


def _answer(
    people: People, daily: DailyScores, imputed: Imputed, *, plan: ImputationPlan, filled: int
) -> ImputedResponse:
    treated = people.treated
    pooled = pool_risk_difference(imputed, respond=daily.respond, treated=treated)
    responses = np.array([daily.respond(table) for table in imputed.sets])
    shifted = [
        ShiftedLine(points=one.treated, difference=_around(one.pooled), test=one.pooled.test())
        for one in tip_scores(
            _after_baseline(imputed, daily),
            respond=daily.respond,
            treated=treated,
            shifts_treated=plan.shifts,
        )
    ]
    return ImputedResponse(
        imputations=plan.imputations,
        filled=filled,
        shares=tuple(float(responses[:, group.members].mean()) for group in people.groups),
        difference=_around(pooled),
        odds_ratio=_odds_ratio(responses, treated),
        test=pooled.test(),
        missing_information=pooled.missing_information,
        shifted=tuple(shifted),
        tips_at=_tips_at(pooled, shifted),
    )


def _around(pooled: Pooled) -> Estimate:
    """The difference; without an interval where nobody, or everybody, of each arm responds."""
    found = pooled.estimate()
    return found if pooled.variance > 0 else replace(found, low=None, high=None)


def _after_baseline(imputed: Imputed, daily: DailyScores) -> Imputed:
    """A worse first score would make a response likelier: only later ones are moved."""
    later = np.array(daily.days) != daily.definition.baseline_day
    return Imputed(sets=imputed.sets, filled=imputed.filled & later, scale=imputed.scale)


def _odds_ratio(responses: Mask, treated: Mask) -> Estimate | None:
    """Woolf's logarithm pooled; None where a cell of a completed table is empty."""
    cells = [
        (responses[:, arm] == told).sum(axis=1) for arm in (treated, ~treated) for told in (1, 0)
    ]
    yes, no, other_yes, other_no = (cell.astype(float) for cell in cells)
    if min(cell.min() for cell in cells) == 0:
        return None
    logs = np.log(yes * other_no / (no * other_yes))
    return exponential(pool(logs, 1 / yes + 1 / no + 1 / other_yes + 1 / other_no).estimate())


def _tips_at(pooled: Pooled, shifted: list[ShiftedLine]) -> float | None:
    before = _differs(pooled.test())
    return next((one.points for one in shifted if _differs(one.test) != before), None)


def _differs(test: TestResult) -> bool:
    return test.p_value is not None and test.p_value <= ALPHA
