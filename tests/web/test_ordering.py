"""Orders: what a course adds up to, a day ahead, and when it stops."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.recording import record_page, write_page
from immunosep.web.enrolment.models import InError, Withdrawal
from immunosep.web.supply.following import bring_up_to_date
from immunosep.web.supply.models import Order
from immunosep.web.supply.ordering import doses_due, last_day, order_day
from tests.web.people import NOW, Cast
from tests.web.supplied import give, on_the_ward, randomised, stocked

pytestmark = pytest.mark.usefixtures("keyed")
STATES = ("mals", "immunoparalysis")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def started(cast: Cast):
    """A participant who had the first dose."""
    stocked(cast)
    allocation = randomised(cast)
    first = on_the_ward(cast, Order.objects.get(), "iv")[0]
    give(cast, allocation, first, NOW)
    return allocation


@pytest.mark.parametrize("state", STATES)
def test_a_full_course_is_45_intravenous_and_8_subcutaneous_doses(state):
    course = [dose for day in range(1, last_day(state) + 1) for dose in doses_due(state, day)]
    routes = [dose["route"] for dose in course]
    assert (routes.count("iv"), routes.count("sc")) == (45, 8)
    assert [d["dose"] for d in course if d["route"] == "iv"] == list(range(1, 46))


@pytest.mark.parametrize("state", STATES)
def test_a_day_holds_what_the_plan_makes_up_together(state):
    subcutaneous = [
        day for day in range(1, 16) if [d["route"] for d in doses_due(state, day)].count("sc") == 1
    ]
    assert subcutaneous == [1, 3, 5, 7, 9, 11, 13, 15]
    assert all(
        len([d for d in doses_due(state, n) if d["route"] == "iv"]) == 3 for n in range(1, 16)
    )


def test_nothing_is_ordered_before_the_first_dose(cast: Cast) -> None:
    randomised(cast)
    bring_up_to_date([cast.jena], now=NOW + 3 * DAY)
    assert Order.objects.count() == 1


def test_the_next_day_is_ordered_a_day_ahead(cast: Cast) -> None:
    started(cast)
    bring_up_to_date([cast.jena], now=NOW)
    assert list(Order.objects.values_list("day", flat=True)) == [1, 2]
    assert Event.objects.latest("sequence").action == "supply.order"


def test_ordering_again_writes_nothing(cast: Cast) -> None:
    started(cast)
    bring_up_to_date([cast.jena], now=NOW)
    events = Event.objects.count()
    bring_up_to_date([cast.jena], now=NOW)
    assert Event.objects.count() == events


def test_days_that_are_over_are_not_ordered_any_more(cast: Cast) -> None:
    """But day 5 is: its injection may be given until the next one is due, on day 7."""
    started(cast)
    bring_up_to_date([cast.jena], now=NOW + 5 * DAY)
    assert list(Order.objects.order_by("day").values_list("day", flat=True)) == [1, 5, 6, 7]


def test_a_whole_course_is_ordered_by_day_15_and_no_more(cast: Cast) -> None:
    started(cast)
    for day in range(40):
        bring_up_to_date([cast.jena], now=NOW + day * DAY)
    doses = [dose["route"] for order in Order.objects.all() for dose in order.doses]
    assert (Order.objects.count(), doses.count("iv"), doses.count("sc")) == (15, 45, 8)


def test_another_centre_is_left_alone(cast: Cast) -> None:
    started(cast)
    bring_up_to_date([cast.athens], now=NOW + 5 * DAY)
    assert Order.objects.count() == 1


def test_withdrawal_stops_and_cancels(cast: Cast) -> None:
    allocation = started(cast)
    Withdrawal.objects.create(
        patient=allocation.patient, kind="stop_treatment_keep_follow_up", at=NOW, recorded_at=NOW,
        recorded_by=cast.nurse,
    )  # fmt: skip
    bring_up_to_date([cast.jena], now=NOW + 5 * DAY)
    assert Order.objects.get().cancelled_at == NOW + 5 * DAY


def test_randomised_in_error_stops_and_cancels(cast: Cast) -> None:
    allocation = started(cast)
    InError.objects.create(
        allocation=allocation, reason="not septic", recorded_at=NOW, recorded_by=cast.consultant
    )
    bring_up_to_date([cast.jena], now=NOW + 5 * DAY)
    assert Order.objects.get().cancelled_at is not None


def said(cast: Cast, form: str, visit: str, at: datetime, **answers: Any) -> Page:
    """What a nurse writes of the participant on treatment at a moment."""
    return write_page("01-0001", form, answers, visit=visit, by=cast.nurse, now=at).page


def died(cast: Cast, at: datetime) -> Page:
    """The page of day 28, with a death an hour before it is written."""
    moment = (at - HOUR).isoformat()
    return said(cast, "vital_status", "day_28", at, vital_status="dead", died_at=moment)


def open_days() -> list[int]:
    """The days whose orders stand."""
    return list(Order.objects.filter(cancelled_at=None).values_list("day", flat=True))


@pytest.mark.parametrize(
    ("form", "visit", "answers"),
    [
        ("vital_status", "day_28", {"vital_status": "dead"}),
        ("daily_sofa", "day_2", {"day_status": "dead"}),
        ("treatment_end", "day_15", {"treatment_completed": False}),
    ],
)
def test_no_more_is_ordered_once_a_page_says_that_treatment_ended(
    cast: Cast, form: str, visit: str, answers: dict[str, Any]
) -> None:
    started(cast)
    bring_up_to_date([cast.jena], now=NOW + DAY)
    said(cast, form, visit, NOW + 1.5 * DAY, **answers)
    bring_up_to_date([cast.jena], now=NOW + 2 * DAY)
    bring_up_to_date([cast.jena], now=NOW + 5 * DAY)
    assert open_days() == [1]
    assert Order.objects.count() == 3


def test_death_cancels_what_was_due_after_it_and_nothing_before(cast: Cast) -> None:
    started(cast)
    bring_up_to_date([cast.jena], now=NOW + DAY)
    died(cast, NOW + 1.2 * DAY)
    bring_up_to_date([cast.jena], now=NOW + 1.3 * DAY)
    assert open_days() == [1]
    assert Event.objects.latest("sequence").action == "supply.cancel"


def test_an_order_is_taken_up_again_if_the_death_was_anothers(cast: Cast) -> None:
    started(cast)
    bring_up_to_date([cast.jena], now=NOW + DAY)
    page = died(cast, NOW + 1.2 * DAY)
    bring_up_to_date([cast.jena], now=NOW + 1.3 * DAY)
    record_page(
        page, {"vital_status": "alive"}, seen=page.entries.latest("id").pk, by=cast.nurse,
        now=NOW + 1.4 * DAY, reason="Of another participant.",
    )  # fmt: skip
    bring_up_to_date([cast.jena], now=NOW + 1.4 * DAY)
    assert open_days() == [1, 2, 3]
    actions = Event.objects.filter(action="supply.take_up")
    assert [event.after for event in actions] == [{"day": 2}, {"day": 3}]


def test_an_order_that_is_past_is_not_taken_up(cast: Cast) -> None:
    started(cast)
    Order.objects.update(cancelled_at=NOW)
    bring_up_to_date([cast.jena], now=NOW + 9 * DAY)
    assert Order.objects.get(day=1).cancelled_at == NOW


def test_whoever_stopped_long_ago_is_not_looked_at(cast: Cast) -> None:
    started(cast)
    died(cast, NOW + 0.5 * DAY)
    bring_up_to_date([cast.jena], now=NOW + 60 * DAY)
    assert open_days() == [1]


def test_a_day_is_ordered_once(cast: Cast) -> None:
    slot = randomised(cast).slot
    with pytest.raises(IntegrityError, match=r"UNIQUE|a participant's day is ordered once"):
        order_day(
            slot, number="FREE", participant="01-0001", centre=cast.jena, state="mals", day=1,
            now=NOW,
        )  # fmt: skip
