"""Every planned dose beside what became of it: due, given, late, missed, with its reason."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from immunosep.web.enrolment.models import Dose
from immunosep.web.followup.planned_doses import PlannedDose, RoutePlan, State, doses_of
from immunosep.web.supply.models import Order, Preparation
from tests.web.conftest import LogIn
from tests.web.followed import DAY, at, died, log, patient
from tests.web.people import NOW, Cast
from tests.web.supplied import MALS, randomised, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
HOUR = timedelta(hours=1)
MISSED = {"dose_route": "intravenous", "dose_number": 2, "dose_deviation": "missed",
          "dose_reason": "no_access"}  # fmt: skip


@pytest.fixture(autouse=True)
def on_day_2() -> Iterator[None]:
    with time_machine.travel(NOW + DAY, tick=False):
        yield


@pytest.fixture
def number(cast: Cast, settings: Any) -> str:
    made = str(treated(cast).pk)
    settings.ROOT_URLCONF = "immunosep.web.urls"
    return made


def plans(number: str, now: datetime = NOW + DAY) -> dict[str, RoutePlan]:
    return {plan.route: plan for plan in doses_of(patient(number), now=now)}


def dose(number: str, n: int, *, now: datetime = NOW + DAY, route: str = "iv") -> PlannedDose:
    return plans(number, now)[route].doses[n - 1]


def given(cast: Cast, number: str, n: int, when: datetime) -> None:
    order = Order.objects.get(participant=number, day=1)
    preparation = Preparation.objects.filter(order=order, route="iv", dose=n).first()
    assert preparation is not None
    Dose.objects.create(
        allocation=order.slot.allocation, preparation=preparation, given_at=when,
        recorded_at=when, recorded_by=cast.nurse,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("pharmacist", 403), ("laboratory", 403), ("foreign_consultant", 404),
     ("monitor", 200)],
)  # fmt: skip
def test_only_who_sees_the_participant_sees_the_plan(
    cast: Cast, log_in: LogIn, number: str, who: str, status: int
) -> None:
    assert log_in(getattr(cast, who)).get(at("dose_plan", number)).status_code == status


def test_a_full_course_is_planned_whatever_the_state(cast: Cast, settings: Any) -> None:
    found = [plans(str(treated(cast, n, **more).pk))
             for n, more in (("01-0001", {}), ("01-0002", MALS))]  # fmt: skip
    counts = [{route: len(plan.doses) for route, plan in each.items()} for each in found]
    assert counts == [{"iv": 45, "sc": 8}] * 2


def test_before_the_first_dose_nothing_is_planned(cast: Cast) -> None:
    randomised(cast)
    assert plans("01-0001") == {}


def test_a_dose_waits_is_due_and_is_not_recorded(number: str) -> None:
    told = [dose(number, 2, now=NOW + hours * HOUR).state for hours in (7, 8, 15, 16)]
    assert told == [State.TO_COME, State.DUE, State.DUE, State.UNRECORDED]


@pytest.mark.parametrize(("minutes", "state"), [(60, State.GIVEN), (61, State.LATE)])
def test_a_dose_more_than_an_hour_after_it_was_due_is_late(
    cast: Cast, number: str, minutes: int, state: State
) -> None:
    given(cast, number, 2, NOW + 8 * HOUR + timedelta(minutes=minutes))
    assert dose(number, 2).state == state
    assert dose(number, 2).wants_reason == (state == State.LATE)


def test_a_missed_dose_has_its_reason_from_the_log(cast: Cast, number: str) -> None:
    page = log(cast, number, "dose_not_given", **MISSED)
    found = dose(number, 2)
    assert (found.state, found.reason, found.page, found.wants_reason) == (
        State.MISSED, "missed: no access", page.pk, False,
    )  # fmt: skip


def test_compliance_is_of_what_was_due(cast: Cast, number: str) -> None:
    given(cast, number, 3, NOW + 16 * HOUR)
    plan = plans(number, NOW + DAY)["iv"]
    assert (plan.given, plan.due_so_far, plan.compliance, plan.without_reason) == (2, 3, "67 %", 1)
    assert plans(number, NOW)["sc"].compliance == ""


@pytest.mark.parametrize("how", ["death", "page", "withdrawal"])
def test_nothing_is_missed_after_treatment_ended(cast: Cast, number: str, how: str) -> None:
    ended = NOW + 0.5 * DAY
    if how == "death":
        died(cast, number, 1.5)
    elif how == "page":
        log(cast, number, "medication", medication="x", medication_from=NOW.isoformat())
        end_page(cast, number, ended)
    else:
        patient(number).withdrawals.create(
            kind="stop_treatment_keep_follow_up",
            at=ended,
            recorded_at=ended,
            recorded_by=cast.nurse,
        )
    late = NOW + 20 * DAY
    assert dose(number, 2, now=late).state == State.UNRECORDED
    assert dose(number, 3, now=late).state == State.ENDED
    assert plans(number, late)["iv"].due_so_far == 2


def end_page(cast: Cast, number: str, ended: datetime) -> None:
    from immunosep.web.casebook.recording import write_page

    said = {"treatment_completed": False, "treatment_ended_at": ended.isoformat(),
            "treatment_ended_because": "investigator_decision"}  # fmt: skip
    write_page(number, "treatment_end", said, visit="day_15", by=cast.nurse, now=NOW + 15 * DAY)


def test_a_reason_is_entered_in_the_log_and_leads_back(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    client, plan = log_in(cast.nurse), at("dose_plan", number)
    asked = (f'{at("new_page", number, "dose_not_given")}?dose_route=intravenous&amp;dose_number=2'
             f"&amp;dose_deviation=missed&amp;back={plan}")  # fmt: skip
    assert asked in client.get(plan).content.decode()
    form = client.get(asked.replace("&amp;", "&")).content.decode()
    assert 'name="dose_number" value="2"' in form
    typed = {name: str(value) for name, value in MISSED.items()}
    answer = client.post(asked.replace("&amp;", "&"), typed | {"do": "complete", "back": plan})
    assert answer["Location"] == plan
    assert "missed: no access" in client.get(plan).content.decode()


def test_a_reader_is_asked_for_no_reason(cast: Cast, log_in: LogIn, number: str) -> None:
    assert "Say why" not in log_in(cast.monitor).get(at("dose_plan", number)).content.decode()
