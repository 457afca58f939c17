"""Whether a change of a protocol is a substantial one, where a published list says so.

In the law of the Union a change is substantial if it is likely to affect the safety or the rights
of participants, or the reliability of the data (Regulation (EU) 536/2014, article 2(2)(13)). Which
changes typically are, and which are not, was listed for protocols in the Commission's detailed
guidance CT-1 (OJ 2010/C 82/01), section 3.4. What neither list names outright, or names with an
"if", is left to people: no program can weigh it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

CT_1 = "Commission guidance CT-1 (2010/C 82/01), 3.4"


class Substance(StrEnum):
    """How much a change weighs."""

    SUBSTANTIAL = "substantial"
    NOT_SUBSTANTIAL = "not substantial"
    TO_BE_JUDGED = "to be judged"


class Kind(StrEnum):
    """What became of an item or a field."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    REWORDED = "reworded"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something changed: part of the trial, item, field within it, and what became of it.

    `rank` is an endpoint's; `field` is empty where the item as a whole came or went.
    """

    part: str
    item: str = ""
    field: str = ""
    kind: Kind
    rank: str = ""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A published reason, and the places it is about."""

    substance: Substance
    because: str
    about: Callable[[Place], bool]


DOSING = ("dose", "unit", "every_hours", "days")
GIVEN = ("interventions", "regimens")
CAME_OR_WENT = (Kind.ADDED, Kind.REMOVED)

REASONS = (
    Reason(
        substance=Substance.SUBSTANTIAL,
        because="an arm is added",
        about=lambda at: at.part == "arms" and at.kind is Kind.ADDED,
    ),
    Reason(
        substance=Substance.SUBSTANTIAL,
        because="the investigational product changes",
        about=lambda at: at.part in GIVEN and at.kind in CAME_OR_WENT,
    ),
    Reason(
        substance=Substance.SUBSTANTIAL,
        because="the dosing of an investigational product changes",
        about=lambda at: at.part == "regimens" and at.field in DOSING,
    ),
    Reason(
        substance=Substance.SUBSTANTIAL,
        because="the way in which an investigational product is given changes",
        about=lambda at: at.part == "regimens" and at.field == "route",
    ),
    Reason(
        substance=Substance.SUBSTANTIAL,
        because="the primary endpoint is measured in another way",
        about=lambda at: at.rank == "primary" and at.field == "definition",
    ),
    Reason(
        substance=Substance.SUBSTANTIAL,
        because="there are fewer monitoring visits",
        about=lambda at: at.part == "schedule" and at.kind is Kind.REMOVED and not at.field,
    ),
    Reason(
        substance=Substance.NOT_SUBSTANTIAL,
        because="the identification of the trial changes, such as its title",
        about=lambda at: at.part in ("title", "acronym"),
    ),
    Reason(
        substance=Substance.NOT_SUBSTANTIAL,
        because="an exploratory endpoint is added or removed",
        about=lambda at: at.rank == "exploratory" and at.kind in CAME_OR_WENT and not at.field,
    ),
    Reason(
        substance=Substance.NOT_SUBSTANTIAL,
        because="the documentation in which the research team records study data changes",
        about=lambda at: at.part in ("forms", "casebook"),
    ),
)


def substance_of(place: Place) -> tuple[Substance, str]:
    """Whether a change is substantial, and by which reason; to be judged where none is named."""
    for reason in REASONS:
        if reason.about(place):
            return reason.substance, f"{reason.because}: {CT_1}"
    return Substance.TO_BE_JUDGED, ""
