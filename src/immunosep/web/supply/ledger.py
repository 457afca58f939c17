"""The one gate through which a movement enters the ledger, and what the ledger adds up to.

Lines are only added: the database refuses to change one. A kit's `status` is what its lines add up
to; the gate moves it by a conditional UPDATE in the same transaction, and `faults` compares.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.supply.contents import about_movement, seal_content, seal_contents
from immunosep.web.supply.models import Kit, Movement, Preparation, Shipment
from immunosep.web.supply.stations import (
    Balance,
    Line,
    MovementKind,
    Station,
    balance,
    end_of,
    total,
)


@transaction.atomic
def post(
    kind: MovementKind,
    *,
    by: User,
    now: datetime,
    centre: Centre | None,
    kit: Kit | None = None,
    stock: dict[str, object] | None = None,
    preparation: Preparation | None = None,
    shipment: Shipment | None = None,
    note: str = "",
) -> Movement:
    """Write one line: of a kit, or of bulk stock, which is sealed here."""
    reference = secrets.token_hex(16)
    if kit is not None:
        _move_kit(kit, kind)
    return Movement.objects.create(
        reference=reference,
        at=now,
        by=by,
        kind=kind.value,
        centre=centre,
        kit=kit,
        preparation=preparation,
        shipment=shipment,
        sealed=None if stock is None else seal_content(stock, about=about_movement(reference)),
        note=note.strip(),
    )


@transaction.atomic
def post_dispensed(
    preparations: Sequence[Preparation],
    *,
    by: User,
    now: datetime,
    centre: Centre,
    stock: dict[str, object],
) -> None:
    """Write one line of bulk stock for each of these, the same `stock` under a seal of its own."""
    references = [secrets.token_hex(16) for _ in preparations]
    sealed = seal_contents((stock, about_movement(reference)) for reference in references)
    Movement.objects.bulk_create(
        Movement(
            reference=reference,
            at=now,
            by=by,
            kind=MovementKind.DISPENSE.value,
            centre=centre,
            preparation=preparation,
            sealed=seal,
        )
        for reference, preparation, seal in zip(references, preparations, sealed, strict=True)
    )


def kit_lines(kits: Iterable[Kit] | None = None) -> list[Line]:
    """The ledger's lines of kits, in order; a kit's content is not in them."""
    lines = Movement.objects.filter(kit__isnull=False).select_related("kit").order_by("id")
    if kits is not None:
        lines = lines.filter(kit__in=[kit.pk for kit in kits])
    return [
        Line(item=m.kit.pk, kind=MovementKind(m.kind), in_depot=m.centre_id is None)
        for m in lines
        if m.kit is not None
    ]


def reconcile(kits: Iterable[Kit]) -> Balance:
    """How many of these kits are where, from the ledger alone."""
    return total(balance(kit_lines(kits)).values())


def faults(kits: Iterable[Kit]) -> Iterator[str]:
    """A sentence for each kit whose status is not what its lines add up to."""
    held = list(kits)
    added = balance(kit_lines(held))
    for kit in held:
        found = added.get(kit.pk, Balance())
        if found.of(Station(kit.status)) != 1:
            yield f"kit {kit.pk} is {Station(kit.status).label}, and its ledger says otherwise"


def _move_kit(kit: Kit, kind: MovementKind) -> None:
    start = Station(kit.status)
    try:
        end = end_of(kind, start, in_depot=kit.centre_id is None)
    except RefusedError as refused:
        raise RefusedError(f"kit {kit.pk} cannot be moved", refused.problems) from None
    taken = Kit.objects.filter(pk=kit.pk, status=start.value)
    if taken.update(status=end.value) != 1:
        raise RefusedError(
            f"kit {kit.pk} cannot be moved",
            [say("Somebody moved it while you were looking. Look at it again.")],
        )
    kit.status = end.value
