"""Tables drawn as text: how a spec test says what goes in and what comes out.

A drawing becomes one dict a row, with the header's names::

    >>> rows('''
    ... | gcs | sedated | points |
    ... |-----|---------|--------|
    ... |  15 | no      |      0 |
    ... | 8.5 | yes     |      - |
    ... ''')
    [{'gcs': 15, 'sedated': False, 'points': 0}, {'gcs': 8.5, 'sedated': True, 'points': None}]

`-` or a blank cell is missing (None), `yes` and `no` are truth values, a number is an int or a
float, anything else is a word. `answers` sends such rows through a derivation on DuckDB.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr import types as ir

Cell = str | int | float | bool | None
Row = dict[str, Any]


def rows(drawing: str) -> list[Row]:
    """One dict a row of the drawn table, its cells typed as the module says."""
    header, rule, *lines = [line for line in map(str.strip, drawing.splitlines()) if line]
    assert set(rule) <= set("|-: "), "the second line of a drawn table is its rule"
    names = _cells(header)
    return [dict(zip(names, map(_typed, _cells(line)), strict=True)) for line in lines]


def answers(
    derive: Callable[[ir.Table], ir.Table], given: Iterable[Row], *, of: ir.Table
) -> list[Row]:
    """What `derive` answers for rows given as dicts; a column of `of` left out is NULL.

    Keys that are no column of `of`, such as the expected points, stay out of the engine. Rows come
    back in the order given, unless `derive` aggregates or joins: then let it sort.
    """
    schema = of.schema()
    known = [{name: row.get(name) for name in schema.names} for row in given]
    drawn = pa.Table.from_pylist(known, schema=schema.to_pyarrow())
    _engine().create_table(of.get_name(), drawn, temp=True, overwrite=True)
    found = _engine().raw_sql(_compiled(derive, of))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@cache
def _engine() -> Any:
    return ibis.duckdb.connect()


@cache
def _compiled(derive: Callable[[ir.Table], ir.Table], of: ir.Table) -> str:
    """Once for each derivation: writing the SQL takes far longer than running it."""
    return str(ibis.to_sql(derive(of), dialect="duckdb"))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _typed(cell: str) -> Cell:
    if cell in ("", "-"):
        return None
    if cell in ("yes", "no"):
        return cell == "yes"
    for number in (int, float):
        try:
            return number(cell)
        except ValueError:
            continue
    return cell
