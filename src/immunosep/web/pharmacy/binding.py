"""Shipping kits, and binding them to the places of the list they will serve. Done with the key.

For each of a centre's next places and each immune state, a set of kits holds by each route what the
place's arm needs in that state, and the spare ones. A person who sees every number, batch, date and
shipment learns nothing of an arm (Yu & Coleman, Trials 2015, PMC5935824), for

- a set is bound whole or not at all, so whether a place is supplied says nothing of its arm;
- how many places a batch can supply is counted as if each took the most of every content that any
  arm could take, so that running short says nothing either; what that leaves over stays over;
- a set comes from one batch, the earliest to expire that can supply a whole one, so a batch's
  number depends on the order of places alone;
- a number serves one place and one state, for ever: kits that stay unused come back, and can be
  destroyed, or relabelled as new kits of a new batch.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Slot, Stratum
from immunosep.web.pharmacy.packing import content_key, content_of_kit
from immunosep.web.supply.ledger import post
from immunosep.web.supply.models import Kit, Shipment
from immunosep.web.supply.needing import kits_of_set, last_use, lists_of, short_places
from immunosep.web.supply.ordering import new_number
from immunosep.web.supply.stations import MovementKind, Station
from immunosep.web.trial import site_trial
from immunosep.web.unblinding.opening import regimen_in

MOST_PLACES = 200


@dataclass(kw_only=True)
class Batch:
    """One batch in the depot: what may still be promised of it, and what is there to take."""

    number: str
    expires_on: date
    promised: Counter[str] = field(default_factory=Counter)  # by content, at most
    limit: Counter[str] = field(default_factory=Counter)  # packed, less what is unusable
    there: dict[str, list[Kit]] = field(default_factory=dict)

    def can_promise(self, states: Iterable[str]) -> bool:
        """Whether it holds a set of each state, whatever the arm."""
        more = self.promised + most_of(states)
        return all(more[content] <= self.limit[content] for content in more)


def most_of(states: Iterable[str]) -> Counter[str]:
    """The most of each content that sets of these states could hold, over all arms."""
    most: Counter[str] = Counter()
    for state in states:
        cells = [
            Counter({content_key(c): kits_of_set() for c in regimen.components})
            for regimen in site_trial().regimens
            if regimen.state == state
        ]
        most.update({key: max(cell[key] for cell in cells) for cell in cells for key in cell})
    return most


def batches() -> list[Batch]:
    """Every batch, the earliest to expire first, as far as the ledger tells of it."""
    found: dict[str, Batch] = {}
    for kit in Kit.objects.order_by("expires_on", "batch", "number"):
        batch = found.setdefault(kit.batch, Batch(number=kit.batch, expires_on=kit.expires_on))
        content = content_of_kit(kit)
        batch.limit[content] += 1
        if kit.slot_id is None and kit.status == Station.IN_DEPOT:
            batch.there.setdefault(content, []).append(kit)
    for batch in found.values():
        _take_off_unusable(batch)
        _add_promised(batch)
    return list(found.values())


@transaction.atomic
def ship(centre: Centre, places: int, *, by: User, now: datetime) -> Shipment:
    """Send sets for the centre's next places that lack one; participants' places come first."""
    role = require(by, Permission.MOVE_KITS, centre)
    lists = lists_of(centre)
    list(Stratum.objects.select_for_update().filter(key__in=lists, code__active=True))
    list(Kit.objects.select_for_update().filter(centre=None))
    today = now.astimezone(centre.zone).date()
    wanted = short_places(centre, on=today, most=min(max(places, 0), MOST_PLACES))
    chosen = _choose_batches(wanted, today)
    if places < 1 or len(chosen) < places:
        raise RefusedError(
            "nothing can be sent",
            [
                say(
                    "The number of places must be from 1 to {most}. Of those asked for the "
                    "centre lacks {wanted}, and the depot can supply {chosen}.",
                    most=MOST_PLACES,
                    wanted=len(wanted),
                    chosen=len(chosen),
                )
            ],
        )
    shipment = Shipment.objects.create(
        number=new_number(Shipment), centre=centre, sent_at=now, sent_by=by
    )
    bound = [
        kit
        for (slot, states), batch in zip(wanted, chosen, strict=True)
        for state in states
        for kit in _bind(slot, state, batch, shipment)
    ]
    for kit in sorted(bound, key=lambda each: each.number):
        post(MovementKind.SHIP, by=by, now=now, centre=centre, kit=kit, shipment=shipment)
    record(
        "supply.ship",
        by=by,
        role=role,
        now=now,
        subject=f"shipment {shipment.number}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        after={"places": places, "kits": len(bound)},
    )
    return shipment


def _choose_batches(wanted: Iterable[tuple[Slot, tuple[str, ...]]], today: date) -> list[Batch]:
    """For each place the earliest batch that lasts long enough and can promise it whole."""
    held, chosen = batches(), []
    for _, states in wanted:
        until = max(last_use(state, today) for state in states)
        fitting = (b for b in held if b.expires_on >= until and b.can_promise(states))
        batch = next(fitting, None)
        if batch is None:
            break
        batch.promised += most_of(states)
        chosen.append(batch)
    return chosen


def _bind(slot: Slot, state: str, batch: Batch, shipment: Shipment) -> list[Kit]:
    bound = []
    last = slot.kits.filter(immune_state=state).aggregate(last=Max("serial"))["last"] or 0
    for component in regimen_in(slot, state).components:
        there = batch.there[content_key(component)]
        for serial in range(last + 1, last + 1 + kits_of_set()):
            kit = there.pop(secrets.randbelow(len(there)))
            kit.slot, kit.immune_state, kit.serial = slot, state, serial
            kit.centre, kit.shipment = shipment.centre, shipment
            kit.save(update_fields=["slot", "immune_state", "serial", "centre", "shipment"])
            bound.append(kit)
    return bound


def _take_off_unusable(batch: Batch) -> None:
    """A kit that was lost before it was bound counts against every content of its route."""
    unusable = Kit.objects.filter(batch=batch.number, slot=None).exclude(
        status=Station.IN_DEPOT.value
    )
    lost = Counter(unusable.values_list("route", flat=True))
    for content in batch.limit:
        batch.limit[content] -= lost[content.split()[0]]


def _add_promised(batch: Batch) -> None:
    """As if every set taken from it had held the most of each content."""
    for state, sets in _sets_bound(batch).items():
        for content, count in most_of([state]).items():
            batch.promised[content] += count * sets


def _sets_bound(batch: Batch) -> Mapping[str, int]:
    rows = Kit.objects.filter(batch=batch.number, slot__isnull=False)
    kits = Counter(rows.values_list("immune_state", "route"))
    return {state: count // kits_of_set() for (state, _), count in kits.items()}
