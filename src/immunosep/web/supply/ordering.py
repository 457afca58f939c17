"""Ordering a participant's doses, one treatment day at a time, without knowing what they are.

In a double-dummy trial every arm of an immune state has the same routes, intervals and numbers of
doses (the trial value is refused otherwise), so any of its regimens says when something is due.
"""

import secrets
from datetime import datetime
from typing import Any

from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Slot
from immunosep.web.supply.models import Order
from immunosep.web.trial import site_trial

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without what reads like something else
LENGTH = 8


def order_day(
    slot: Slot, *, participant: str, centre: Centre, state: str, day: int, now: datetime
) -> Order:
    """Order what is due on one day of treatment; day 1 is the day of the first dose."""
    return Order.objects.create(
        number=new_number(),
        slot=slot,
        participant=participant,
        centre=centre,
        immune_state=state,
        day=day,
        doses=doses_due(state, day),
        ordered_at=now,
    )


def doses_due(state: str, day: int) -> list[dict[str, Any]]:
    """Each dose of one treatment day: route, its number by that route, hour of treatment."""
    regimen = next(cell for cell in site_trial().regimens if cell.state == state)
    due = [
        {"route": component.route.value, "dose": n + 1, "hour": n * component.every_hours}
        for component in regimen.components
        for n in range(component.doses)
        if n * component.every_hours // 24 + 1 == day
    ]
    return sorted(due, key=lambda dose: (dose["hour"], dose["route"]))


def new_number() -> str:
    """An unpredictable number: it says nothing, not even what came before."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
