"""A file's cells before anyone asks what they mean."""

from dataclasses import dataclass, field
from typing import Any

MAX_COLUMNS = 200
"""No patient file has more: the dictionary has some 60 columns."""

MAX_BYTES = 256 * 1024 * 1024
"""The largest bedside file, uncompressed. Other sources read a hospital's records in place."""


@dataclass(frozen=True)
class Measured:
    """A value with the unit it was written in, as JSON may send it."""

    value: Any
    unit: str


@dataclass(frozen=True)
class Nested:
    """Stands for a list or an object where one value was expected; `problem` says what to do."""

    problem: str = "a list or an object; give one value"


WRONG_UNIT_KEY = Nested("""the unit has another key than "unit"; write {"value": …, "unit": "…"}""")
UNIT_KEYS = ({"value", "unit"}, {"value", "units"}, {"value", "uom"}, {"value", "ucum"})


@dataclass(frozen=True)
class Seconds:
    """A time that is in whole seconds already, in the convention of the data dictionary."""

    value: int


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One row per patient: headers as written, and the cells column by column.

    `places` says where each row stands, for messages; `notes` what was detected on the way.
    `given_in` are the rows that have each header, where headers are keys of JSON. Where a comma is
    no delimiter, it `may_be_decimal`.
    """

    headers: tuple[str, ...]
    columns: tuple[list[Any], ...]
    places: list[str]
    notes: tuple[str, ...] = field(default=())
    given_in: tuple[list[int], ...] = field(default=())
    may_be_decimal: bool = False


def cell_of(value: Any) -> Any:
    """A value as sent, {"value": ..., "unit": ...} as such, anything deeper as `Nested`."""
    match value:
        case {"value": inner, "unit": str(unit), **more} if not more:
            plain = cell_of(inner)
            return plain if isinstance(plain, Measured | Nested) else Measured(plain, unit)
        case dict() if {str(key).lower() for key in value} in UNIT_KEYS:
            return WRONG_UNIT_KEY
        case dict() | list() | tuple() | set():
            return Nested()
        case _:
            return value
