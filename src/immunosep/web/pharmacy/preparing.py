"""Making up the blinded doses of an order, and checking a colleague's.

Drug and placebo write the same: one preparation and one line of the ledger for each dose, sealed to
one length. The use-before time comes from the route alone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from immunosep.errors import CodeError, RefusedError
from immunosep.languages import opening, say
from immunosep.protocol.supply import SupplyModel, SupplyPlan
from immunosep.protocol.treatment import Component
from immunosep.randomisation.tokens import read_token
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.models import Centre
from immunosep.web.pharmacy.stock import Item, Lot, locked_lot, use_lot
from immunosep.web.supply.contents import about_preparation, seal_contents
from immunosep.web.supply.following import CANCELLED, is_missed, is_needed, starts_of
from immunosep.web.supply.handover import Status, move_on, record_step
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.supply.ordering import component_of, doses_together, new_numbers
from immunosep.web.trial import trial_of
from immunosep.web.unblinding.opening import regimen_in

MOST_PER_DOSE = 100


def outstanding(
    order: Order, route: str, *, began: datetime | None, now: datetime
) -> list[dict[str, Any]]:
    """The doses of one route to make up together now: those of the first batch still open.

    `began` is when the participant had the first dose; one that was missed is made no more.
    """
    made = {
        preparation.dose
        for preparation in order.preparations.all()
        if preparation.route == route and preparation.status != Status.DISCARDED
    }
    open_ = [
        dose
        for dose in order.doses
        if dose["route"] == route
        and dose["dose"] not in made
        and not is_missed(order, dose, began=began, now=now)
    ]
    together = doses_together(component_of(order.immune_state, route, order.centre), order.centre)
    return [
        dose
        for dose in open_
        if (dose["dose"] - 1) // together == (open_[0]["dose"] - 1) // together
    ]


def content_of(order: Order, route: str) -> Component:
    """What the participant's doses by this route are made from. Opens their place of the list."""
    components = regimen_in(order.slot, order.immune_state, order.centre).components
    return next(component for component in components if component.route.value == route)


def use_before(route: Component, centre: Centre, *, now: datetime) -> datetime:
    """Until when a dose made up now may be used: the route decides, never the content."""
    return now + timedelta(hours=prepared_plan(centre).prepared_shelf_life_hours[route.route])


@transaction.atomic
def prepare(
    order: Order, route: str, *, item: Item, per_dose: int, by: User, now: datetime
) -> list[Preparation]:
    """Make up the open doses of one route from one lot, `per_dose` containers for each."""
    role = require(by, Permission.PREPARE, order.centre)
    lot = locked_lot(order.centre, item)
    order = Order.objects.select_related("slot__stratum", "centre").get(pk=order.pk)
    began = starts_of([order.slot_id]).get(order.slot_id)
    doses = outstanding(order, route, began=began, now=now)
    component = content_of(order, route)
    until = use_before(component, order.centre, now=now)
    problems = [
        *_problems_of_order(order, doses),
        *_problems_of_lot(order, component, lot, per_dose=per_dose, doses=doses, until=until),
        *_problems_of_time(doses, began=began, until=until),
    ]
    if problems:
        raise RefusedError(f"order {order.number} cannot be prepared", problems)
    made = _make(order, doses, component, item, per_dose=per_dose, until=until, by=by, now=now)
    record(
        "pharmacy.prepare",
        by=by,
        role=role,
        now=now,
        subject=f"order {order.number}",
        centre=order.centre_id,
        time_zone=order.centre.time_zone,
        participant=order.participant,
        after={"preparations": [each.number for each in made], "route": route},
    )
    return made


@transaction.atomic
def check(preparation: Preparation, *, label: str, by: User, now: datetime) -> None:
    """A second person has compared content and label, whose number they typed or scanned."""
    role = require(by, Permission.PREPARE, preparation.order.centre)
    problems = []
    if by.pk == preparation.prepared_by_id:
        problems.append(say("You prepared it yourself. Another person has to check it."))
    try:
        if read_token(label) != preparation.number:
            problems.append(say("The number is of another preparation. Compare label and screen."))
    except CodeError as error:
        problems.append(say("{sentence}.", sentence=opening(error.args[0])))
    if problems:
        raise RefusedError(f"preparation {preparation.number} cannot be checked", problems)
    move_on(preparation, (Status.PREPARED,), Status.CHECKED, checked_at=now, checked_by=by)
    record_step("pharmacy.check", preparation, by=by, role=role, now=now)


def _make(
    order: Order,
    doses: Sequence[dict[str, Any]],
    component: Component,
    item: Item,
    *,
    per_dose: int,
    until: datetime,
    by: User,
    now: datetime,
) -> list[Preparation]:
    numbers = new_numbers(Preparation, len(doses))
    content = {
        "product": component.intervention.id,
        "dose": component.dose,
        "unit": component.unit,
        "lot": item.lot,
        "expires_on": item.expires_on.isoformat(),
        "quantity": per_dose,
    }
    sealed = seal_contents((content, about_preparation(number)) for number in numbers)
    made = Preparation.objects.bulk_create(
        Preparation(
            number=number,
            order=order,
            route=dose["route"],
            dose=dose["dose"],
            sealed=seal,
            use_before=until,
            prepared_at=now,
            prepared_by=by,
        )
        for number, dose, seal in zip(numbers, doses, sealed, strict=True)
    )
    use_lot(order.centre, item, per_dose, preparations=made, by=by, now=now)
    return made


def _problems_of_order(order: Order, doses: Sequence[dict[str, Any]]) -> list[str]:
    if not is_needed(order):
        return [CANCELLED]
    return [] if doses else [say("Every dose of this order by this route is prepared, or past.")]


def _problems_of_lot(
    order: Order,
    component: Component,
    lot: Lot,
    *,
    per_dose: int,
    doses: Sequence[dict[str, Any]],
    until: datetime,
) -> list[str]:
    problems: list[str] = []
    if lot.item.product != component.intervention.id:
        problems.append(say("The lot is of another product than the participant's place says."))
    if lot.expired(until.astimezone(order.centre.zone).date()):
        problems.append(say("The lot expires before the prepared doses do. Take another."))
    if not 1 <= per_dose <= MOST_PER_DOSE:
        problems.append(
            say("The containers for a dose must be from 1 to {most}.", most=MOST_PER_DOSE)
        )
    elif per_dose * len(doses) > lot.available:
        problems.append(
            say(
                "{needed} containers are needed, the lot has {count}.",
                needed=per_dose * len(doses),
                count=lot.available,
            )
        )
    return problems


def _problems_of_time(
    doses: Sequence[dict[str, Any]], *, began: datetime | None, until: datetime
) -> list[str]:
    """A dose made up so early that it is past its time when it is due; unknown before dose 1."""
    if began is None or not doses:
        return []
    due = began + timedelta(hours=doses[-1]["hour"])
    if due < until:
        return []
    wait = due - until
    return [
        say(
            "Made now, it would be past its time when it is due. Wait {span}.",
            span=_in_words(wait),
        )
    ]


def _in_words(wait: timedelta) -> str:
    minutes = int(wait.total_seconds() // 60) + 1
    return f"{minutes // 60} h {minutes % 60:02d} min"


def prepared_plan(centre: Centre | None = None) -> SupplyPlan:
    """The trial's supply plan, if doses are prepared; RefusedError otherwise."""
    plan = trial_of(centre).supply
    if plan is None or plan.model is not SupplyModel.PREPARED:
        raise RefusedError(
            "nothing is prepared here", [say("This trial's treatment comes in numbered kits.")]
        )
    return plan
