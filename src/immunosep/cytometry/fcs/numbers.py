"""Numbers as FCS writes them, and what of a file's text a message may repeat.

Python's own `int` and `float` accept more than a file may say: `1_000`, `٣`, `nan`, `1e999`.
"""

import math

from immunosep.cytometry.fcs import limits

DECIMAL = frozenset("0123456789+-.eE")
SHOWN_CHARACTERS = 24
SHOWN = DECIMAL | frozenset(", ")


def whole(text: str, *, digits: int = limits.WHOLE_DIGITS) -> int | None:
    """The number that is written, or None: at most so many digits, spaces around them allowed."""
    written = text.strip(" ")
    if not (written.isascii() and written.isdigit()) or len(written) > digits:
        return None
    return int(written)


def decimal(text: str) -> float | None:
    """The finite number that is written, or None."""
    written = text.strip(" ")
    if len(written) > SHOWN_CHARACTERS or not set(written) <= DECIMAL:
        return None
    try:
        number = float(written)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def shown(text: str) -> str:
    """A keyword's value as a message may repeat it.

    A number or one letter as it stands; of anything else the length, because in a damaged file a
    person's name can stand where a number belongs.
    """
    if not text.strip(" "):
        return "blank"
    if len(text) <= SHOWN_CHARACTERS and set(text) <= SHOWN:
        return repr(text.strip(" "))
    if len(text) == 1 and text.isascii() and text.isprintable():
        return repr(text)
    return f"text of {len(text):,} characters"


def label(name: str) -> str:
    """A channel's name as a message may repeat it: printable, and not long."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in name[:40])
    return repr(printable + ("…" if len(name) > 40 else ""))
