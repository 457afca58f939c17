"""From the pharmacy to the patient: who handed a preparation over, received it, or threw it away.

Each step is one conditional UPDATE from the status before it, so that two people at once, or one
who clicks twice, move a preparation on once. Several of one order go together or not at all.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import Said, either, say
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.supply.following import CANCELLED, is_needed
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.supply.words import status_in_words
from immunosep.web.trial import trial_of

Status = Preparation.Status
PAST = say("Its use-before time has passed. Discard it and have the dose prepared again.")
IN_USE = (Status.PREPARED, Status.CHECKED, Status.HANDED_OVER, Status.RECEIVED)


@transaction.atomic
def hand_over(preparation: Preparation, *, by: User, now: datetime) -> None:
    """Give a preparation to the ward, once a second person has checked it."""
    role = require(by, Permission.PREPARE, preparation.order.centre)
    ready = _ready(preparation.order)
    _refuse_if_past(preparation, now)
    _refuse_if_cancelled(preparation)
    move_on(preparation, ready, Status.HANDED_OVER, handed_over_at=now, handed_over_by=by)
    record_step("supply.hand_over", preparation, by=by, role=role, now=now)


@transaction.atomic
def hand_over_all(order: Order, *, by: User, now: datetime) -> int:
    """Give the ward all of an order that is ready, in one act and one event; how many that was.

    What still waits for its check stays. RefusedError, and nothing moves, if anything that is ready
    cannot be used any more.
    """
    role = require(by, Permission.PREPARE, order.centre)
    ready = Preparation.objects.filter(order=order, status__in=_ready(order))
    going = list(ready.select_for_update().order_by("pk"))  # two people at once take turns
    problems = [
        *([] if going else [say("Nothing of this order is ready. Have it checked first.")]),
        *(say("{number}: {why}", number=each.number, why=PAST)
          for each in going if now >= each.use_before),
        *([] if is_needed(order) else [CANCELLED]),
    ]  # fmt: skip
    if problems:
        raise RefusedError(f"order {order.number} cannot be handed over", problems)
    ready.filter(pk__in=[each.pk for each in going]).update(
        status=Status.HANDED_OVER, handed_over_at=now, handed_over_by=by
    )
    record(
        "supply.hand_over",
        by=by,
        role=role,
        now=now,
        subject=f"order {order.number}",
        centre=order.centre_id,
        time_zone=order.centre.time_zone,
        participant=order.participant,
        after={"preparations": [each.number for each in going]},
    )
    return len(going)


def how_many_are_ready(order: Order) -> int:
    """How many of an order's preparations may go to the ward now."""
    ready = _ready(order)
    return sum(each.status in ready for each in order.preparations.all())


def _ready(order: Order) -> tuple[Status, ...]:
    """What a preparation must be to go to the ward."""
    plan = trial_of(order.centre).supply
    checked = bool(plan and plan.second_check)
    return (Status.CHECKED,) if checked else (Status.PREPARED, Status.CHECKED)


@transaction.atomic
def receive(preparation: Preparation, *, by: User, now: datetime) -> None:
    """Take a preparation over on the ward."""
    role = require(by, Permission.GIVE_DOSES, preparation.order.centre)
    _refuse_if_past(preparation, now)
    move_on(preparation, (Status.HANDED_OVER,), Status.RECEIVED, received_at=now, received_by=by)
    record_step("supply.receive", preparation, by=by, role=role, now=now)


@transaction.atomic
def mark_given(preparation: Preparation, *, now: datetime) -> None:
    """The preparation was given, at `now`; whoever records the dose writes the audit event."""
    _refuse_if_past(preparation, now)
    move_on(preparation, (Status.RECEIVED,), Status.GIVEN)


@transaction.atomic
def discard(preparation: Preparation, *, because: str, by: User, now: datetime) -> None:
    """Throw a preparation away, in the pharmacy or on the ward; its dose may be prepared again."""
    centre = preparation.order.centre
    allowed = (p for p in (Permission.PREPARE, Permission.GIVE_DOSES) if may(by, p, centre))
    permission = next(allowed, None)
    if permission is None:
        raise PermissionDenied
    if not because.strip():
        raise RefusedError(
            f"preparation {preparation.number} cannot be discarded",
            [say("There is no reason. Say what happened to it, such as broken or past its time.")],
        )
    move_on(
        preparation,
        IN_USE,
        Status.DISCARDED,
        discarded_at=now,
        discarded_by=by,
        discarded_because=because.strip(),
    )
    record_step(
        "supply.discard",
        preparation,
        by=by,
        role=require(by, permission, centre),
        now=now,
        reason=because.strip(),
    )


def move_on(preparation: Preparation, starts: Iterable[Status], end: Status, **fields: Any) -> None:
    """Take a preparation to its next status if it is at one of `starts`; RefusedError if not."""
    taken = Preparation.objects.filter(pk=preparation.pk, status__in=list(starts))
    if taken.update(status=end, **fields) != 1:
        preparation.refresh_from_db(fields=["status"])
        raise RefusedError(
            f"preparation {preparation.number} cannot become {Status(end).label.lower()}",
            [
                say(
                    "It is {status}; expected {expected}. Look at it again.",
                    status=Said(status_in_words(preparation.status)),
                    expected=either(status_in_words(each) for each in starts),
                )
            ],
        )
    for name, value in {"status": end, **fields}.items():
        setattr(preparation, name, value)


def record_step(
    action: str, preparation: Preparation, *, by: User, role: str, now: datetime, reason: str = ""
) -> None:
    """The audit event of one step. What is inside stays out of it."""
    order = preparation.order
    record(
        action,
        by=by,
        role=role,
        now=now,
        subject=f"preparation {preparation.number}",
        centre=order.centre_id,
        time_zone=order.centre.time_zone,
        participant=order.participant,
        after={"order": order.number, "route": preparation.route, "dose": preparation.dose},
        reason=reason,
    )


def _refuse_if_past(preparation: Preparation, now: datetime) -> None:
    if now >= preparation.use_before:
        raise RefusedError(
            f"preparation {preparation.number} cannot be used",
            [PAST],
        )


def _refuse_if_cancelled(preparation: Preparation) -> None:
    if not is_needed(preparation.order):
        raise RefusedError(f"preparation {preparation.number} cannot be handed over", [CANCELLED])
