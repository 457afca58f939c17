"""The code lists of this source, as tables: `codes/*.csv`, one row per rule, each with its reason.

A list is data, not code: it is read, changed and reviewed without Python. `diagnoses.csv` writes
ICD codes as MIMIC-IV does, without the dot. `480-486` stands for every code that begins with 480,
481 and so on to 486; `K830$` for that code alone. The coding system belongs to the code: V667 is
palliative care in ICD-9 and a traffic accident in ICD-10.
"""

import csv
from functools import cache
from importlib import resources

import ibis
import pyarrow as pa
from ibis.expr import types as ir


@cache
def read_list(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `codes/<name>.csv`, in the file's order."""
    text = resources.files(__package__).joinpath("codes", f"{name}.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def fragments(name: str, **wanted: str) -> list[str]:
    """The column `fragment` of a list, of the rows that have the wanted values."""
    return [
        row["fragment"]
        for row in read_list(name)
        if all(row[column] == value for column, value in wanted.items())
    ]


def expand_codes(written: str) -> list[str]:
    """Each code or prefix of a row of `diagnoses.csv`: "480-482 4870" is 480, 481, 482 and 4870."""
    return [code for part in written.split() for code in _expand_range(part)]


def _expand_range(part: str) -> list[str]:
    first, _, last = part.partition("-")
    if not last:
        return [first]
    letters = len(first) - len(first.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    width = len(first) - letters
    numbers = range(int(first[letters:]), int(last[letters:]) + 1)
    return [f"{first[:letters]}{number:0{width}d}" for number in numbers]


def diagnosis_codes() -> ir.Table:
    """One row per topic, system and code or prefix: also `whole` (no prefix) and `certain`."""
    rows = [
        {
            "topic": row["topic"],
            "listed_system": row["system"],
            "prefix": code.removesuffix("$"),
            "whole": code.endswith("$"),
            "certain": row["says"] == "yes",
        }
        for row in read_list("diagnoses")
        for code in expand_codes(row["codes"])
    ]
    return ibis.memtable(pa.Table.from_pylist(rows))


def one_of(text: ir.StringValue, parts: list[str]) -> ir.BooleanValue:
    """Whether the text, in lower case, contains any of the parts."""
    lowered = text.lower()
    found: ir.BooleanValue = ibis.literal(False)
    for part in parts:
        found = found | lowered.contains(part)
    return found
