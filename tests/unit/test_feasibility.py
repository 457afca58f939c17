"""Where a hospital's patients are lost, counted in order and leaving one out."""

from typing import Any

from immunosep.screening.assess import assess
from immunosep.screening.feasibility import Feasibility, Step, count_feasibility
from immunosep.trials import find_trial
from tests.property.invented import HOUR, table_of
from tests.property.test_screening import ENROLLED

TRIAL = find_trial("immunosep")
YEAR = 365 * 24 * HOUR


def counted(*changes: dict[str, Any]) -> Feasibility:
    patients = table_of([ENROLLED | change for change in changes])
    return count_feasibility(TRIAL, assess(TRIAL, patients), patients)


def step(feasibility: Feasibility, criterion: str) -> Step:
    return next(step for step in feasibility.steps if step.criterion == criterion)


def test_a_patient_is_lost_once_at_the_first_criterion_against_them() -> None:
    counts = counted({"infection": "other", "hiv": True})
    assert (step(counts, "infection").lost, step(counts, "hiv").lost) == (1, 0)


def test_a_patient_lost_twice_is_lost_to_neither_alone() -> None:
    counts = counted({"infection": "other", "hiv": True}, {"hiv": True})
    assert step(counts, "infection").lost_to_this_alone == 0
    assert step(counts, "hiv").lost_to_this_alone == 1


def test_a_question_asked_twice_loses_a_patient_to_both_its_criteria_alone() -> None:
    counts = counted({"age_years": 12.0})
    assert step(counts, "adult").lost_to_this_alone == 1
    assert step(counts, "below_18").lost_to_this_alone == 1


def test_two_criteria_on_one_column_that_say_different_things_are_two() -> None:
    counts = counted({"infection": "other"}, {"infection": "skin"})
    assert step(counts, "infection").lost_to_this_alone == 1
    assert step(counts, "excluded_infection").lost_to_this_alone == 0


def test_an_unknown_criterion_loses_nobody_and_is_counted() -> None:
    counts = counted({"consent_given": None}, {})
    assert (step(counts, "consent").unknown, step(counts, "consent").left) == (1, 2)
    assert (counts.possible, counts.eligible) == (2, 1)


def test_the_steps_are_in_the_order_of_the_protocol() -> None:
    assert [s.criterion for s in counted({}).steps] == [c.id for c in TRIAL.criteria]


def test_what_is_left_after_the_last_step_is_possible() -> None:
    counts = counted({}, {"hiv": True}, {"consent_given": None}, {"age_years": 12.0})
    assert counts.steps[-1].left == counts.possible == 2


def test_units_and_years_count_screened_and_possible() -> None:
    counts = counted(
        {"unit": "MICU", "assessed_at": 0},
        {"unit": "MICU", "assessed_at": YEAR, "hiv": True},
        {"unit": None, "assessed_at": YEAR},
    )
    assert [(g.name, g.screened, g.possible) for g in counts.by_unit] == [
        ("MICU", 2, 1),
        ("unknown", 1, 1),
    ]
    assert [(g.name, g.screened) for g in counts.by_year] == [("1970", 1), ("1971", 2)]


def test_a_rate_a_month_needs_a_month() -> None:
    assert counted({}).possible_per_month is None
    year = counted(*({"assessed_at": at * YEAR // 12} for at in range(13)))
    assert year.possible_per_month is not None
    assert round(year.possible_per_month, 1) == 1.1


def test_nobody_screened_counts_nothing() -> None:
    assert counted().possible == 0


def test_shifted_records_are_counted_by_the_calendar_year_they_tell() -> None:
    counts = counted(*({"calendar_year": year, "assessed_at": None} for year in (2014, 2015, 2015)))
    assert [(g.name, g.screened) for g in counts.by_year] == [("2014", 1), ("2015", 2)]
    assert counts.months == 24
