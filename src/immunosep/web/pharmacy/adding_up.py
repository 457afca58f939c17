"""What a centre's lines of bulk stock add up to, from where this process left off.

Lines are only added, so that an earlier sum stands while the lines that it was made of are still
there: as many of them, and the same last one. A reference is random: a line whose transaction was
taken back, and whose number another line has now, is noticed, and all is added up anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet

from immunosep.web.centres.models import Centre
from immunosep.web.supply.contents import about_movement
from immunosep.web.supply.models import Movement
from immunosep.web.supply.stations import Balance, Line, MovementKind, Station, balance
from immunosep.web.unblinding.opening import open_contents

Row = tuple[int, str, str, bytes | memoryview | None]


@dataclass(frozen=True, kw_only=True)
class _Sum:
    """What the lines up to one of them add up to."""

    last: int = 0
    reference: str = ""
    lines: int = 0
    held: Mapping[str, Balance] = field(default_factory=dict)


_NOTHING = _Sum()
_sums: dict[str, _Sum] = {}  # by centre, of this process


def held_at(centre: Centre) -> Mapping[str, Balance]:
    """How much of each item is at each station of the centre; an item is `stock.Item.key`."""
    moved = Movement.objects.filter(centre=centre, sealed__isnull=False)
    known = _sums.get(centre.pk, _NOTHING)
    if not _stands(known, moved):
        known = _NOTHING
    found = moved.filter(pk__gt=known.last).order_by("pk")
    new = list(found.values_list("pk", "reference", "kind", "sealed"))
    if new:
        known = _sums[centre.pk] = _Sum(
            last=new[-1][0],
            reference=new[-1][1],
            lines=known.lines + len(new),
            held=balance(_opened(new), after=known.held),
        )
    return known.held


def _stands(known: _Sum, moved: "QuerySet[Movement]") -> bool:
    if known is _NOTHING:
        return True
    found = moved.filter(pk__lte=known.last).aggregate(
        lines=Count("pk"), last=Count("pk", filter=Q(pk=known.last, reference=known.reference))
    )
    return found == {"lines": known.lines, "last": 1}


def _opened(rows: Iterable[Row]) -> Iterable[Line]:
    for _, reference, kind, sealed in rows:
        assert sealed is not None
        held = open_contents(sealed, about=about_movement(reference))
        yield Line(
            item=f"{held['product']}|{held['lot']}|{held['expires_on']}",
            kind=MovementKind(kind),
            quantity=held["quantity"],
            start=Station(held["from"]) if held["from"] else None,
        )
