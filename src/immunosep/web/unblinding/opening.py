"""Opening what is sealed, with the key that a keyed process alone holds.

The only module of the website that imports `randomisation.opening`; the pharmacy and emergency
unblinding ask here. A site process has no key, so that every function here refuses in it.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings

from immunosep.errors import CodeError
from immunosep.protocol.treatment import Regimen
from immunosep.randomisation.code import Purpose, SealedCode, SealedSlot
from immunosep.randomisation.opening import open_record, open_slot, read_private_key
from immunosep.randomisation.sequence import Specification
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Code, Slot
from immunosep.web.enrolment.models import Allocation
from immunosep.web.trial import trial_of


def regimen_of(allocation: Allocation) -> Regimen:
    """What a participant is given."""
    return regimen_in(allocation.slot, allocation.immune_state, allocation.patient.centre)


def regimen_in(slot: Slot, state: str, centre: Centre | None = None) -> Regimen:
    """What a place's participant is given in one immune state, by the centre's version."""
    return trial_of(centre).regimen(state=state, arm=arm_of(slot))


def arm_of(slot: Slot) -> str:
    """The id of the arm in one place of the list; no other place is opened."""
    stratum = slot.stratum
    return _arm(stratum.code_id, stratum.key, slot.position, bytes(slot.sealed), key_given())


def open_contents(sealed: bytes | memoryview, *, about: bytes) -> Mapping[str, Any]:
    """What was sealed about this: `supply.contents` says what about."""
    return _record(bytes(sealed), about, key_given())


def key_given() -> tuple[str, str]:
    """The key's file and passphrase, if this process was given one."""
    if not settings.CODE_KEY_FILE:
        raise CodeError(
            "this process holds no code key, so it can open nothing. Ask in the keyed process, "
            "which is started with IMMUNOSEP_CODE_KEY_FILE"
        )
    return settings.CODE_KEY_FILE, settings.CODE_KEY_PASSPHRASE


@cache
def _key(given: tuple[str, str]) -> X25519PrivateKey:
    """Read once per process; a file that cannot be read is said without its content."""
    path, passphrase = given
    try:
        pem = Path(path).read_bytes()
    except OSError as error:
        raise CodeError(
            f"IMMUNOSEP_CODE_KEY_FILE names a file that cannot be read ({error.strerror}); "
            "expected code.private.pem. Correct the path or its permissions"
        ) from None
    return read_private_key(pem, passphrase=passphrase.encode() or None)


@lru_cache(maxsize=65_536)
def _record(sealed: bytes, about: bytes, given: tuple[str, str]) -> Mapping[str, Any]:
    return open_record(_key(given), sealed, about=about)


@lru_cache(maxsize=4_096)
def _arm(code: int, stratum: str, position: int, sealed: bytes, given: tuple[str, str]) -> str:
    one = SealedSlot(stratum=stratum, position=position, sealed=sealed)
    return open_slot(_code(code, one), _key(given), stratum=stratum, position=position)


def _code(pk: int, slot: SealedSlot) -> SealedCode:
    """The code with one slot, which is all that is opened."""
    kept = Code.objects.get(pk=pk)
    made_from = kept.document["specification"]
    return SealedCode(
        trial=kept.trial_id,
        trial_version=kept.document["trial_version"],
        trial_digest=kept.trial_digest,
        purpose=Purpose(kept.document["purpose"]),
        specification=Specification(
            ratio=dict(made_from["ratio"]),
            block_sizes=tuple(made_from["block_sizes"]),
            slots=dict(made_from["slots"]),
            stratified_by=tuple(made_from["stratified_by"]),
        ),
        public_pem=kept.public_key.encode("ascii"),
        commitment=kept.commitment,
        sealed_nonce=b"",
        slots=(slot,),
    )
