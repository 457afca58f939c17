"""The embedded engine for a hospital's extract: DuckDB, spoken to through Ibis.

A connection is made here with the settings the rules rely on, after the pair of versions in use has
answered a few questions whose answers are known (`check_engine`).
"""

import errno
import os
import re
from pathlib import Path
from typing import Any

import duckdb
import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.errors import EngineError, SourceError

SETTINGS = {
    "TimeZone": "'UTC'",  # naive times stay as the hospital wrote them
    "preserve_insertion_order": "false",  # rules never rely on row order; keeps memory bounded
}

WRITERS = {".parquet": ir.Table.to_parquet, ".csv": ir.Table.to_csv}

KNOWN_ANSWERS: dict[str, tuple[object, ...]] = {
    "seconds_before_1970": (-1, -1, -1),
    "seconds_after_2038": (6342796801, 6342796801, 6342796801),
    "hour_of_a_negative_second": (-1, -1, -1),
    "unknown_compared": (None, None, None),
    "unknown_or_true": (True, True, True),
    "greatest_with_an_unknown": (1.0, 2.0, 3.0),
    "no_condition_met": (None, None, None),
    "tenth_in_32_bits_is_a_tenth": (True, True, True),
    "highest_of_two_rows": (1.0, 1.0, 3.0),
    "highest_of_rows_before": (None, 1.0, 1.0),
    "sum_of_two_seconds": (1.0, 1.0, 3.0),
    "next_number": (1, 2, None),
}
"""Three rows, numbered 0 to 2, at second 0, 1 and 5, with the values 1, unknown and 3: what an
engine must answer of them. One that does not would score patients wrongly."""


def check_engine(connection: Backend) -> None:
    """Raise EngineError, naming every wrong answer, unless the engine answers as is known."""
    found = fetch(connection, _questions())
    wrong = [
        f"{name} answered {tuple(row[name] for row in found)}, expected {expected}"
        for name, expected in KNOWN_ANSWERS.items()
        if tuple(row[name] for row in found) != expected
    ]
    if wrong:
        raise EngineError(
            f"Ibis {ibis.__version__} with DuckDB {duckdb.__version__} gives wrong answers: "
            f"{'; '.join(wrong)}. Install the versions pinned in requirements."
        )


def _questions() -> ir.Table:
    numbers = ibis.range(0, 3).unnest().name("number").as_table()
    rows = numbers.mutate(
        number=numbers.number.cast("int64"),
        at_s=ibis.cases((numbers.number == 2, 5), else_=numbers.number),
        value=ibis.cases((numbers.number == 0, 1.0), (numbers.number == 2, 3.0)),
    )
    unknown = rows.value < ibis.null("float64")
    pair = ibis.window(order_by=rows.number, between=(-1, 0))
    before = ibis.window(order_by=rows.number, between=(None, -1))
    two_seconds = ibis.range_window(order_by=rows.at_s, preceding=1, following=0)
    answers = rows.select(
        "number",
        seconds_before_1970=_seconds("1969-12-31 23:59:59"),
        seconds_after_2038=_seconds("2170-12-30 00:00:01"),
        hour_of_a_negative_second=(rows.at_s - 7) // 3600,
        unknown_compared=unknown,
        unknown_or_true=unknown | (rows.number >= 0),
        greatest_with_an_unknown=ibis.greatest(rows.value, rows.number.nullif(0).nullif(2) + 1.0),
        no_condition_met=ibis.cases((unknown, 1), (rows.number < 0, 2)),
        tenth_in_32_bits_is_a_tenth=(rows.at_s * 0 + 0.1).cast("float32").cast("float64").round(8)
        == 0.1,
        highest_of_two_rows=rows.value.max().over(pair),
        highest_of_rows_before=rows.value.max().over(before),
        sum_of_two_seconds=rows.value.sum().over(two_seconds),
        next_number=rows.number.lead().over(ibis.window(order_by=rows.number)),
    )
    return answers.order_by("number")


def _seconds(moment: str) -> ir.IntegerValue:
    return ibis.literal(moment).cast("timestamp").epoch_seconds().cast("int64")


def connect(*, threads: int | None = None, memory_limit: str | None = None) -> Backend:
    """Open an engine in memory; `memory_limit` as DuckDB writes it, for instance "4GB"."""
    connection = ibis.duckdb.connect()
    limits = {"threads": threads, "memory_limit": memory_limit and f"'{memory_limit}'"}
    for name, value in (SETTINGS | limits).items():
        if value is not None:
            connection.raw_sql(f"SET {name} = {value}")
    check_engine(connection)
    return connection


def materialise(connection: Backend, expression: ir.Table, name: str) -> ir.Table:
    """Run the expression once and keep its rows in a temporary table of that name."""
    try:
        return connection.create_table(name, obj=expression, temp=True, overwrite=True)
    except duckdb.Error as error:
        raise read_error(name, error) from None


def fetch(connection: Backend, expression: ir.Table) -> list[dict[str, Any]]:
    """The rows of a small answer. Not by `to_pyarrow`, which imports pandas: a second of CPU."""
    rows = connection.raw_sql(connection.compile(expression)).fetchall()
    return [dict(zip(expression.columns, row, strict=True)) for row in rows]


def write_rows(rows: ir.Table, path: Path, *, suffix: str) -> None:
    """Write the rows in the format of `WRITERS` that `suffix` names; an OSError if it cannot be."""
    try:
        WRITERS[suffix](rows, path)
    except duckdb.IOException as error:
        told = re.search(r'"errno":"(\d+)"', str(error))
        number = int(told[1]) if told else errno.EIO
        raise OSError(number, os.strerror(number)) from None


def read_error(subject: str, error: duckdb.Error) -> SourceError:
    """Say what went wrong without the engine's own message, which quotes the record."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).removesuffix(" Exception").lower()
    text = str(error)
    file = re.search(r"[\w.-]+\.(?:csv\.gz|csv|parquet)\b", text)
    line = re.search(r"Line:\s*(\d+)", text)
    column = re.search(r'[Cc]olumn(?: name)?:? "?(\w+)"?', text)
    where = [
        f"file {Path(file[0]).name}" if file else "",
        f"line {line[1]}" if line else "",
        f"column {column[1]}" if column else "",
    ]
    place = ", ".join(part for part in where if part) or "place not named by the engine"
    problem = f"{kind} error ({place}); expected values of the documented type; mend that file"
    return SourceError(f"cannot read {subject}", [problem])
