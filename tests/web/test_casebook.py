"""The casebook of a participant: where each page stands, what carries over, what was missed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from immunosep.errors import RefusedError
from immunosep.web.casebook.completing import complete_page, miss_visit, reopen_page
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.values import values_of
from immunosep.web.enrolment.models import Withdrawal
from immunosep.web.followup.carrying import carry_over
from immunosep.web.followup.overview import Line, State, casebook_of
from tests.web.conftest import LogIn
from tests.web.followed import DAY, at, died, drawn, log, patient, sofa
from tests.web.people import NOW, Cast
from tests.web.supplied import randomised, screened, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
DAY_10 = NOW + 9 * DAY
END = NOW + 29 * DAY


@pytest.fixture(autouse=True)
def on_day_10() -> Iterator[None]:
    with time_machine.travel(DAY_10, tick=False):
        yield


@pytest.fixture
def site(settings: object, keyed: None) -> None:
    """The pages of the site process, which has no code key."""
    settings.ROOT_URLCONF = "immunosep.web.urls"  # type: ignore[attr-defined]


@pytest.fixture
def number(cast: Cast, site: None) -> str:
    return str(treated(cast).pk)


def line(number: str, form: str, day: int, *, today: int = 10) -> Line:
    book = casebook_of(patient(number), today=(NOW + (today - 1) * DAY).date())
    return next(each for each in book.lines
                if each.form.id == form and each.visit and each.visit.day == day)  # fmt: skip


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("pharmacist", 403), ("laboratory", 403), ("sponsor", 403),
     ("foreign_consultant", 404), ("monitor", 200), ("nurse", 200)],
)  # fmt: skip
def test_only_who_sees_the_participant_sees_the_casebook(
    cast: Cast, log_in: LogIn, number: str, who: str, status: int
) -> None:
    assert log_in(getattr(cast, who)).get(at("casebook", number)).status_code == status


def test_nobody_has_a_casebook_before_randomisation(cast: Cast, log_in: LogIn, site: None) -> None:
    screened(cast, "01-0007")
    assert log_in(cast.nurse).get(at("casebook", "01-0007")).status_code == 404


def test_before_the_first_dose_nothing_is_planned(cast: Cast, log_in: LogIn, site: None) -> None:
    randomised(cast)
    page = log_in(cast.nurse).get(at("casebook", "01-0001")).content.decode()
    assert "The first dose was not given yet" in page


def test_a_page_is_due_on_its_day_and_overdue_after(cast: Cast, number: str) -> None:
    states = [line(number, "daily_sofa", 10, today=day).state for day in (9, 10, 11)]
    assert states == [State.NOT_DUE, State.DUE, State.OVERDUE]


def test_a_page_goes_through_its_stages(cast: Cast, number: str) -> None:
    page = sofa(cast, number, 9)
    assert (line(number, "daily_sofa", 9).state, line(number, "daily_sofa", 9).late) == (
        State.STARTED, True,
    )  # fmt: skip
    complete_page(page, by=cast.nurse, now=DAY_10)
    assert line(number, "daily_sofa", 9).state == State.COMPLETE
    Page.objects.filter(pk=page.pk).update(stage="frozen")
    assert line(number, "daily_sofa", 9).state == State.FROZEN


def test_a_missed_page_reopened_is_overdue_again(cast: Cast, number: str) -> None:
    missed = miss_visit(number, "day_9", reason="away", by=cast.nurse, now=DAY_10)
    assert line(number, "daily_sofa", 9).state == State.MISSED
    reopen_page(missed[0].page, reason="not away", by=cast.nurse, now=DAY_10)
    assert line(number, "daily_sofa", 9).state == State.OVERDUE


def test_a_page_shows_how_many_queries_wait(cast: Cast, log_in: LogIn, number: str) -> None:
    page = sofa(cast, number, 9)
    for status in ("open", "answered", "closed"):
        Query.objects.create(page=page, status=status, opened_at=DAY_10)
    assert line(number, "daily_sofa", 9).queries == 2
    assert "2 queries" in log_in(cast.nurse).get(at("casebook", number)).content.decode()


def test_queries_to_the_database_do_not_grow_with_the_pages(
    cast: Cast, log_in: LogIn, number: str, django_assert_max_num_queries: object
) -> None:
    client = log_in(cast.monitor)
    client.get(at("casebook", number))
    for day in range(1, 10):
        sofa(cast, number, day)
        drawn(cast, number, day) if day in (2, 3, 4) else None
        log(cast, number, "medication", medication="x", medication_from=NOW.isoformat())
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get(at("casebook", number))


def test_no_result_that_hints_at_the_arm_is_shown(cast: Cast, log_in: LogIn, number: str) -> None:
    drawn(cast, number, 2, ferritin=51234)
    for page in ("casebook", "timeline"):
        assert "51234" not in log_in(cast.consultant).get(at(page, number)).content.decode()


def test_a_death_carries_over_to_later_days(cast: Cast, number: str) -> None:
    died(cast, number, 4)
    found = line(number, "daily_sofa", 5, today=40)
    assert (found.state, found.ending and found.ending.words) == (
        State.DEAD, "dead, by the vital status page",
    )  # fmt: skip
    assert line(number, "daily_sofa", 4, today=40).state == State.OVERDUE
    assert line(number, "biomarkers", 28, today=40).state == State.DEAD


def test_a_discharge_carries_over_to_daily_pages_alone(cast: Cast, number: str) -> None:
    sofa(cast, number, 5, day_status="discharged")
    assert line(number, "daily_sofa", 6).state == State.DISCHARGED
    assert line(number, "infection_outcome", 15, today=40).state == State.OVERDUE


def test_somebody_who_came_back_is_not_discharged(cast: Cast, number: str) -> None:
    sofa(cast, number, 5, day_status="discharged")
    sofa(cast, number, 7)
    assert line(number, "daily_sofa", 6).state == State.OVERDUE


def test_nothing_is_due_of_who_took_back_all_consent(cast: Cast, number: str) -> None:
    Withdrawal.objects.create(
        patient_id=number,
        kind="stop_all_keep_data",
        at=NOW,
        recorded_at=NOW,
        recorded_by=cast.nurse,
    )
    assert line(number, "daily_sofa", 9).state == State.WITHDRAWN


def test_one_click_writes_every_remaining_day(cast: Cast, log_in: LogIn, number: str) -> None:
    died(cast, number, 4)
    with time_machine.travel(END, tick=False):
        client = log_in(cast.nurse)
        assert "Write “dead” on them" in client.get(at("casebook", number)).content.decode()
        answer = client.post(at("carry_over", number), {"kind": "dead"})
    assert answer.status_code == 302
    pages = Page.objects.filter(form="daily_sofa").order_by("pk")
    assert [page.visit for page in pages] == [f"day_{day}" for day in range(5, 16)]
    assert {page.stage for page in pages} == {"complete"}
    last = Page.objects.get(form="vital_status", visit="day_90")
    assert values_of(last)["vital_status"] == "dead"


def test_discharge_is_carried_over_to_today_alone(cast: Cast, number: str) -> None:
    sofa(cast, number, 5, day_status="discharged")
    pages = carry_over(number, "discharged", by=cast.nurse, now=DAY_10)
    assert [page.visit for page in pages] == [f"day_{day}" for day in range(6, 11)]


def test_a_death_without_a_time_writes_no_vital_status(cast: Cast, number: str) -> None:
    sofa(cast, number, 5, day_status="dead")
    pages = carry_over(number, "dead", by=cast.nurse, now=DAY_10)
    assert {page.form for page in pages} == {"daily_sofa"}


def test_nothing_known_is_nothing_to_carry(cast: Cast, log_in: LogIn, number: str) -> None:
    with pytest.raises(RefusedError, match="No page is left"):
        carry_over(number, "dead", by=cast.nurse, now=DAY_10)
    answer = log_in(cast.nurse).post(at("carry_over", number), {"kind": "dead"})
    assert (answer.status_code, "No page is left" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("who", ["monitor", "laboratory", "foreign_consultant"])
def test_others_carry_nothing_over(cast: Cast, number: str, who: str) -> None:
    died(cast, number, 4)
    with pytest.raises(PermissionDenied):
        carry_over(number, "dead", by=getattr(cast, who), now=END)


def test_a_visit_is_said_to_be_missed_on_the_page(cast: Cast, log_in: LogIn, number: str) -> None:
    client, sent = log_in(cast.nurse), {"visit": "day_9", "reason": "At theatre"}
    assert client.post(at("missed_visit", number), sent).status_code == 302
    page = Page.objects.get()
    assert "At theatre" in client.get(at("casebook_page", number, page.pk)).content.decode()
    assert client.post(at("missed_visit", number), {"visit": "day_8"}).status_code == 422
    assert client.post(at("missed_visit", number), sent | {"visit": "day_x"}).status_code == 422


def test_logs_and_unscheduled_pages_have_their_place(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    said = {"medication": "Meropenem", "medication_from": NOW.isoformat()}
    log(cast, number, "medication", **said)
    sofa(cast, number, 9)
    client = log_in(cast.nurse)
    new = at("new_page", number, "daily_sofa") + "?visit=day_9&unscheduled=yes"
    assert client.post(new, {"day_status": "present", "gcs": "13"}).status_code == 302
    page = client.get(at("casebook", number)).content.decode()
    assert "Meropenem; from 2 Mar 2026" in page
    assert "SOFA of the day, day 9, number 2" in page
    assert "Add<span" in page


def test_a_reader_is_offered_nothing_to_enter(cast: Cast, log_in: LogIn, number: str) -> None:
    died(cast, number, 4)
    with time_machine.travel(END, tick=False):
        page = log_in(cast.monitor).get(at("casebook", number)).content.decode()
    told = [
        word for word in ("Add<span", "unscheduled=", "Write “", "did not take") if word in page
    ]
    assert told == []


def test_the_hour_of_the_centre_decides_the_day(cast: Cast, number: str) -> None:
    """At half past eleven at night UTC it is tomorrow in Jena."""
    late = (NOW + 9 * DAY).replace(hour=23, minute=30) + timedelta(0)
    with time_machine.travel(late, tick=False):
        today = late.astimezone(cast.jena.zone).date()
    assert line(number, "daily_sofa", 11, today=(today - NOW.date()).days + 1).state == State.DUE
