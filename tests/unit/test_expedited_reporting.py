"""Deadlines of expedited reports: Regulation (EU) 536/2014 art. 41 and 42, ICH E2A III.B."""

from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from immunosep.concepts.expedited_reporting import complete_by, is_susar, report_by, submit_by

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("serious", "suspected", "unexpected"), [*product((True, False), repeat=3)]
)
def test_a_susar_is_all_three(serious: bool, suspected: bool, unexpected: bool) -> None:
    answer = is_susar(serious=serious, suspected=suspected, unexpected=unexpected)
    assert answer is (serious and suspected and unexpected)


@pytest.mark.parametrize(("fatal", "day"), [(True, 9), (False, 17)])
def test_a_fatal_one_has_seven_days_and_another_fifteen(fatal: bool, day: int) -> None:
    known = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert submit_by(known, fatal=fatal, zone=BERLIN) == datetime(2026, 3, day, 9, 30, tzinfo=UTC)


def test_what_was_incomplete_has_eight_more() -> None:
    sent = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert complete_by(sent, zone=BERLIN) == datetime(2026, 3, 17, 9, 0, tzinfo=UTC)


def test_days_are_of_the_calendar_when_summer_time_begins() -> None:
    known = datetime(2026, 3, 25, 9, 0, tzinfo=BERLIN)
    due = submit_by(known, fatal=True, zone=BERLIN).astimezone(BERLIN)
    assert (due.day, due.hour, due.utcoffset() == known.utcoffset()) == (1, 9, False)


def test_an_hour_that_the_clock_leaves_out_is_the_moment_it_would_have_been() -> None:
    known = datetime(2026, 3, 22, 2, 30, tzinfo=BERLIN)  # a week before 02:30 does not exist
    due = submit_by(known, fatal=True, zone=BERLIN)
    assert due == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_the_first() -> None:
    known = datetime(2026, 10, 18, 2, 30, tzinfo=BERLIN)
    assert submit_by(known, fatal=True, zone=BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_twenty_four_hours_pass_whatever_the_clock_shows() -> None:
    aware = datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
    due = report_by(aware)
    assert (due - aware).total_seconds() == 24 * 3600
    assert due.astimezone(BERLIN).hour == 13
