"""The offline verifier: finds each way in which a trial can have left its list."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from immunosep.errors import CodeError, SequenceError, SourceError
from immunosep.randomisation.code import seal
from immunosep.randomisation.exported import Allocation, parse_allocations, read_allocations
from immunosep.randomisation.opening import read_private_key
from immunosep.randomisation.sealing import SEALED_BYTES, make_keys, read_public_key
from immunosep.randomisation.verify import Verification, Wrong, verify_with_key, verify_with_list
from tests.unit.sealed_list import (
    LISTED,
    NONCE,
    SLOTS,
    code,
    keys,
    private_key,
    slot_of,
    with_slots,
)

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ARMS = {(slot.stratum, slot.position): slot.arm for slot in SLOTS}


def made(stratum: str, position: int, **changes: object) -> Allocation:
    row = Allocation(
        line=position + 1,
        stratum=stratum,
        position=position,
        participant=f"P-{stratum}-{position}",
        state="high",
        allocated_at=BEGIN + timedelta(hours=position),
        trial_digest="d1",
        centre=stratum,
        sealed=b64encode(slot_of(code(), stratum, position).sealed).decode(),
        arm=ARMS[stratum, position],
    )
    return replace(row, **changes)  # type: ignore[arg-type]


FOLLOWED = [made("north", 1), made("north", 2), made("north", 3), made("south", 1)]


def verify(*rows: Allocation) -> Verification:
    return verify_with_key(
        code(), private_key(), allocations=rows, published=code().commitment.upper()
    )


def found(verification: Verification) -> list[Wrong]:
    return [finding.wrong for finding in verification.findings]


def test_a_list_that_was_followed_holds():
    verification = verify(*FOLLOWED)
    assert verification.holds
    assert (verification.notes, verification.slots, verification.allocations) == ((), 144, 4)


def test_no_allocation_holds_too():
    assert verify().holds


LEFT = {
    "a slot passed over": ([made("north", 1), made("north", 3)], Wrong.SKIPPED, "position 2 of stratum north was passed over"),
    "the first slot passed over": ([made("north", 2)], Wrong.SKIPPED, "position 1 of stratum north was passed over"),
    "a slot used twice": ([made("north", 1), made("north", 1, participant="P-2", line=9)], Wrong.REUSED, "line 9: position 1 of stratum north was already used on line 2"),
    "slots in the wrong order": ([made("north", 1, allocated_at=BEGIN + timedelta(days=9)), made("north", 2)], Wrong.ORDER, "line 3: position 2 of stratum north was used before position 1"),
    "a participant twice": ([made("north", 1), made("north", 2, participant="P-north-1")], Wrong.PARTICIPANT, "line 3: this participant was already allocated on line 2"),
    "another centre's stratum": ([made("north", 1, centre="south")], Wrong.STRATUM, "line 2: it belongs to another stratum than north"),
    "a position there is not": ([replace(made("north", 1, sealed=""), position=49)], Wrong.NO_SUCH_SLOT, "the code has no position 49 of stratum north"),
    "a stratum there is not": ([replace(made("north", 1, centre="east"), stratum="east")], Wrong.NO_SUCH_SLOT, "the code has no position 1 of stratum east"),
    "another sealed value": ([made("north", 1, sealed="AAAA")], Wrong.SEAL, "position 1 of stratum north holds another sealed value in the code"),
    "another arm": ([made("north", 1, arm="other")], Wrong.ARM, "the arm recorded is not the one of position 1 of stratum north"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "wrong", "text"), LEFT.values(), ids=LEFT)
def test_each_way_to_leave_the_list_is_found(rows, wrong, text):
    verification = verify(*rows)
    assert found(verification) == [wrong]
    assert text in str(verification.findings[0])


def test_all_that_is_wrong_is_found_at_once():
    rows = [made("north", 2), made("north", 2, line=5), made("south", 1, centre="north")]
    assert found(verify(*rows)) == [
        Wrong.REUSED,
        Wrong.SKIPPED,
        Wrong.PARTICIPANT,
        Wrong.STRATUM,
    ]


def test_a_slot_that_was_changed_is_found_and_the_others_are_looked_at():
    changed = with_slots(code(), replace(slot_of(code(), "west", 5), sealed=bytes(SEALED_BYTES)))
    verification = verify_with_key(changed, private_key(), allocations=[made("north", 2)])
    assert found(verification) == [Wrong.SEAL, Wrong.SKIPPED]
    assert "position 5 of stratum west: a sealed value does not open" in str(
        verification.findings[0]
    )


def test_a_slot_that_was_sealed_anew_is_found():
    other = "placebo" if SLOTS[0].arm == "active" else "active"
    slot = slot_of(code(), "north", 1)
    key = read_public_key(keys().public_pem)
    about = code().about_slot("north", 1)
    changed = with_slots(code(), replace(slot, sealed=seal(key, other.encode(), about=about)))
    assert found(verify_with_key(changed, private_key(), allocations=[])) == [Wrong.COMMITMENT]


def test_another_key_opens_no_slot():
    other = read_private_key(make_keys().private_pem)
    assert found(verify_with_key(code(), other, allocations=[])) == [Wrong.SEAL] * 144


def test_another_published_commitment_is_found():
    verification = verify_with_key(code(), private_key(), allocations=[], published="0" * 64)
    assert found(verification) == [Wrong.COMMITMENT]


def test_the_published_list_and_nonce_need_no_key():
    verification = verify_with_list(code(), listed=LISTED, nonce=NONCE, allocations=FOLLOWED)
    assert verification.holds


def test_a_changed_list_is_found():
    first = SLOTS[0].arm.encode()
    other = b"placebo" if first == b"active" else b"active"
    changed = LISTED.replace(b"north,1," + first, b"north,1," + other)
    verification = verify_with_list(code(), listed=changed, nonce=NONCE, allocations=FOLLOWED)
    assert found(verification) == [Wrong.COMMITMENT, Wrong.ARM]


def test_a_wrong_nonce_is_found():
    verification = verify_with_list(code(), listed=LISTED, nonce=NONCE[::-1], allocations=[])
    assert found(verification) == [Wrong.COMMITMENT]


def test_nothing_is_moved_between_the_list_and_the_nonce():
    moved = LISTED.splitlines(keepends=True)[-1]
    with pytest.raises(CodeError, match=f"the nonce has {32 + len(moved)} bytes, expected 32"):
        verify_with_list(
            code(), listed=LISTED.removesuffix(moved), nonce=moved + NONCE, allocations=[]
        )


def test_a_list_with_other_slots_is_found():
    shorter = b"\n".join(LISTED.splitlines()[:-1]) + b"\n"
    verification = verify_with_list(code(), listed=shorter, nonce=NONCE, allocations=[])
    assert found(verification) == [Wrong.COMMITMENT, Wrong.LIST]


def test_a_list_that_is_none_is_refused():
    with pytest.raises(SequenceError, match="is not a list"):
        verify_with_list(code(), listed=b"a,b\n", nonce=NONCE, allocations=[])


def test_what_was_not_checked_is_said():
    row = made("north", 1, centre="", sealed="", arm="", trial_digest="d2")
    notes = verify_with_key(code(), private_key(), allocations=[row]).notes
    assert [note.split(":")[0] for note in notes] == [
        "not compared with a published commitment",
        "1 of 1 allocations were made under another version of the protocol than the code",
        "strata not compared with centres",
        "sealed values not compared",
    ]


def test_no_finding_names_an_arm():
    wrong = [made("north", 1, arm="placebo"), made("north", 2, arm="active"), made("north", 4)]
    said = " ".join(map(str, verify(*wrong).findings))
    assert "active" not in said
    assert "placebo" not in said


HEADER = "stratum,position,participant,state,allocated_at,trial_digest"
ROW = "north,1,P-1,high,2026-03-01T13:00:00+01:00,d1"


def test_allocations_are_read_from_csv():
    (row,) = parse_allocations(f"{HEADER},note\n{ROW},any\n", name="made.csv")
    assert (row.position, row.allocated_at, row.centre) == (1, BEGIN, "")


def test_allocations_are_read_from_json_lines(tmp_path):
    held = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | {"position": 1, "arm": None}
    path = tmp_path / "made.jsonl"
    path.write_text(f"{json.dumps(held)}\n{json.dumps(held | {'position': 2})}\n")
    assert [row.position for row in read_allocations(path)] == [1, 2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("stratum,position\nnorth,1\n", "line 1: it has no column participant, state"),
        (f"{HEADER}\n,1,P-1,high,2026-03-01T13:00Z,d1\n", "line 2: stratum is missing"),
        (f"{HEADER}\nnorth,one,P-1,high,2026-03-01T13:00Z,d1\n", "line 2: position is not a whole"),
        (f"{HEADER}\nnorth,1,P-1,high,2026-03-01T13:00,d1\n", "line 2: allocated_at is no time"),
        (f"{HEADER}\nnorth,1,P-1,high,yesterday,d1\n", "line 2: allocated_at is no time"),
        (f"{HEADER}\nnorth,1\n", "line 2: participant is missing"),
        ("{}\n[]\n{\n", "line 3: expected one JSON object"),
        ("", "line 1: it has no column stratum"),
    ],
)
def test_an_export_that_cannot_be_read_is_refused(text, problem):
    with pytest.raises(SourceError) as refused:
        parse_allocations(text, name="made.csv")
    assert any(each.startswith(problem) for each in refused.value.problems)


def test_an_export_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "made.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_allocations(path)
    with pytest.raises(SourceError, match="No such file"):
        read_allocations(tmp_path / "absent.csv")
