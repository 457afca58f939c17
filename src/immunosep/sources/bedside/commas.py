"""Decimal commas, as Excel writes them in much of Europe.

They are read only where a comma is not the delimiter, and only where nothing else can be meant:
1,9 and 0,234 are, 1,234 may be a thousand and is refused. In a file with decimal commas a point is
refused too, for there 1.234 may be a thousand.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from immunosep.languages import say
from immunosep.sources.bedside.headers import Field
from immunosep.sources.bedside.problems import Problems
from immunosep.sources.bedside.sheets import Sheet
from immunosep.tables.columns import Kind

COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
POINT = re.compile(r"[+-]?[0-9]*\.[0-9]+")
NOTE = "numbers read with a decimal comma"
AMBIGUOUS = say(
    "a comma before three digits, which may be a decimal or a thousand; write a decimal point, and "
    "no separator between thousands"
)
MIXED = "a decimal point, where other numbers have a decimal comma; write all alike"


def settle_commas(sheet: Sheet, fields: Sequence[Field | None], problems: Problems) -> Sheet:
    """The sheet with a point for each decimal comma; what may mean two things is a problem."""
    numbers = [at for at, field in enumerate(fields) if _is_number(field)]
    if not sheet.may_be_decimal or not any(_with_comma(sheet, numbers)):
        return sheet
    columns = list(sheet.columns)
    for at in numbers:
        name = fields[at].column.name  # type: ignore[union-attr]  # _is_number
        columns[at] = [
            _settled(cell, row, name, problems) for row, cell in enumerate(sheet.columns[at])
        ]
    return replace(sheet, columns=tuple(columns), notes=(*sheet.notes, NOTE))


def _is_number(field: Field | None) -> bool:
    return field is not None and field.column.kind in (Kind.NUMBER, Kind.INTEGER)


def _with_comma(sheet: Sheet, numbers: Sequence[int]) -> Iterator[bool]:
    return (bool(COMMA.fullmatch(cell.strip())) for at in numbers for cell in sheet.columns[at])


def _settled(cell: Any, row: int, name: str, problems: Problems) -> Any:
    text = cell.strip()
    if MAYBE_THOUSANDS.fullmatch(text):
        problems.in_row(row, f"{name}: {AMBIGUOUS}")
        return ""
    if POINT.fullmatch(text):
        problems.in_row(row, f"{name}: {MIXED}")
        return ""
    return text.replace(",", ".") if COMMA.fullmatch(text) else cell
