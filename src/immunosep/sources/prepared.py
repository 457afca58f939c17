"""A question asked many times: compiled once, then put to any number of rows.

One bedside row and a million go through the same SQL. For a few rows, planning would take longer
than answering, so they go to a connection that plans once, without the optimiser. Many rows are
parted among connections, one to a core. Each works on one thread, and so keeps the order of its
rows: an answer belongs to the patient it stands beside.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import duckdb
import ibis
import pyarrow as pa
from ibis.expr import types as ir

FEW_ROWS = 256
MOST_CONNECTIONS = 8  # each keeps a plan and buffers of its own


def prepare(question: ir.Table, *, about: ir.Table) -> Callable[[pa.Table], pa.Table]:
    """A function from rows of the unbound table `about` to the answer, in the order of the rows.

    Give it rows with the columns and types of `about`, in any order and with others among them; it
    may be called from several threads.
    """
    sql = ibis.to_sql(question, dialect="duckdb")
    name = about.get_name()
    given, answered = about.schema().to_pyarrow(), question.schema().to_pyarrow()
    few, lock = _for_few_rows(str(sql), name=name, schema=given), Lock()
    many = [_on_one_thread() for _ in range(min(os.cpu_count() or 1, MOST_CONNECTIONS))]

    def answer(rows: pa.Table) -> pa.Table:
        rows = rows.select(given.names)  # few rows are inserted by position
        with lock:
            if rows.num_rows <= FEW_ROWS:
                return _ask_few(few, name=name, rows=rows, answered=answered)
            return _ask_many(many, str(sql), name=name, rows=rows)

    return answer


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
