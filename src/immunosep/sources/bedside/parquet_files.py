"""Parquet."""

import pyarrow as pa
import pyarrow.parquet as pq

from immunosep.errors import SourceError
from immunosep.sources.bedside.sheets import Seconds, Sheet, cell_of
from immunosep.sources.bedside.text_files import check_width
from immunosep.tables.columns import Kind
from immunosep.tables.dictionary import COLUMNS


def read_parquet(content: bytes, subject: str) -> Sheet:
    """One row per row. A whole number in a column of times is seconds, as a snapshot keeps them."""
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        check_width(len(file.schema_arrow), subject)
        table = file.read()
    except (pa.ArrowException, OSError):
        raise SourceError(
            subject, ["is not Parquet, or is damaged or cut short; write it again"]
        ) from None
    columns = [_cells(name, table.column(at)) for at, name in enumerate(table.column_names)]
    return Sheet(
        headers=tuple(table.column_names),
        columns=tuple(columns),
        places=[f"patient {number}" for number in range(1, table.num_rows + 1)],
    )


def _cells(name: str, column: pa.ChunkedArray) -> list[object]:
    known = COLUMNS.get(name)
    if known and known.kind is Kind.TIME and pa.types.is_integer(column.type):
        return [None if value is None else Seconds(value) for value in column.to_pylist()]
    if pa.types.is_nested(column.type):
        return [cell_of(value) for value in column.to_pylist()]
    if pa.types.is_timestamp(column.type):
        return list(column.cast(pa.timestamp("us", tz=column.type.tz), safe=False).to_pylist())
    return list(column.to_pylist())
