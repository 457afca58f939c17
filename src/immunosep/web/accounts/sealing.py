"""Second factors as the database keeps them: AES-256-GCM under a key made from the site's own.

A copy of the database without the site's secret key makes no codes. A new secret key makes every
second factor void; people then set theirs up again.
"""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12  # bytes, NIST SP 800-38D 5.2.1.1


def seal(text: str) -> str:
    """Ciphertext with its nonce, as text."""
    nonce = secrets.token_bytes(_NONCE)
    return base64.b64encode(nonce + _cipher().encrypt(nonce, text.encode(), None)).decode()


def open_sealed(sealed: str) -> str:
    """What was sealed; nothing if the secret key is another."""
    data = base64.b64decode(sealed)
    try:
        return _cipher().decrypt(data[:_NONCE], data[_NONCE:], None).decode()
    except InvalidTag:
        return ""


def _cipher() -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"immunosep second factor")
    return AESGCM(derived.derive(settings.SECRET_KEY.encode()))
