"""The orders of the days after the first, made by the site itself for those under treatment.

A day is ordered once the day before has begun, so that the pharmacy sees a day ahead. Nobody is
ordered for who has not had the first dose, withdrew, or was randomised in error.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from immunosep.web.audit.actions import Site, record
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Slot
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.supply.ordering import (
    HOURS_OF_A_DAY,
    component_of,
    doses_due,
    last_day,
    order_day,
)

DAY = timedelta(hours=HOURS_OF_A_DAY)


def bring_up_to_date(centres: Iterable[Centre], *, now: datetime) -> None:
    """Order what is due at these centres, cancel what is no longer needed; writes only if it must.

    Asked again it does nothing more, so a page may call it whenever it is looked at.
    """
    held = {centre.pk: centre for centre in centres}
    keys = list(held)
    if _to_cancel(keys).exists() or any(
        _days_due(row, held[row["centre"]], now) for row in _under_treatment(keys)
    ):
        _bring_up_to_date(keys, now=now)


@transaction.atomic
def _bring_up_to_date(keys: list[str], *, now: datetime) -> None:
    centres = {c.pk: c for c in Centre.objects.select_for_update(no_key=True).filter(pk__in=keys)}
    for order in _to_cancel(keys):
        order.cancelled_at = now
        order.save(update_fields=["cancelled_at"])
        _record("supply.cancel", order, centres[order.centre_id], now)
    slots = Slot.objects.in_bulk([row["slot"] for row in _under_treatment(keys)])
    for row in _under_treatment(keys):
        centre = centres[row["centre"]]
        for day in _days_due(row, centre, now):
            order = order_day(
                slots[row["slot"]],
                participant=row["participant"],
                centre=centre,
                state=row["immune_state"],
                day=day,
                now=now,
            )
            _record("supply.order", order, centre, now)


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


def _under_treatment(keys: list[str]) -> list[dict[str, Any]]:
    """One row per participant who had a dose and goes on: their last day ordered, and the start."""
    going_on = Order.objects.filter(
        centre__in=keys,
        slot__allocation__patient__withdrawal=None,
        slot__allocation__in_error=None,
    )
    rows = list(
        going_on.values("slot", "participant", "centre", "immune_state")
        .annotate(last=Max("day"))
        .order_by("slot")
    )
    starts = starts_of(row["slot"] for row in rows)
    return [{**row, "began": starts[row["slot"]]} for row in rows if row["slot"] in starts]


def _days_due(row: dict[str, Any], centre: Centre, now: datetime) -> list[int]:
    """The days to order now: up to tomorrow, not ordered yet, with a dose that is not past."""
    state, began = row["immune_state"], row["began"]
    tomorrow = int((now - began) // DAY) + 2
    return [
        day
        for day in range(row["last"] + 1, min(tomorrow, last_day(state, centre)) + 1)
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


def _to_cancel(keys: list[str]) -> Any:
    """Orders still open of participants who withdrew or were randomised in error."""
    open_ = Order.objects.filter(centre__in=keys, cancelled_at=None)
    withdrew = open_.filter(slot__allocation__patient__withdrawal__isnull=False)
    in_error = open_.filter(slot__allocation__in_error__isnull=False)
    return (withdrew | in_error).distinct()


def _record(action: str, order: Order, centre: Centre, now: datetime) -> None:
    record(
        action,
        by=Site(),
        now=now,
        subject=f"order {order.number}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        participant=order.participant,
        after={"day": order.day},
    )
