"""A hospital invented for tests, in the MIMIC-IV layout: give what matters, the rest is NULL."""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from immunosep.sources.mimic_iv.tables import LAYOUTS, MimicTables

Rows = list[dict[str, Any]]
MIDNIGHT = datetime(2150, 1, 10)  # hour 0 of every test  # noqa: DTZ001 -- naive, as MIMIC-IV is
_ARROW = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
}


def at(hour: float, *, day: int = 0) -> datetime:
    """So many hours, and days, after midnight of the invented day."""
    return MIDNIGHT + timedelta(days=day, hours=hour)


def seconds(hour: float, *, day: int = 0) -> int:
    """The same moment in whole seconds since 1970."""
    return int((at(hour, day=day) - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001


def invented_tables(**tables: Rows) -> MimicTables:
    """The tables given by name, each other one empty."""
    return MimicTables(**{name: invented_table(name, tables.get(name, [])) for name in LAYOUTS})


def invented_table(name: str, rows: Rows) -> Any:
    """One table of the source with these rows; a column left out is NULL."""
    kinds = LAYOUTS[name].types
    full = [{column: row.get(column) for column in kinds} for row in rows]
    schema = pa.schema([(column, _ARROW[kind]) for column, kind in kinds.items()])
    return ibis.memtable(pa.Table.from_pylist(full, schema=schema))


def write_hospital(folder: Path, **tables: Rows) -> Path:
    """Write the tables as CSV files a source can read, every column of the layout in each."""
    for name, layout in LAYOUTS.items():
        path = folder / layout.folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as text:
            writer = csv.DictWriter(text, fieldnames=list(layout.types))
            writer.writeheader()
            writer.writerows(tables.get(name, []))
    return folder


def answer(table: Any) -> Rows:
    """The rows of a table expression, as dicts."""
    rows: Rows = table.to_pyarrow().to_pylist()
    return rows
