"""The value of an Observation: a number with a UCUM code, never with a unit that was guessed.

UCUM is case-sensitive, and what hospitals write is not UCUM: `K/uL` is kelvin per microlitre. So a
code must be one of these, with nothing but an annotation in braces beside it.
"""

import re
from collections.abc import Mapping
from typing import Any

from immunosep.errors import UnitError
from immunosep.sources.bedside.headers import Field, conversion
from immunosep.sources.bedside.values import read_cell
from immunosep.sources.fhir.json_values import listed, mapping, text
from immunosep.tables.columns import Column, Kind
from immunosep.tables.units import UNITS

UCUM = "http://unitsofmeasure.org"
UNITY = "1"
SPELT = frozenset(
    {
        "mg/mL", "ug/mL", "ng/mL", "ng/L", "/mm3", "10*6/L", "10*9/L", "10*3/mm3", "/nL",
        "mL/d", "L/d", "[iU]/L",
    }
)  # fmt: skip
"""Codes of UCUM that the table of units has as spellings of another."""

CODES = frozenset(unit.code for unit in UNITS) | SPELT
ANNOTATION = re.compile(r"\{[^{}]*\}")
LIMIT = (
    "a limit (comparator), not a number; enter the assay's limit itself, or leave it out if the "
    "true value could decide"
)
NO_UNIT = f"no UCUM code of the unit (system {UCUM}); a unit is never guessed"
ABSENT = frozenset(
    {
        "unknown", "asked-unknown", "temp-unknown", "not-asked", "asked-declined", "masked",
        "not-applicable", "unsupported", "as-text", "error", "not-a-number", "negative-infinity",
        "positive-infinity", "not-performed", "not-permitted",
    }
)  # fmt: skip
"""Codes of http://terminology.hl7.org/CodeSystem/data-absent-reason."""


class UnreadableError(Exception):
    """A value that cannot be taken; the message is the reason."""


def number_of(observed: Mapping[str, Any], column: Column) -> tuple[str, str]:
    """The number as written and its UCUM code, of an Observation or one of its components."""
    values = [key for key in observed if key.startswith("value") and key[5:6].isupper()]
    if "dataAbsentReason" in observed:
        raise UnreadableError(_absent(observed["dataAbsentReason"], contradicts=bool(values)))
    if column.kind not in (Kind.NUMBER, Kind.INTEGER):
        raise UnreadableError("is no number, so it is not taken from a Bundle")
    if len(values) != 1:
        raise UnreadableError("several values" if values else "no value")
    if values == ["valueInteger"]:
        return _checked(observed["valueInteger"], UNITY, column)
    if values != ["valueQuantity"]:
        raise UnreadableError(f"{values[0]}, expected valueQuantity")
    return _of_quantity(mapping(observed["valueQuantity"]), column)


def _of_quantity(quantity: Mapping[str, Any], column: Column) -> tuple[str, str]:
    if "modifierExtension" in quantity:
        raise UnreadableError("a modifier extension, whose meaning is not known here")
    if "comparator" in quantity:
        raise UnreadableError(LIMIT)
    code = text(quantity.get("code"))
    if quantity.get("system") != UCUM or not code:
        raise UnreadableError(NO_UNIT)
    return _checked(quantity.get("value"), code, column)


def _checked(value: Any, code: str, column: Column) -> tuple[str, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnreadableError("no value" if value is None else "the value is not a number")
    unit = _unit(code, column)
    try:
        factor = conversion(unit, column)
    except UnitError as error:
        raise UnreadableError(str(error)) from None
    cell = read_cell(value, Field(column.name, column, has_unit=True, factor=factor))
    if cell.problem:
        raise UnreadableError(cell.problem)
    return repr(value), unit


def _unit(code: str, column: Column) -> str:
    """The code as the table of units has it, without annotations."""
    if code == UNITY and column.unit == "{score}":
        return column.unit
    bare = code if code in CODES else ANNOTATION.sub("", code)
    if bare not in CODES:
        raise UnreadableError(f"the code of the unit is not known, expected one as {column.unit}")
    return bare


def _absent(reason: Any, *, contradicts: bool) -> str:
    if contradicts:
        return "a value and a reason why there is none"
    codings = [mapping(each) for each in listed(mapping(reason).get("coding"))]
    codes = [code for each in codings if (code := text(each.get("code"))) in ABSENT]
    return f"no value: {codes[0]}" if codes else "no value, and a reason why there is none"
