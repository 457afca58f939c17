"""read_fcs: from a path or an open file; stored numbers of every width; what is shown of it."""

import io
import os
from typing import Any

import numpy as np
import pytest

from immunosep.cytometry.fcs import FcsFile, data, limits, read_fcs
from immunosep.errors import FcsError, ImmunosepError
from tests.written_fcs import EVENTS, Table, written_fcs

SECRET = "Jansen"  # stands for a person's name; no message may show it
NUMBERS = np.array([[1, 2, 3], [250, 251, 252], [7, 8, 9]])


class OnlyRead:
    """An open file that can neither jump nor fill memory, as an upload may be."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seekable(self) -> bool:
        return False


def read(table: Table = EVENTS, **change: Any) -> FcsFile:
    return read_fcs(io.BytesIO(written_fcs(table, **change)))[0]


def refusal(source: Any) -> str:
    with pytest.raises(FcsError) as refused:
        read_fcs(source)
    return str(refused.value)


@pytest.mark.parametrize("as_given", [str, lambda path: path])
def test_a_path_is_read(tmp_path, as_given):
    path = tmp_path / "tube.fcs"
    path.write_bytes(written_fcs())
    assert np.array_equal(read_fcs(as_given(path))[0].raw, EVENTS)


def test_an_open_file_is_read_from_its_beginning_and_left_open():
    file = io.BytesIO(written_fcs())
    file.seek(7)
    assert len(read_fcs(file)[0].raw) == len(EVENTS)
    assert not file.closed


def test_a_stream_that_cannot_jump_is_read():
    stream: Any = OnlyRead(written_fcs())
    assert np.array_equal(read_fcs(stream)[0].raw, EVENTS)


def test_a_missing_file_is_one_clear_error(tmp_path):
    message = refusal(tmp_path / "absent.fcs")
    assert message == "cannot read absent.fcs: 1 problem\n  - there is no such file; check the path"


def test_a_folder_is_one_clear_error(tmp_path):
    assert "is no file" in refusal(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.fcs")
    assert "is no file" in refusal(tmp_path / "pipe.fcs")


def test_a_path_that_cannot_be_is_one_clear_error(tmp_path):
    assert "check the disk" in refusal(tmp_path / ("x" * 300))


def test_an_empty_file_is_one_clear_error():
    assert refusal(io.BytesIO()).startswith("cannot read the FCS file: 1 problem\n  - is empty")


def test_a_file_cut_short_while_it_is_read_is_refused():
    class Shrinking(io.BytesIO):
        def readinto(self, buffer: Any) -> int:
            self.truncate(len(written_fcs()) - 1)
            return super().readinto(buffer)

    assert "ended while it was read" in refusal(Shrinking(written_fcs()))


def test_reading_that_fills_memory_piece_by_piece_goes_on():
    class Slow(io.BytesIO):
        def readinto(self, buffer: Any) -> int:
            return super().readinto(memoryview(buffer)[:5])

    assert np.array_equal(read_fcs(Slow(written_fcs()))[0].raw, EVENTS)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("width", [8, 16, 24, 32, 40, 48, 56, 64])
def test_integers_of_any_whole_byte_are_read(width, order):
    found = read(NUMBERS.astype(f"{order}u8"), bits=[width] * 3)
    assert found.raw.tolist() == NUMBERS.tolist()
    assert found.raw.dtype.isnative


@pytest.mark.parametrize("order", ["<", ">"])
def test_integers_of_mixed_widths_are_read(order):
    found = read(NUMBERS.astype(f"{order}u8"), bits=[8, 24, 16])
    assert found.raw.tolist() == NUMBERS.tolist()
    assert found.raw.dtype == np.uint32


@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f8", ">f8"])
def test_floating_point_data_are_read(kind):
    found = read(EVENTS.astype(kind))
    assert np.array_equal(found.raw, EVENTS)
    assert found.raw.dtype.isnative


def test_data_of_many_blocks_are_read(monkeypatch):
    monkeypatch.setattr(data, "BLOCK_BYTES", 30)
    table = np.arange(300).reshape(100, 3)
    said = {f"$P{n}R": "256" for n in (1, 2, 3)}
    for kind, bits in (("<f4", None), (">u2", None), ("<u4", [24] * 3)):
        found = read(table.astype(kind), bits=bits, said=said if "u" in kind else None)
        assert found.raw.tolist() == (table % 256 if "u" in kind else table).tolist()


def test_bits_above_the_range_are_cleared_and_counted():
    found = read(NUMBERS.astype("<u2"), said={"$P2R": "128"})
    assert found.raw[:, 1].tolist() == [2, 251 - 128, 8]
    assert found.warnings == ("1 numbers were larger than $PnR allows; masked to its bits",)


def test_values_that_are_not_finite_are_counted():
    table = EVENTS.copy()
    table[0, 0], table[1, 1], table[2, 2] = np.nan, np.inf, -np.inf
    assert read(table).warnings == ("3 values are not finite numbers",)


def test_values_whose_squares_are_not_finite_are_no_fault():
    assert read(EVENTS * np.float32(1e37)).warnings == ()


def test_no_events_are_read_as_none():
    found = read(EVENTS[:0])
    assert found.events.shape == (0, 3)
    assert found.values("PE-A").shape == (0,)


def test_one_wide_channel_among_narrow_ones_may_not_multiply_memory(monkeypatch):
    monkeypatch.setattr(data, "FREE_BYTES", 0)
    with pytest.raises(FcsError, match="more than twice the file's memory"):
        read(np.ones((1, 9), "<u8"), bits=[8] * 8 + [64])
    assert read(np.ones((1, 9), "<u8"), bits=[32] * 8 + [64]).raw.dtype == np.uint64


def test_logarithms_of_many_events_are_those_of_few():
    said = {f"$P{n}E": "4,0.1" for n in (1, 2, 3)} | {f"$P{n}R": "1000" for n in (1, 2, 3)}
    many = np.random.default_rng(1).integers(0, 1024, (70_000, 3)).astype("<u2")
    assert np.array_equal(read(many, said=said).events[:100], read(many[:100], said=said).events)


def test_floats_are_divided_by_their_gain_in_double_precision():
    found = read(EVENTS, said={"$P2G": "3"})
    assert found.values("PE-A").tolist() == found.events[:, 1].tolist()
    assert found.events[0, 1] == 1.5 / 3
    assert found.events[1, 1] == float(EVENTS[1, 1]) / 3


def test_events_are_made_once_and_cannot_be_changed():
    found = read()
    assert found.events is found.events
    assert found.events.dtype == np.float64
    for table in (found.events, found.raw):
        with pytest.raises(ValueError, match="read-only"):
            table[0, 0] = 1


def test_a_channel_tells_where_its_detector_is_saturated():
    said = {"$P1E": "4,0.1", "$P1R": "1024", "$P2G": "2", "$P2R": "1024", "$P3G": "0.01"}
    channels = read(NUMBERS.astype("<u2"), said=said).channels
    assert [channel.top for channel in channels] == [pytest.approx(1000), 512, 65536]
    assert [channel.is_time for channel in channels] == [False, False, True]


def test_a_channel_keeps_its_settings():
    channel = read(said={"$P2S": " HLA-DR ", "$P2V": "430.5", "$P2G": "1.5"}).channels[1]
    assert (channel.name, channel.stain, channel.bits) == ("PE-A", "HLA-DR", 32)
    assert (channel.range, channel.voltage, channel.gain) == (262144, 430.5, 1.5)
    assert read(said={"$P2V": "NA"}).channels[1].voltage is None


@pytest.mark.parametrize("name", ["PE-A", "pe-a", "HLA-DR", "hla-dr"])
def test_a_channel_is_found_by_name_or_stain(name):
    assert read(said={"$P2S": "HLA-DR"}).index(name) == 1


def test_a_channel_is_found_by_its_exact_name_before_another_case():
    assert read(said={"$P1N": "pe-a"}).index("PE-A") == 1


def test_a_channel_that_is_not_there_is_an_error_that_lists_names():
    with pytest.raises(FcsError, match=r"there is none; expected one of 'FSC-A', 'PE-A', 'Time'"):
        read().index("CD14")


def test_a_list_of_many_channels_is_cut():
    with pytest.raises(FcsError, match="and 10 more"):
        read(np.ones((1, 50), "<f4")).index("CD14")


def test_a_name_of_two_channels_is_an_error():
    with pytest.raises(FcsError, match="2 channels are called so"):
        read(said={"$P1S": "CD14", "$P2S": "CD14"}).index("cd14")


def test_two_channels_of_one_name_are_refused():
    source = io.BytesIO(written_fcs(said={"$P1N": "PE-A"}))
    assert "2 channels are named 'PE-A'" in refusal(source)


def test_no_channel_beyond_the_limit_is_read(monkeypatch):
    monkeypatch.setattr(limits, "CHANNELS", 2)
    assert "$PAR is '3', expected" in refusal(io.BytesIO(written_fcs()))


def test_nothing_of_the_file_is_shown_but_counts():
    found = read(said={"$OP": SECRET, "$SMNO": SECRET})
    assert repr(found) == "<FcsFile 3.1: 4 events x 3 channels, 22 keywords, 0 warnings>"
    assert str(found) == repr(found)
    assert repr(found.keywords) == "<22 keywords>"
    assert found.keywords["$op"] == SECRET


@pytest.mark.parametrize(
    "keyword",
    [
        *("$PAR", "$TOT", "$MODE", "$DATATYPE", "$BYTEORD", "$NEXTDATA", "$BEGINDATA"),
        *("$BEGINSTEXT", "$P1B", "$P1R", "$P1E", "$P1G", "$P1DATATYPE"),
    ],
)
def test_a_name_where_a_number_belongs_is_not_repeated(keyword):
    message = refusal(io.BytesIO(written_fcs(said={keyword: SECRET})))
    assert f"text of {len(SECRET)} characters" in message
    assert SECRET.upper() not in message.upper()


def test_a_channel_name_in_a_message_is_printable_and_short():
    name = "\x1b[2J" + "x" * 100
    message = refusal(io.BytesIO(written_fcs(said={"$P1N": name, "$P2N": name})))
    assert "'?[2J" + "x" * 36 + "…'" in message


def test_an_error_is_one_for_users():
    assert issubclass(FcsError, ImmunosepError)


def test_a_number_that_signals_it_is_none_is_none_in_silence():
    signalling = np.array([[0x7F800001, 1, 1]], "<u4").view("<f4")
    found = read(signalling)
    assert np.isnan(found.events[0, 0])
    assert np.isnan(found.values("FSC-A")[0])
