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
    """Stands for a list or an object where one value was expected."""


@dataclass(frozen=True)
class Seconds:
    """A time that is in whole seconds already, in the convention of the data dictionary."""

    value: int


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One row per patient: headers as written, and the cells column by column.

    `places` says where each row stands, for messages; `notes` what was detected on the way.
    """

    headers: tuple[str, ...]
    columns: tuple[list[Any], ...]
    places: list[str]
    notes: tuple[str, ...] = field(default=())


def cell_of(value: Any) -> Any:
    """A value as sent, {"value": ..., "unit": ...} as such, anything deeper as `Nested`."""
    match value:
        case {"value": inner, "unit": str(unit), **more} if not more:
            plain = cell_of(inner)
            return plain if isinstance(plain, Measured | Nested) else Measured(plain, unit)
        case dict() | list() | tuple() | set():
            return Nested()
        case _:
            return value
