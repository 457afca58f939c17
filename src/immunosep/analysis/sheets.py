"""Columns of a file that a user brings to an analysis: CSV, JSON or Parquet, read as the bedside's.

An empty cell is None. What is wrong with a column is said once, with its rows, never its values.
"""

from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from math import isfinite
from typing import Any

from immunosep.sources.bedside.problems import Problems
from immunosep.sources.bedside.sheets import Sheet

YES, NO = ("1", "1.0", "yes", "true"), ("0", "0.0", "no", "false")
Parse = Callable[[str], tuple[Any, str]]


def read_column(
    sheet: Sheet, name: str, parse: Parse, problems: Problems, *, required: bool = False
) -> list[Any]:
    """A column's values; what stands against them is put among the problems."""
    read = []
    for row, cell in enumerate(sheet.columns[sheet.headers.index(name)]):
        word = as_word(cell)
        value, problem = (None, "") if word is None else parse(word)
        if word is None and required:
            problem = "is empty; write a value in each row"
        if problem:
            problems.in_row(row, f"{name}: {problem}")
        read.append(value)
    return read


def as_word(cell: Any) -> str | None:
    """The cell as text; None where it is empty."""
    text = "" if cell is None else str(cell).strip()
    return text or None


def parse_text(word: str) -> tuple[str, str]:
    """Any text."""
    return word, ""


def parse_number(word: str) -> tuple[float | None, str]:
    """A finite number."""
    try:
        value = float(word)
    except ValueError:
        return None, "is no number; write digits and a decimal point, and nothing where unknown"
    return (value, "") if isfinite(value) else (None, "is not a finite number")


def parse_count(word: str) -> tuple[int | None, str]:
    """A whole number, 0 or more."""
    value, _ = parse_number(word)
    if value is None or value < 0 or value != int(value):
        return None, "is no count; write a whole number, 0 or more"
    return int(value), ""


def parse_yes_no(word: str) -> tuple[bool | None, str]:
    """1 or 0, yes or no, true or false."""
    if word.lower() in (*YES, *NO):
        return word.lower() in YES, ""
    return None, "is neither 1 nor 0, yes nor no; write one, and nothing where unknown"


def parse_day(word: str) -> tuple[date | None, str]:
    """A day, as 2026-01-31."""
    try:
        return date.fromisoformat(word[:10]), ""
    except ValueError:
        return None, "is no day; write it as 2026-01-31"


def unknown_column(name: str, sheet: Sheet) -> str:
    """That there is no such column, and which is nearest."""
    near = get_close_matches(name, sheet.headers, n=1)
    hint = f"the nearest is {near[0]!r}" if near else f"it has {', '.join(sheet.headers[:8])}"
    return f"there is no column {name!r}; {hint}. Give a name of its header line"
