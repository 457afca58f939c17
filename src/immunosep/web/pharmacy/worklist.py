"""What the pharmacy has to do, by time. One task is one route of one order, with its content."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from immunosep.protocol.treatment import Component
from immunosep.web.centres.models import Centre
from immunosep.web.pharmacy.preparing import content_of, outstanding
from immunosep.web.supply.following import bring_up_to_date, starts_of
from immunosep.web.supply.handover import Status
from immunosep.web.supply.models import Order, Preparation

WAITING = (Status.PREPARED, Status.CHECKED)
TOLD_FOR = timedelta(days=3)  # that nothing needs to be prepared any more


@dataclass(frozen=True, kw_only=True)
class Task:
    """One route of one order: what it is, when its first open dose is due, and what is next."""

    order: Order
    content: Component
    due: datetime
    started: bool  # the first dose was given, so that `due` is a promise and not a wish
    to_prepare: tuple[int, ...]
    waiting: tuple[Preparation, ...]

    @property
    def route(self) -> str:
        """The route, as the order has it."""
        return self.content.route.value


def tasks_of(centres: Iterable[Centre], *, now: datetime) -> list[Task]:
    """Everything to prepare, check or hand over, the earliest due first."""
    held = list(centres)
    bring_up_to_date(held, now=now)
    orders = list(
        Order.objects.filter(centre__in=held, cancelled_at=None)
        .select_related("slot__stratum", "slot__allocation", "centre")
        .prefetch_related("preparations")
    )
    starts = starts_of(order.slot_id for order in orders)
    tasks = [
        task
        for order in orders
        for route in dict.fromkeys(dose["route"] for dose in order.doses)
        if (task := _task(order, route, starts.get(order.slot_id), now))
    ]
    return sorted(tasks, key=lambda task: (task.due, task.order.number, task.route))


def stopped_orders(centres: Iterable[Centre], *, now: datetime) -> list[Order]:
    """Orders needed no more: those of late, and any of which something waits to be discarded."""
    left = Preparation.objects.filter(order=OuterRef("pk"), status__in=WAITING)
    cancelled = Order.objects.filter(centre__in=centres, cancelled_at__isnull=False)
    told = Q(cancelled_at__gt=now - TOLD_FOR) & ~Exists(
        Preparation.objects.filter(order=OuterRef("pk"))
    )
    return list(cancelled.filter(Exists(left) | told).select_related("centre"))


def _task(order: Order, route: str, began: datetime | None, now: datetime) -> Task | None:
    doses = outstanding(order, route, began=began, now=now)
    waiting = tuple(
        preparation
        for preparation in order.preparations.all()
        if preparation.route == route and preparation.status in WAITING
    )
    if not doses and not waiting:
        return None
    numbers = [each["dose"] for each in doses] + [each.dose for each in waiting]
    hours = [each["hour"] for each in order.doses if each["route"] == route
             and each["dose"] in numbers]  # fmt: skip
    return Task(
        order=order,
        content=content_of(order, route),
        due=(began or order.ordered_at) + timedelta(hours=min(hours)),
        started=began is not None,
        to_prepare=tuple(each["dose"] for each in doses),
        waiting=waiting,
    )
