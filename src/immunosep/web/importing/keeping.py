"""What a file says, sealed for as long as it is looked at, and what tells that it was here before.

Sealed with AES-256-GCM, digests are HMAC-SHA256, both under keys made from the site's own. A
digest without a key would tell a hidden result to whoever tries the few values it may have.
"""

import hmac
import json
import secrets
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEPT = timedelta(minutes=30)  # as long as somebody may look at it, and read what was left out
_NONCE = 12  # bytes, NIST SP 800-38D 5.2.1.1


def seal(value: Any) -> bytes:
    """A value as ciphertext, with its nonce."""
    nonce = secrets.token_bytes(_NONCE)
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return nonce + AESGCM(_key("seal")).encrypt(nonce, text.encode(), None)


def open_sealed(sealed: bytes | memoryview | None) -> Any:
    """What was sealed; None if it was erased, or if the site's key is another now."""
    data = bytes(sealed or b"")
    try:
        text = AESGCM(_key("seal")).decrypt(data[:_NONCE], data[_NONCE:], None)
    except (InvalidTag, ValueError):
        return None
    return json.loads(text)


def digest_under_key(*parts: str | bytes) -> str:
    """A digest of several parts that nobody can make, or test a guess with, without the key."""
    counted = b"".join(
        len(data).to_bytes(8, "big") + data
        for data in (part.encode() if isinstance(part, str) else part for part in parts)
    )
    return hmac.new(_key("digest"), counted, "sha256").hexdigest()


def _key(purpose: str) -> bytes:
    info = f"immunosep import {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(
        settings.SECRET_KEY.encode()
    )
