"""Where supplies can be, and which movement takes them where: the rules of the ledger, without one.

One line of the ledger moves one kit, or a quantity of bulk stock, from one station to the next.
Adding the lines up says what is where, and nothing can be lost on the way:

    received = on hand + dispensed + returned + destroyed + lost

Accountability as ICH E6(R3) 3.15.3 asks for: receipt, dispensing, return, destruction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from immunosep.errors import RefusedError
from immunosep.languages import Said, either, say


class Station(StrEnum):
    """Where something is; of a kit, its status."""

    OUTSIDE = "outside"  # before it was received
    IN_DEPOT = "in_depot"
    IN_TRANSIT = "in_transit"
    AVAILABLE = "available"  # in the centre's refrigerator
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    DISPENSED = "dispensed"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    LOST = "lost"

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class MovementKind(StrEnum):
    """What happened to it."""

    PACK = "pack"
    SHIP = "ship"
    ARRIVE = "arrive"
    RECEIVE = "receive"  # bulk stock, by a pharmacy
    DISPENSE = "dispense"  # to a participant; of bulk stock, into a preparation
    QUARANTINE = "quarantine"
    RELEASE = "release"
    REJECT = "reject"
    RETURN = "return"
    DESTROY = "destroy"
    LOSE = "lose"
    FIND = "find"


S, K = Station, MovementKind
HELD = (S.IN_DEPOT, S.IN_TRANSIT, S.AVAILABLE, S.QUARANTINED, S.REJECTED)
"""Stations that count as on hand."""

MAY_GO: Mapping[MovementKind, tuple[tuple[Station, ...], Station]] = MappingProxyType(
    {
        K.PACK: ((S.OUTSIDE,), S.IN_DEPOT),
        K.SHIP: ((S.IN_DEPOT,), S.IN_TRANSIT),
        K.ARRIVE: ((S.IN_TRANSIT,), S.AVAILABLE),
        K.RECEIVE: ((S.OUTSIDE,), S.AVAILABLE),
        K.DISPENSE: ((S.AVAILABLE,), S.DISPENSED),
        K.QUARANTINE: ((S.IN_DEPOT, S.AVAILABLE), S.QUARANTINED),
        K.RELEASE: ((S.QUARANTINED,), S.AVAILABLE),
        K.REJECT: ((S.QUARANTINED,), S.REJECTED),
        K.RETURN: ((S.DISPENSED, S.AVAILABLE), S.RETURNED),
        K.DESTROY: ((S.IN_DEPOT, S.AVAILABLE, S.REJECTED, S.RETURNED), S.DESTROYED),
        K.LOSE: ((S.IN_DEPOT, S.IN_TRANSIT, S.AVAILABLE, S.DISPENSED), S.LOST),
        K.FIND: ((S.LOST,), S.AVAILABLE),
    }
)  # fmt: skip
"""From which stations a movement starts, and where it ends."""


def end_of(kind: MovementKind, start: Station, *, in_depot: bool = False) -> Station:
    """Where a movement takes what is at `start`; RefusedError if it cannot begin there."""
    starts, end = MAY_GO[kind]
    if start not in starts:
        raise RefusedError(
            f"the movement {kind.value!r} cannot be recorded",
            [
                say(
                    "It is {status}; expected {expected}. Look at what was recorded of it last.",
                    status=Said(start.label),
                    expected=either(each.label for each in starts),
                )
            ],
        )
    back = kind in (K.RELEASE, K.FIND) and in_depot
    return S.IN_DEPOT if back else end


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the ledger, opened: what it moves, from where to where, and how much."""

    item: str  # a kit's number, or product, lot and expiry of bulk stock
    kind: MovementKind
    quantity: int = 1
    start: Station | None = None  # None: the one station the kind starts from
    in_depot: bool = False


@dataclass(frozen=True)
class Balance:
    """How much of each item, or of all, is at each station."""

    at: Mapping[Station, int] = field(default_factory=dict)

    def of(self, station: Station) -> int:
        """How much is there."""
        return self.at.get(station, 0)

    @property
    def received(self) -> int:
        """All that ever came in."""
        return -self.of(S.OUTSIDE)

    @property
    def on_hand(self) -> int:
        """What is in a depot, on its way, in a refrigerator, or set aside."""
        return sum(self.of(station) for station in HELD)

    @property
    def accounted(self) -> int:
        """On hand + dispensed + returned + destroyed + lost: always what was received."""
        gone = (S.DISPENSED, S.RETURNED, S.DESTROYED, S.LOST)
        return self.on_hand + sum(self.of(station) for station in gone)


def balance(
    lines: Iterable[Line], *, after: Mapping[str, Balance] = MappingProxyType({})
) -> dict[str, Balance]:
    """What is where, by item: the ledger added up from its first line, or `after` earlier ones."""
    held = {item: dict(earlier.at) for item, earlier in after.items()}
    for line in lines:
        at = held.setdefault(line.item, {})
        start = line.start or _start_of(line, at)
        end = end_of(line.kind, start, in_depot=line.in_depot)
        if start is not S.OUTSIDE and at.get(start, 0) < line.quantity:
            raise RefusedError(
                f"the movement {line.kind.value!r} cannot be recorded",
                [
                    say(
                        "{held} are {status}, and {wanted} were to be moved.",
                        held=at.get(start, 0),
                        status=Said(start.label),
                        wanted=line.quantity,
                    )
                ],
            )
        at[start] = at.get(start, 0) - line.quantity
        at[end] = at.get(end, 0) + line.quantity
    return {item: Balance(at) for item, at in held.items()}


def total(balances: Iterable[Balance]) -> Balance:
    """Several items' balances as one."""
    summed: dict[Station, int] = {}
    for each in balances:
        for station, quantity in each.at.items():
            summed[station] = summed.get(station, 0) + quantity
    return Balance(summed)


def _start_of(line: Line, at: Mapping[Station, int]) -> Station:
    """The first station the movement may start from that holds enough."""
    starts, _ = MAY_GO[line.kind]
    return next((each for each in starts if at.get(each, 0) >= line.quantity), starts[0])
