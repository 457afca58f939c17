"""Sealed envelopes: one sheet for each slot of a stratum, to unblind one participant without power.

A sheet has three panels. It is folded so that the lowest covers the middle, face to face, and the
topmost goes behind: the outside then shows the trial, the stratum and the slot, the inside what a
participant of each immune state is given. The lowest panel is printed densely, the same on every
sheet, so that the middle cannot be read against the light.
"""

from collections.abc import Container, Iterable, Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from immunosep.errors import CodeError
from immunosep.protocol.trial import Trial
from immunosep.randomisation.disclosure import Disclosure, Treatment

WIDTH, HEIGHT = A4
PANEL = HEIGHT / 3
MARGIN = 18 * mm
TEXT_WIDTH = WIDTH - 2 * MARGIN
BUILT_IN = ("Helvetica", "Helvetica-Bold")
BUILT_IN_LETTERS = "cp1252"  # what the built-in fonts can show
OWN = "Own"
DOTS = "." * 90
SCREEN = "IMMUNO8SEP0X9QWHKBR3A6"  # any text: it only has to be dense


def write_envelopes(
    path: Path,
    disclosures: Sequence[Disclosure],
    *,
    trial: Trial,
    commitment: str,
    font: Path | None = None,
) -> None:
    """Write the sheets as PDF; `font` is a TrueType file for letters the built-in font lacks."""
    plain, bold = _fonts(disclosures, trial, font)
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    canvas.setTitle(f"{trial.acronym or trial.id}: envelopes for emergency unblinding")
    for disclosure in disclosures:
        _outside(canvas, disclosure, trial, commitment, plain, bold)
        _inside(canvas, disclosure, plain, bold)
        _screen(canvas)
        _folds(canvas)
        canvas.showPage()
    canvas.save()


def place_name(trial: Trial, stratum: str) -> str:
    """The name of the centre a stratum is of, empty where it is of none."""
    names = {centre.id: f"{centre.name}, {centre.city}" for centre in trial.centres}
    return next((names[part] for part in stratum.split("/") if part in names), "")


def _fonts(disclosures: Iterable[Disclosure], trial: Trial, font: Path | None) -> tuple[str, str]:
    signs = {sign for text in _texts(disclosures, trial) for sign in text}
    lacking = {sign for sign in signs if not sign.encode(BUILT_IN_LETTERS, "ignore")}
    if font is not None:
        letters = _registered(font)
        lacking = {sign for sign in signs if ord(sign) not in letters}
    if lacking:
        raise CodeError(
            f"the {'named' if font else 'built-in'} font has no {' '.join(sorted(lacking))}. Name "
            "a TrueType font that has, with --font FILE.ttf"
        )
    return BUILT_IN if font is None else (OWN, OWN)


def _registered(path: Path) -> Container[int]:
    """Make a font ready to be used; the answer is the letters it has."""
    try:
        font = TTFont(OWN, str(path))
    except (TTFError, OSError):
        raise CodeError(f"{path} is not a TrueType font that can be used") from None
    pdfmetrics.registerFont(font)
    letters: Container[int] = font.face.charToGlyph
    return letters


def _texts(disclosures: Iterable[Disclosure], trial: Trial) -> Iterable[str]:
    yield from (trial.title, trial.acronym, trial.id)
    for disclosure in disclosures:
        yield from (disclosure.stratum, place_name(trial, disclosure.stratum), disclosure.arm)
        for treatment in disclosure.treatments:
            yield from (treatment.state, *treatment.components)


def _outside(
    canvas: Canvas,
    disclosure: Disclosure,
    trial: Trial,
    commitment: str,
    plain: str,
    bold: str,
) -> None:
    top = HEIGHT - 16 * mm
    top = _line(canvas, f"{trial.acronym or trial.id}: emergency unblinding", top, bold, 18)
    top = _line(canvas, trial.title, top, plain, 11)
    top = _line(canvas, f"Stratum {disclosure.stratum}", top - 3 * mm, bold, 14)
    top = _line(canvas, place_name(trial, disclosure.stratum), top, plain, 11)
    top = _line(canvas, f"Position {disclosure.position}", top - 1 * mm, bold, 22)
    top = _line(
        canvas,
        "Open only if the treatment of this one participant depends on it, and the website cannot "
        "be reached. Write down who opened it, when and why, and tell the sponsor afterwards.",
        top - 2 * mm,
        plain,
        10,
    )
    for asked in ("Participant", "Opened by, on, at", "Because"):
        top = _line(canvas, f"{asked} {DOTS}", top - 2 * mm, plain, 10)
    _line(canvas, f"Commitment of the list: {commitment}", HEIGHT - PANEL + 6 * mm, plain, 7)


def _inside(canvas: Canvas, disclosure: Disclosure, plain: str, bold: str) -> None:
    top = HEIGHT - PANEL - 14 * mm
    heading = f"Stratum {disclosure.stratum}, position {disclosure.position}"
    top = _line(canvas, heading, top, plain, 9)
    top = _line(canvas, disclosure.arm, top - 1 * mm, bold, 14)
    for treatment in disclosure.treatments:
        top = _treatment(canvas, treatment, top - 2 * mm, plain, bold)


def _treatment(canvas: Canvas, treatment: Treatment, top: float, plain: str, bold: str) -> float:
    if treatment.state:
        top = _line(canvas, treatment.state, top, bold, 11)
    for component in treatment.components:
        top = _line(canvas, component, top, plain, 10)
    return top


def _line(canvas: Canvas, text: str, top: float, font: str, size: float) -> float:
    """Write a text over as many lines as it needs; the answer is where the next one goes."""
    canvas.setFont(font, size)
    for part in _wrapped(text, font, size):
        canvas.drawString(MARGIN, top - size, part)
        top -= size * 1.3
    return top


def _wrapped(text: str, font: str, size: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pdfmetrics.stringWidth(longer, font, size) <= TEXT_WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _screen(canvas: Canvas) -> None:
    """Dense print, the same on every sheet, over all of the lowest panel."""
    canvas.setFont("Courier-Bold", 9)
    step = 6.0
    row = SCREEN * 8
    top = PANEL - 4 * mm
    for number in range(int((PANEL - 8 * mm) / step)):
        shift = (number * 7) % len(SCREEN)
        canvas.drawString(8 * mm, top - (number + 1) * step, row[shift : shift + 100])


def _folds(canvas: Canvas) -> None:
    canvas.setDash(2, 3)
    for number, said in ((2, "fold backwards"), (1, "fold forwards first")):
        canvas.line(0, number * PANEL, WIDTH, number * PANEL)
        canvas.setFont("Helvetica", 6)
        canvas.drawRightString(WIDTH - 4 * mm, number * PANEL + 1.5 * mm, said)
    canvas.setDash()
