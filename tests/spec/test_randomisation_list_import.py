"""Lists that must not reach a participant: each is refused, with the line that is wrong.

The table has the failures of published trials (Yelland, Trials 2025; Downs, Clin Trials 2010): lists
sorted before use, made with other blocks, mistyped, cut, of another trial, or only for rehearsal.
"""

from dataclasses import replace

import pytest

from immunosep.errors import SequenceError
from immunosep.randomisation.code import Purpose
from immunosep.randomisation.lists import Expected, parse_list, parse_published, read_list
from tests.unit.sealed_list import LISTED, PLAN, SLOTS, STRATA

EXPECTED = Expected(trial="mine", purpose=Purpose.LIVE, plan=PLAN, strata=STRATA)
LINES = LISTED.decode().splitlines()
NORTH, SOUTH, WEST = LINES[1:49], LINES[49:97], LINES[97:]


def listed(*rows: str, header: str = LINES[0]) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def changed(line: int, old: str, new: str) -> bytes:
    rows = [LINES[0], *LINES[1:]]
    assert old in rows[line - 1]
    rows[line - 1] = rows[line - 1].replace(old, new)
    return ("\n".join(rows) + "\n").encode()


def with_arms(stratum: str, arms: str) -> list[str]:
    names = {"a": "active", "p": "placebo"}
    return [f"mine,live,{stratum},{at},{names[arm]}" for at, arm in enumerate(arms, start=1)]


def arm_of(line: int) -> str:
    return LINES[line - 1].rsplit(",", 1)[1]


FIRST_ARM = arm_of(2)

CORRUPT = {
    "row twice": (listed(*NORTH, NORTH[-1], *SOUTH, *WEST), "line 50: position 48 stands on line 49"),
    "position twice": (changed(3, "north,2,", "north,1,"), "line 3: position 1 stands on line 2"),
    "gap": (listed(*NORTH[:20], *NORTH[21:], *SOUTH, *WEST), "line 22: position 22, expected 21"),
    "first row lost": (listed(*NORTH[1:], *SOUTH, *WEST), "line 2: position 2, expected 1"),
    "positions from 0": (
        listed(*[row.replace(f",{at},", f",{at - 1},") for at, row in enumerate(NORTH, 1)], *SOUTH, *WEST),
        "line 2: position 0, expected 1",
    ),
    "wrong arm": (changed(2, FIRST_ARM, "immunotherapy"), "line 2: the arm is none of the trial's, expected active or placebo"),
    "arm in capitals": (changed(2, FIRST_ARM, FIRST_ARM.upper()), "line 2: the arm is none of the trial's"),
    "arm with a blank": (changed(2, FIRST_ARM, f"{FIRST_ARM} "), "line 2: the arm is none of the trial's"),
    "sorted by arm": (
        listed(*sorted(NORTH, key=lambda row: row.rsplit(",", 1)[1]), *SOUTH, *WEST),
        "line 5: from here stratum north fits no blocks of 4 or 6 at 1:1",
    ),
    "arms sorted, positions written anew": (
        listed(*with_arms("north", "a" * 24 + "p" * 24), *SOUTH, *WEST),
        "line 5: from here stratum north fits no blocks of 4 or 6 at 1:1",
    ),
    "sorted by position": (
        listed(*sorted(LINES[1:], key=lambda row: int(row.split(",")[3]))),
        "line 5: this stratum's rows are not together; the file was sorted",
    ),
    "positions sorted as text": (
        listed(*sorted(NORTH, key=lambda row: row.split(",")[3]), *SOUTH, *WEST),
        "line 3: position 10, expected 2",
    ),
    "wrong ratio": (
        listed(*with_arms("north", "aap" * 16), *SOUTH, *WEST),
        "line 49: the arms of stratum north are not 1:1",
    ),
    "alternating": (
        listed(*with_arms("north", "ap" * 24), *SOUTH, *WEST),
        "line 2: stratum north repeats one pattern to its end",
    ),
    "one sequence for two centres": (
        listed(*NORTH, *SOUTH, *[row.replace("south", "west") for row in SOUTH]),
        "line 98: stratum west has the sequence of stratum south",
    ),
    "centre of another trial": (changed(50, "south", "east"), "line 50: there is no such stratum in this trial; the nearest is west"),
    "centre mistyped": (changed(50, "south", "sout"), "line 50: there is no such stratum in this trial; the nearest is south"),
    "centre left out": (listed(*NORTH, *SOUTH), "line 97: the list ends and has no slot of stratum west"),
    "byte-order mark": (b"\xef\xbb\xbf" + LISTED, "line 1: it begins with a byte-order mark"),
    "CRLF": (LISTED.replace(b"\n", b"\r\n"), "line 1: it ends with a carriage return"),
    "CRLF from a line on": (
        listed(*NORTH) + ("\r\n".join(SOUTH + WEST) + "\r\n").encode(),
        "line 50: it ends with a carriage return",
    ),
    "UTF-16": (LISTED.decode().encode("utf-16"), "line 1: it is not UTF-8"),
    "Latin-1": (LISTED.replace(b"south,1,", b"s\xf6uth,1,"), "line 50: it is not UTF-8"),
    "test list": (LISTED.replace(b",live,", b",test,"), "line 2: the list is not marked live in the column purpose. Never use a list made for test here"),
    "one test row": (changed(60, "live", "test"), "line 60: the list is not marked live"),
    "another trial's list": (LISTED.replace(b"mine,", b"yours,"), "line 2: the list is of another trial, expected mine"),
    "header left out": (listed(*LINES[2:], header=LINES[1]), "line 1: expected the header trial,purpose,stratum,position,arm"),
    "columns exchanged": (listed(*LINES[1:], header="trial,purpose,position,stratum,arm"), "line 1: expected the header"),
    "cell lost": (changed(7, "mine,live,", "live,"), "line 7: it has 4 cells, expected 5"),
    "cell too many": (changed(7, "mine,live,", "mine,live,,"), "line 7: it has 6 cells, expected 5"),
    "blank line": (listed(*NORTH, "", *SOUTH, *WEST), "line 50: it has 0 cells, expected 5"),
    "position as a decimal number": (changed(4, "north,3,", "north,3.0,"), "line 4: the position is not a whole number"),
    "position with a zero before": (changed(4, "north,3,", "north,03,"), "line 4: the position is not a whole number"),
    "quote that does not close": (changed(4, "mine,", '"mine,'), "line 145: its quotes do not close"),
    "empty": (b"", "line 1: there is no text"),
    "cut in the middle of a row": (LISTED[:-9], "line 145: "),
}  # fmt: skip


