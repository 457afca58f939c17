"""Ordering a participant's doses, one treatment day at a time, without knowing what they are.

In a double-dummy trial every arm of an immune state has the same routes, intervals and numbers of
doses (the trial value is refused otherwise), so any of its regimens says when something is due. A
day's order holds what is made up, or dispensed, from that day on: so many doses of a route together
as the trial's supply plan says.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from immunosep.protocol.supply import SupplyModel
from immunosep.protocol.treatment import Component, Regimen
from immunosep.randomisation.tokens import draw_tokens
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Slot
from immunosep.web.supply.models import Order, Preparation, Shipment
from immunosep.web.trial import trial_of

HOURS_OF_A_DAY = 24
Numbered = type[Order] | type[Preparation] | type[Shipment]


def order_day(
    slot: Slot, *, number: str, participant: str, centre: Centre, state: str, day: int,
    now: datetime,
) -> Order:  # fmt: skip
    """Order what is due on one day of treatment; day 1 is the day of the first dose."""
    return Order.objects.create(
        number=number,
        slot=slot,
        participant=participant,
        centre=centre,
        immune_state=state,
        day=day,
        doses=doses_due(state, day, centre),
        ordered_at=now,
    )


def doses_due(state: str, day: int, centre: Centre | None = None) -> list[dict[str, Any]]:
    """Each dose of one day's order: route, its number by that route, hour of treatment."""
    return _in_order(
        dose
        for component in regimen_of_state(state, centre).components
        for dose in _doses(component, centre)
        if dose.pop("ordered") // HOURS_OF_A_DAY + 1 == day
    )


def last_day(state: str, centre: Centre | None = None) -> int:
    """The last day of treatment in an immune state."""
    return max(component.days for component in regimen_of_state(state, centre).components)


def regimen_of_state(state: str, centre: Centre | None = None) -> Regimen:
    """What any arm of an immune state looks like at a centre: all look alike."""
    return next(cell for cell in trial_of(centre).regimens if cell.state == state)


def component_of(state: str, route: str, centre: Centre | None = None) -> Component:
    """What any arm's component by one route looks like in an immune state."""
    return next(c for c in regimen_of_state(state, centre).components if c.route.value == route)


def doses_together(component: Component, centre: Centre | None = None) -> int:
    """How many doses of a component are made up, or are in a kit, together."""
    plan = trial_of(centre).supply
    if plan is None:
        return 1
    if plan.model is SupplyModel.KITS:
        return plan.doses_per_kit(component)
    return plan.doses_per_order[component.route]


def new_number(kind: Numbered) -> str:
    """An unpredictable number with a check sign: it says nothing, not even what came before."""
    return new_numbers(kind, 1)[0]


def new_numbers(kind: Numbered, count: int) -> tuple[str, ...]:
    """So many of them, each once, and none that a row of this kind has.

    There are 1.5 thousand million: of 15,000 drawn without asking, two are the same in one trial of
    fourteen.
    """
    drawn = draw_tokens(count, draw=secrets.randbelow)
    taken = kind._default_manager.filter(number__in=drawn).exists()
    return new_numbers(kind, count) if taken else drawn


def _doses(component: Component, centre: Centre | None) -> list[dict[str, Any]]:
    """A component's doses, each with the hour at which it is ordered: that of its batch."""
    together = doses_together(component, centre)
    return [
        {
            "route": component.route.value,
            "dose": n + 1,
            "hour": n * component.every_hours,
            "ordered": (n - n % together) * component.every_hours,
        }
        for n in range(component.doses)
    ]


def _in_order(doses: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(doses, key=lambda dose: (dose["hour"], dose["route"]))
