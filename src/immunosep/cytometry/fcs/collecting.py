"""All keywords of a data set: its TEXT and, where there is one, its supplemental TEXT.

A keyword that decides a value and stands there twice with two values is refused: nothing says which
was meant. Of any other the first counts, with a warning.
"""

from immunosep.cytometry.fcs import limits
from immunosep.cytometry.fcs.notes import Notes
from immunosep.cytometry.fcs.text import Keywords, Pairs

OFFSETS = {"$BEGINDATA", "$ENDDATA", "$BEGINSTEXT", "$ENDSTEXT", "$NEXTDATA"}
STORAGE = {"$BYTEORD", "$DATATYPE", "$MODE", "$PAR", "$TOT"}
DECIDING = OFFSETS | STORAGE | {"$SPILLOVER", "SPILL", "$COMP"}
OF_A_CHANNEL = {"N", "S", "B", "R", "E", "G", "V", "DATATYPE"}
DIGITS = "0123456789"


def collect(pairs: Pairs, notes: Notes) -> Keywords:
    """The keywords of these pairs; those without a name are left out."""
    values: dict[str, bytes] = {}
    repeated = set()
    for name, value in pairs:
        if name and values.setdefault(name, value).strip() != value.strip():
            repeated.add(name)
    decided = sorted(name for name in repeated if _decides(name))
    for name in decided:
        notes.refuse(f"keyword {name} is given twice with two values, expected one")
    if len(values) > limits.KEYWORDS:
        notes.refuse(f"TEXT holds {len(values):,} keywords, expected {limits.KEYWORDS:,} at most")
    if others := len(repeated) - len(decided):
        notes.warn(
            f"{others} keywords that decide no value are given twice; the first of each counts"
        )
    return Keywords(values)


def _decides(name: str) -> bool:
    return name in DECIDING or (name[:2] == "$P" and name[2:].lstrip(DIGITS) in OF_A_CHANNEL)
