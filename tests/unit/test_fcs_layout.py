"""Where DATA lie: HEADER against TEXT against $TOT rows; a supplement; several data sets."""

import io
from typing import Any

import numpy as np
import pytest

from immunosep.cytometry.fcs import FcsFile, limits, read_fcs
from immunosep.errors import FcsError
from tests.written_fcs import EVENTS, written_fcs

WHOLE = written_fcs()
FIRST = WHOLE.index(EVENTS.tobytes())
LAST = FIRST + EVENTS.nbytes - 1
BEGIN, END = 26, 34  # where HEADER tells the first and the last byte of DATA
ZEROS = {BEGIN: b"       0", END: b"       0"}


def read(content: bytes) -> tuple[FcsFile, ...]:
    return read_fcs(io.BytesIO(content))


def refusal(content: bytes) -> str:
    with pytest.raises(FcsError) as refused:
        read(content)
    return str(refused.value)


def placed(place: int, offset: int, **change: Any) -> bytes:
    return written_fcs(patch={place: f"{offset:8d}".encode()}, **change)


def with_supplement(text: bytes) -> bytes:
    """A file whose last bytes are a supplemental TEXT."""
    told = {"$BEGINSTEXT": "0" * 9, "$ENDSTEXT": "0" * 9}
    size = len(written_fcs(said=told))
    told |= {"$BEGINSTEXT": f"{size:09d}", "$ENDSTEXT": f"{size + len(text) - 1:09d}"}
    return written_fcs(said=told) + text


def two_data_sets(second: bytes = WHOLE) -> bytes:
    size = len(written_fcs(said={"$NEXTDATA": "0" * 9}))
    return written_fcs(said={"$NEXTDATA": f"{size:09d}"}) + second


def test_data_are_found_by_text_when_the_header_says_nothing():
    assert np.array_equal(read(written_fcs(patch=ZEROS))[0].raw, EVENTS)


def test_data_are_found_by_the_header_when_text_says_nothing():
    content = written_fcs(said={"$BEGINDATA": None, "$ENDDATA": None}, version="FCS2.0")
    assert np.array_equal(read(content)[0].raw, EVENTS)


def test_data_are_found_when_the_header_is_blank():
    content = written_fcs(patch={BEGIN: b" " * 8, END: b" " * 8})
    assert np.array_equal(read(content)[0].raw, EVENTS)


def test_data_that_nothing_tells_of_are_refused():
    content = written_fcs(said={"$BEGINDATA": "0", "$ENDDATA": "0"}, patch=ZEROS)
    assert "neither HEADER nor $BEGINDATA" in refusal(content)


def test_data_said_to_be_one_byte_longer_are_read_with_a_warning():
    (found,) = read(written_fcs(data_ends=1) + b" ")
    assert np.array_equal(found.raw, EVENTS)
    assert found.warnings == ("DATA are one byte longer than $TOT rows",)


@pytest.mark.parametrize("excess", [-1, 2])
def test_data_of_another_length_are_refused(excess):
    assert f"DATA have {48 + excess} bytes, expected 48" in refusal(written_fcs(data_ends=excess))


@pytest.mark.parametrize("off", [-1, 1])
@pytest.mark.parametrize(("place", "right"), [(BEGIN, FIRST), (END, LAST)])
def test_header_and_text_one_byte_apart_are_settled_by_the_length(place, right, off):
    (found,) = read(placed(place, right + off) + b" ")
    assert np.array_equal(found.raw, EVENTS)
    assert "HEADER and TEXT differ by one byte in where DATA lie" in found.warnings


def test_header_and_text_both_one_byte_apart_are_refused():
    shifted = {BEGIN: f"{FIRST + 1:8d}".encode(), END: f"{LAST + 1:8d}".encode()}
    assert "DATA have" in refusal(written_fcs(patch=shifted) + b"  ")


@pytest.mark.parametrize(("place", "right"), [(BEGIN, FIRST), (END, LAST)])
def test_header_and_text_two_bytes_apart_are_refused(place, right):
    assert "nothing tells which is right" in refusal(placed(place, right + 2))


def test_data_past_the_end_of_the_file_are_refused():
    assert "past the end of the data set" in refusal(WHOLE[:-1])


def test_data_within_text_are_refused():
    said = {"$BEGINDATA": "100", "$ENDDATA": "147"}
    assert "DATA overlap HEADER or TEXT" in refusal(written_fcs(said=said, patch=ZEROS))


def test_data_before_text_are_read():
    text = WHOLE[58:FIRST]
    said = text.replace(f"{FIRST:09d}".encode(), b"%09d" % 58).replace(
        b"%09d" % LAST, b"%09d" % 105
    )
    header = b"FCS3.1    %8d%8d%8d%8d%8d%8d" % (106, 105 + len(said), 58, 105, 0, 0)
    assert np.array_equal(read(header + EVENTS.tobytes() + said)[0].raw, EVENTS)


