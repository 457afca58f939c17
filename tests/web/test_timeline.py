"""The course of one participant: what is on it, where it is drawn, what the list says."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine

from immunosep.web.enrolment.models import Entry
from immunosep.web.followup.drawing import LEFT, RIGHT, Drawing, draw
from immunosep.web.followup.timeline import Course, course_of
from tests.web.conftest import LogIn
from tests.web.followed import DAY, at, died, drawn, log, patient, sofa
from tests.web.people import NOW, Cast
from tests.web.supplied import randomised, screened, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
TODAY = NOW + 9 * DAY


@pytest.fixture(autouse=True)
def on_day_10() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def number(cast: Cast, settings: Any) -> str:
    made = str(treated(cast).pk)
    settings.ROOT_URLCONF = "immunosep.web.urls"
    return made


def course(number: str) -> Course:
    return course_of(patient(number), now=TODAY)


def said(number: str, lane: str) -> list[str]:
    return [mark.words for mark in course(number).marks if mark.lane == lane]


def picture(number: str) -> Drawing:
    return draw(course(number))


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("pharmacist", 403), ("laboratory", 403), ("foreign_consultant", 404),
     ("monitor", 200)],
)  # fmt: skip
def test_only_who_sees_the_participant_sees_the_course(
    cast: Cast, log_in: LogIn, number: str, who: str, status: int
) -> None:
    assert log_in(getattr(cast, who)).get(at("timeline", number)).status_code == status


def test_the_way_to_the_first_dose_is_on_it(number: str) -> None:
    way = ["Sepsis-3 first met", "Consent by patient", "Randomised", "First dose"]
    assert said(number, "Course") == way
    assert said(number, "Intravenous") == ["Intravenous dose 1"]


def test_a_course_without_a_dose_is_drawn_too(cast: Cast) -> None:
    randomised(cast)
    assert said("01-0001", "Course")[-1] == "Randomised"
    assert picture("01-0001").bars == []


def test_a_patient_who_was_not_randomised_has_a_course_of_two_marks(cast: Cast) -> None:
    screened(cast, "01-0007")
    assert said("01-0007", "Course") == ["Sepsis-3 first met", "Consent by patient"]


def test_samples_say_that_they_were_drawn_and_no_more(cast: Cast, number: str) -> None:
    Entry.objects.create(
        patient_id=number, form="laboratory", column="ferritin_ng_ml", value=801, observed_at=NOW,
        entered_at=NOW, entered_by=cast.laboratory, trial_digest="0" * 64,
    )  # fmt: skip
    drawn(cast, number, 2)
    assert said(number, "Samples") == ["Sample drawn"] * 2


def test_events_have_their_grade_and_their_end(cast: Cast, number: str) -> None:
    log(cast, number, "adverse_event", event_term="Rash", event_from=(NOW + 2 * DAY).isoformat(),
        event_until=(NOW + 4 * DAY).isoformat(), event_grade=3, serious=True)  # fmt: skip
    assert said(number, "Events") == [
        "Rash, grade 3, serious, until 6 Mar 2026 10:00 CET (UTC+01:00)"
    ]
    (event,) = [mark for mark in course(number).marks if mark.lane == "Events"]
    assert event.day == pytest.approx(3 + 10 / 24)
    assert event.until == pytest.approx(5 + 10 / 24)
    assert event.grave


def test_withdrawal_and_death_are_grave(cast: Cast, number: str) -> None:
    died(cast, number, 8)
    patient(number).withdrawals.create(
        kind="stop_treatment_keep_follow_up", at=NOW + DAY, recorded_at=NOW, recorded_by=cast.nurse
    )
    grave = [mark.words for mark in course(number).marks if mark.grave]
    assert grave == ["Withdrew: from treatment only; follow-up goes on", "Died"]


def test_scores_stand_by_day_with_their_bounds(cast: Cast, number: str) -> None:
    sofa(cast, number, 3)
    sofa(cast, number, 2)
    found = [(each.day, each.score.text) for each in course(number).scores]
    assert found == [(2, "between 3 and 19"), (3, "between 3 and 19")]
    bar = picture(number).bars[0]
    assert (bar.height, bar.open_height) == (12, 64)


def test_days_run_from_left_to_right_within_the_drawing(cast: Cast, number: str) -> None:
    died(cast, number, 9)
    found = picture(number)
    places = [spot.x for lane in found.lanes for spot in lane.spots]
    assert LEFT <= min(places) < max(places) <= RIGHT
    ticks = [(tick.day, tick.x) for tick in found.ticks]
    assert ticks == sorted(ticks)
    assert [day for day, _ in ticks] == [1, 5, 10, 15, 28, 90]


def test_marks_close_together_stand_on_rows_of_their_own(number: str) -> None:
    (lane, *_) = picture(number).lanes
    places = [(spot.x, spot.y) for spot in lane.spots]
    assert len(set(places)) == len(places)
    assert [spot.number for spot in lane.spots] == [1, 2, 3, 4]


def test_the_list_says_what_the_drawing_shows(cast: Cast, log_in: LogIn, number: str) -> None:
    sofa(cast, number, 2)
    page = log_in(cast.nurse).get(at("timeline", number)).content.decode()
    begins, ends = page.index('<svg viewBox="0 0 420'), page.index("</svg>\n  <figcaption")
    svg = ElementTree.fromstring(page[begins : ends + len("</svg>")])
    assert svg.get("role") == "img"
    assert "<td>between 3 and 19</td>" in page
    assert "Intravenous dose 1" in page
    assert page.count("<li value=") == 4
