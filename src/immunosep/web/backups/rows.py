"""One table as lines of JSON, one row a line, in the order of its primary key: for every engine.

A value is what JSON has for it; a moment is in UTC with microseconds, bytes are Base64, a decimal
number is text. The same rows give the same bytes, whichever database holds them.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import connections, models
from django.utils.duration import duration_string

CHUNK = 1000  # rows in memory at a time
EXACT = 2**53  # a whole number of this size or more may come back from jsonb without its fraction


def columns_of(model: type[models.Model]) -> list[str]:
    """The columns of a table, as they are named in the database's own order."""
    return [field.attname for field in model._meta.concrete_fields]


def write_rows(model: type[models.Model], out: BinaryIO, *, alias: str) -> tuple[int, str]:
    """Write a table; how many rows, and the SHA-256 of what was written."""
    seen, count = hashlib.sha256(), 0
    for line in lines_of(model, alias=alias):
        seen.update(line)
        out.write(line)
        count += 1
    return count, seen.hexdigest()


def lines_of(model: type[models.Model], *, alias: str) -> Iterator[bytes]:
    """Each row as a line."""
    key = model._meta.pk
    assert key is not None
    rows = model._base_manager.using(alias).order_by(key.attname)
    for row in rows.values_list(*columns_of(model)).iterator(chunk_size=CHUNK):
        yield line_of(row)


def line_of(row: Sequence[Any]) -> bytes:
    """One row as a line."""
    values = [_written(value) for value in row]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode() + b"\n"


def insert_rows(
    model: type[models.Model], columns: Sequence[str], lines: Iterable[bytes], *, alias: str
) -> None:
    """Add rows as they were written: nothing is filled in, no signal is sent."""
    connection = connections[alias]
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in columns]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"
    with connection.cursor() as cursor:
        for chunk in _chunks(lines):
            cursor.executemany(statement, [_prepared(line, fields, connection) for line in chunk])


def sha256_of(path: Path) -> str:
    """Of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prepared(line: bytes, fields: Sequence[Any], connection: Any) -> list[Any]:
    values = json.loads(line)
    return [
        field.get_db_prep_save(_read(field, value), connection)
        for field, value in zip(fields, values, strict=True)
    ]


def _read(field: Any, value: Any) -> Any:
    return value if isinstance(field, models.JSONField) else field.to_python(value)


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _written(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return int(value) if value.is_integer() and abs(value) >= EXACT else value
        case dict():
            return {name: _written(held) for name, held in value.items()}
        case list() | tuple():
            return [_written(held) for held in value]
        case bytes() | memoryview():
            return b64encode(bytes(value)).decode("ascii")
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return duration_string(value)
        case Decimal() | UUID():
            return str(value)
        case _:
            raise TypeError(f"a column holds a {type(value).__name__}, which has no written form")
