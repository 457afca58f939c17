"""A pharmacy's stock of bulk product: lots received, what is left of them, and why.

One lot is one product, lot number and expiry date at one centre, counted in containers as they are
supplied. Its balance is the ledger's sealed lines, opened and added up; no table keeps it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import Figure, Said, listed, say
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.models import Centre
from immunosep.web.pharmacy.adding_up import held_at
from immunosep.web.supply.ledger import post, post_dispensed
from immunosep.web.supply.models import Movement, Preparation
from immunosep.web.supply.stations import (
    MAY_GO,
    Balance,
    MovementKind,
    Station,
)
from immunosep.web.trial import site_trial

LOT_NUMBER = re.compile(r"[A-Za-z0-9./-]{1,30}")
MOST_CONTAINERS = 10_000
LONGEST_REASON = 60  # sealed with the line, which has one length
BY_HAND = (
    MovementKind.QUARANTINE,
    MovementKind.RELEASE,
    MovementKind.REJECT,
    MovementKind.DESTROY,
)
"""What a pharmacist may record of a lot besides receiving, preparing and counting it."""


@dataclass(frozen=True, order=True)
class Item:
    """Which lot: the earliest to expire comes first."""

    expires_on: date
    product: str
    lot: str

    @property
    def key(self) -> str:
        """As a form sends it."""
        return f"{self.product}|{self.lot}|{self.expires_on.isoformat()}"


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A lot and what is where of it."""

    item: Item
    label: str  # of the product
    balance: Balance

    @property
    def available(self) -> int:
        """Containers that may be used."""
        return self.balance.of(Station.AVAILABLE)

    @property
    def quarantined(self) -> int:
        """Containers set aside."""
        return self.balance.of(Station.QUARANTINED)

    @property
    def rejected(self) -> int:
        """Containers that wait to be destroyed."""
        return self.balance.of(Station.REJECTED)

    def expired(self, on: date) -> bool:
        """Whether its last day is past."""
        return self.item.expires_on < on


def read_item(text: str) -> Item:
    """The lot that a form names."""
    parts = text.split("|")
    try:
        product, lot, expires_on = parts
        return Item(product=product, lot=lot, expires_on=date.fromisoformat(expires_on))
    except ValueError:
        raise RefusedError(
            "no lot can be taken", [say("No lot was chosen. Choose one of the list.")]
        ) from None


def lots_of(centre: Centre) -> list[Lot]:
    """Every lot the centre ever received, first-expiry-first-out."""
    labels = {each.id: each.label for each in site_trial().interventions}
    return [
        Lot(item=item, label=labels[item.product], balance=held)
        for item, held in sorted((read_item(key), held) for key, held in held_at(centre).items())
    ]


def lots_to_use(centre: Centre, product: str, *, until: date) -> list[Lot]:
    """The lots of a product that are good to the end of a day, the earliest to expire first."""
    return [
        lot
        for lot in lots_of(centre)
        if lot.item.product == product and lot.available and not lot.expired(until)
    ]


@transaction.atomic
def receive_lot(centre: Centre, item: Item, quantity: int, *, by: User, now: datetime) -> Movement:
    """Take a delivery into the stock."""
    role = require(by, Permission.PREPARE, centre)
    local = now.astimezone(centre.zone).date()
    _refuse(list(_problems_of_delivery(item, quantity, today=local)))
    return _write(MovementKind.RECEIVE, centre, item, quantity, by=by, role=role, now=now)


@transaction.atomic
def move_lot(
    centre: Centre,
    item: Item,
    kind: MovementKind,
    quantity: int,
    *,
    because: str,
    by: User,
    now: datetime,
) -> Movement:
    """Set containers aside, release, reject or destroy them; the reason is sealed with the line."""
    role = require(by, Permission.PREPARE, centre)
    held = locked_lot(centre, item)
    starts = MAY_GO[kind][0]
    start = next((s for s in starts if held.balance.of(s) >= quantity), None)
    problems = _problems_of_reason(because)
    if kind not in BY_HAND:
        problems.append(say("This cannot be recorded by hand."))
    if quantity < 1 or start is None:
        there = listed(
            say("{count} {station}", count=held.balance.of(s), station=Said(s.label))
            for s in starts
            if s in _OF_BULK
        )
        problems.append(
            say("The number of containers must be from 1 to what is there: {there}.", there=there)
        )
    _refuse(problems)
    return _write(
        kind, centre, item, quantity, by=by, role=role, now=now, because=because, start=start
    )


