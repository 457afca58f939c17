"""A participant's doses: ordered, prepared, checked, handed over, received, given.

A few are given late and a few not at all, with a line in the casebook that says why, whatever is
in them: it is drawn from the course's own seed. Treatment that ended early is asked for no more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from immunosep.protocol.treatment import Route
from immunosep.web.casebook.completing import complete_page
from immunosep.web.casebook.recording import write_page
from immunosep.web.demo.people import Staff
from immunosep.web.demo.playing import Course
from immunosep.web.enrolment.dosing import give_dose
from immunosep.web.pharmacy.preparing import check, content_of, prepare
from immunosep.web.supply.following import bring_up_to_date
from immunosep.web.supply.handover import discard, hand_over_all, receive
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.supply.ordering import HOURS_OF_A_DAY, last_day
from immunosep.web.supply.words import ROUTES

CONTAINERS: Mapping[str, int] = {Route.INTRAVENOUS.value: 2, Route.SUBCUTANEOUS.value: 1}
PREPARED, CHECKED, HANDED_OVER, RECEIVED = (timedelta(minutes=-m) for m in (80, 65, 50, 30))
"""Before a day's first dose is due."""
LOOKED_AFTER = timedelta(hours=26)  # the end
MISSED, LATE = 0.006, 0.012  # of doses after the first day, assumed
MINUTES_LATE = (75, 280)
WHY_MISSED = ("participant_absent", "no_access", "forgotten", "participant_refused")
WHY_LATE = ("participant_absent", "not_prepared_in_time", "no_access")


def follow_treatment(
    number: str, staff: Staff, *, first: datetime, ends: datetime, draw: Random
) -> Course:
    """One participant's treatment from the `first` dose until the plan or `ends` ends it."""
    days = 1
    day = 1
    while day <= days and first + _before_day(day) < ends:
        yield from _treat_a_day(number, day, staff, first=first, ends=ends, draw=draw)
        if day == 1:
            days = last_day(_order(number, day).immune_state)
        day += 1
    if day <= days:  # the pharmacy sees that no more is needed, once it is written down
        looked = ends + LOOKED_AFTER
        yield looked
        bring_up_to_date([staff.centre], now=looked)


def _before_day(day: int) -> timedelta:
    return timedelta(hours=HOURS_OF_A_DAY * (day - 1))


def _treat_a_day(
    number: str, day: int, staff: Staff, *, first: datetime, ends: datetime, draw: Random
) -> Course:
    due = first + _before_day(day)
    yield due + PREPARED
    if not Order.objects.filter(participant=number, day=day).exists():
        bring_up_to_date([staff.centre], now=due + PREPARED)
    order = _order(number, day)
    made = _prepare(order, staff, now=due + PREPARED)
    yield due + CHECKED
    for each in made:
        check(each, label=each.number, by=staff.second_pharmacist, now=due + CHECKED)
    yield due + HANDED_OVER
    hand_over_all(order, by=staff.pharmacist, now=due + HANDED_OVER)
    yield due + RECEIVED
    for each in made:
        receive(each, by=staff.nurse, now=due + RECEIVED)
    for hour, preparation in _by_hour(order, made):
        planned = first + timedelta(hours=hour)
        if planned >= ends:
            yield ends + timedelta(hours=2)
            discard(preparation, because="Treatment has ended.", by=staff.nurse,
                    now=ends + timedelta(hours=2))  # fmt: skip
            continue
        chance = draw.random() if day > 1 else 1.0
        yield from _give(number, preparation, staff, planned=planned, chance=chance, draw=draw)


def _give(
    number: str, preparation: Preparation, staff: Staff, *, planned: datetime, chance: float,
    draw: Random,
) -> Course:  # fmt: skip
    if chance < MISSED:
        missed = planned + timedelta(hours=3)
        yield missed
        discard(preparation, because="The dose was not given.", by=staff.nurse, now=missed)
        _say_why(number, preparation, "missed", draw.choice(WHY_MISSED), staff, now=missed)
        return
    late = chance < MISSED + LATE
    given = planned + (timedelta(minutes=draw.randint(*MINUTES_LATE)) if late else timedelta())
    yield given
    give_dose(number, preparation.number, given_at=given, by=staff.nurse, now=given)
    if late:
        _say_why(number, preparation, "delayed", draw.choice(WHY_LATE), staff, now=given)


def _say_why(
    number: str, preparation: Preparation, what: str, why: str, staff: Staff, *, now: datetime
) -> None:
    """A line of the log of doses missed or delayed."""
    answers = {
        "dose_route": ROUTES[preparation.route].lower(),
        "dose_number": preparation.dose,
        "dose_deviation": what,
        "dose_reason": why,
    }
    page = write_page(number, "dose_not_given", answers, by=staff.nurse, now=now).page
    complete_page(page, by=staff.nurse, now=now)


def _prepare(order: Order, staff: Staff, *, now: datetime) -> list[Preparation]:
    """Every route of an order, from the centre's lot of what the place says."""
    made = []
    for route in dict.fromkeys(dose["route"] for dose in order.doses):
        item = staff.lots[content_of(order, route).intervention.id]
        made += prepare(
            order, route, item=item, per_dose=CONTAINERS[route], by=staff.pharmacist, now=now
        )
    return made


def _by_hour(order: Order, made: Sequence[Preparation]) -> list[tuple[float, Preparation]]:
    hours = {(dose["route"], dose["dose"]): dose["hour"] for dose in order.doses}
    return sorted(((hours[each.route, each.dose], each) for each in made), key=lambda pair: pair[0])


def _order(number: str, day: int) -> Order:
    return Order.objects.select_related("slot__stratum", "centre").get(participant=number, day=day)
