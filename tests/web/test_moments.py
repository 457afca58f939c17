"""Clocks on walls: summer time, leap days, two zones; and the minutes that are left."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.moments import (
    NO_SUCH_HOUR,
    TWICE,
    offset_at,
    read_at,
    time_left,
    wall_time,
)
from immunosep.web.enrolment.questions import ask_moment, read_moment
from immunosep.web.enrolment.screening import answer
from tests.web.people import ELIGIBLE

JENA = Centre(id="01_jena", number="01", city="Jena", time_zone="Europe/Berlin")
ATHENS = Centre(id="02_attikon", number="02", city="Athens", time_zone="Europe/Athens")
HOUR = timedelta(hours=1)


def test_a_time_is_read_by_the_centres_clock() -> None:
    assert read_at("2026-03-02T14:05", JENA).moment == datetime(2026, 3, 2, 13, 5, tzinfo=UTC)
    assert read_at("2026-03-02T14:05", ATHENS).moment == datetime(2026, 3, 2, 12, 5, tzinfo=UTC)


def test_a_time_may_bring_its_own_offset_or_points() -> None:
    written = read_at("2026-03-02T14:05+02:00", JENA).moment
    assert written == read_at("02.03.2026 13:05", JENA).moment


def test_an_empty_time_is_no_moment_and_no_problem() -> None:
    assert (read_at("  ", JENA).moment, read_at("", JENA).problem) == (None, "")


def test_the_hour_that_summer_time_leaves_out_is_refused() -> None:
    assert read_at("2026-03-29T02:30", JENA).problem == NO_SUCH_HOUR
    assert read_at("2026-03-29T03:00", JENA).moment == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_the_hour_that_comes_twice_is_asked_about() -> None:
    asked = read_at("2026-10-25T02:30", JENA)
    assert (asked.problem, asked.offsets) == (TWICE, ("UTC+02:00", "UTC+01:00"))
    first, second = (
        read_at("2026-10-25T02:30", JENA, offset=offset).moment for offset in asked.offsets
    )
    assert first is not None
    assert second is not None
    assert second - first == HOUR


def test_an_hour_chosen_of_two_is_shown_so_again() -> None:
    moment = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    question = ask_moment("at", "At", centre=JENA, at=moment)
    assert (question.typed, question.offset) == ("2026-10-25T02:30", "UTC+01:00")
    sent = {"at": question.typed, "at.offset": question.offset}
    assert read_moment("at", "At", sent, centre=JENA)[1] == moment


def test_an_ordinary_hour_is_not_asked_about() -> None:
    assert offset_at(datetime(2026, 3, 2, 9, tzinfo=UTC), JENA) == ""


def test_a_leap_day_is_a_day() -> None:
    assert read_at("2028-02-29T12:00", JENA).moment == datetime(2028, 2, 29, 11, tzinfo=UTC)
    assert "no such day" in read_at("2026-02-29T12:00", JENA).problem


def test_seconds_that_were_recorded_are_shown() -> None:
    moment = datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC)
    assert wall_time(moment, JENA) == "2026-03-02T10:00:30"
    assert wall_time(moment.replace(second=0), ATHENS) == "2026-03-02T11:00"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=51, minutes=20, seconds=59), "51 h 20 min"),
        (timedelta(minutes=1), "0 h 1 min"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(0), ""),
        (-HOUR, ""),
    ],
)
def test_the_time_left_is_never_more_than_there_is(left: timedelta, said: str) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert time_left(now + left, now) == said


CLOCKS_CHANGE = [
    ("Europe/Berlin", "2026-03-27T12:00"),  # summer time begins in the window
    ("Europe/Berlin", "2026-10-24T12:00"),  # it ends in the window
    ("Europe/Athens", "2028-02-28T12:00"),  # a leap day is in the window
    ("Europe/Athens", "2026-06-01T12:00"),
]


@pytest.mark.parametrize(("zone", "onset"), CLOCKS_CHANGE)
@pytest.mark.parametrize(("minutes", "said"), [(71 * 60 + 59, "met"), (72 * 60, "not_met")])
def test_seventy_two_hours_are_hours_whatever_the_wall_says(
    zone: str, onset: str, minutes: int, said: str
) -> None:
    centre = Centre(id="x", number="01", city="X", time_zone=zone)
    began = read_at(onset, centre).moment
    assert began is not None
    now = began.astimezone(UTC) + timedelta(minutes=minutes)
    values = ELIGIBLE | {"sepsis_onset_at": began.isoformat()}
    found = answer(values, number="01-0001", consent=True, now=now.astimezone(ZoneInfo(zone)))
    assert found.criteria["window"] == said
    assert found.window_closes_at == began + 72 * HOUR
