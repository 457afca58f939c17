"""Whatever is written as FCS is read back: any widths, orders, ranges, delimiters and keywords."""

import io
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as drawn

from immunosep.cytometry.fcs import FcsFile, read_fcs
from tests.written_fcs import Table, written_fcs

SHAPES = st.tuples(st.integers(0, 20), st.integers(1, 6))
ORDERS = st.sampled_from("<>")
DELIMITERS = st.sampled_from([chr(n) for n in range(1, 127) if not chr(n).isalnum() and n != 36])
VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def read(table: Table, **change: Any) -> FcsFile:
    (found,) = read_fcs(io.BytesIO(written_fcs(table, **change)))
    return found


@st.composite
def integers_of_widths(draw: st.DrawFn) -> tuple[Table, list[int], list[int]]:
    """Numbers, their bits, and how many levels their range has."""
    events, channels = draw(SHAPES)
    widths = draw(st.lists(st.sampled_from(range(8, 65, 8)), min_size=channels, max_size=channels))
    levels = [draw(st.integers(2, 2**width)) for width in widths]
    rows = [[draw(st.integers(0, 2**width - 1)) for width in widths] for _ in range(events)]
    table = np.array(rows, dtype=draw(ORDERS) + "u8").reshape(events, channels)
    return table, widths, levels


def masked(table: Table, levels: list[int]) -> list[list[int]]:
    """The numbers with only the bits that their range needs."""
    return [
        [int(number) % 2 ** (top - 1).bit_length() for number, top in zip(row, levels, strict=True)]
        for row in table
    ]


@given(integers_of_widths())
def test_integers_of_any_widths_are_read_back_masked(given_numbers):
    table, widths, levels = given_numbers
    said = {f"$P{n}R": str(top) for n, top in enumerate(levels, start=1)}
    assert read(table, bits=widths, said=said).raw.tolist() == masked(table, levels)


@given(ORDERS, st.sampled_from([4, 8]), SHAPES, st.data())
def test_floats_are_read_back_to_the_bit(order, size, shape, data):
    table = data.draw(drawn.arrays(f"{order}f{size}", shape))
    found = read(table)
    assert found.raw.tobytes() == table.astype(f"=f{size}").tobytes()
    assert np.array_equal(found.events, table.astype(np.float64), equal_nan=True)


@given(st.lists(VALUES, max_size=5))
def test_every_keyword_that_is_listed_is_found_again(names):
    said = {"note" + name: "x" for name in names}
    keywords = read(np.ones((1, 1), "<f4"), said=said, delimiter="\x01").keywords
    assert len(dict(keywords)) == len(keywords)
    assert all(keywords[name.lower()] for name in ("$PAR", "$TOT"))


@given(DELIMITERS, VALUES)
def test_a_keyword_is_read_back_whatever_its_delimiter(delimiter, value):
    kept = value.strip(" \x00\r\n" + delimiter) or "x"
    found = read(np.ones((1, 1), "<f4"), said={"NOTE": kept}, delimiter=delimiter)
    assert found.keywords["NOTE"] == kept


@given(st.floats(0.01, 20), st.floats(0.001, 1000), st.integers(2, 2**16), st.data())
def test_a_logarithmic_channel_spans_its_decades(decades, zero, levels, data):
    stored = data.draw(st.integers(0, levels - 1))
    said = {"$P1E": f"{decades!r:.20},{zero!r:.20}", "$P1R": str(levels)}
    found = read(np.array([[stored]], "<u4"), said=said)
    assert np.isclose(found.events[0, 0], zero * 10 ** (decades * stored / levels), rtol=1e-9)
    assert found.events[0, 0] <= found.channels[0].top * (1 + 1e-9)
