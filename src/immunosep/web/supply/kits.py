"""Numbered kits at a centre: received, dispensed, replaced, returned. Numbers only, no contents."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.models import Centre
from immunosep.web.supply.contents import about_preparation, seal_content
from immunosep.web.supply.following import CANCELLED, is_needed
from immunosep.web.supply.handover import Status, move_on
from immunosep.web.supply.ledger import post
from immunosep.web.supply.models import Kit, Order, Preparation, Shipment
from immunosep.web.supply.ordering import new_numbers
from immunosep.web.supply.stations import MovementKind, Station

HANDLERS = (Permission.GIVE_DOSES, Permission.MOVE_KITS)
DAY = timedelta(days=1)
NO_KIT = say("No kit is here for this participant. Ask the depot to send one.")
SAY_WHY = say("Say why, in 1 to 300 signs.")


@transaction.atomic
def receive_shipment(
    shipment: Shipment, *, arrived: Collection[str], by: User, now: datetime
) -> None:
    """Take over what arrived; what is on the list and did not arrive is lost."""
    role = handler(by, shipment.centre)
    kits = list(shipment.kits.filter(status=Station.IN_TRANSIT.value))
    strange = set(arrived) - {kit.number for kit in kits}
    if shipment.received_at or strange:
        raise RefusedError(
            f"shipment {shipment.number} cannot be received",
            [say("It was received already.")] if shipment.received_at
            else [say("{count} of the numbers are not of this shipment. Compare the list.",
                      count=len(strange))],
        )  # fmt: skip
    for kit in kits:
        kind = MovementKind.ARRIVE if kit.number in arrived else MovementKind.LOSE
        post(kind, by=by, now=now, centre=shipment.centre, kit=kit, shipment=shipment)
    shipment.received_at, shipment.received_by = now, by
    shipment.save(update_fields=["received_at", "received_by"])
    _record(
        "supply.receive_shipment",
        shipment.centre,
        by=by,
        role=role,
        now=now,
        subject=f"shipment {shipment.number}",
        after={"arrived": len(arrived), "missing": len(kits) - len(arrived)},
    )


@transaction.atomic
def dispense(order: Order, route: str, *, by: User, now: datetime) -> Kit:
    """Give out the place's next kit of a route, for the order's doses that have none."""
    centre = order.centre
    role = require(by, Permission.GIVE_DOSES, centre)
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    doses = undispensed(order, route)
    until = now + timedelta(hours=max((dose["hour"] for dose in doses), default=0))
    kit = (
        Kit.objects.filter(
            slot=order.slot,
            immune_state=order.immune_state,
            route=route,
            centre=centre,
            status=Station.AVAILABLE.value,
            expires_on__gte=until.astimezone(centre.zone).date(),
        )
        .order_by("serial")
        .first()
    )
    problems = [] if doses else [say("Every dose of this order by this route is dispensed.")]
    problems += [] if is_needed(order) else [CANCELLED]
    problems += [] if kit else [NO_KIT]
    if problems or kit is None:
        raise RefusedError(f"order {order.number} cannot be dispensed", problems)
    post(MovementKind.DISPENSE, by=by, now=now, centre=centre, kit=kit)
    _write_doses(order, kit, doses, by=by, now=now)
    _record(
        "supply.dispense",
        centre,
        by=by,
        role=role,
        now=now,
        subject=f"kit {kit.number}",
        participant=order.participant,
        after={"order": order.number, "route": route},
    )
    return kit


@transaction.atomic
def lose(kit: Kit, *, because: str, by: User, now: datetime) -> None:
    """A kit that was broken or is missing; its doses not yet given are dispensed anew."""
    assert kit.centre is not None
    _need_reason(kit, because)
    role = handler(by, kit.centre)
    post(MovementKind.LOSE, by=by, now=now, centre=kit.centre, kit=kit, note=because)
    _discard_rest(kit, because, by=by, now=now)
    _record_kit("supply.lose", kit, by=by, role=role, now=now, reason=because)


@transaction.atomic
def return_kit(kit: Kit, *, because: str, by: User, now: datetime) -> None:
    """A dispensed kit that is used or no longer needed, or one that stayed unused."""
    assert kit.centre is not None
    _need_reason(kit, because)
    role = handler(by, kit.centre)
    post(MovementKind.RETURN, by=by, now=now, centre=kit.centre, kit=kit, note=because)
    _discard_rest(kit, because, by=by, now=now)
    _record_kit("supply.return", kit, by=by, role=role, now=now, reason=because)


@transaction.atomic
def destroy(kit: Kit, *, because: str, by: User, now: datetime) -> None:
    """A kit that came back, was rejected, expired, or is not needed any more."""
    _need_reason(kit, because)
    role = require(by, Permission.MOVE_KITS, kit.centre)
    post(MovementKind.DESTROY, by=by, now=now, centre=kit.centre, kit=kit, note=because)
    _record_kit("supply.destroy", kit, by=by, role=role, now=now, reason=because)


def undispensed(order: Order, route: str) -> list[dict[str, int]]:
    """The order's doses of a route that have no container yet."""
    made = order.preparations.filter(route=route).exclude(status=Status.DISCARDED)
    numbers = set(made.values_list("dose", flat=True))
    return [d for d in order.doses if d["route"] == route and d["dose"] not in numbers]


def handler(by: User, centre: Centre) -> str:
    """The role by which somebody handles kits at a centre; PermissionDenied without one."""
    for permission in HANDLERS:
        if may(by, permission, centre):
            return require(by, permission, centre)
    raise PermissionDenied


def _write_doses(
    order: Order, kit: Kit, doses: Sequence[dict[str, int]], *, by: User, now: datetime
) -> None:
    """One preparation for each dose of the kit, on the ward already; so doses are given alike."""
    end = datetime.combine(kit.expires_on + DAY, time(), tzinfo=order.centre.zone)
    numbers = new_numbers(Preparation, len(doses))
    Preparation.objects.bulk_create(
        Preparation(
            number=number,
            order=order,
            route=kit.route,
            dose=dose["dose"],
            kit=kit,
            sealed=seal_content({"kit": kit.number}, about=about_preparation(number)),
            use_before=end,
            status=Status.RECEIVED,
            prepared_at=now,
            prepared_by=by,
            received_at=now,
            received_by=by,
        )
        for number, dose in zip(numbers, doses, strict=True)
    )


def _discard_rest(kit: Kit, because: str, *, by: User, now: datetime) -> None:
    for preparation in kit.preparations.filter(status=Status.RECEIVED):
        move_on(
            preparation,
            (Status.RECEIVED,),
            Status.DISCARDED,
            discarded_at=now,
            discarded_by=by,
            discarded_because=because,
        )


def _need_reason(kit: Kit, because: str) -> None:
    if not 1 <= len(because.strip()) <= 300:
        raise RefusedError(f"kit {kit.number} cannot be moved", [SAY_WHY])


def _record_kit(action: str, kit: Kit, *, by: User, role: str, now: datetime, reason: str) -> None:
    _record(action, kit.centre, by=by, role=role, now=now, subject=f"kit {kit.number}",
            reason=reason)  # fmt: skip


def _record(
    action: str,
    centre: Centre | None,
    *,
    by: User,
    role: str,
    now: datetime,
    subject: str,
    participant: str = "",
    after: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    record(
        action,
        by=by,
        role=role,
        now=now,
        subject=subject,
        centre=centre.pk if centre else "",
        time_zone=centre.time_zone if centre else "UTC",
        participant=participant,
        after=after,
        reason=reason,
    )
