"""Sealing shows nothing, opening finds every change."""

import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from immunosep.errors import CodeError
from immunosep.randomisation.code import (
    Purpose,
    SealedSlot,
    commit,
    make_keys,
    seal,
    seal_record,
)
from immunosep.randomisation.code_files import code_text, parse_code, read_code
from immunosep.randomisation.opening import (
    open_code,
    open_nonce,
    open_record,
    open_sealed,
    open_slot,
    read_private_key,
)
from immunosep.randomisation.sealing import SEALED_BYTES, SUITE, canonical_json, read_public_key
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

PUBLIC = read_public_key(keys().public_pem)
ED25519 = Ed25519PrivateKey.generate()
OTHER_KIND = ED25519.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
OTHER_PUBLIC = ED25519.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def test_opening_gives_the_list_and_the_nonce():
    opened = open_code(code(), private_key())
    assert (opened.slots, opened.nonce) == (SLOTS, NONCE)


def test_commitment_is_the_hash_of_list_and_nonce():
    assert code().commitment == hashlib.sha256(LISTED + NONCE).hexdigest()


@pytest.mark.parametrize("count", [0, 31, 33])
def test_a_nonce_has_one_length_or_the_lists_end_could_move_into_it(count):
    with pytest.raises(CodeError, match=f"the nonce has {count} bytes, expected 32"):
        commit(LISTED, bytes(count))


def test_one_slot_is_opened_alone():
    broken = with_slots(code(), replace(slot_of(code(), "north", 2), sealed=bytes(SEALED_BYTES)))
    assert open_slot(broken, private_key(), stratum="north", position=1) == SLOTS[0].arm


def test_every_sealed_value_is_equally_long():
    lengths = {len(slot.sealed) for slot in code().slots} | {len(code().sealed_nonce)}
    assert lengths == {SEALED_BYTES}


def test_no_two_slots_look_alike():
    parts = [part for s in code().slots for part in (s.sealed, s.sealed[:32], s.sealed[32:])]
    assert len(set(parts)) == len(parts)


def test_no_arm_and_no_nonce_stands_in_the_file():
    text = code_text(code())
    assert NONCE.hex() not in text
    assert json.dumps(json.loads(text)["slots"]).count("active") == 0
    assert json.dumps(json.loads(text)["slots"]).count("placebo") == 0


def test_a_changed_slot_is_refused():
    slot = slot_of(code(), "north", 1)
    flipped = bytes([*slot.sealed[:-1], slot.sealed[-1] ^ 1])
    changed = with_slots(code(), replace(slot, sealed=flipped))
    with pytest.raises(CodeError, match="does not open"):
        open_code(changed, private_key())


@pytest.mark.parametrize("other", [("north", 2), ("south", 1)])
def test_slots_that_were_exchanged_are_refused(other):
    one, two = slot_of(code(), "north", 1), slot_of(code(), *other)
    exchanged = with_slots(code(), replace(one, sealed=two.sealed), replace(two, sealed=one.sealed))
    with pytest.raises(CodeError, match="moved from another place"):
        open_code(exchanged, private_key())


def test_a_slot_of_another_code_is_refused():
    slot = slot_of(code(Purpose.TEST), "north", 1)
    with pytest.raises(CodeError, match="does not open"):
        open_code(with_slots(code(), slot), private_key())


def resealed(arm: bytes) -> SealedSlot:
    sealed = seal(PUBLIC, arm, about=code().about_slot("north", 1))
    return SealedSlot(stratum="north", position=1, sealed=sealed)


def test_a_slot_somebody_sealed_anew_is_found_by_the_commitment():
    other = b"placebo" if SLOTS[0].arm == "active" else b"active"
    with pytest.raises(CodeError, match="not the one committed to"):
        open_code(with_slots(code(), resealed(other)), private_key())


@pytest.mark.parametrize("held", [b"verum", b"verum \xff"])
def test_a_slot_that_holds_no_arm_is_refused_without_showing_it(held):
    with pytest.raises(CodeError, match="none of the code's arms") as refused:
        open_code(with_slots(code(), resealed(held)), private_key())
    assert "verum" not in str(refused.value)


def test_a_changed_commitment_is_refused():
    with pytest.raises(CodeError, match="does not open"):
        open_code(replace(code(), commitment="0" * 64), private_key())


def test_another_key_is_refused():
    other = read_private_key(make_keys().private_pem)
    with pytest.raises(CodeError, match="is not the code's"):
        open_nonce(code(), other)
    with pytest.raises(CodeError, match="is not the code's"):
        open_slot(code(), other, stratum="north", position=1)


def test_a_place_the_code_has_not_is_refused():
    with pytest.raises(CodeError, match="no position 49 of stratum 'north'"):
        open_slot(code(), private_key(), stratum="north", position=49)


def test_a_code_is_read_from_its_file_as_it_was_written(tmp_path):
    path = tmp_path / "code.json"
    path.write_text(code_text(code()))
    assert read_code(path) == code()
    assert read_code(path).digest == hashlib.sha256(canonical_json(code().as_json())).hexdigest()


def held(**changes: object) -> str:
    return json.dumps({**code().as_json(), **changes})


