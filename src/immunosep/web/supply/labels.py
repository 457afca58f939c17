"""Labels as PDF: one page, one container. Drug and placebo differ in nothing but the number.

What stands on it: Regulation (EU) 536/2014, Annex VI; its language is that of the centre's country.
The 2-D code is a DataMatrix (ISO/IEC 16022) of the number, whose last sign is a check sign
(ISO/IEC 7064, MOD 37,36). The same label gives the same bytes, uncompressed, so that two can be
compared.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import zxingcpp
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from immunosep.languages import Said, said, say
from immunosep.protocol.supply import SupplyPlan
from immunosep.protocol.trial import Trial
from immunosep.randomisation.tokens import spaced
from immunosep.web.centres.templatetags.clock import day_in_words
from immunosep.web.supply.label_fonts import fonts_for, refuse_unprintable
from immunosep.web.supply.label_languages import kit_language, label_language, printing_in
from immunosep.web.supply.models import Kit, Preparation
from immunosep.web.supply.words import (
    dose_in_words,
    route_in_words,
    time_in_words,
    volume_in_words,
)
from immunosep.web.trial import site_trial, trial_of

WIDTH, HEIGHT, MARGIN = 100 * mm, 60 * mm, 4 * mm
CODE_SIDE = 20 * mm
BODY_SIZE, NUMBER_SIZE, HEAD_SIZE = 8.5, 15, 10
LEADING = 1.25
NAMES = 20 * mm  # the least width of the names of facts
GAP = 2 * mm
TRIAL_USE = say("For clinical trial use only")


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a label says: a number, a heading, facts and lines."""

    number: str
    heading: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]


def label_of(preparation: Preparation) -> Label:
    """A preparation's label. Nothing of its content is asked for."""
    order, route = preparation.order, preparation.route
    centre = order.centre
    facts = (
        (say("Participant"), order.participant),
        (say("Route"), Said(route_in_words(route))),
        (say("Volume"), volume_in_words(order.immune_state, route, centre)),
        (say("Dose"), dose_in_words(order.immune_state, route, preparation.dose, centre)),
        (say("Use before"), time_in_words(preparation.use_before, centre)),
    )
    return _label(preparation.number, facts, trial_of(centre), language=label_language(centre))


def label_of_kit(kit: Kit) -> Label:
    """A kit's label, made when it is packed, before anybody's."""
    facts = (
        (say("Participant"), "______________"),
        (say("Route"), Said(route_in_words(kit.route))),
        (say("Batch"), kit.batch),
        (say("Expires"), day_in_words(kit.expires_on)),
    )
    return _label(kit.number, facts, site_trial(), language=kit_language())


def draw_labels(labels: Iterable[Label]) -> bytes:
    """The PDF, one label to a page."""
    held = list(labels)
    refuse_unprintable(text for label in held for text in _texts(label))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=0)
    canvas.setTitle(_heading(site_trial()))
    for label in held:
        _draw(canvas, label)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _label(number: str, facts: Iterable[tuple[str, str]], trial: Trial, *, language: str) -> Label:
    """The label, each of its words in its language."""
    with printing_in(language):
        return Label(
            number=number,
            heading=_heading(trial),
            facts=tuple((said(name), said(value)) for name, value in facts),
            lines=tuple(said(line) for line in _lines(trial)),
        )


def _heading(trial: Trial) -> str:
    return " · ".join([trial.acronym or trial.id, *trial.registry_ids[:1]])


def _lines(trial: Trial) -> Iterator[str]:
    """The trial's own lines, and what every label has to say should they not."""
    plan = trial.supply
    own = plan.label_lines if plan else ()
    text = " ".join(own).lower()
    yield from map(Said, own)
    if TRIAL_USE.lower() not in text:
        yield TRIAL_USE
    if plan and "°c" not in text:
        yield _storage(plan)
    if trial.sponsor:
        yield say("Sponsor: {sponsor}", sponsor=trial.sponsor)


def _storage(plan: SupplyPlan) -> str:
    return say(
        "Keep at {low} to {high} °C",
        low=f"{plan.storage_low_c:g}",
        high=f"{plan.storage_high_c:g}",
    )


def _texts(label: Label) -> Iterator[str]:
    yield from (label.heading, *label.lines, *(part for fact in label.facts for part in fact))


def _draw(canvas: Any, label: Label) -> None:
    fonts = fonts_for(_texts(label))
    _draw_code(canvas, label.number, x=WIDTH - MARGIN - CODE_SIDE, y=HEIGHT - MARGIN - CODE_SIDE)
    at = HEIGHT - MARGIN - HEAD_SIZE
    canvas.setFont(fonts.bold, HEAD_SIZE)
    canvas.drawString(MARGIN, at, label.heading)
    at -= NUMBER_SIZE * LEADING
    canvas.setFont("Courier-Bold", NUMBER_SIZE)
    canvas.drawString(MARGIN, at, spaced(label.number))
    at -= BODY_SIZE * LEADING / 2
    widths = [stringWidth(name, fonts.body, BODY_SIZE) + GAP for name, _ in label.facts]
    for name, value in label.facts:
        at -= BODY_SIZE * LEADING
        canvas.setFont(fonts.body, BODY_SIZE)
        canvas.drawString(MARGIN, at, name)
        canvas.setFont(fonts.bold, BODY_SIZE)
        canvas.drawString(MARGIN + max([NAMES, *widths]), at, value)
    canvas.line(MARGIN, at - 4, WIDTH - MARGIN, at - 4)
    _draw_lines(canvas, label.lines, at - 5, font=fonts.body)


def _draw_lines(canvas: Any, lines: Iterable[str], at: float, *, font: str) -> None:
    """As large as the rest of the label, or as much smaller as it takes to fit."""
    size = BODY_SIZE
    while True:
        parts = [p for line in lines for p in simpleSplit(line, font, size, WIDTH - 2 * MARGIN)]
        if len(parts) * size * LEADING <= at - MARGIN or size <= 5:
            break
        size -= 0.5
    canvas.setFont(font, size)
    for part in parts:
        at -= size * LEADING
        canvas.drawString(MARGIN, at, part)


def _draw_code(canvas: Any, number: str, *, x: float, y: float) -> None:
    """Squares drawn one by one: sharp at any size, and without an image's own bytes."""
    code = zxingcpp.create_barcode(number, zxingcpp.BarcodeFormat.DataMatrix)
    image: Any = code.to_image(scale=1, add_quiet_zones=False)  # it gives a buffer of grey values
    rows: Any = memoryview(image).tolist()
    side = CODE_SIDE / len(rows)
    for row, cells in enumerate(rows):
        for column, light in enumerate(cells):
            if not light:
                top = y + CODE_SIDE - (row + 1) * side
                canvas.rect(x + column * side, top, side, side, stroke=0, fill=1)
