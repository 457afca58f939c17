"""The orders of the days after the first, made by the site itself for those under treatment.

A day is ordered once the day before has begun, so that the pharmacy sees a day ahead. Nobody is
ordered for who has not had the first dose, or whose treatment ended (`ending`): an order that still
had a dose due by then is cancelled. It is taken up again if that end was a mistake.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from immunosep.languages import say
from immunosep.web.audit.actions import Site, record
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Slot
from immunosep.web.supply.ending import ends_of
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.supply.ordering import (
    HOURS_OF_A_DAY,
    component_of,
    doses_due,
    last_day,
    new_numbers,
    order_day,
)

CANCELLED = say("The order was cancelled: treatment has ended.")  # to who asks `is_needed`
DAY = timedelta(hours=HOURS_OF_A_DAY)
AFTERWARDS = 30 * DAY
"""So long after the plan's last day its orders are looked at still: an end may be told late."""


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """One participant's: which place, the last day ordered, when it began and when it ended."""

    slot: int
    participant: str
    centre: Centre
    immune_state: str
    ordered_to: int
    began: datetime | None
    ended: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What the orders of some centres lack of being up to date."""

    cancel: list[Order] = field(default_factory=list)
    take_up: list[Order] = field(default_factory=list)
    order: list[tuple[Treatment, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.cancel or self.take_up or self.order)


def bring_up_to_date(centres: Iterable[Centre], *, now: datetime) -> None:
    """Order what is due at these centres, cancel what is no longer needed; writes only if it must.

    Asked again it does nothing more, so a page may call it whenever it is looked at.
    """
    held = list(centres)
    if _changes(held, now):
        _bring_up_to_date([centre.pk for centre in held], now=now)


@transaction.atomic
def _bring_up_to_date(keys: list[str], *, now: datetime) -> None:
    changes = _changes(Centre.objects.select_for_update(no_key=True).filter(pk__in=keys), now)
    for order in changes.cancel:
        _set_cancelled(order, now, "supply.cancel", now=now)
    for order in changes.take_up:
        _set_cancelled(order, None, "supply.take_up", now=now)
    slots = Slot.objects.in_bulk([each.slot for each, _ in changes.order])
    numbers = new_numbers(Order, len(changes.order))
    for number, (each, day) in zip(numbers, changes.order, strict=True):
        order = order_day(
            slots[each.slot],
            number=number,
            participant=each.participant,
            centre=each.centre,
            state=each.immune_state,
            day=day,
            now=now,
        )
        _record("supply.order", order, now)


def starts_of(slots: Iterable[int]) -> dict[int, datetime]:
    """When each place's participant had the first dose; none for who had none."""
    given = Preparation.objects.filter(order__slot__in=list(slots), given__isnull=False)
    began = given.values("order__slot").annotate(began=Min("given__given_at")).order_by()
    return {row["order__slot"]: row["began"] for row in began}


def is_missed(order: Order, dose: dict[str, Any], *, began: datetime | None, now: datetime) -> bool:
    """Whether the next dose by the same route is due already: this one is made no more."""
    if began is None:
        return False
    return _is_past(order.immune_state, dose, order.centre, began=began, now=now)


def is_needed(order: Order) -> bool:
    """Whether an order stands, and treatment goes on: asked by whoever is to fill it."""
    return order.cancelled_at is None and not ends_of([order.participant])


def _changes(centres: Iterable[Centre], now: datetime) -> Changes:
    treatments = _treatments({centre.pk: centre for centre in centres}, now)
    going_on = [each for each in treatments if each.ended is None]
    ended = [each for each in treatments if each.ended is not None]
    return Changes(
        cancel=[
            order
            for each, order in _orders(ended, cancelled=False)
            if _outlives(order, began=each.began, ended=each.ended)
        ],
        take_up=[
            order
            for each, order in _orders(going_on, cancelled=True)
            if not all(is_missed(order, dose, began=each.began, now=now) for dose in order.doses)
        ],
        order=[(each, day) for each in going_on for day in _days_due(each, now)],
    )


def _treatments(held: dict[str, Centre], now: datetime) -> list[Treatment]:
    """Everybody for whom something was ordered at these centres of late."""
    rows = list(
        Order.objects.filter(centre__in=list(held))
        .values("slot", "participant", "centre", "immune_state")
        .annotate(last=Max("day"), ordered_at=Min("ordered_at"))
        .order_by("slot")
    )
    starts = starts_of(row["slot"] for row in rows)
    recent = [
        row
        for row in rows
        if now - starts.get(row["slot"], row["ordered_at"])
        < last_day(row["immune_state"], held[row["centre"]]) * DAY + AFTERWARDS
    ]
    ends = ends_of(row["participant"] for row in recent)
    return [
        Treatment(
            slot=row["slot"],
            participant=row["participant"],
            centre=held[row["centre"]],
            immune_state=row["immune_state"],
            ordered_to=row["last"],
            began=starts.get(row["slot"]),
            ended=ends.get(row["participant"]),
        )
        for row in recent
    ]


def _orders(treatments: list[Treatment], *, cancelled: bool) -> list[tuple[Treatment, Order]]:
    """The orders of some participants that are, or are not, cancelled."""
    of = {each.slot: each for each in treatments}
    found = Order.objects.filter(slot__in=list(of), cancelled_at__isnull=not cancelled)
    return [(of[order.slot_id], order) for order in found.select_related("centre")]


def _outlives(order: Order, *, began: datetime | None, ended: datetime | None) -> bool:
    """Whether an order has a dose that was due once treatment had ended."""
    if began is None or ended is None:
        return True
    return began + timedelta(hours=max(dose["hour"] for dose in order.doses)) >= ended


def _days_due(each: Treatment, now: datetime) -> list[int]:
    """The days to order now: up to tomorrow, not ordered yet, with a dose that is not past."""
    if each.began is None:
        return []
    state, centre, began = each.immune_state, each.centre, each.began
    tomorrow = int((now - began) // DAY) + 2
    return [
        day
        for day in range(each.ordered_to + 1, min(tomorrow, last_day(state, centre)) + 1)
        if not all(
            _is_past(state, dose, centre, began=began, now=now)
            for dose in doses_due(state, day, centre)
        )
    ]


def _is_past(
    state: str, dose: dict[str, Any], centre: Centre, *, began: datetime, now: datetime
) -> bool:
    every_hours = component_of(state, dose["route"], centre).every_hours
    return now >= began + timedelta(hours=dose["hour"] + every_hours)


def _set_cancelled(order: Order, at: datetime | None, action: str, *, now: datetime) -> None:
    order.cancelled_at = at
    order.save(update_fields=["cancelled_at"])
    _record(action, order, now)


def _record(action: str, order: Order, now: datetime) -> None:
    record(
        action,
        by=Site(),
        now=now,
        subject=f"order {order.number}",
        centre=order.centre_id,
        time_zone=order.centre.time_zone,
        participant=order.participant,
        after={"day": order.day},
    )
