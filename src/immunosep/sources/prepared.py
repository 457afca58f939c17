"""A question asked many times: compiled once, then put to any number of rows.

One bedside row and a million go through the same SQL. For a few rows, planning would take longer
than answering, so they go to a connection that plans once, on one thread, without the optimiser.
"""

from collections.abc import Callable
from threading import Lock

import duckdb
import ibis
import pyarrow as pa
from ibis.expr import types as ir

FEW_ROWS = 256


def prepare(question: ir.Table, *, about: ir.Table) -> Callable[[pa.Table], pa.Table]:
    """A function from rows of the unbound table `about` to the answer, in the order of the rows.

    Give it rows with the columns and types of `about`, in any order and with others among them; it
    may be called from several threads.
    """
    sql = ibis.to_sql(question, dialect="duckdb")
    name = about.get_name()
    given, answered = about.schema().to_pyarrow(), question.schema().to_pyarrow()
    few, many, lock = _for_few_rows(str(sql), name=name, schema=given), duckdb.connect(), Lock()

    def answer(rows: pa.Table) -> pa.Table:
        rows = rows.select(given.names)  # few rows are inserted by position
        with lock:
            if rows.num_rows <= FEW_ROWS:
                return _ask_few(few, name=name, rows=rows, answered=answered)
            many.register(name, rows)
            try:
                return many.sql(str(sql)).to_arrow_table()
            finally:
                many.unregister(name)

    return answer


def _for_few_rows(sql: str, *, name: str, schema: pa.Schema) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("PRAGMA disable_optimizer")
    connection.register("_empty", schema.empty_table())
    connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM _empty')
    connection.unregister("_empty")
    connection.execute(f"PREPARE question AS {sql}")
    return connection


def _ask_few(
    connection: duckdb.DuckDBPyConnection, *, name: str, rows: pa.Table, answered: pa.Schema
) -> pa.Table:
    connection.register("_rows", rows)
    try:
        connection.execute(f'INSERT INTO "{name}" SELECT * FROM _rows')
        found = connection.execute("EXECUTE question").fetchall()
    finally:
        connection.unregister("_rows")
        connection.execute(f'DELETE FROM "{name}"')
    columns = zip(*found, strict=True) if found else [()] * len(answered)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, answered, strict=True)], answered)
