"""Sealing: whoever has the public key can seal a value, only the private key's holder can open it.

HPKE in base mode (RFC 9180): X25519, HKDF-SHA256, AES-256-GCM, carried out by `cryptography`. A
sealed value is the 32 bytes of its own encapsulated key, then the ciphertext: two seals of one
value never look alike. What a value is about goes in as HPKE's `info`, so that a value moved to
another place no longer opens. Values are padded to one size: 2 bytes of length, most significant
first, the value, zeros. Opening is in `opening`, which blinded processes never import.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from immunosep.errors import CodeError

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
VALUE_SIZE = 64  # holds an arm's id or a nonce
RECORD_SIZE = 512
LENGTH_BYTES = 2
TAG_BYTES = 16  # AES-GCM, NIST SP 800-38D
SEALED_BYTES = hpke.KEM.X25519.enc_length() + VALUE_SIZE + TAG_BYTES


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """A private key and its public key, both PEM; the private one encrypted under a passphrase."""

    private_pem: bytes
    public_pem: bytes


def make_keys(passphrase: bytes | None = None) -> KeyPair:
    """A new pair of keys; without a passphrase the private key lies open in its file."""
    private = X25519PrivateKey.generate()
    encryption = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    return KeyPair(
        private_pem=private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        ),
        public_pem=pem_of(private.public_key()),
    )


def pem_of(key: X25519PublicKey) -> bytes:
    """The public key as PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_public_key(pem: bytes) -> X25519PublicKey:
    """The public key of a PEM file's content."""
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError:
        raise CodeError(
            "this is not a public key in PEM. Take the file code.public.pem that "
            "`immunosep code keys` wrote"
        ) from None
    if not isinstance(key, X25519PublicKey):
        raise CodeError(
            f"the public key is of another kind ({type(key).__name__}), expected X25519. "
            "Make keys with `immunosep code keys`"
        )
    return key


def seal(
    public_key: X25519PublicKey, value: bytes, *, about: bytes, size: int = VALUE_SIZE
) -> bytes:
    """The value, sealed; every value sealed with one `size` is equally long."""
    return SUITE.encrypt(_padded(value, size), public_key, info=about)


def seal_record(
    public_key: X25519PublicKey,
    record: Mapping[str, object],
    *,
    about: bytes,
    size: int = RECORD_SIZE,
) -> bytes:
    """A small record of values JSON knows, sealed; every record of one `size` is equally long."""
    return seal(public_key, canonical_json(record), about=about, size=size)


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys and no blanks, as ASCII: one value, one form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def _padded(value: bytes, size: int) -> bytes:
    if LENGTH_BYTES + len(value) > size:
        raise CodeError(
            f"a value of {len(value)} bytes does not fit where values have {size - LENGTH_BYTES}. "
            "Shorten it, or seal every value of its kind with a larger size"
        )
    return (len(value).to_bytes(LENGTH_BYTES, "big") + value).ljust(size, b"\0")
