"""One lot of calibration beads: its number, when it expires, PE molecules per bead of each level.

The values change with every lot and are printed in its leaflet, so they are typed in and never
built in::

    lot = "96597"
    expires = 2027-03-31
    pe_per_bead = [638, 6930, 31008, 67601]

`pe_per_antibody` may be added where the antibody is not conjugated one to one (1 if left out).
Source of the limits: QuantiBRITE PE beads have four levels, a few hundred to tens of thousands.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from immunosep.cytometry.forms import read_form
from immunosep.errors import SourceError

LEVELS = 4
LOWEST, HIGHEST = 100, 200_000
KEYS = ("lot", "expires", "pe_per_bead", "pe_per_antibody")


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A lot as its leaflet gives it; building one that cannot be is a SourceError."""

    lot: str
    expires: date
    pe_per_bead: tuple[float, ...]
    pe_per_antibody: float = 1.0

    def __post_init__(self) -> None:
        problems = _problems(self)
        if problems:
            raise SourceError("the bead lot", problems)


def read_lot(path: Path) -> Lot:
    """The lot of a TOML file."""
    typed = read_form(path)
    missing = [f"{key} is missing" for key in KEYS[:3] if key not in typed]
    unknown = [f"{key!r} is no key; expected {', '.join(KEYS)}" for key in typed if key not in KEYS]
    mistyped = [] if missing else _mistyped(typed)
    if problems := [*missing, *unknown, *mistyped]:
        raise SourceError(path.name, problems)
    try:
        return Lot(
            lot=str(typed["lot"]),
            expires=_date(typed["expires"]) or date.min,
            pe_per_bead=tuple(float(value) for value in typed["pe_per_bead"]),
            pe_per_antibody=float(typed.get("pe_per_antibody", 1)),
        )
    except SourceError as error:
        raise SourceError(path.name, error.problems) from None


def _mistyped(typed: dict[str, Any]) -> list[str]:
    problems = []
    if not isinstance(typed["lot"], str | int) or isinstance(typed["lot"], bool):
        problems.append("lot is not a text; expected the number on the vial, in quotation marks")
    if _date(typed["expires"]) is None:
        problems.append("expires is not a date; expected a day such as 2027-03-31")
    values = typed["pe_per_bead"]
    if not isinstance(values, list) or not all(map(_is_number, values)):
        problems.append("pe_per_bead is not a list of numbers; expected [ , , , ], dim to bright")
    if not _is_number(typed.get("pe_per_antibody", 1)):
        problems.append("pe_per_antibody is not a number; expected 1 or so")
    return problems


def _problems(lot: Lot) -> list[str]:
    values, problems = lot.pe_per_bead, []
    if not lot.lot.strip():
        problems.append("lot is empty; expected the number on the vial")
    if len(values) != LEVELS:
        problems.append(f"pe_per_bead has {len(values)} values; expected {LEVELS}")
    if any(not LOWEST <= value <= HIGHEST for value in values):
        problems.append(f"pe_per_bead has a value outside {LOWEST:,} to {HIGHEST:,}")
    if any(later <= earlier for earlier, later in pairwise(values)):
        problems.append("pe_per_bead does not rise from value to value; type them dim to bright")
    if not 0.1 <= lot.pe_per_antibody <= 10:
        problems.append("pe_per_antibody is outside 0.1 to 10")
    return problems


def _date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
