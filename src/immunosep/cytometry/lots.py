"""One lot of calibration beads: its number, when it expires, PE molecules per bead of each level.

The values change with every lot and are printed in its leaflet, so they are typed in and never
built in::

    lot = "96597"
    expires = 2027-03-31
    pe_per_bead = [638, 6930, 31008, 67601]

`pe_per_antibody` may be added where the antibody is not conjugated one to one (1 if left out).
Source of the limits: QuantiBRITE PE beads have four levels, a few hundred to tens of thousands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from immunosep.cytometry.forms import read_form
from immunosep.errors import SourceError

LEVELS = 4
LOWEST, HIGHEST = 100, 200_000
LARGEST = 1e18  # that a form may hold: a longer one is no count of molecules, and no float
KEYS = ("lot", "expires", "pe_per_bead", "pe_per_antibody")
PLACEHOLDERS: dict[str, Any] = {
    "lot": "none", "expires": date.max, "pe_per_bead": [100, 200, 300, 400], "pe_per_antibody": 1,
}  # fmt: skip
"""In place of what was not typed, or not readably, so that what is wrong beside it is said too."""


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A lot as its leaflet gives it; building one that cannot be is a SourceError."""

    lot: str
    expires: date
    pe_per_bead: tuple[float, ...]
    pe_per_antibody: float = 1.0

    def __post_init__(self) -> None:
        problems = _problems(self.lot, self.pe_per_bead, self.pe_per_antibody)
        if problems:
            raise SourceError("the bead lot", problems)


def read_lot(path: Path) -> Lot:
    """The lot of a TOML file."""
    typed = read_form(path)
    missing = [f"{key} is missing" for key in KEYS[:3] if key not in typed]
    unknown = [f"{key!r} is no key; expected {', '.join(KEYS)}" for key in typed if key not in KEYS]
    filled = PLACEHOLDERS | typed
    mistyped = {key: said for key in KEYS if (said := _mistyped(key, filled[key]))}
    read = filled | {key: PLACEHOLDERS[key] for key in mistyped}
    values = tuple(float(value) for value in read["pe_per_bead"])
    lot, pe_per_antibody = str(read["lot"]), float(read["pe_per_antibody"])
    wrong = _problems(lot, values, pe_per_antibody)
    if problems := [*missing, *unknown, *mistyped.values(), *wrong]:
        raise SourceError(path.name, problems)
    expires = _date(read["expires"])
    assert expires is not None
    return Lot(lot=lot, expires=expires, pe_per_bead=values, pe_per_antibody=pe_per_antibody)


def _mistyped(key: str, value: Any) -> str:
    match key:
        case "lot" if not isinstance(value, str | int) or isinstance(value, bool):
            return "lot is not a text; expected the number on the vial, in quotation marks"
        case "expires" if _date(value) is None:
            return "expires is not a date; expected a day such as 2027-03-31"
        case "pe_per_bead" if not isinstance(value, list) or not all(map(_is_number, value)):
            return "pe_per_bead is not a list of numbers; expected [ , , , ], dim to bright"
        case "pe_per_antibody" if not _is_number(value):
            return "pe_per_antibody is not a number; expected 1 or so"
    return ""


def _problems(lot: str, values: Sequence[float], pe_per_antibody: float) -> list[str]:
    problems = []
    if not lot.strip():
        problems.append("lot is empty; expected the number on the vial")
    if len(values) != LEVELS:
        problems.append(f"pe_per_bead has {len(values)} values; expected {LEVELS}")
    if any(not LOWEST <= value <= HIGHEST for value in values):
        problems.append(f"pe_per_bead has a value outside {LOWEST:,} to {HIGHEST:,}")
    if any(later <= earlier for earlier, later in pairwise(values)):
        problems.append("pe_per_bead does not rise from value to value; type them dim to bright")
    if not 0.1 <= pe_per_antibody <= 10:
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
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST
