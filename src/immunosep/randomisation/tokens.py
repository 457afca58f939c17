"""Unpredictable codes for kits and preparations, from which nothing can be inferred.

A code is seven signs drawn at random and a check sign (ISO/IEC 7064, MOD 37,36), which finds any
one wrong sign and any two neighbours exchanged. Signs that look alike (0 O, 1 I L, 2 Z, 5 S, 8 B,
U V) and the vowels, which make words, are not used. Codes come in the order they were drawn, which
says nothing of what they are given to.
"""

from itertools import islice

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

from immunosep.errors import CodeError
from immunosep.languages import say
from immunosep.randomisation.sequence import Draw

SIGNS = "34679CDFGHJKMNPQRTVWXY"
BODY_LENGTH = 7
GROUP = 4  # signs between hyphens, as people read them
NOT_A_CODE = say(
    "this is not a code of a label: a sign is wrong, missing or exchanged. Compare it with the "
    "label, or scan it"
)
WRONG_SIGNS = say(
    "a code of a label has {count} signs out of {signs}. Compare it with the label, or scan it",
    count=BODY_LENGTH + 1,
    signs=SIGNS,
)


def draw_tokens(count: int, *, draw: Draw, taken: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """So many new codes, each once, none of those `taken`; `secrets.randbelow` is a good `draw`."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        code = _draw_code(draw)
        if code not in taken:
            drawn[code] = None
    return tuple(islice(drawn, count))


def read_token(text: str) -> str:
    """A code as a person typed it, in its own form; a wrong one is refused."""
    code = "".join(text.split()).replace("-", "").upper()
    try:
        mod_37_36.validate(code)
    except ValidationError:
        raise CodeError(NOT_A_CODE) from None
    if len(code) != BODY_LENGTH + 1 or not set(code) <= set(SIGNS):
        raise CodeError(WRONG_SIGNS)
    return code


def spaced(code: str) -> str:
    """The code as a label shows it: 4679-CDFH."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def _draw_code(draw: Draw) -> str:
    while True:
        body = "".join(SIGNS[int(draw(len(SIGNS)))] for _ in range(BODY_LENGTH))
        check = mod_37_36.calc_check_digit(body)
        if check in SIGNS:
            return f"{body}{check}"
