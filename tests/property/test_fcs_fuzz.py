"""Damaged and hostile FCS files: read, or refused with `FcsError`; no crash, no hang, no memory.

A file is damaged in its HEADER, TEXT or DATA: bytes changed, put in, taken out, cut off, repeated;
numbers and keywords exchanged for ones that have broken readers. What is read must be whole, and
no message may show a person's name. `make test-full` goes on for ten minutes.
"""

import io
import signal
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import hypothesis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immunosep.cytometry.fcs import FcsFile, read_fcs
from immunosep.errors import FcsError
from tests.written_fcs import EVENTS, written_fcs

SECRET = "Jansen"  # stands for a person's name
LONGEST_SECONDS = 10  # what takes longer hangs: a whole file takes a thousandth of one
FREE_BYTES = 2**20  # Python's own objects, whatever the file
FUZZING_SECONDS = 600
EXAMPLES_A_ROUND = 2000

PEOPLE = {"$OP": SECRET, "$SMNO": SECRET, "$SRC": SECRET, "$FIL": f"{SECRET}.fcs"}
MATRIX = {"$SPILLOVER": "2,FSC-A,PE-A,1,0.13,0.005,1"}
LOGARITHMS = {"$P2E": "4,1", "$P2R": "200"}
FIRST_OF_TWO = {"$NEXTDATA": f"{len(written_fcs(said=PEOPLE | {'$NEXTDATA': '0' * 9})):09d}"}
WHOLE = [
    written_fcs(said=PEOPLE | MATRIX),
    written_fcs(EVENTS.astype(">f8"), said=PEOPLE, version="FCS3.2"),
    written_fcs(EVENTS.astype("<u2"), said=PEOPLE | LOGARITHMS, version="FCS2.0", delimiter="\\"),
    written_fcs(EVENTS.astype(">u4"), bits=[24, 8, 16], said=PEOPLE, delimiter="/"),
    written_fcs(said=PEOPLE | FIRST_OF_TWO) + written_fcs(EVENTS.astype("<u4"), said=PEOPLE),
]
NUMBERS = [b"0", b"-1", b"1", b"2", b"9" * 8, b"9" * 15, b"1e308", b"nan", b"inf", b" ", b""]
NUMBERS += [b"4,1", b"0,0", b"4", b"1,2,3,4", b"4,3,2,1", b"65,A", b"\xb2", b"50000000", b"512"]
PIECES = [b"FCS3.1", b"$TOT", b"$PAR", b"$P1N", b"$P1B", b"$P1R", b"$P1E", b"$P1G", b"$NEXTDATA"]
PIECES += [b"$BEGINDATA", b"$ENDDATA", b"$BEGINSTEXT", b"$ENDSTEXT", b"$SPILLOVER", b"$DATATYPE"]
PIECES += [b"|", b"||", b"|||", b"/", b"\\", b"\x00", b"\xff", b"\xff\xff\xff\x7f", b"|A|" * 500]
PIECES += [b"|$P2DATATYPE|I", b"|$COMP|3,1,0,0,0,1,0,0,0,1", b"|$TOT|3", b"L", b"F", b"D", b"I"]


