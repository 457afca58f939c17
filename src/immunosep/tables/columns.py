"""What a column of the data dictionary says of itself."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column's values are."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    YES_NO = "yes/no"
    CATEGORY = "category"
    TIME = "time"

    @property
    def engine_type(self) -> str:
        """The Ibis type that holds it; a time is seconds since 1970 in the centre's clock."""
        return _ENGINE_TYPES[self]


_ENGINE_TYPES = {
    Kind.TEXT: "string",
    Kind.NUMBER: "float64",
    Kind.INTEGER: "int64",
    Kind.YES_NO: "boolean",
    Kind.CATEGORY: "string",
    Kind.TIME: "int64",
}


class Missing(StrEnum):
    """Why a value may be absent. Absent is unknown in every case; this says whom to ask."""

    NEVER = "never absent"
    NOT_ASKED = "not asked or not recorded"
    NOT_MEASURED = "not measured"
    NOT_GIVEN = "not given, or not recorded"
    NOT_YET = "has not happened yet"
    NOT_APPLICABLE = "may not apply to this patient"


@dataclass(frozen=True)
class Range:
    """Limits of a number, both included unless `above`, which leaves the lower one out."""

    low: float
    high: float
    above: bool = False

    def __contains__(self, value: float) -> bool:
        return (value > self.low if self.above else value >= self.low) and value <= self.high

    def __str__(self) -> str:
        return f"{'above ' if self.above else ''}{self.low:,.12g} to {self.high:,.12g}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, label for people, kind, unit (UCUM), limits, LOINC code, absence.

    `healthy` is a value of no concern, to ask what a missing value could change.
    """

    name: str
    label: str
    kind: Kind
    missing: Missing
    unit: str = ""
    possible: Range | None = None
    plausible: Range | None = None
    choices: tuple[str, ...] = ()
    healthy: float | None = None
    loinc: str = ""
    umol_l_per_mg_dl: float | None = None
    note: str = ""
