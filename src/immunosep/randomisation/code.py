"""The sealed code: a randomisation list nobody without the private key can read, or change unseen.

One slot of the code is one slot of the list, its arm sealed by itself. The commitment is the
SHA-256 of the list as CSV (`list_bytes`) followed by 32 random bytes, the nonce. It is published
before the first participant: once list and nonce are published, anybody can see that the list is
the one committed to, and before, it says nothing about any arm. The nonce travels sealed, too.

A slot's seal is bound to the trial, the purpose, the commitment, its stratum and its position, so
that a slot exchanged for another, or for one of another code, no longer opens.
"""

import csv
import hashlib
import io
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from immunosep.errors import CodeError
from immunosep.randomisation.sealing import (
    KeyPair,
    canonical_json,
    make_keys,
    pem_of,
    read_public_key,
    seal,
    seal_record,
)
from immunosep.randomisation.sequence import Slot, Specification

__all__ = [
    "KeyPair",
    "Purpose",
    "SealedCode",
    "SealedSlot",
    "commit",
    "list_bytes",
    "make_keys",
    "read_public_key",
    "seal",
    "seal_record",
    "seal_sequence",
]

FORMAT = 1
NONCE_BYTES = 32
LIST_COLUMNS = ("trial", "purpose", "stratum", "position", "arm")


class Purpose(StrEnum):
    """What a list is for: a list to rehearse with must never reach a participant."""

    LIVE = "live"
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class SealedSlot:
    """One place of a sequence, its arm sealed."""

    stratum: str
    position: int
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class SealedCode:
    """A list with every arm sealed: all of it may be seen by those who are blinded."""

    trial: str
    trial_version: str
    trial_digest: str
    purpose: Purpose
    specification: Specification
    public_pem: bytes
    commitment: str
    sealed_nonce: bytes
    slots: tuple[SealedSlot, ...]

    def slot(self, stratum: str, position: int) -> SealedSlot | None:
        """The slot of a place, None where the sequence has no such place."""
        return self._by_place.get((stratum, position))

    @cached_property
    def _by_place(self) -> dict[tuple[str, int], SealedSlot]:
        return {(slot.stratum, slot.position): slot for slot in self.slots}

    @property
    def digest(self) -> str:
        """SHA-256 of the code as it is written: the file of another code, or a change, differs."""
        return hashlib.sha256(canonical_json(self.as_json())).hexdigest()

    def about_slot(self, stratum: str, position: int) -> bytes:
        """What the seal of one slot is bound to."""
        return _about(self.trial, self.purpose, self.commitment, "slot", stratum, position)

    @property
    def about_nonce(self) -> bytes:
        """What the seal of the nonce is bound to."""
        return _about(self.trial, self.purpose, self.commitment, "nonce")

    def as_json(self) -> dict[str, Any]:
        """The file's content; bytes are Base64 (RFC 4648)."""
        return {
            "format": FORMAT,
            "trial": self.trial,
            "trial_version": self.trial_version,
            "trial_digest": self.trial_digest,
            "purpose": self.purpose.value,
            "specification": {
                "ratio": [list(share) for share in self.specification.ratio.items()],
                "block_sizes": list(self.specification.block_sizes),
                "slots": [list(length) for length in self.specification.slots.items()],
                "stratified_by": list(self.specification.stratified_by),
            },
            "public_key": self.public_pem.decode("ascii"),
            "commitment": self.commitment,
            "nonce": _base64(self.sealed_nonce),
            "slots": [
                {"stratum": s.stratum, "position": s.position, "sealed": _base64(s.sealed)}
                for s in self.slots
            ],
        }


def seal_sequence(
    slots: tuple[Slot, ...],
    *,
    specification: Specification,
    public_pem: bytes,
    nonce: bytes,
    trial: str,
    trial_version: str,
    trial_digest: str,
    purpose: Purpose,
) -> SealedCode:
    """The list, sealed; `nonce` is 32 bytes from `secrets.token_bytes`, used for nothing else."""
    key = read_public_key(public_pem)
    commitment = commit(list_bytes(slots, trial=trial, purpose=purpose), nonce)

    def sealed(value: bytes, *about: str | int) -> bytes:
        return seal(key, value, about=_about(trial, purpose, commitment, *about))

    return SealedCode(
        trial=trial,
        trial_version=trial_version,
        trial_digest=trial_digest,
        purpose=purpose,
        specification=specification,
        public_pem=pem_of(key),
        commitment=commitment,
        sealed_nonce=sealed(nonce, "nonce"),
        slots=tuple(
            SealedSlot(
                stratum=slot.stratum,
                position=slot.position,
                sealed=sealed(slot.arm.encode(), "slot", slot.stratum, slot.position),
            )
            for slot in slots
        ),
    )


def commit(listed: bytes, nonce: bytes) -> str:
    """The commitment to a list: 64 hexadecimal digits.

    The nonce's length is fixed, so that nothing can be moved between the list's end and it.
    """
    if len(nonce) != NONCE_BYTES:
        raise CodeError(f"the nonce has {len(nonce)} bytes, expected {NONCE_BYTES}")
    return hashlib.sha256(listed + nonce).hexdigest()


def list_bytes(slots: Iterable[Slot], *, trial: str, purpose: Purpose) -> bytes:
    """The list as the CSV file that is committed to: UTF-8, a line feed after each line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LIST_COLUMNS)
    writer.writerows([trial, purpose.value, s.stratum, s.position, s.arm] for s in slots)
    return text.getvalue().encode()


def _about(trial: str, purpose: Purpose, *parts: str | int) -> bytes:
    return canonical_json(["immunosep code", FORMAT, trial, purpose.value, *parts])


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")
