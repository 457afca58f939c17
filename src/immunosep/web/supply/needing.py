"""What a place of the list needs in kits, the same for every arm, and whether it has it.

A set is the kits of one place and one immune state: by each route, those of a course and the spare
ones. Whether a place has its sets depends on what was bound, received and lost, never on its arm,
for a set is bound whole or not at all.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial, reduce
from itertools import islice, takewhile
from operator import and_
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, QuerySet

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.protocol.supply import SupplyModel, SupplyPlan
from immunosep.randomisation.strata import CENTRE, IMMUNE_STATE, name_stratum, plan_of
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Slot, Stratum
from immunosep.web.supply.ending import ends_of
from immunosep.web.supply.models import Kit, Order
from immunosep.web.supply.ordering import last_day, regimen_of_state
from immunosep.web.supply.stations import Station
from immunosep.web.trial import site_trial


def kits_plan() -> SupplyPlan:
    """The trial's supply plan, if it comes in kits; RefusedError otherwise."""
    plan = site_trial().supply
    if plan is None or plan.model is not SupplyModel.KITS:
        raise RefusedError(
            "there are no kits here",
            [say("This trial's treatment is prepared by a pharmacist. Use the worklist.")],
        )
    return plan


def kits_of_set() -> int:
    """How many kits of one route a set has."""
    plan = kits_plan()
    return plan.kits_per_component + plan.spare_kits_per_component


def treated_states() -> tuple[str, ...]:
    """The immune states that have a treatment."""
    return tuple(dict.fromkeys(regimen.state for regimen in site_trial().regimens))


def routes_of(state: str) -> tuple[str, ...]:
    """The routes of an immune state, the same in every arm."""
    return tuple(component.route.value for component in regimen_of_state(state).components)


def lists_of(centre: Centre) -> dict[str, tuple[str, ...]]:
    """The lists a centre's participants come from, and the immune states each serves."""
    stratified_by = plan_of(site_trial()).strata
    if CENTRE not in stratified_by:
        raise RefusedError(
            "no kits can be bound",
            [say("The trial's lists are not by centre, so no place of one is a centre's own.")],
        )
    lists: dict[str, tuple[str, ...]] = {}
    for state in treated_states():
        key = name_stratum(stratified_by, {CENTRE: centre.pk, IMMUNE_STATE: state})
        lists[key] = (*lists.get(key, ()), state)
    return lists


def is_supplied(centre: Centre, state: str, *, on: date) -> "ExpressionWrapper[Any]":
    """To annotate places with: whether a whole course of each route is in the refrigerator."""
    plan = kits_plan()
    needed = plan.kits_per_component
    there = Kit.objects.filter(
        slot=OuterRef("pk"),
        immune_state=state,
        centre=centre,
        status=Station.AVAILABLE.value,
        expires_on__gte=last_use(state, on),
    )
    every_route = [Exists(there.filter(route=route)[needed - 1 :]) for route in routes_of(state)]
    return ExpressionWrapper(reduce(and_, every_route), output_field=BooleanField())


def places_supplied(centre: Centre, *, on: date) -> int:
    """How many of the next participants the centre can supply, whatever their state: the fewest."""
    return min(_run_of(key, states, on=on) for key, states in lists_of(centre).items())


def open_places(key: str) -> "QuerySet[Slot]":
    """The places of a list that nobody has taken, in order."""
    stratum = Stratum.objects.filter(key=key, code__active=True)
    return Slot.objects.filter(stratum__in=stratum, allocation=None).order_by("position")


def short_places(centre: Centre, *, on: date, most: int) -> list[tuple[Slot, tuple[str, ...]]]:
    """The first places that lack a set, with the states they lack; participants' come first."""
    usable = (Station.AVAILABLE, Station.IN_TRANSIT)
    treated = [
        (slot, (state,)) for slot, state in _on_treatment(centre) if _lacks_more(slot, state)
    ]
    waiting = [
        (slot, states)
        for key, states in lists_of(centre).items()
        for slot in islice(
            (
                slot
                for slot in open_places(key)
                if not _has_sets(slot, states=states, on=on, statuses=usable)
            ),
            most,
        )
    ]
    return [*treated, *sorted(waiting, key=lambda each: each[0].position)][:most]


def last_use(state: str, on: date) -> date:
    """The last day of a course that begins on a day."""
    return on + timedelta(days=last_day(state))


def _run_of(key: str, states: Iterable[str], *, on: date) -> int:
    here = (Station.AVAILABLE,)
    has = partial(_has_sets, states=states, on=on, statuses=here)
    return sum(1 for _ in takewhile(has, open_places(key)))


def _has_sets(
    slot: Slot, *, states: Iterable[str], on: date, statuses: tuple[Station, ...]
) -> bool:
    needed = kits_plan().kits_per_component
    there = list(
        slot.kits.filter(status__in=[each.value for each in statuses]).values_list(
            "immune_state", "route", "expires_on"
        )
    )
    return all(
        sum(
            (held, by) == (state, route) and until >= last_use(state, on)
            for held, by, until in there
        )
        >= needed
        for state in states
        for route in routes_of(state)
    )


def _on_treatment(centre: Centre) -> list[tuple[Slot, str]]:
    """Places of participants whose treatment has not ended, each with the immune state."""
    orders = Order.objects.filter(centre=centre, cancelled_at=None).select_related("slot")
    ordered = {
        order.participant: (order.slot, order.immune_state)
        for order in orders.order_by("slot__stratum", "slot__position")
    }
    ended = ends_of(ordered)
    return [each for participant, each in ordered.items() if participant not in ended]


def _lacks_more(slot: Slot, state: str) -> bool:
    """Whether so many kits were lost or rejected that a course is no longer whole."""
    gone = (Station.LOST.value, Station.REJECTED.value, Station.QUARANTINED.value)
    left = slot.kits.filter(immune_state=state).exclude(status__in=gone)
    held = list(left.values_list("route", flat=True))
    return any(held.count(route) < kits_plan().kits_per_component for route in routes_of(state))
