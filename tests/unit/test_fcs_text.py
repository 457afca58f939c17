"""TEXT is taken apart by hand: any delimiter, known writers' faults, and no guess beyond them."""

import io
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest

from immunosep.cytometry.fcs import read_fcs
from immunosep.cytometry.fcs.notes import Notes
from immunosep.cytometry.fcs.text import Keywords, Pairs, parse_text
from immunosep.errors import FcsError
from tests.written_fcs import EVENTS, written_fcs

LAST_BY_ITS_DELIMITER = {
    b"/A/1/B/2/": ([("A", b"1"), ("B", b"2")], ""),
    b"/A/1/B/2": ([("A", b"1"), ("B", b"2")], "lacks its last delimiter"),
    b"/A/1/B/2//": ([("A", b"1"), ("B", b"2")], "a delimiter too many"),
    b"/A/1/B/2///": ([("A", b"1"), ("B", b"2/")], ""),
    b"/A/1/B//": ([("A", b"1"), ("B", b"")], "without a value"),
    b"/A//B//C/3/": ([("A", b""), ("B", b""), ("C", b"3")], "without a value"),
    b"/A/1//2/B/3/": ([("A", b"1/2"), ("B", b"3")], ""),
    b"/A/1/B/2/  \x00\r\n": ([("A", b"1"), ("B", b"2")], ""),
    b" A 1 B 2 ": ([("A", b"1"), ("B", b"2")], ""),
    b"/ a /1/b/ 2/": ([("A", b"1"), ("B", b" 2")], ""),
}
NO_TEXT = {
    b"/A/1/B/": "between a keyword and its value",
    b"/A/1/B": "between a keyword and its value",
    b"//A/1/": "begins with two delimiters",
    b"A/1/B/2/": "does not begin with a delimiter",
    b"$PAR/1/": "does not begin with a delimiter",
    b"\x00A\x001\x00": "does not begin with a delimiter",
    b"\xe9A\xe91\xe9": "does not begin with a delimiter",
    b"/A/1" * 200_001: "more than 50,000 keywords",
    b"/A/" + bytes(range(256)).replace(b"/", b"//"): "every byte there is",
}


def parsed(text: bytes) -> tuple[Pairs, str, str]:
    notes = Notes()
    return parse_text(text, notes), " ".join(notes.warnings), " ".join(notes.problems)


def keywords(**change: Any) -> Mapping[str, str]:
    return read_fcs(io.BytesIO(written_fcs(**change)))[0].keywords


def refusal(**change: Any) -> str:
    with pytest.raises(FcsError) as refused:
        keywords(**change)
    return str(refused.value)


@pytest.mark.parametrize("text", LAST_BY_ITS_DELIMITER, ids=lambda text: repr(text))
def test_text_is_read_with_the_faults_of_known_writers(text):
    pairs, warned = LAST_BY_ITS_DELIMITER[text]
    found = parsed(text)
    assert found[0] == pairs
    assert warned in found[1]
    assert bool(warned) == bool(found[1])


@pytest.mark.parametrize("text", NO_TEXT, ids=lambda text: repr(text[:20]))
def test_text_that_could_mean_two_things_is_refused(text):
    pairs, _, problem = parsed(text)
    assert pairs == []
    assert NO_TEXT[text] in problem


@pytest.mark.parametrize("delimiter", "|/\\^.+?([*{~!,;'\"\t\n\x0c\x1e\x01 ")
def test_any_delimiter_is_read(delimiter):
    said = {"$COM": f"a{delimiter}b{delimiter}{delimiter}c"}
    assert keywords(said=said, delimiter=delimiter)["$COM"] == said["$COM"]


def test_names_are_found_in_any_case():
    assert keywords(said={"Tube Name": "T1"})["tube name"] == "T1"


def test_a_value_that_is_not_utf_8_is_read_as_latin_1():
    values = Keywords({"A": "µ".encode(), "B": b"\xb5"})
    assert list(values.values()) == ["µ", "µ"]


def test_a_deciding_keyword_twice_with_two_values_is_refused():
    assert "$TOT is given twice" in refusal(said={"$tot": "3"})
    assert "$P2E is given twice" in refusal(said={"$p2e": "4,1"})


def test_a_deciding_keyword_twice_with_one_value_is_read():
    assert keywords(said={"$tot": " 4"})["$TOT"] == "4"


def test_another_keyword_twice_with_two_values_is_told_and_the_first_counts():
    (read,) = read_fcs(io.BytesIO(written_fcs(said={"NOTE": "a", "note": "b"})))
    assert read.keywords["NOTE"] == "a"
    assert any("are given twice; the first of each counts" in said for said in read.warnings)


def test_an_empty_value_does_not_swallow_the_keyword_behind_it():
    (read,) = read_fcs(io.BytesIO(written_fcs(said={"$P2V": "", "$P2G": "2"})))
    assert read.channels[1].gain == 2
    assert read.events[:, 1].tolist() == (EVENTS[:, 1] / 2).tolist()


def test_a_file_of_damaged_text_is_refused():
    assert "between a keyword and its value" in refusal(text_ends=b"|NOTE|")


def test_a_file_without_a_keyword_is_refused():
    content = b"FCS3.1    " + b"%8d%8d%8d%8d%8d%8d" % (58, 62, 0, 0, 0, 0) + b"| | |"
    with pytest.raises(FcsError, match="\\$TOT is missing"):
        read_fcs(io.BytesIO(content))


def test_a_blank_number_is_refused():
    assert "$TOT is blank" in refusal(said={"$TOT": " "})


@pytest.mark.parametrize("name", ["K", "K" * 150])
def test_many_keywords_take_the_file_twice_and_some_bytes_each(name):
    content = written_fcs(said={f"{name}{n}": "1" for n in range(20_000)})
    tracemalloc.start()
    read_fcs(io.BytesIO(content))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * len(content) + 350 * 20_000


def test_too_many_keywords_are_refused():
    many = {f"K{n}": "1" for n in range(50_000)}
    assert "TEXT holds 50,0" in refusal(said=many)


def test_every_problem_is_told_at_once():
    said = refusal(said={"$TOT": "x", "$MODE": "H", "$P1B": "1", "$P2N": None, "$BYTEORD": None})
    assert "5 problems" in said
