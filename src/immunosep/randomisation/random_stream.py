"""Numbers from a seed, the same on every machine and with every version of Python.

A stream belongs to a seed and a label. Its bytes are HMAC-SHA-256(key = seed, message = counter +
label), one 32-byte block after another: the counter is 8 bytes, most significant first, and begins
at 1; the label is UTF-8. This is a pseudorandom function in counter mode, after NIST SP 800-108r1
section 4.1; HMAC is RFC 2104, SHA-256 FIPS 180-4.

A whole number below n is made from the next 8 bytes, read as a number w, most significant first:
w is discarded, and the next 8 bytes are read, while w is not below the largest multiple of n up to
2**64; the number is w mod n. Discarding makes each number equally likely (NIST SP 800-90A Rev. 1,
appendix A.5).
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from itertools import count

from immunosep.errors import SequenceError
from immunosep.randomisation.sequence import Draw

SMALLEST_SEED_BYTES = 16  # NIST SP 800-57 Part 1 Rev. 5: 128 bits of security
WORD_BYTES = 8
WORDS = 1 << (8 * WORD_BYTES)


def seeded_draw(seed: bytes, label: str) -> Draw:
    """The numbers of the stream that belongs to `seed` and `label`, from its beginning."""
    if len(seed) < SMALLEST_SEED_BYTES:
        raise SequenceError(
            "the seed cannot be used",
            [
                f"it has {len(seed)} bytes, expected {SMALLEST_SEED_BYTES} or more from a "
                "cryptographic source, for example `openssl rand 32`"
            ],
        )
    words = _words(seed, label.encode())

    def draw(below: int) -> int:
        limit = WORDS - WORDS % below
        return next(word for word in words if word < limit) % below

    return draw


def streams_of(seed: bytes) -> Callable[[str], Draw]:
    """For `draw_sequence`: each stratum's own stream, whatever other strata there are."""
    return lambda stratum: seeded_draw(seed, f"immunosep sequence 1: {stratum}")


def _words(seed: bytes, label: bytes) -> Iterator[int]:
    for counter in count(1):
        block = hmac.digest(seed, counter.to_bytes(WORD_BYTES, "big") + label, hashlib.sha256)
        for at in range(0, len(block), WORD_BYTES):
            yield int.from_bytes(block[at : at + WORD_BYTES], "big")