SLOT = code().as_json()["slots"]
DAMAGED = {
    "not JSON": ("{", "expected the JSON that"),
    "a list": ("[]", "expected the JSON that"),
    "a later format": (held(format=2), "of format 2, expected 1"),
    "without slots": (held(slots=None), "expected the JSON that"),
    "without a trial": (json.dumps({"format": 1}), "it has no 'trial'"),
    "a purpose of its own": (held(purpose="play"), "expected the JSON that"),
    "a number for a name": (held(trial=7), "expected the JSON that"),
    "no base64": (held(nonce="*"), "expected the JSON that"),
    "no public key": (held(public_key="key"), "not a public key in PEM"),
    "a short commitment": (held(commitment="abc"), "not 64 hexadecimal digits"),
    "a slot lost": (held(slots=SLOT[1:]), "it has 143 slots, not the 144 of its specification"),
    "slots exchanged": (held(slots=[SLOT[1], SLOT[0], *SLOT[2:]]), "or not in their order"),
    "one value twice": (
        held(slots=[SLOT[0], {**SLOT[1], "sealed": SLOT[0]["sealed"]}, *SLOT[2:]]),
        "two slots hold the same sealed value",
    ),
    "a short value": (held(nonce="AAAA"), f"a sealed value has not {SEALED_BYTES} bytes"),
    "no blocks": (
        held(specification={"ratio": [], "block_sizes": [], "slots": [], "stratified_by": []}),
        "expected the JSON that",
    ),
}


@pytest.mark.parametrize(("text", "problem"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused(text, problem):
    with pytest.raises(CodeError) as refused:
        parse_code(text, name="code.json")
    assert problem in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "code.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CodeError, match="not UTF-8"):
        read_code(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CodeError, match="No such file"):
        read_code(tmp_path / "absent.json")


def test_a_private_key_under_a_passphrase_opens_with_it_only():
    pem = make_keys(b"correct horse battery").private_pem
    assert b"ENCRYPTED" in pem
    opened = read_private_key(pem, passphrase=b"correct horse battery")
    assert isinstance(opened, X25519PrivateKey)
    with pytest.raises(CodeError, match="the passphrase is wrong"):
        read_private_key(pem, passphrase=b"another")
    with pytest.raises(CodeError, match="is protected by a passphrase"):
        read_private_key(pem)


def test_an_open_private_key_takes_no_passphrase():
    with pytest.raises(CodeError, match="is not protected by a passphrase"):
        read_private_key(keys().private_pem, passphrase=b"any")


def test_keys_of_another_kind_are_refused():
    with pytest.raises(CodeError, match=r"another kind \(Ed25519PrivateKey\), expected X25519"):
        read_private_key(OTHER_KIND)
    with pytest.raises(CodeError, match=r"another kind \(Ed25519PublicKey\), expected X25519"):
        read_public_key(OTHER_PUBLIC)


def test_a_record_is_opened_as_it_was_sealed():
    record = {"product": "anakinra", "lot": "A1", "doses": 3}
    sealed = seal_record(PUBLIC, record, about=b"lot 1")
    assert open_record(private_key(), sealed, about=b"lot 1") == record


def test_records_are_equally_long_whatever_they_hold():
    sealed = [seal_record(PUBLIC, {"x": "y" * count}, about=b"") for count in (0, 1, 490)]
    assert {len(each) for each in sealed} == {32 + 512 + 16}


def test_what_is_sealed_is_the_length_the_value_and_zeros():
    """The form of format 1: a code sealed today opens for as long as anybody keeps it."""
    sealed = seal(PUBLIC, b"active", about=b"x")
    padded = SUITE.decrypt(sealed, private_key(), info=b"x")
    assert padded == b"\x00\x06active" + bytes(56)
    assert len(sealed) == SEALED_BYTES == 32 + 64 + 16


def test_a_value_has_one_form():
    """Digests and what a seal is bound to are made of it: on every machine, in every version."""
    written = canonical_json({"b": [1, 2.5, None], "a": "\u00e9"})
    assert written == canonical_json({"a": "\u00e9", "b": [1, 2.5, None]})
    assert written == b'{"a":"\\u00e9","b":[1,2.5,null]}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_a_value_may_fill_its_size_and_no_more():
    assert open_sealed(private_key(), seal(PUBLIC, b"x" * 62, about=b""), about=b"") == b"x" * 62
    assert open_sealed(private_key(), seal(PUBLIC, b"", about=b"", size=2), about=b"") == b""
    with pytest.raises(CodeError, match="a value of 63 bytes does not fit where values have 62"):
        seal(PUBLIC, b"x" * 63, about=b"")


def test_a_record_that_is_too_long_is_refused_without_showing_it():
    with pytest.raises(CodeError, match="a value of 600 bytes does not fit") as refused:
        seal_record(PUBLIC, {"x": "y" * 592}, about=b"")
    assert "yy" not in str(refused.value)


def test_a_record_moved_elsewhere_is_refused():
    sealed = seal_record(PUBLIC, {"x": 1}, about=b"lot 1")
    with pytest.raises(CodeError, match="does not open"):
        open_record(private_key(), sealed, about=b"lot 2")


def test_a_sealed_value_that_is_no_record_is_refused():
    with pytest.raises(CodeError, match="is not a record"):
        open_record(private_key(), seal(PUBLIC, b"{", about=b""), about=b"")


@pytest.mark.parametrize("padded", [b"\x00\x09abc", b"\x00\x01abc", b""])
def test_a_value_sealed_by_another_program_is_refused(padded):
    with pytest.raises(CodeError, match="its padding"):
        open_sealed(private_key(), SUITE.encrypt(padded, PUBLIC, info=b""), about=b"")
