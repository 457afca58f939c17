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


@pytest.mark.parametrize("count", [1, 2, FEW_ROWS + 1])
def test_what_an_answer_does_not_need_is_neither_read_nor_reckoned(count: int) -> None:
    about = ibis.table({"low": "int64", "text": "string", "high": "int64"}, name="limits")
    wide = about.mutate(unused=about.text.cast("int64"), span=about.high - about.low)
    rows = pa.table({"low": [2] * count, "text": ["no number"] * count, "high": [5] * count})
    assert prepare(wide.select("span"), about=about)(rows)["span"].to_pylist() == [3] * count


@pytest.mark.parametrize("count", [0, 1, 2, FEW_ROWS + 1])
def test_a_question_that_reads_nothing_answers_once_a_row(count: int) -> None:
    about = ibis.table({"low": "int64"}, name="limits")
    ask = prepare(about.select(always=ibis.literal(1, "int64")), about=about)
    assert ask(pa.table({"low": [2] * count}))["always"].to_pylist() == [1] * count
