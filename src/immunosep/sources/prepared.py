"""A question asked many times: compiled once, then put to any number of rows.

One bedside row and a million are asked the same. For a few rows, planning would take longer than
answering, so they go to a connection that plans once, without the optimiser: what the question
never uses is taken out of its SQL beforehand. Many rows are parted among connections, one to a
core. Each works on one thread, and so keeps the order of its rows: an answer belongs to the patient
it stands beside.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import duckdb
import ibis
import pyarrow as pa
import sqlglot
from ibis.expr import types as ir
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify

FEW_ROWS = 256
MOST_CONNECTIONS = 8  # each keeps a plan and buffers of its own


def prepare(question: ir.Table, *, about: ir.Table) -> Callable[[pa.Table], pa.Table]:
    """A function from rows of the unbound table `about` to the answer, in the order of the rows.

    Give it rows with the columns and types of `about`, in any order and with others among them; it
    may be called from several threads.
    """
    sql = str(ibis.to_sql(question, dialect="duckdb"))
    name = about.get_name()
    given, answered = about.schema().to_pyarrow(), question.schema().to_pyarrow()
    leaner, read = _without_unused(sql, about)
    few, lock = _for_few_rows(leaner, name=name, schema=pa.schema(map(given.field, read))), Lock()
    many = [_on_one_thread() for _ in range(min(os.cpu_count() or 1, MOST_CONNECTIONS))]

    def answer(rows: pa.Table) -> pa.Table:
        with lock:
            if rows.num_rows <= FEW_ROWS:  # inserted by position
                return _ask_few(few, name=name, rows=rows.select(read), answered=answered)
            return _ask_many(many, sql, name=name, rows=rows.select(given.names))

    return answer


def _without_unused(sql: str, about: ir.Table) -> tuple[str, list[str]]:
    """The question without the columns that nothing of its answer needs, and those that it reads.

    A question that reads none has the first, so that it keeps its number of rows.
    """
    columns: dict[str, object] = {about.get_name(): dict.fromkeys(about.columns, "unknown")}
    written = sqlglot.parse_one(sql, dialect="duckdb")
    leaner = pushdown_projections(qualify(written, schema=columns, dialect="duckdb"))
    named = {column.name for column in leaner.find_all(sqlglot.expressions.Column)}
    read = [name for name in about.columns if name in named] or [about.columns[0]]
    return leaner.sql(dialect="duckdb"), read


def _for_few_rows(sql: str, *, name: str, schema: pa.Schema) -> duckdb.DuckDBPyConnection:
    connection = _on_one_thread()
    connection.execute("PRAGMA disable_optimizer")
    connection.register("_empty", schema.empty_table())
    connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM _empty')
    connection.unregister("_empty")
    connection.execute(f"PREPARE question AS {sql}")
    return connection


def _on_one_thread() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    return connection


def _ask_many(
    connections: Sequence[duckdb.DuckDBPyConnection], sql: str, *, name: str, rows: pa.Table
) -> pa.Table:
    size = -(-rows.num_rows // len(connections))
    parts = [rows.slice(start, size) for start in range(0, rows.num_rows, size)]

    def ask(connection: duckdb.DuckDBPyConnection, part: pa.Table) -> pa.Table:
        connection.register(name, part)
        try:
            return connection.sql(sql).to_arrow_table()
        finally:
            connection.unregister(name)

    with ThreadPoolExecutor(len(parts)) as pool:
        return pa.concat_tables(pool.map(ask, connections, parts))


def _ask_few(
    connection: duckdb.DuckDBPyConnection, *, name: str, rows: pa.Table, answered: pa.Schema
) -> pa.Table:
    connection.begin()
    try:
        _insert(connection, name, rows)
        found = connection.execute("EXECUTE question").fetchall()
    finally:
        connection.rollback()  # sooner than deleting them
    columns = zip(*found, strict=True) if found else [()] * len(answered)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, answered, strict=True)], answered)


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    if rows.num_rows == 1:  # a patient at the bedside: half the time of planning a scan of it
        (row,) = rows.to_pylist()
        places = ", ".join("?" * len(row))
        connection.execute(f'INSERT INTO "{name}" VALUES ({places})', list(row.values()))
        return
    connection.register("_rows", rows)
    try:
        connection.execute(f'INSERT INTO "{name}" SELECT * FROM _rows')
    finally:
        connection.unregister("_rows")