@transaction.atomic
def count_lot(
    centre: Centre, item: Item, counted: int, *, because: str, by: User, now: datetime
) -> None:
    """Record how many usable containers there really are; a difference becomes a line."""
    role = require(by, Permission.PREPARE, centre)
    held = locked_lot(centre, item)
    more = counted - held.available
    problems = _problems_of_reason(because) if more else []
    if counted < 0:
        problems.append(say("The number of containers cannot be below 0."))
    if more > held.balance.of(Station.LOST):
        problems.append(
            say("There are more than were ever received. Record the delivery that is missing.")
        )
    _refuse(problems)
    record(
        "pharmacy.count", by=by, role=role, now=now, subject=f"stock of centre {centre.pk}",
        centre=centre.pk, time_zone=centre.time_zone,
    )  # fmt: skip
    if more:
        kind = MovementKind.FIND if more > 0 else MovementKind.LOSE
        _write(kind, centre, item, abs(more), by=by, role=role, now=now, because=because)


def locked_lot(centre: Centre, item: Item) -> Lot:
    """The lot as it is now, with the centre's stock locked until the transaction ends."""
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    found = next((lot for lot in lots_of(centre) if lot.item == item), None)
    if found is None:
        raise RefusedError("no lot can be taken", [say("This lot was never received here.")])
    return found


def use_lot(
    centre: Centre,
    item: Item,
    quantity: int,
    *,
    preparations: Sequence[Preparation],
    by: User,
    now: datetime,
) -> None:
    """The one line that each preparation writes, whatever it is made from."""
    post_dispensed(preparations, by=by, now=now, centre=centre, stock=_sealed(item, quantity))


_OF_BULK = (Station.AVAILABLE, Station.QUARANTINED, Station.REJECTED)


def _write(
    kind: MovementKind,
    centre: Centre,
    item: Item,
    quantity: int,
    *,
    by: User,
    role: str,
    now: datetime,
    because: str = "",
    start: Station | None = None,
) -> Movement:
    stock = _sealed(item, quantity, because=because, start=start)
    movement = post(kind, by=by, now=now, centre=centre, stock=stock)
    record(
        f"pharmacy.{kind.value}",
        by=by,
        role=role,
        now=now,
        subject=f"stock of centre {centre.pk}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        after={"movement": movement.reference},
    )
    return movement


def _sealed(
    item: Item, quantity: int, *, because: str = "", start: Station | None = None
) -> dict[str, object]:
    return {
        "product": item.product,
        "lot": item.lot,
        "expires_on": item.expires_on.isoformat(),
        "quantity": quantity,
        "from": start.value if start else "",
        "because": because.strip(),
    }


def _problems_of_delivery(item: Item, quantity: int, *, today: date) -> Iterator[str]:
    if item.product not in {each.id for each in site_trial().interventions}:
        yield say("The product is none of the trial's. Choose one of the list.")
    if not LOT_NUMBER.fullmatch(item.lot):
        yield say("The lot number must be 1 to 30 letters, figures, points, hyphens or slashes.")
    if item.expires_on <= today:
        yield say("The expiry date is not in the future. Compare it with the package.")
    if not 1 <= quantity <= MOST_CONTAINERS:
        yield say(
            "The number of containers must be from 1 to {most}.",
            most=Figure(f"{MOST_CONTAINERS:,}"),
        )


def _problems_of_reason(because: str) -> list[str]:
    if not 1 <= len(because.strip()) <= LONGEST_REASON:
        return [say("Say why, in 1 to {most} signs.", most=LONGEST_REASON)]
    return []


def _refuse(problems: list[str]) -> None:
    if problems:
        raise RefusedError("the stock cannot be changed", problems)
