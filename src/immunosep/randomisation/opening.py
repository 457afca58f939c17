"""Opening what is sealed: the only module that can turn a sealed slot into an arm.

A contract forbids it to every part of the package that serves blinded roles; it takes the private
key, which their processes never hold.
"""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from immunosep.errors import CodeError
from immunosep.randomisation.code import SealedCode, commit, list_bytes
from immunosep.randomisation.sealing import LENGTH_BYTES, SUITE, pem_of
from immunosep.randomisation.sequence import Slot


@dataclass(frozen=True, kw_only=True)
class OpenedCode:
    """A list with its arms, and the nonce of its commitment."""

    slots: tuple[Slot, ...]
    nonce: bytes


def read_private_key(pem: bytes, *, passphrase: bytes | None = None) -> X25519PrivateKey:
    """The private key of a PEM file's content."""
    try:
        key = serialization.load_pem_private_key(pem, password=passphrase)
    except TypeError:
        raise CodeError(
            "the private key is not protected by a passphrase, and one was given. Give none"
            if passphrase
            else "the private key is protected by a passphrase. Give it"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CodeError(
            "the private key cannot be read: the passphrase is wrong, or this is not the file "
            "code.private.pem that `immunosep code keys` wrote"
        ) from None
    if not isinstance(key, X25519PrivateKey):
        raise CodeError(
            f"the private key is of another kind ({type(key).__name__}), expected X25519"
        )
    return key


def open_sealed(private_key: X25519PrivateKey, sealed: bytes, *, about: bytes) -> bytes:
    """The value that was sealed about this."""
    try:
        padded = SUITE.decrypt(sealed, private_key, info=about)
    except (InvalidTag, ValueError):
        raise CodeError(
            "a sealed value does not open: this is not its key, it was changed, or it was moved "
            "from another place. Compare the file with the one that was sealed"
        ) from None
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    value, rest = padded[LENGTH_BYTES : LENGTH_BYTES + length], padded[LENGTH_BYTES + length :]
    if len(padded) < LENGTH_BYTES or len(value) != length or any(rest):
        raise CodeError("a sealed value opens, but was not sealed by this program: its padding")
    return value


def open_record(private_key: X25519PrivateKey, sealed: bytes, *, about: bytes) -> dict[str, Any]:
    """The record that was sealed about this."""
    value = open_sealed(private_key, sealed, about=about)
    try:
        record: dict[str, Any] = json.loads(value)
    except ValueError:
        raise CodeError("a sealed value opens, but is not a record: its content") from None
    return record


def open_slot(
    code: SealedCode, private_key: X25519PrivateKey, *, stratum: str, position: int
) -> str:
    """The arm of one slot, no other slot being opened."""
    slot = code.slot(stratum, position)
    if slot is None:
        raise CodeError(f"the code has no position {position} of stratum {stratum!r}")
    _check_key(code, private_key)
    about = code.about_slot(stratum, position)
    arm = open_sealed(private_key, slot.sealed, about=about).decode(errors="replace")
    if arm not in code.specification.ratio:
        raise CodeError(
            f"position {position} of stratum {stratum!r} opens to something that is none of the "
            "code's arms. The code was changed: compare it with the one that was sealed"
        )
    return arm


def open_code(code: SealedCode, private_key: X25519PrivateKey) -> OpenedCode:
    """The whole list; refused unless it is the one committed to."""
    slots = tuple(
        Slot(
            stratum=slot.stratum,
            position=slot.position,
            arm=open_slot(code, private_key, stratum=slot.stratum, position=slot.position),
        )
        for slot in code.slots
    )
    nonce = open_nonce(code, private_key)
    listed = list_bytes(slots, trial=code.trial, purpose=code.purpose)
    if commit(listed, nonce) != code.commitment:
        raise CodeError(
            "the list in this code is not the one committed to: a slot was replaced after the "
            "code was sealed. Take the code as it was sealed, and find out who changed it"
        )
    return OpenedCode(slots=slots, nonce=nonce)


def open_nonce(code: SealedCode, private_key: X25519PrivateKey) -> bytes:
    """The nonce of the code's commitment."""
    _check_key(code, private_key)
    return open_sealed(private_key, code.sealed_nonce, about=code.about_nonce)


def _check_key(code: SealedCode, private_key: X25519PrivateKey) -> None:
    if pem_of(private_key.public_key()) != code.public_pem:
        raise CodeError(
            "this private key is not the code's: the code was sealed to another public key. Take "
            "the key made with the public key that the code was made with"
        )