@pytest.mark.parametrize(("content", "problem"), CORRUPT.values(), ids=CORRUPT)
def test_a_corrupt_list_is_refused_with_its_line(content, problem):
    with pytest.raises(SequenceError) as refused:
        parse_list(content, name="list.csv", expected=EXPECTED)
    assert any(each.startswith(problem) for each in refused.value.problems), refused.value.problems
    assert all(each.startswith("line ") for each in refused.value.problems)


def test_the_whole_list_is_taken_as_it_stands():
    assert parse_list(LISTED, name="list.csv", expected=EXPECTED) == SLOTS


def test_a_live_list_is_refused_where_a_test_list_is_wanted():
    with pytest.raises(SequenceError, match="not marked test in the column purpose") as refused:
        parse_list(LISTED, name="list.csv", expected=replace(EXPECTED, purpose=Purpose.TEST))
    assert len(refused.value.problems) == 144


def test_a_message_never_repeats_a_wrong_arm():
    with pytest.raises(SequenceError) as refused:
        parse_list(changed(2, FIRST_ARM, "actve"), name="list.csv", expected=EXPECTED)
    assert "actve" not in str(refused.value)


def test_a_plan_without_blocks_has_nothing_to_compare_a_list_with():
    expected = replace(EXPECTED, plan=replace(PLAN, block_sizes=()))
    with pytest.raises(SequenceError, match="names no block sizes"):
        parse_list(LISTED, name="list.csv", expected=expected)


def test_a_short_list_may_alternate_by_chance():
    expected = replace(EXPECTED, strata=("north",))
    content = listed(*with_arms("north", "apap"))
    assert len(parse_list(content, name="list.csv", expected=expected)) == 4


def test_a_list_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SequenceError, match="No such file"):
        read_list(tmp_path / "absent.csv", expected=EXPECTED)


def test_a_list_is_read_from_its_file(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(LISTED)
    assert read_list(path, expected=EXPECTED) == SLOTS


def test_a_published_list_is_read_whatever_it_says():
    assert parse_published(listed(*with_arms("east", "aaaa")), name="list.csv")[3].position == 4


def test_a_published_list_that_is_none_is_refused():
    with pytest.raises(SequenceError, match="line 3: the position is not a whole number"):
        parse_published(changed(3, "north,2,", "north,two,"), name="list.csv")
