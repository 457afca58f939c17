"""The embedded engine for a hospital's extract: DuckDB, spoken to through Ibis.

A connection is made here with the settings the rules rely on, after the pair of versions in use has
answered a few questions whose answers are known (`check_engine`).
"""

import re
from pathlib import Path
from typing import Any

import duckdb
import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.errors import SourceError

SETTINGS = {
    "TimeZone": "'UTC'",  # naive times stay as the hospital wrote them
    "preserve_insertion_order": "false",  # rules never rely on row order; keeps memory bounded
}


def connect(*, threads: int | None = None, memory_limit: str | None = None) -> Backend:
    """Open an engine in memory; `memory_limit` as DuckDB writes it, for instance "4GB"."""
    connection = ibis.duckdb.connect()
    limits = {"threads": threads, "memory_limit": memory_limit and f"'{memory_limit}'"}
    for name, value in (SETTINGS | limits).items():
        if value is not None:
            connection.raw_sql(f"SET {name} = {value}")
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
