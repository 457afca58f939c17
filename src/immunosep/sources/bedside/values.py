"""From one cell to a value of its column's kind, or to the sentence that refuses it.

Missing: an empty cell, `NA`, `N/A`, `null`, `unknown`, `.` and `-`, in any case; JSON null.
Yes/no: yes, no, true, false, y, n, 1, 0. Sex may be f or m. Numbers: a decimal point and no
thousands separator (`commas` turns decimal commas). Times: ISO 8601 with the time of day, with or
without an offset from UTC, or 21.11.2026 14:30, the day first. A refusal never repeats the value.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

from immunosep.errors import UnitError
from immunosep.languages import Said, say
from immunosep.sources.bedside.headers import Field, conversion
from immunosep.sources.bedside.sheets import Measured, Nested, Seconds
from immunosep.tables.columns import Column, Kind, Range
from immunosep.tables.units import UNIT_SIGNS

MISSING = frozenset({"", "na", "n/a", "null", "unknown", ".", "-"})
YES, NO = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0"})
FORMULA = ("=", "+", "-", "@", "\t", "\r")
YEARS = range(1900, 2301)  # records made anonymous are often moved into the next century
TEXT_LENGTH = 200
NO_SUCH_DAY = say("no such day or time; check day, month, hours and minutes")
NOT_A_FINITE_NUMBER = say("not a finite number; leave it empty where it is missing")
OBJECT = """give {"value": …, "unit": "…"}"""

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
WITH_COMMA = re.compile(r"[+-]?\d[\d.]*,\d[\d.,]*")
LIMIT = re.compile(r"[<>≤≥].*")
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)|#.*[!?]|#n/a", re.IGNORECASE)
MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(:\d\d(\.\d+)?)?)"
    r"\s?(?P<offset>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DOTTED = re.compile(
    r"(?P<day>\d?\d)\.(?P<month>\d?\d)\.(?P<year>\d{4})(\s+(?P<hour>\d?\d)(?P<rest>:\d\d(:\d\d)?))?",
    re.ASCII,
)
ABBREVIATED = {"sex": {"f": "female", "m": "male"}}


@dataclass(frozen=True)
class Moment:
    """A time of day as written, in seconds of its own clock, and that clock's offset in minutes."""

    seconds: int
    offset: int | None


class Cell(NamedTuple):
    """What a cell says; with `problem` it is refused, with `warning` it wants a second look."""

    value: Any = None
    problem: str = ""
    warning: str = ""


ABSENT = Cell()


def read_cell(raw: Any, field: Field) -> Cell:
    """The value of a cell in the column's own unit."""
    unit = ""
    if isinstance(raw, Measured):
        raw, unit = raw.value, raw.unit
    if isinstance(raw, Nested):
        return Cell(problem=raw.problem)
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or (isinstance(raw, str) and raw.lower() in MISSING):
        return ABSENT
    match field.column.kind:
        case Kind.TEXT:
            return _text(raw)
        case Kind.CATEGORY:
            return _category(raw, field.column)
        case Kind.YES_NO:
            return _yes_no(raw)
        case Kind.TIME:
            return read_time(raw)
        case Kind.NUMBER | Kind.INTEGER:
            return _number(raw, field, unit)


def _text(raw: Any) -> Cell:
    if isinstance(raw, bool | float | datetime):
        return Cell(problem="not text; give it as text, in quotation marks in JSON")
    text = str(raw)
    if text.startswith(FORMULA):
        return Cell(problem=say("begins like a spreadsheet formula (= + - @); give plain text"))
    if not text.isprintable():
        return Cell(problem=say("holds a line break or a control character; give plain text"))
    if len(text) > TEXT_LENGTH:
        return Cell(problem=say("longer than {count} characters; shorten it", count=TEXT_LENGTH))
    return Cell(text)


def _category(raw: Any, column: Column) -> Cell:
    word = re.sub(r"[\s-]+", "_", str(raw).lower())
    word = ABBREVIATED.get(column.name, {}).get(word, word)
    if word in column.choices:
        return Cell(word)
    near = get_close_matches(word, column.choices, n=1)
    hint = f"; the nearest is {near[0]}" if near else ""
    return Cell(problem=f"not one of {', '.join(column.choices)}{hint}")


def _yes_no(raw: Any) -> Cell:
    word = str(int(raw) if isinstance(raw, float) and raw.is_integer() else raw).lower()
    if word in YES:
        return Cell(True)
    if word in NO:
        return Cell(False)
    return Cell(problem="not yes or no; write yes or no, and leave it empty where it is unknown")


