"""Labels as PDF: one page, one container. Drug and placebo differ in nothing but the number.

What stands on it: Regulation (EU) 536/2014, Annex VI. The 2-D code is a DataMatrix (ISO/IEC 16022)
of the number, whose last sign is a check sign (ISO/IEC 7064, MOD 37,36). The same label gives the
same bytes, uncompressed, so that two can be compared.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import zxingcpp
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from immunosep.errors import RefusedError
from immunosep.protocol.supply import SupplyPlan
from immunosep.protocol.trial import Trial
from immunosep.randomisation.tokens import spaced
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
BODY, BOLD = "Helvetica", "Helvetica-Bold"
BODY_SIZE, NUMBER_SIZE, HEAD_SIZE = 8.5, 15, 10
LEADING = 1.25
TRIAL_USE = "For clinical trial use only"


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
    return Label(
        number=preparation.number,
        heading=_heading(trial_of(centre)),
        facts=(
            ("Participant", order.participant),
            ("Route", route_in_words(route)),
            ("Volume", volume_in_words(order.immune_state, route, centre)),
            ("Dose", dose_in_words(order.immune_state, route, preparation.dose, centre)),
            ("Use before", time_in_words(preparation.use_before, centre)),
        ),
        lines=tuple(_lines(trial_of(centre))),
    )


def label_of_kit(kit: Kit) -> Label:
    """A kit's label, made when it is packed, before anybody's."""
    return Label(
        number=kit.number,
        heading=_heading(site_trial()),
        facts=(
            ("Participant", "______________"),
            ("Route", route_in_words(kit.route)),
            ("Batch", kit.batch),
            ("Expires", f"{kit.expires_on:%-d %b %Y}"),
        ),
        lines=tuple(_lines(site_trial())),
    )


def draw_labels(labels: Iterable[Label]) -> bytes:
    """The PDF, one label to a page."""
    held = list(labels)
    _refuse_unprintable(held)
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=0)
    canvas.setTitle(f"Labels, {_heading(site_trial())}")
    for label in held:
        _draw(canvas, label)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _heading(trial: Trial) -> str:
    return " · ".join([trial.acronym or trial.id, *trial.registry_ids[:1]])


def _lines(trial: Trial) -> Iterator[str]:
    """The trial's own lines, and what every label has to say should they not."""
    plan = trial.supply
    own = plan.label_lines if plan else ()
    text = " ".join(own).lower()
    yield from own
    if TRIAL_USE.lower() not in text:
        yield TRIAL_USE
    if plan and "°c" not in text:
        yield _storage(plan)
    if trial.sponsor:
        yield f"Sponsor: {trial.sponsor}"


def _storage(plan: SupplyPlan) -> str:
    return f"Keep at {plan.storage_low_c:g} to {plan.storage_high_c:g} °C"


def _draw(canvas: Any, label: Label) -> None:
    _draw_code(canvas, label.number, x=WIDTH - MARGIN - CODE_SIDE, y=HEIGHT - MARGIN - CODE_SIDE)
    at = HEIGHT - MARGIN - HEAD_SIZE
    canvas.setFont(BOLD, HEAD_SIZE)
    canvas.drawString(MARGIN, at, label.heading)
    at -= NUMBER_SIZE * LEADING
    canvas.setFont("Courier-Bold", NUMBER_SIZE)
    canvas.drawString(MARGIN, at, spaced(label.number))
    at -= BODY_SIZE * LEADING / 2
    for name, value in label.facts:
        at -= BODY_SIZE * LEADING
        canvas.setFont(BODY, BODY_SIZE)
        canvas.drawString(MARGIN, at, name)
        canvas.setFont(BOLD, BODY_SIZE)
        canvas.drawString(MARGIN + 20 * mm, at, value)
    canvas.line(MARGIN, at - 4, WIDTH - MARGIN, at - 4)
    _draw_lines(canvas, label.lines, at - 5)


def _draw_lines(canvas: Any, lines: Iterable[str], at: float) -> None:
    """As large as the rest of the label, or as much smaller as it takes to fit."""
    size = BODY_SIZE
    while True:
        parts = [p for line in lines for p in simpleSplit(line, BODY, size, WIDTH - 2 * MARGIN)]
        if len(parts) * size * LEADING <= at - MARGIN or size <= 5:
            break
        size -= 0.5
    canvas.setFont(BODY, size)
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


def _refuse_unprintable(labels: Iterable[Label]) -> None:
    """The fonts every PDF reader has know Western letters; others would print as boxes."""
    texts = {
        text
        for label in labels
        for text in (label.heading, *label.lines, *(value for _, value in label.facts))
    }
    wrong = sorted({sign for text in texts for sign in text if not _prints(sign)})
    if wrong:
        raise RefusedError(
            "the labels cannot be printed",
            [f"The letters {' '.join(wrong)} are not in the label's font. Spell them otherwise."],
        )


def _prints(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