KEYWORDS = ["$MODE", "$TOT", "$PAR", "$BYTEORD", "$DATATYPE", "$NEXTDATA", "$BEGINDATA", "$ENDDATA"]
KEYWORDS += ["$BEGINSTEXT", "$ENDSTEXT", "$SPILLOVER", "SPILL", "$COMP", "$P2DATATYPE", "$OP"]
KEYWORDS += [f"$P{n}{letter}" for n in (1, 2, 3) for letter in "NBRESGV"]
VALUES = [*(number.decode("latin-1") for number in NUMBERS), "L", "F", "D", "I", "Time", "FSC-A"]
VALUES += [
    "8",
    "16",
    "24",
    "32",
    "64",
    "262144",
    "4.0,0.1",
    "0,1",
    "2,FSC-A,PE-A,1,0,0,1",
    "a|b||c",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file that was whole, after one to four changes wherever they fall."""
    content = draw(st.sampled_from(WHOLE))
    for _ in range(draw(st.integers(1, 4))):
        content = changed(draw, content)
    return content


def changed(draw: st.DrawFn, content: bytes) -> bytes:
    """One change; bytes are exchanged more often than moved, so that offsets go on to be right."""
    start = draw(st.integers(10, max(10, len(content))))
    size = draw(st.integers(0, 12))
    piece = draw(st.sampled_from(NUMBERS + PIECES) | st.binary(max_size=8))
    match draw(st.sampled_from("xxxxvvvvirce")):
        case "x":
            return content[:start] + piece + content[start + len(piece) :]
        case "v":
            return with_value(draw, content, piece)
        case "i":
            return content[:start] + piece + content[start:]
        case "r":
            return content[:start] + content[start + size :]
        case "c":
            return content[:start]
        case _:
            return content + content[start:]


def with_value(draw: st.DrawFn, content: bytes, value: bytes) -> bytes:
    """Another value for one of the keywords, as long as the old one where it can be."""
    delimiter = content[58:59] or b"|"
    parts = content.split(delimiter)
    at = draw(st.integers(0, len(parts) - 1))
    parts[at] = value.ljust(len(parts[at]))
    return delimiter.join(parts)


@st.composite
def contrived(draw: st.DrawFn) -> bytes:
    """A file whose offsets are right and whose keywords are not; DATA of any bytes."""
    kind = draw(st.sampled_from(["<f4", ">f4", "<f8", "<u2", ">u4", "<u8"]))
    table = np.frombuffer(draw(st.binary(min_size=96, max_size=96)), kind).reshape(-1, 3)
    widths = draw(st.none() | st.lists(st.sampled_from([8, 16, 24, 40]), min_size=3, max_size=3))
    narrow = widths if widths and kind == "<u8" else None
    said = draw(st.dictionaries(st.sampled_from(KEYWORDS), st.none() | st.sampled_from(VALUES)))
    return written_fcs(
        table % 256 if narrow else table,
        bits=narrow,
        said=PEOPLE | dict(list(said.items())[:3]),
        version=draw(st.sampled_from(["FCS2.0", "FCS3.0", "FCS3.1", "FCS3.2"])),
        delimiter=draw(st.sampled_from("|/\\^.+?\x0c")),
        text_ends=draw(st.sampled_from([None, None, None, b"", b"||", b"|A|", b"|A||"])),
        data_ends=draw(st.sampled_from([0, 0, 0, 1, -1, 2])),
    ) + draw(st.binary(max_size=3))


@contextmanager
def watched(size: int) -> Iterator[None]:
    """Fail where reading a file of this size hangs, or takes more memory than twice the file."""
    tracemalloc.start()
    earlier = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS)
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 2 * size + FREE_BYTES
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)
        tracemalloc.stop()


def hang(*_: object) -> None:
    raise AssertionError("reading hangs")


def read_or_refuse(content: bytes) -> tuple[FcsFile, ...]:
    """The data sets, or none with an error that names nobody."""
    try:
        return read_fcs(io.BytesIO(content))
    except FcsError as error:
        message = str(error)
    assert "\n  - " in message
    assert SECRET not in message
    return ()


def check_whole(read: FcsFile) -> None:
    """Every event of every channel is there, and nothing private is shown."""
    assert len(dict(read.keywords)) == len(read.keywords)
    shape = (int(read.keywords["$TOT"]), int(read.keywords["$PAR"]))
    assert shape == read.raw.shape == read.events.shape
    assert len(read.channels) == shape[1] == len({channel.name for channel in read.channels})
    assert read.raw.dtype.kind == "f" or np.isfinite(read.events).all()
    assert SECRET not in f"{read!r} {read.keywords!r} {read.warnings} {read.spillover_problem}"
    assert read.spillover is None or read.index(read.spillover.names[0]) >= 0


@given(damaged() | contrived())
def test_a_damaged_file_is_read_whole_or_refused(content):
    with watched(len(content)):
        read = read_or_refuse(content)
    for data_set in read:
        check_whole(data_set)


@given(st.binary(max_size=3000))
def test_any_bytes_are_read_whole_or_refused(content):
    with watched(len(content)):
        assert read_or_refuse(content) == ()


@given(st.binary(min_size=1, max_size=2000))
def test_any_text_is_read_whole_or_refused(text):
    header = b"FCS3.1    " + b"%8d%8d%8d%8d%8d%8d" % (58, 57 + len(text), 0, 0, 0, 0)
    with watched(len(text)):
        assert read_or_refuse(header + text) == ()


@pytest.mark.slow
def test_ten_minutes_of_damage_find_nothing():
    fuzz = settings(max_examples=EXAMPLES_A_ROUND, database=None, derandomize=False)(
        test_a_damaged_file_is_read_whole_or_refused
    )
    ends = time.monotonic() + FUZZING_SECONDS
    for number in count():
        if time.monotonic() > ends:
            break
        hypothesis.seed(number)(fuzz)()
