"""A small list, its keys and its sealed code, for every test that needs one."""

from dataclasses import replace
from functools import cache

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from immunosep.protocol.allocation import AllocationPlan
from immunosep.randomisation.code import (
    KeyPair,
    Purpose,
    SealedCode,
    SealedSlot,
    list_bytes,
    make_keys,
    seal_sequence,
)
from immunosep.randomisation.opening import read_private_key
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import draw_sequence, specify

PLAN = AllocationPlan(
    ratio={"active": 1, "placebo": 1},
    strata=("centre",),
    block_sizes=(4, 6),
    generated_by="computer",
    blinded=("everyone",),
    unblinded=(),
    source="invented",
)
STRATA = ("north", "south", "west")
SEED = bytes(range(32))
NONCE = bytes(range(100, 132))
SPECIFICATION = specify(PLAN, strata=STRATA, slots_per_stratum=48)
SLOTS = draw_sequence(SPECIFICATION, draw_for=streams_of(SEED))
LISTED = list_bytes(SLOTS, trial="mine", purpose=Purpose.LIVE)


@cache
def keys() -> KeyPair:
    """One pair for the whole run."""
    return make_keys()


def private_key() -> X25519PrivateKey:
    """The key that opens `code()`."""
    return read_private_key(keys().private_pem)


@cache
def code(purpose: Purpose = Purpose.LIVE) -> SealedCode:
    """The list, sealed."""
    return seal_sequence(
        SLOTS,
        specification=SPECIFICATION,
        public_pem=keys().public_pem,
        nonce=NONCE,
        trial="mine",
        trial_version="1",
        trial_digest="d1",
        purpose=purpose,
    )


def with_slots(changed: SealedCode, *slots: SealedSlot) -> SealedCode:
    """The code with other slots at the places of these."""
    by_place = {(slot.stratum, slot.position): slot for slot in slots}
    return replace(
        changed,
        slots=tuple(by_place.get((s.stratum, s.position), s) for s in changed.slots),
    )


def slot_of(sealed: SealedCode, stratum: str, position: int) -> SealedSlot:
    """A slot that is there."""
    slot = sealed.slot(stratum, position)
    assert slot
    return slot
