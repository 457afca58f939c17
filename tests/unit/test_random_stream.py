"""A seed's numbers, byte for byte what the module's head writes down, on any Python."""

import hashlib

import pytest

from immunosep.errors import SequenceError
from immunosep.randomisation.random_stream import seeded_draw, streams_of
from immunosep.randomisation.sequence import draw_sequence, specify
from tests.unit.sealed_list import PLAN, SEED

BLOCK = 64  # of SHA-256, in bytes

NUMBERS = [0, 5, 7, 29, 279004399, 7212493576503434130]
LISTS = ("apappaaappapappaapapaapa", "papaappaapaappappapaapaa")


def hmac_by_hand(key: bytes, message: bytes) -> bytes:
    """RFC 2104 written out, for keys that are not longer than a block."""
    padded = key.ljust(BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


def test_numbers_are_those_of_the_written_recipe():
    label = "immunosep sequence 1: Ioánnina"
    stream = b"".join(
        hmac_by_hand(SEED, counter.to_bytes(8, "big") + label.encode()) for counter in (1, 2, 3)
    )
    words = [int.from_bytes(stream[at : at + 8], "big") for at in range(0, len(stream), 8)]
    draw = streams_of(SEED)("Ioánnina")
    assert [draw(10**6 + at) for at in range(12)] == [
        word % (10**6 + at) for at, word in enumerate(words)
    ]


def test_numbers_of_a_seed_never_change():
    draw = seeded_draw(SEED, "a label")
    assert [draw(below) for below in (2, 6, 10, 100, 10**9, 2**63)] == NUMBERS


def test_a_list_of_a_seed_never_changes():
    specification = specify(PLAN, strata=("01_jena", "02_attikon"), slots_per_stratum=24)
    slots = draw_sequence(specification, draw_for=streams_of(SEED))
    arms = "".join(slot.arm[0] for slot in slots)
    assert (arms[:24], arms[24:]) == LISTS


def test_a_word_above_the_largest_multiple_is_discarded():
    below = 2**63 + 1  # a word is kept about every second time
    draw, words = seeded_draw(SEED, "x"), seeded_draw(SEED, "x")
    stream = [words(2**64) for _ in range(40)]
    kept = [word for word in stream if word < below]
    assert 10 < len(kept) < 30
    assert [draw(below) for _ in kept] == kept


def test_a_stratum_keeps_its_sequence_whatever_others_there_are():
    alone = draw_sequence(
        specify(PLAN, strata=("south",), slots_per_stratum=30), draw_for=streams_of(SEED)
    )
    among = draw_sequence(
        specify(PLAN, strata=("north", "south"), slots_per_stratum=30), draw_for=streams_of(SEED)
    )
    assert among[30:] == alone


def test_a_seed_of_sixteen_bytes_is_long_enough():
    assert seeded_draw(bytes(16), "x")(2) in (0, 1)
    with pytest.raises(SequenceError, match="it has 15 bytes"):
        seeded_draw(bytes(15), "x")


def test_a_short_seed_is_refused_without_showing_it():
    with pytest.raises(SequenceError, match="it has 6 bytes, expected 16 or more") as refused:
        seeded_draw(b"secret", "x")
    assert "secret" not in str(refused.value)
