"""From a header as written to a column of the data dictionary, and its unit.

`creatinine_mg_dl` is in mg/dL. `creatinine [umol/L]`, `creatinine_mg_dl (umol/L)` are converted:
the unit in brackets is the one that counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from immunosep.errors import UnitError
from immunosep.sources.bedside.problems import Problems
from immunosep.sources.bedside.sheets import Sheet
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import BEDSIDE, DERIVED
from immunosep.tables.names import is_not_read, nearest_name, split_unit
from immunosep.tables.units import conversion_factor

WITH_UNIT = re.compile(r"^(?P<name>[^\[\(]+?)\s*[\[\(]\s*(?P<unit>.+?)\s*[\]\)]$")
SHOWN = 40  # of a header, in a message
ON_ITS_SIDE = (
    "the names of the columns stand in its first column; turn the sheet, so that they stand in the "
    "first line, with one line for each patient"
)

GIVEN = {column.name: column for column in BEDSIDE}
BY_STEM = {split_unit(name)[0]: column for name, column in GIVEN.items() if split_unit(name)[1]}
"""Columns by their name without the unit, for headers that write the unit beside it."""


@dataclass(frozen=True)
class Field:
    """A column of the sheet: what it is in the dictionary, and how its unit converts."""

    header: str
    column: Column
    has_unit: bool  # false for a bare stem, whose cells must each bring their unit
    factor: float = 1.0  # what a number in that unit is multiplied by
    is_key: bool = False  # of JSON, where a unit stands beside the value


def conversion(unit: str, column: Column) -> float:
    """What a number in `unit` is multiplied by to be in the column's own; else a UnitError."""
    return conversion_factor(unit, column.unit, umol_l_per_mg_dl=column.umol_l_per_mg_dl)


def stands_on_its_side(sheet: Sheet) -> bool:
    """Whether the names stand in the first column, so that the first line holds a patient."""
    if all(_is_known(header) for header in sheet.headers):
        return False
    first = [cell for cell in sheet.columns[0] if isinstance(cell, str) and cell.strip()]
    return bool(first) and 2 * sum(map(_is_known, first)) >= len(first)


def read_headers(sheet: Sheet, problems: Problems) -> list[Field | None]:
    """A field for each header, None for one that is wrong, with the reason in `problems`."""
    unknown = sum(not _is_known(header) for header in sheet.headers)
    if sheet.headers and unknown == len(sheet.headers):
        problems.add(_none_known(sheet))  # and say no more, for it may be a patient
        return [None for _ in sheet.headers]
    may_be_values = 2 * unknown >= len(sheet.headers)
    fields = []
    for at, header in enumerate(sheet.headers):
        field = _field(header, _kind(sheet))
        if isinstance(field, str):
            hide = may_be_values and not _is_known(header) and not _hint(_split(header)[0])
            _add(_hidden(at, sheet) if hide else field, at, sheet, problems)
        fields.append(None if isinstance(field, str) else field)
    _check_once(fields, sheet, problems)
    return fields


def _check_once(fields: Sequence[Field | None], sheet: Sheet, problems: Problems) -> None:
    seen: dict[str, str] = {}
    for field in fields:
        if field is None:
            continue
        name, first = field.column.name, seen.setdefault(field.column.name, field.header)
        if first is not field.header:
            problems.add(
                f"{_kind(sheet)}s {first!r} and {field.header!r} both give {name}; keep one"
            )


def _add(sentence: str, at: int, sheet: Sheet, problems: Problems) -> None:
    for row in sheet.given_in[at] if sheet.given_in else ():
        problems.in_row(row, sentence)
    if not sheet.given_in:
        problems.add(sentence)


def _kind(sheet: Sheet) -> str:
    return "key" if sheet.given_in else "header"


def _none_known(sheet: Sheet) -> str:
    if sheet.given_in:
        return "none of its keys is known; expected patient_id and names of `immunosep variables`"
    return (
        "the first line is no header: none of its names is known; begin with patient_id and "
        "the names of `immunosep variables`"
    )


def _hidden(at: int, sheet: Sheet) -> str:
    which = "a key" if sheet.given_in else f"header {at + 1}"
    return (
        f"{which} is not known, and not shown, for it may be a patient's; `immunosep variables` "
        "lists the names"
    )


def _split(header: str) -> tuple[str, str]:
    split = WITH_UNIT.match(header.strip())
    return (split["name"], split["unit"]) if split else (header.strip(), "")


def _column(name: str) -> Column | None:
    return GIVEN.get(name.lower()) or BY_STEM.get(name.lower())


def _is_known(header: str) -> bool:
    return _column(_split(header)[0]) is not None


def _field(header: str, kind: str) -> Field | str:
    """The field, or what is wrong with the header; `kind` is the word for it."""
    written = header.strip()
    name, unit = _split(written)
    column = _column(name)
    if column is None:
        hint = _hint(name) or "is not known; `immunosep variables` lists the names"
        return f"{kind} {_short(name)!r} {hint}" if name else hint
    if unit and (column.kind not in (Kind.NUMBER, Kind.INTEGER) or not column.unit):
        return f"{kind} {_short(written)!r} has a unit, but {column.name} takes none"
    try:
        factor = conversion(unit, column) if unit else 1.0
    except UnitError as error:
        return f"{kind} {_short(written)!r}: {error}"
    has_unit = bool(unit) or name.lower() in GIVEN
    return Field(header, column, has_unit=has_unit, factor=factor, is_key=kind == "key")


def _hint(name: str) -> str:
    """What to do about a name that is not a column's, where something is known of it."""
    if not name:
        return "a column with values has no header; name it, or delete it"
    if name.lower() in {column.name for column in DERIVED}:
        instead = "name an entered total sofa" if name.lower() == "sofa_total" else "delete it"
        return f"is derived from other columns, it cannot be given; {instead}"
    if is_not_read(name):
        return "is not read: no rule asks for it; leave it out"
    near = nearest_name(name, GIVEN)
    return f"is not known; {_instead(name, GIVEN[near])}" if near else ""


def _instead(name: str, column: Column) -> str:
    """The column's own name, or how to write the unit that a misspelt name ends in."""
    unit = split_unit(name.lower())[1]
    try:
        same = not unit or conversion(unit, column) == 1
    except UnitError as error:
        return str(error)
    return f"{'the nearest is' if same else 'write it as'} " + (
        column.name if same else f"{split_unit(column.name)[0]} [{unit}]"
    )


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