@pytest.mark.parametrize("version", ["FCS2.0", "FCS3.0", "FCS3.1", "FCS3.2"])
def test_each_version_is_read(version):
    assert f"FCS{read(written_fcs(version=version))[0].version}" == version


@pytest.mark.parametrize("version", ["FCS1.0", "FCS3.3", "fcs3.1", "FCS9.9"])
def test_another_version_is_refused(version):
    assert "does not begin with FCS2.0" in refusal(written_fcs(version=version))


def test_a_mode_may_be_left_out_from_version_3_2():
    assert read(written_fcs(version="FCS3.2", said={"$MODE": None}))
    assert "$MODE is missing" in refusal(written_fcs(said={"$MODE": None}))


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({10: b"    -058"}, "where TEXT begins is not a whole number"),
        ({10: b"       0"}, "expected it after the HEADER's 58"),
        ({18: b"      58"}, "expected it after the HEADER's 58"),
        ({18: b"99999999"}, "past the end of the file"),
        ({26: b"abcdefgh"}, "where DATA begins is not a whole number"),
        ({34: "     ٣٣ ".encode()[:8]}, "where DATA ends is not a whole number"),
    ],
)
def test_a_header_that_is_not_one_is_refused(patch, said):
    assert said in refusal(written_fcs(patch=patch))


def test_a_header_cut_short_is_refused():
    assert "within its HEADER" in refusal(WHOLE[:57])


def test_a_text_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "TEXT_BYTES", 100)
    assert "expected 100 at most" in refusal(WHOLE)


def test_a_file_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", 100)
    assert "expected 100 at most" in refusal(WHOLE)


def test_a_supplement_adds_keywords():
    (found,) = read(with_supplement(b"|NOTE|more|$P2S|CD14|"))
    assert found.keywords["NOTE"] == "more"
    assert found.channels[1].stain == "CD14"


def test_a_supplement_that_contradicts_is_refused():
    assert "$P2E is given twice" in refusal(with_supplement(b"|$P2E|4,1|"))


def test_a_supplement_that_is_no_text_is_refused():
    assert "does not begin with a delimiter" in refusal(with_supplement(b"NOTE|more|"))


def test_a_supplement_that_names_text_again_adds_nothing():
    said = {"$BEGINSTEXT": f"{58:09d}", "$ENDSTEXT": f"{0:09d}"}
    said["$ENDSTEXT"] = f"{written_fcs(said=said).index(EVENTS.tobytes()) - 1:09d}"
    assert read(written_fcs(said=said))


def test_data_within_a_supplement_are_refused():
    said = {"$BEGINSTEXT": f"{0:09d}", "$ENDSTEXT": f"{0:09d}"}
    first = written_fcs(said=said).index(EVENTS.tobytes())
    said = {"$BEGINSTEXT": f"{first:09d}", "$ENDSTEXT": f"{first + 7:09d}"}
    text = np.frombuffer(b"|N|more|" + bytes(40), "<f4").reshape(4, 3)
    assert "DATA overlap HEADER or TEXT" in refusal(written_fcs(text, said=said))


@pytest.mark.parametrize("last", ["60", "999999999", "x"])
def test_a_supplement_elsewhere_is_refused(last):
    said = {"$BEGINSTEXT": "59", "$ENDSTEXT": last}
    assert "$ENDSTEXT" in refusal(written_fcs(said=said))


def test_two_data_sets_are_both_read():
    second = written_fcs(EVENTS.astype(">u2"))
    one, other = read(two_data_sets(second))
    assert np.array_equal(one.raw, EVENTS)
    assert np.array_equal(other.raw, EVENTS.astype("u2"))


def test_a_second_data_set_that_is_damaged_refuses_the_file():
    assert "data set 2: $MODE is 'H'" in refusal(two_data_sets(written_fcs(said={"$MODE": "H"})))
    assert "data set 2: does not begin" in refusal(two_data_sets(b" " * 100))


def test_the_problems_of_two_data_sets_are_told_at_once():
    damaged = written_fcs(said={"$MODE": "C"})
    size = len(written_fcs(said={"$NEXTDATA": "0" * 9, "$MODE": "H"}))
    content = written_fcs(said={"$NEXTDATA": f"{size:09d}", "$MODE": "H"}) + damaged
    assert "2 problems" in refusal(content)


def test_a_first_data_set_that_reaches_into_the_second_is_refused():
    content = written_fcs(said={"$NEXTDATA": f"{LAST - 10:09d}"})
    assert "past the end of the data set" in refusal(content + b" " * 100)


@pytest.mark.parametrize("following", ["1", "58", "99999999", "-1"])
def test_a_next_data_set_that_cannot_be_is_refused(following):
    assert "$NEXTDATA is" in refusal(written_fcs(said={"$NEXTDATA": following}))


def test_a_chain_of_data_sets_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "DATA_SETS", 1)
    assert "holds more than 1 data sets" in refusal(two_data_sets())
