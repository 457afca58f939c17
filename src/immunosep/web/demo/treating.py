"""A participant's doses: ordered, prepared, checked, handed over, received, given.

The first day is played of everybody, for the trial's window is about it; the days after it only of
those who are on treatment now at the centre to try. What the site orders meanwhile for others there
stays unprepared, as doses that were missed do.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from immunosep.protocol.treatment import Route
from immunosep.web.demo.people import Staff
from immunosep.web.demo.playing import Course
from immunosep.web.enrolment.dosing import give_dose
from immunosep.web.pharmacy.preparing import check, content_of, prepare, use_before
from immunosep.web.pharmacy.stock import lots_to_use
from immunosep.web.supply.following import bring_up_to_date
from immunosep.web.supply.handover import hand_over, receive
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.supply.ordering import HOURS_OF_A_DAY, last_day

CONTAINERS: Mapping[str, int] = {Route.INTRAVENOUS.value: 2, Route.SUBCUTANEOUS.value: 1}
PREPARED, CHECKED, HANDED_OVER, RECEIVED = (timedelta(minutes=-m) for m in (80, 65, 50, 30))
"""Before a day's first dose is due."""


def follow_treatment(
    number: str, staff: Staff, *, first: datetime, if_on_treatment_at: datetime | None
) -> Course:
    """One participant's treatment from the `first` dose: that day; all days of whoever is on it."""
    yield from _treat_a_day(number, 1, staff, first=first)
    days = last_day(_order(number, 1).immune_state)
    if if_on_treatment_at is None or first + timedelta(days=days) < if_on_treatment_at:
        return
    for day in range(2, days + 1):
        yield from _treat_a_day(number, day, staff, first=first)


def _treat_a_day(number: str, day: int, staff: Staff, *, first: datetime) -> Course:
    due = first + timedelta(hours=HOURS_OF_A_DAY * (day - 1))
    yield due + PREPARED
    if day > 1:  # the first was ordered with the allocation
        bring_up_to_date([staff.centre], now=due + PREPARED)
    order = _order(number, day)
    made = _prepare(order, staff, now=due + PREPARED)
    yield due + CHECKED
    for each in made:
        check(each, label=each.number, by=staff.second_pharmacist, now=due + CHECKED)
    yield due + HANDED_OVER
    for each in made:
        hand_over(each, by=staff.pharmacist, now=due + HANDED_OVER)
    yield due + RECEIVED
    for each in made:
        receive(each, by=staff.nurse, now=due + RECEIVED)
    for hour, preparation in _by_hour(order, made):
        given = first + timedelta(hours=hour)
        yield given
        give_dose(number, preparation.number, given_at=given, by=staff.nurse, now=given)


def _prepare(order: Order, staff: Staff, *, now: datetime) -> list[Preparation]:
    """Every route of an order, from the lot that expires first."""
    made = []
    for route in dict.fromkeys(dose["route"] for dose in order.doses):
        component = content_of(order, route)
        until = use_before(component, staff.centre, now=now).astimezone(staff.centre.zone).date()
        lot = lots_to_use(staff.centre, component.intervention.id, until=until)[0]
        made += prepare(
            order, route, item=lot.item, per_dose=CONTAINERS[route], by=staff.pharmacist, now=now
        )
    return made


def _by_hour(order: Order, made: Sequence[Preparation]) -> list[tuple[float, Preparation]]:
    hours = {(dose["route"], dose["dose"]): dose["hour"] for dose in order.doses}
    return sorted(((hours[each.route, each.dose], each) for each in made), key=lambda pair: pair[0])


def _order(number: str, day: int) -> Order:
    return Order.objects.select_related("slot__stratum", "centre").get(participant=number, day=day)
