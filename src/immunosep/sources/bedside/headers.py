"""From a header as written to a column of the data dictionary, and its unit.

`creatinine_mg_dl` is in mg/dL. `creatinine [umol/L]`, `creatinine_mg_dl (umol/L)` are converted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from immunosep.errors import UnitError
from immunosep.sources.bedside.problems import Problems
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import BEDSIDE, DERIVED
from immunosep.tables.units import conversion_factor

WITH_UNIT = re.compile(r"^(?P<name>[^\[\(]+?)\s*[\[\(]\s*(?P<unit>.+?)\s*[\]\)]$")
SHOWN = 40  # of a header, in a message

GIVEN = {column.name: column for column in BEDSIDE}
UNIT_SUFFIX = re.compile(
    r"_(years|kg|ng_ml|per_monocyte|per_mm3|mg_kg_day|mmhg|10e3_ul|mg_dl|ug_kg_min|ml_day)$"
)
BY_STEM = {
    UNIT_SUFFIX.sub("", name): column for name, column in GIVEN.items() if UNIT_SUFFIX.search(name)
}
"""Columns by their name without the unit, for headers that write the unit beside it."""


@dataclass(frozen=True)
class Field:
    """A column of the sheet: what it is in the dictionary, and how its unit converts."""

    header: str
    column: Column
    has_unit: bool  # false for a bare stem, whose cells must each bring their unit
    factor: float = 1.0  # what a number in that unit is multiplied by


def conversion(unit: str, column: Column) -> float:
    """What a number in `unit` is multiplied by to be in the column's own; else a UnitError."""
    return conversion_factor(unit, column.unit, umol_l_per_mg_dl=column.umol_l_per_mg_dl)


def read_headers(headers: Sequence[str], problems: Problems) -> list[Field | None]:
    """A field for each header, None for one that is wrong, with the reason in `problems`."""
    if not any(_column(_split(header)[0]) for header in headers):
        problems.add(
            "the first line is no header: none of its names is known; begin with patient_id and "
            "the names of `immunosep variables`"
        )  # and say no more, for it may be a patient
        return [None for _ in headers]
    fields = [_field(header, problems) for header in headers]
    seen: dict[str, str] = {}
    for field in fields:
        if field is None:
            continue
        name, first = field.column.name, seen.setdefault(field.column.name, field.header)
        if first is not field.header:
            problems.add(f"headers {first!r} and {field.header!r} both give {name}; keep one")
    return fields


def _split(header: str) -> tuple[str, str]:
    split = WITH_UNIT.match(header.strip())
    return (split["name"], split["unit"]) if split else (header.strip(), "")


def _column(name: str) -> Column | None:
    return GIVEN.get(name.lower()) or BY_STEM.get(name.lower())


def _field(header: str, problems: Problems) -> Field | None:
    written = header.strip()
    name, unit = _split(written)
    column = _column(name)
    if column is None:
        problems.add(_unknown(name))
        return None
    if unit and (column.kind not in (Kind.NUMBER, Kind.INTEGER) or not column.unit):
        problems.add(f"header {_short(written)!r} has a unit, but {column.name} takes none")
        return None
    try:
        factor = conversion(unit, column) if unit else 1.0
    except UnitError as error:
        problems.add(f"header {_short(written)!r}: {error}")
        return None
    has_unit = bool(unit) or name.lower() in GIVEN
    return Field(header=header, column=column, has_unit=has_unit, factor=factor)


def _unknown(name: str) -> str:
    if not name:
        return "a column with values has no header; name it, or delete it"
    if name.lower() in {column.name for column in DERIVED}:
        instead = "; name an entered total sofa" if name.lower() == "sofa_total" else "; delete it"
        return f"header {name!r} is derived from other columns, it cannot be given{instead}"
    near = _nearest(name.lower(), {**GIVEN, **BY_STEM})
    hint = f"the nearest is {near}" if near else "`immunosep variables` lists the names"
    return f"header {_short(name)!r} is not known; {hint}"


def _nearest(name: str, names: Mapping[str, Column]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", name).strip("_")
    near = get_close_matches(plain, names, n=1, cutoff=0.5)
    return names[near[0]].name if near else ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
