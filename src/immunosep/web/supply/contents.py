"""Sealing what a container holds. Any process can seal; opening is in `unblinding.opening`.

Every sealed content has one length, and its seal is bound to the number it belongs to, so that the
content of one container put into another's row no longer opens.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.randomisation.code import read_public_key, seal_record
from immunosep.web.code.models import Code


def seal_content(content: Mapping[str, object], *, about: bytes) -> bytes:
    """The content, readable with the code key alone."""
    return seal_contents([(content, about)])[0]


def seal_contents(contents: Iterable[tuple[Mapping[str, object], bytes]]) -> list[bytes]:
    """The same of many, each bound to what it is about."""
    pem = Code.objects.filter(active=True).values_list("public_key", flat=True).first()
    if pem is None:
        raise RefusedError(
            "nothing can be sealed",
            [say("The site has no code yet. Ask the administrator to load it.")],
        )
    key = _key(pem)
    return [seal_record(key, content, about=about) for content, about in contents]


def about_preparation(number: str) -> bytes:
    """What the seal of a preparation is bound to."""
    return f"preparation {number}".encode()


def about_kit(number: str) -> bytes:
    """What the seal of a kit is bound to."""
    return f"kit {number}".encode()


def about_movement(reference: str) -> bytes:
    """What the seal of a line of the ledger is bound to."""
    return f"movement {reference}".encode()


@lru_cache(maxsize=4)
def _key(pem: str) -> X25519PublicKey:
    return read_public_key(pem.encode("ascii"))
