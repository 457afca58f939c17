"""The letters of labels: a PDF reader's own where they do, else a font that goes into the file.

Every PDF reader has Helvetica, which knows the letters of western Europe. DejaVu Sans knows Greek,
Cyrillic and more; it is read from matplotlib's files, without importing matplotlib.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

from immunosep.errors import RefusedError, SettingsError
from immunosep.languages import say

FOLDER = Path("mpl-data", "fonts", "ttf")


@dataclass(frozen=True)
class Fonts:
    """What words and what their values are set in."""

    body: str
    bold: str


WESTERN = Fonts("Helvetica", "Helvetica-Bold")
WIDER = Fonts("DejaVuSans", "DejaVuSans-Bold")


def fonts_for(texts: Iterable[str]) -> Fonts:
    """The fonts for all of these: one pair for a whole label."""
    if all(_is_western(sign) for text in texts for sign in text):
        return WESTERN
    _letters()
    return WIDER


def refuse_unprintable(texts: Iterable[str]) -> None:
    """What neither font has would print as boxes."""
    odd = {sign for text in texts for sign in text if not _is_western(sign)}
    wrong = sorted(odd - _letters()) if odd else []
    if wrong:
        raise RefusedError(
            "the labels cannot be printed",
            [
                say(
                    "The letters {letters} are not in the label's font. Spell them otherwise.",
                    letters=" ".join(wrong),
                )
            ],
        )


@cache
def _letters() -> frozenset[str]:
    """The letters of the wider fonts, which are made known to the PDF's maker once."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise SettingsError(
            "a label has letters for which no font is installed; expected DejaVu Sans, which "
            "comes with matplotlib. Install immunosep[web]"
        )
    fonts = [
        TTFont(name, Path(found.origin).parent / FOLDER / f"{name}.ttf")
        for name in (WIDER.body, WIDER.bold)
    ]
    for font in fonts:
        registerFont(font)
    return frozenset.intersection(*(frozenset(map(chr, font.face.charToGlyph)) for font in fonts))


def _is_western(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