def read_time(raw: Any) -> Cell:
    """A `Moment`, or `Seconds` as they are."""
    if isinstance(raw, Seconds):
        return Cell(raw)
    if isinstance(raw, datetime):
        raw = raw.isoformat()
    written = _year_first(str(raw))
    match = MOMENT.fullmatch(written) if not isinstance(raw, int | float) else None
    if match is None:
        return Cell(problem=_not_a_time(written))
    try:
        local = datetime.fromisoformat(f"{match['day']}T{match['time']}").replace(tzinfo=UTC)
    except ValueError:
        return Cell(problem=NO_SUCH_DAY)
    if local.year not in YEARS:
        problem = say("the year is outside {low} to {high}; check it", low=YEARS[0], high=YEARS[-1])
        return Cell(problem=problem)
    return _moment(local, match["offset"])


def _year_first(raw: str) -> str:
    """21.11.2026 14:30 as 2026-11-21T14:30: with points the day comes first, everywhere."""
    match = DOTTED.fullmatch(raw)
    if match is None:
        return raw
    day = f"{match['year']}-{match['month']:0>2}-{match['day']:0>2}"
    return f"{day}T{match['hour']:0>2}{match['rest']}" if match["rest"] else day


def _not_a_time(written: str) -> str:
    if not DAY.fullmatch(written):
        return say("not a time; write it as 2026-01-31T14:05, or 2026-01-31T14:05+01:00")
    try:
        date.fromisoformat(written)
    except ValueError:
        return NO_SUCH_DAY
    return say("a day without the time; give the time too, as 2026-01-31T14:05")


def _moment(local: datetime, written: str | None) -> Cell:
    if written is None:
        return Cell(Moment(math.floor(local.timestamp()), None))
    if written == "Z":
        return Cell(Moment(math.floor(local.timestamp()), 0))
    hours, minutes = int(written[1:3]), int(written[-2:])
    offset = (hours * 60 + minutes) * (-1 if written[0] == "-" else 1)
    if minutes > 59 or abs(offset) > 14 * 60:
        return Cell(problem=say("the offset from UTC is outside -14:00 to +14:00; check it"))
    return Cell(Moment(math.floor(local.timestamp()), offset))


def _number(raw: Any, field: Field, unit: str) -> Cell:
    if not field.has_unit and not unit:
        instead = OBJECT if field.is_key else "add the unit in [ ]"
        return Cell(problem=f"no unit; name it {field.column.name}, or {instead}")
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        value = _decimal(raw)
        if value is None:
            return Cell(problem="not a number")
    elif isinstance(raw, str):
        if not NUMBER.fullmatch(raw):
            return Cell(problem=_not_a_number(raw, field))
        value = float(raw)
    else:
        value = _as_float(raw)
    if not math.isfinite(value):
        return Cell(problem=NOT_A_FINITE_NUMBER)
    return _within(value, field, unit)


def _as_float(raw: float) -> float:
    try:
        return float(raw)
    except OverflowError:
        return math.inf


def _decimal(raw: Any) -> float | None:
    return float(raw) if isinstance(raw, Decimal) else None


def _not_a_number(raw: str, field: Field) -> str:
    if NOT_FINITE.fullmatch(raw):
        return NOT_A_FINITE_NUMBER
    if WITH_COMMA.fullmatch(raw):
        return say("holds a comma; write a decimal point, and no separator between thousands")
    if LIMIT.fullmatch(raw):
        return say(
            "a limit (< or >), not a number; enter the assay's limit itself, or leave it empty if "
            "the true value could decide"
        )
    if raw.startswith("="):
        return say("a spreadsheet formula; give the number it stands for")
    if raw[:1].isascii() and raw[:1].isdigit():
        instead = OBJECT if field.is_key else "put the unit into the header, as creatinine [umol/L]"
        return say("text beside the number; {instead}", instead=Said(instead))
    return say("not a number; leave it empty where it is missing")


def _within(value: float, field: Field, unit: str) -> Cell:
    column = field.column
    try:
        factor = conversion(unit, column) if unit else field.factor
    except UnitError as error:
        return Cell(problem=str(error))
    if factor != 1:
        value = float(f"{value * factor:.12g}")  # so that 106.08 umol/L is 1.2 mg/dL, no bit more
    if column.possible and value not in column.possible:
        limits = _limits(column.possible, column)
        problem = say("outside the possible {limits}; check the value and its unit", limits=limits)
        return Cell(problem=problem)
    if column.kind is Kind.INTEGER and not value.is_integer():
        return Cell(problem=say("not a whole number"))
    if column.plausible and value not in column.plausible:
        return Cell(
            int(value) if column.kind is Kind.INTEGER else value,
            warning=second_look(column),
        )
    return Cell(int(value) if column.kind is Kind.INTEGER else value)


def _limits(limits: Range | None, column: Column) -> str:
    return f"{limits} {UNIT_SIGNS.get(column.unit, column.unit)}".strip()


@cache
def second_look(column: Column) -> str:
    """What to say of a value that is possible but not plausible."""
    limits = _limits(column.plausible, column)
    return say(
        "{label} is outside the plausible {limits}: check the value and its unit.",
        label=Said(column.label),
        limits=limits,
    )
