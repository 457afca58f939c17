"""The clocks of a serious event, and the page and the words that show them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from immunosep.web.casebook.models import Page
from immunosep.web.safety.cases import case_at
from immunosep.web.safety.clocks import Clock, clocks_of, in_words, next_clock
from immunosep.web.safety.judging import submit
from tests.web.people import NOW, Cast
from tests.web.serious import (
    ASSESSED,
    ENTERED,
    HOUR,
    REPORTED,
    assessed,
    changed,
    entered,
    reported,
)
from tests.web.supplied import randomised

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
JUDGE = "Assess, and submit if it is a SUSAR"
AGAIN = "Assess what has changed, and submit if it is a SUSAR"
SUBMIT = "Submit the SUSAR to the authority"
COMPLETE = "Complete the report to the authority"


@pytest.fixture
def page(cast: Cast) -> Page:
    randomised(cast)
    return entered(cast, "01-0001")


def clocks(page: Page, now: datetime = ASSESSED) -> dict[str, Clock]:
    return {clock.what: clock for clock in clocks_of(case_at(page.pk), now=now)}


def sent(cast: Cast, page: Page, kind: str, at: datetime) -> None:
    submit(
        page.serious_report, to="authority", kind=kind, sent_at=at, reference="EV-1",
        by=cast.safety_officer, now=at,
    )  # fmt: skip


def test_what_is_not_serious_starts_no_clock(cast: Cast) -> None:
    randomised(cast)
    page = entered(cast, "01-0001", serious=False, serious_hospitalisation=None)
    assert clocks(page) == {}
    assert next_clock(case_at(page.pk), now=NOW) is None


def test_before_it_is_reported_the_24_hours_run_from_when_the_page_said_so(page: Page) -> None:
    (clock,) = clocks(page).values()
    assert (clock.due, clock.runs, clock.says) == (ENTERED + DAY, True, "18 h 00 min left")
    assert clocks(page, ENTERED + 26 * HOUR)["Report to the sponsor"].says == (
        "overdue by 2 h 00 min"
    )


def test_a_report_ends_the_24_hours_from_when_the_investigator_knew(cast: Cast, page: Page) -> None:
    reported(cast, page)
    clock = clocks(page)["Report to the sponsor"]
    assert (clock.due, clock.done, clock.says) == (REPORTED + 22 * HOUR, REPORTED, "done in time")


def test_a_report_that_came_late_stays_late() -> None:
    late = Clock(what="x", due=NOW, now=NOW + DAY, done=NOW + 3 * HOUR)
    assert (late.runs, late.late, late.says) == (False, True, "done, 3 h 00 min late")


@pytest.mark.parametrize(("marks", "days"), [({}, 15), ({"serious_life_threatening": True}, 7)])
def test_until_it_is_judged_the_time_is_that_of_a_susar(
    cast: Cast, marks: dict[str, Any], days: int
) -> None:
    randomised(cast)
    page = entered(cast, "01-0001", **marks)
    reported(cast, page)
    assert clocks(page)[JUDGE].due == REPORTED + days * DAY


@pytest.mark.parametrize(("fatal", "days"), [(False, 15), (True, 7)])
def test_a_susar_has_its_days_from_the_sponsors_knowledge(
    cast: Cast, page: Page, fatal: bool, days: int
) -> None:
    assessed(cast, reported(cast, page), fatal=fatal, known_at=REPORTED + HOUR)
    assert set(clocks(page)) == {"Report to the sponsor", SUBMIT}
    assert clocks(page)[SUBMIT].due == REPORTED + HOUR + days * DAY


def test_what_is_no_susar_awaits_nothing(cast: Cast, page: Page) -> None:
    assessed(cast, reported(cast, page), expected={"interferon_gamma": True})
    assert next_clock(case_at(page.pk), now=ASSESSED) is None


def test_what_turns_out_to_be_fatal_has_seven_days_from_then(cast: Cast, page: Page) -> None:
    report = reported(cast, page)
    assessed(cast, report)
    assessed(cast, report, REPORTED + 3 * DAY, fatal=True, known_at=REPORTED + 2 * DAY)
    assert clocks(page)[SUBMIT].due == REPORTED + 9 * DAY


def test_what_turns_out_to_be_fatal_at_the_end_gains_no_time(cast: Cast, page: Page) -> None:
    report = reported(cast, page)
    assessed(cast, report)
    assessed(cast, report, REPORTED + 14 * DAY, fatal=True, known_at=REPORTED + 14 * DAY)
    assert clocks(page)[SUBMIT].due == REPORTED + 15 * DAY


def test_a_change_asks_for_another_judgement(cast: Cast, page: Page) -> None:
    assessed(cast, reported(cast, page), expected={"interferon_gamma": True})
    changed(cast, page, ASSESSED + HOUR, event_outcome="fatal", serious_death=True, event_grade=5)
    assert clocks(page)[AGAIN].due == ASSESSED + HOUR + 7 * DAY


def test_the_initial_report_of_a_fatal_one_starts_eight_more_days(cast: Cast, page: Page) -> None:
    assessed(cast, reported(cast, page), fatal=True)
    sent(cast, page, "initial", ASSESSED + HOUR)
    found = clocks(page, ASSESSED + 2 * HOUR)
    assert (found[SUBMIT].says, found[COMPLETE].due) == ("done in time", ASSESSED + HOUR + 8 * DAY)
    sent(cast, page, "follow_up", ASSESSED + 10 * DAY)
    assert clocks(page)[COMPLETE].says == "done, 1 d 23 h late"


def test_the_initial_report_of_another_ends_its_clock(cast: Cast, page: Page) -> None:
    assessed(cast, reported(cast, page))
    sent(cast, page, "initial", ASSESSED)
    assert next_clock(case_at(page.pk), now=ASSESSED) is None


def test_time_in_words() -> None:
    assert in_words(timedelta(days=2, hours=4, minutes=59)) == "2 d 4 h"
    assert in_words(timedelta(hours=3, minutes=5)) == "3 h 05 min"
