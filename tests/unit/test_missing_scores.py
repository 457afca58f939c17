"""Missing scores of a trial's primary endpoint: imputed, made worse, taken either way."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from immunosep.analysis.comparisons import Compared, Counted
from immunosep.analysis.daily_course import compare_courses
from immunosep.analysis.daily_scores import DailyScores, gather_daily_scores
from immunosep.analysis.missing_scores import impute_response, take_either_way
from immunosep.analysis.people import People, gather_people
from immunosep.analysis.proportions import estimate_wilson
from immunosep.protocol import ImputationPlan
from immunosep.protocol.endpoints import SofaFall
from tests.recorded import days, participant, records_of

FALL = SofaFall(baseline_day=1, first_day=2, last_day=9, responds_above=1.4, dead_counts_as=24)
PLAN = ImputationPlan(imputations=5, seed=1, shifts=(0, 8))


def scored(*arms: str) -> tuple[People, DailyScores]:
    """Forty participants, those at even places falling by half a point a day; some are lost."""
    rng = np.random.default_rng(3)
    people = [participant(f"p{at:02}", arm=(arms or ("precision", "placebo"))[at % 2],
                          immune_state=("mals", "immunoparalysis")[at % 3 == 0])
              for at in range(40)]  # fmt: skip
    rows = []
    for at in range(40):
        start = int(rng.integers(9, 14))
        slope = 0.5 if at % 2 == 0 else 0.25
        course = [round(max(0, start - slope * day + rng.normal())) for day in range(9)]
        rows += days(f"p{at:02}", [s if day == 0 or rng.random() > 0.1 else None
                                   for day, s in enumerate(course)])  # fmt: skip
    found = gather_people(records_of({"participants": people, "days": rows}))
    return found, gather_daily_scores(found, FALL)


def imputed(people: People, daily: DailyScores, plan: ImputationPlan = PLAN) -> Any:
    return impute_response(people, daily, plan=plan)


def course(people: People, daily: DailyScores) -> Any:
    return compare_courses(people, daily)


def counted(events: int, known: int, unknown: int) -> Counted:
    return Counted(group=str(events), events=events, total=known, unknown=unknown,
                   proportion=estimate_wilson(events, known))  # fmt: skip


def test_the_answer_is_pooled_and_its_worse_cases_are_worse():
    found = imputed(*scored())
    assert found.difference.low < found.difference.value < found.difference.high
    assert found.filled == int(np.isnan(scored()[1].seen).sum())
    assert found.shares[0] > found.shares[1]
    assert found.shifted[0].difference == found.difference
    assert found.shifted[1].difference.value < found.difference.value


def test_the_seed_and_the_scores_alone_settle_the_draws():
    people, daily = scored()
    order = np.random.default_rng(8).permutation(len(people))
    mixed = replace(
        people,
        rows=people.rows.take(order),
        groups=tuple(replace(group, members=group.members[order]) for group in people.groups),
    )
    shuffled = replace(daily, seen=daily.seen[order], dead=daily.dead[order])
    one, two = imputed(people, daily), imputed(mixed, shuffled)
    assert one.difference.value == pytest.approx(two.difference.value)
    assert one.test.p_value == pytest.approx(two.test.p_value)
    assert imputed(people, daily, replace(PLAN, seed=2)).difference != one.difference


def test_exchanged_arms_mirror_the_imputed_difference():
    people, daily = scored()
    swapped = replace(people, groups=people.groups[::-1])
    there, back = (imputed(each, daily) for each in (people, swapped))
    assert there.difference.value == pytest.approx(-back.difference.value)
    assert there.test.p_value == pytest.approx(back.test.p_value)


def test_nobody_responding_leaves_no_interval():
    people, daily = scored()
    still = np.where(np.isnan(daily.seen), np.nan, 9.0)
    found = imputed(people, replace(daily, seen=still)).difference
    assert (found.value, found.low, found.high) == (0, None, None)


def test_an_empty_arm_says_why_there_is_no_answer():
    found = imputed(*scored("precision", "precision"))
    assert "an arm is empty" in found.why_not
    assert found.difference is None


def test_a_day_that_nobody_has_says_why_there_is_no_answer():
    people, daily = scored()
    seen = daily.seen.copy()
    seen[:, 8] = np.nan
    assert "nobody" in imputed(people, replace(daily, seen=seen)).why_not


def test_one_group_is_not_compared():
    people, daily = scored()
    alone = replace(people, groups=people.groups[:1])
    assert imputed(alone, daily) is None
    assert course(alone, daily) is None


def test_the_course_is_that_of_those_seen():
    people, daily = scored()
    lines = course(people, daily).lines
    assert [line.id for line in lines] == ["all", "mals", "immunoparalysis"]
    assert lines[0].slope.value == pytest.approx(-0.25, abs=0.1)
    assert lines[0].scores == int(np.isfinite(daily.seen).sum())


def test_the_course_of_an_empty_arm_says_why_there_is_none():
    lines = course(*scored("placebo", "placebo")).lines
    assert all(line.slope is None and line.why_not for line in lines)


def test_the_unknown_may_have_gone_in_so_many_ways():
    line = Compared(id="x", label="x", groups=(counted(9, 10, 2), counted(2, 10, 1)))
    found: Any = take_either_way(line)
    assert (found.ways, found.significant) == (6, 6)


@pytest.mark.parametrize("unknown", [0, 90])
def test_none_unknown_or_too_many_are_not_gone_through(unknown):
    line = Compared(id="x", label="x", groups=(counted(9, 10, unknown), counted(2, 10, unknown)))
    assert take_either_way(line) is None
