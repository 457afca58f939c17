"""Reading must not depend on how a table is written down, and must never show or invent a value."""

import csv
import io
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from immunosep.errors import SourceError
from immunosep.sources.bedside import patients_of, read_patients
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import BEDSIDE

OF_ONE_CLOCK = st.integers(0, 10 * 365 * 24 * 60).map(
    lambda minutes: (
        f"{datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M}"
    )
)


def cells(column: Column) -> st.SearchStrategy[Any]:
    """Values a column may hold, as JSON sends them."""
    match column.kind:
        case Kind.TEXT:
            return st.from_regex(r"\A[A-Za-z][A-Za-z0-9 -]{0,10}[A-Za-z0-9]\Z")
        case Kind.CATEGORY:
            return st.sampled_from(column.choices)
        case Kind.YES_NO:
            return st.booleans()
        case Kind.TIME:
            return OF_ONE_CLOCK
        case Kind.INTEGER | Kind.NUMBER:
            assert column.possible
            low, high = int(column.possible.low) + 1, int(column.possible.high)
            return st.integers(min(low, high), high)


def rows_of_patients() -> st.SearchStrategy[list[dict[str, Any]]]:
    given_columns = [c for c in BEDSIDE if c.name not in ("patient_id", "utc_offset_minutes")]
    one = st.fixed_dictionaries(
        {}, optional={column.name: cells(column) for column in given_columns}
    )
    named = st.lists(one, min_size=1, max_size=5)
    return named.map(lambda rows: [{"patient_id": f"p{n}", **row} for n, row in enumerate(rows)])


def read(content: str) -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "patients"
        path.write_text(content, encoding="utf-8")
        return read_patients(path).table


def refusal(rows: list[dict[str, Any]]) -> str:
    try:
        patients_of(rows)
    except SourceError as error:
        return str(error)
    return ""


def as_csv(rows: list[dict[str, Any]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(
        text, list({key: 0 for row in rows for key in row}), delimiter=delimiter
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@given(rows_of_patients(), st.sampled_from(",;\t"))
def test_csv_and_json_of_the_same_patients_read_alike(rows, delimiter):
    table = patients_of(rows).table
    assert read(json.dumps(rows)) == table
    assert read(as_csv(rows, delimiter)) == table


@given(rows_of_patients())
def test_order_of_rows_and_columns_does_not_matter(rows):
    turned = [dict(reversed(row.items())) for row in reversed(rows)]
    straight = patients_of(rows).table.to_pylist()
    assert patients_of(turned).table.to_pylist() == straight[::-1]


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_with_an_error_for_users(content):
    with suppress(SourceError):
        assert read(content).num_rows > 0


@given(st.from_regex(r"\A[0-9]{7,12}[a-z]{3}\Z"), st.sampled_from(BEDSIDE))
def test_a_refusal_never_repeats_the_value(value, column):
    assert value not in refusal([{"patient_id": "p1"} | {column.name: value}])
