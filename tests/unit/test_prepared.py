"""Rows are taken by the names of their columns, however few they are and in whatever order."""

import ibis
import pyarrow as pa
import pytest

from immunosep.sources.prepared import FEW_ROWS, prepare


@pytest.mark.parametrize("count", [1, FEW_ROWS + 1])
def test_columns_in_another_order_and_others_among_them_answer_alike(count: int) -> None:
    about = ibis.table({"low": "int64", "high": "int64"}, name="limits")
    ask = prepare(about.select(span=about.high - about.low), about=about)
    rows = pa.table({"other": ["x"] * count, "high": [5] * count, "low": [2] * count})
    assert ask(rows)["span"].to_pylist() == [3] * count
