"""What is normal by each centre's laboratory, as data: a CSV file that the settings name.

One row is one value at one centre, by sex where that matters: `centre,column,sex,low,high,unit`,
such as `01_jena,creatinine_mg_dl,male,62,106,umol/L`. `centre` may be `*`, for centres without a
row of their own; `sex`, `low`, `high` and `unit` may be empty. Without the file nothing is known to
be normal, and grades that count from a limit of normal are not suggested.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from immunosep.errors import SettingsError, UnitError
from immunosep.sources.bedside.headers import conversion
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.names import nearest_name

HEADER = ["centre", "column", "sex", "low", "high", "unit"]
ANY = "*"
SEXES = ("", "female", "male")

Key = tuple[str, str, str]  # centre, column, sex


@dataclass(frozen=True, kw_only=True)
class Normal:
    """The limits of normal in the column's own unit; None where the laboratory gives none."""

    low: float | None = None
    high: float | None = None


UNKNOWN = Normal()


def normal_of(ranges: Mapping[Key, Normal], column: str, *, centre: str, sex: str = "") -> Normal:
    """What is normal at a centre: by sex before for all, its own before that of every centre."""
    keys = [(place, column, each) for place in (centre, ANY) for each in (sex, "")]
    return next((ranges[key] for key in keys if key in ranges), UNKNOWN)


def read_ranges(file: str) -> Mapping[Key, Normal]:
    """The rows of the file; SettingsError with every fault of it at once. Without a name, none."""
    return _read(file, Path(file).stat().st_mtime_ns) if file and _is_there(file) else {}


def _is_there(file: str) -> bool:
    if not Path(file).is_file():
        raise SettingsError(
            "IMMUNOSEP_REFERENCE_RANGES names no file; expected a CSV file with the header "
            f"{','.join(HEADER)}. Correct the path, or leave the setting out."
        )
    return True


@cache
def _read(file: str, _changed: int) -> Mapping[Key, Normal]:
    with Path(file).open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    if not rows or rows[0] != HEADER:
        raise SettingsError(
            f"the reference ranges have another header; expected {','.join(HEADER)}. Correct the "
            "first line of the file."
        )
    found: dict[Key, Normal] = {}
    problems: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        faults = list(_faults(row, found))
        problems += [f"line {number}: {fault}" for fault in faults]
        if not faults:
            centre, column, sex, low, high, unit = row
            factor = conversion(unit, CASE_COLUMNS[column]) if unit else 1.0
            found[centre, column, sex] = Normal(low=_limit(low, factor), high=_limit(high, factor))
    if problems:
        raise SettingsError(f"the reference ranges cannot be read: {'; '.join(problems)}.")
    return found


def _faults(row: list[str], found: Mapping[Key, Normal]) -> Iterator[str]:
    if len(row) != len(HEADER):
        yield f"{len(row)} cells, expected {len(HEADER)}"
        return
    centre, column, sex, low, high, unit = row
    if not centre:
        yield f"no centre; write its id, or {ANY} for every centre"
    if sex not in SEXES:
        yield "the sex is neither female nor male; leave it empty for both"
    if (centre, column, sex) in found:
        yield "the same centre, column and sex a second time; keep one"
    if column not in CASE_COLUMNS:
        near = nearest_name(column, CASE_COLUMNS)
        yield "no column of the casebook" + (f"; meant {near}?" if near else "")
    elif unit:
        try:
            conversion(unit, CASE_COLUMNS[column])
        except UnitError as error:
            yield str(error)
    limits = [limit for limit in (low, high) if limit]
    if not limits or not all(_is_number(limit) for limit in limits):
        yield "low and high are numbers with a decimal point, and one of them is given"
    elif low and high and float(low) >= float(high):
        yield "low is not below high"


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False


def _limit(text: str, factor: float) -> float | None:
    return round(float(text) * factor, 9) if text else None
