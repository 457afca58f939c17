"""Where a hospital's patients are lost: the flow through the criteria, in the protocol’s order."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from immunosep.protocol.trial import Trial
from immunosep.report.drawing import (
    AGAINST,
    BAR,
    INK,
    LINE,
    MUTED,
    WASH,
    WIDE,
    Illustration,
    bare,
    canvas,
    illustrate,
    panel,
    printable,
)
from immunosep.screening.feasibility import Feasibility, Step


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the flow: its words and, of all screened, who is left, unknown and lost here."""

    words: str
    left: int
    unknown: int
    lost: int
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where things stand across the sheet, in pixels."""

    row: float
    words: float  # the width of the criterion's text; 0: it stands above its bar
    bars: tuple[float, float]
    numbers: tuple[float, float, float]  # right edges of left, lost, unknown
    letters: int
    lines: int
    text: float
    bar: float
    said: float  # room for the number at the end of the longest bar


WIDE_LAYOUT = Layout(
    row=36, words=420, bars=(432, 780), numbers=(850, 915, 992), letters=62, lines=2, text=12.5,
    bar=20, said=110,
)  # fmt: skip
NARROW_LAYOUT = Layout(
    row=38, words=0, bars=(2, 196), numbers=(240, 285, 346), letters=54, lines=4, text=11,
    bar=14, said=84,
)  # fmt: skip
LEADING = 1.4  # the height of a line of text, in its size
SCREENED = "Screened"
POSSIBLE = "Possible: no criterion decided against"
HEAD = 30


def attrition(trial: Trial, feasibility: Feasibility) -> Illustration | None:
    """The flow of patients: left, unknown and lost at each criterion, numbered as in the trial."""
    if not feasibility.steps or not feasibility.screened:
        return None
    rows = _rows(trial, feasibility)
    return illustrate(
        "Through the criteria, in the protocol’s order",
        alt=_alt(feasibility),
        paint=lambda width: _paint(width, rows, feasibility.screened),
        note="A bar is the patients left after a criterion. The hatched end is those for whom it "
        "is unknown: they are carried along. The orange end is those lost here, at the first "
        "criterion that stands against them. The last bar’s solid part is the eligible.",
    )


def _rows(trial: Trial, feasibility: Feasibility) -> list[Row]:
    numbers = {criterion.id: criterion.number for criterion in trial.criteria}
    rows, kind = [Row(words=SCREENED, left=feasibility.screened, unknown=0, lost=0)], ""
    for step in feasibility.steps:
        number = numbers.get(step.criterion)
        rows.append(
            Row(
                words=f"{'' if number is None else f'{number}. '}{printable(step.text)}",
                left=step.left,
                unknown=step.unknown,
                lost=step.lost,
                heading="" if step.kind == kind else f"{step.kind.capitalize()} criteria",
            )
        )
        kind = step.kind
    not_decided = feasibility.possible - feasibility.eligible
    return [*rows, Row(words=POSSIBLE, left=feasibility.possible, unknown=not_decided, lost=0)]


def _alt(feasibility: Feasibility) -> str:
    largest = sorted(feasibility.steps, key=lambda step: -step.lost)[:3]
    said = "; ".join(f"{step.text} ({step.lost:,})" for step in largest if step.lost)
    return (
        f"Flow of {feasibility.screened:,} patients through {len(feasibility.steps)} criteria, "
        f"{feasibility.possible:,} left at the end. The most are lost to: {said or 'no criterion'}."
    )


def _paint(width: int, rows: Sequence[Row], screened: int) -> Figure:
    layout = WIDE_LAYOUT if width == WIDE else NARROW_LAYOUT
    texts = [lines_of(row.words, layout) for row in rows]
    heights = [_height(row, text, layout) for row, text in zip(rows, texts, strict=True)]
    figure, sheet = _sheet(width, sum(heights) + HEAD)
    for right, head in zip(layout.numbers, ("left", "lost", "unknown"), strict=True):
        sheet.text(right, 16, head, ha="right", va="center", color=MUTED, fontsize=layout.text)
    top = float(HEAD)
    for row, text, height in zip(rows, texts, heights, strict=True):
        if row.heading:
            _heading(sheet, row.heading, top, width, layout)
        bottom = top + height
        middle = _words(sheet, text, bottom, layout, bold=row.words in (SCREENED, POSSIBLE))
        _bar(sheet, row, middle, screened, layout)
        _numbers(sheet, row, middle, layout)
        top = bottom
    return figure


def _sheet(width: int, height: float) -> tuple[Figure, Axes]:
    """A figure with one set of axes, in pixels from the upper left corner."""
    figure = canvas(width, height)
    sheet = panel(figure, left=0, right=0, top=0, bottom=0)
    bare(sheet)
    sheet.set(xlim=(0, width), ylim=(height, 0))
    return figure, sheet


def _height(row: Row, text: Sequence[str], layout: Layout) -> float:
    words = layout.row if layout.words else layout.row + len(text) * layout.text * LEADING
    return words + (HEAD if row.heading else 0)


def lines_of(words: str, layout: Layout) -> list[str]:
    """The words in lines that fit; a text that is still too long ends in an ellipsis."""
    lines = wrap(words, layout.letters) or [""]
    if len(lines) > layout.lines:
        last = lines[layout.lines - 1][: layout.letters - 1].rstrip(" ,;")
        lines = [*lines[: layout.lines - 1], f"{last}…"]
    return lines


def _words(
    sheet: Axes, text: Sequence[str], bottom: float, layout: Layout, *, bold: bool = False
) -> float:
    """Write a row's words beside its bar, or above it; the answer is the middle of the bar."""
    if layout.words:
        middle, at = bottom - layout.row / 2, bottom - layout.row / 2
    else:
        middle = bottom - 16
        at = middle - 11 - len(text) * layout.text * LEADING / 2
    sheet.text(2, at, "\n".join(text), va="center", fontsize=layout.text - 0.5,
               linespacing=1.15, fontweight="bold" if bold else "normal")  # fmt: skip
    return middle


def _heading(sheet: Axes, words: str, top: float, width: int, layout: Layout) -> None:
    sheet.text(2, top + HEAD - 11, words, va="center", fontweight="bold", fontsize=layout.text)
    sheet.plot([0, width], [top + HEAD - 1, top + HEAD - 1], color=LINE, lw=1)


def _bar(sheet: Axes, row: Row, middle: float, screened: int, layout: Layout) -> None:
    start, end = layout.bars
    scale = (end - start) / screened
    high = layout.bar
    x = start
    parts: list[tuple[int, dict[str, Any]]] = [
        (row.left - row.unknown, {"facecolor": BAR, "lw": 0}),
        (row.unknown, {"facecolor": WASH, "edgecolor": BAR, "hatch": "//////", "lw": 0.8}),
        (row.lost, {"facecolor": AGAINST, "lw": 0}),
    ]
    for number, look in parts:
        if number:
            sheet.add_patch(Rectangle((x, middle - high / 2), number * scale, high, **look))
        x += number * scale


def _numbers(sheet: Axes, row: Row, middle: float, layout: Layout) -> None:
    for right, number, colour in zip(
        layout.numbers, (row.left, row.lost, row.unknown), (INK, AGAINST, INK), strict=True
    ):
        nothing = number == 0 and right != layout.numbers[0]
        sheet.text(right, middle, "–" if nothing else f"{number:,}", ha="right", va="center",
                   color=MUTED if nothing else colour, fontsize=layout.text,
                   fontweight="bold" if colour == AGAINST and number else "normal")  # fmt: skip


def lost_to_one(steps: Sequence[Step]) -> Illustration | None:
    """How many patients each criterion costs by itself, the costliest first."""
    costly = sorted(
        (step for step in steps if step.lost_to_this_alone), key=lambda s: -s.lost_to_this_alone
    )
    if not costly:
        return None
    first = costly[0]
    return bars(
        "What each criterion costs by itself",
        [(printable(step.text), step.lost_to_this_alone, None) for step in costly],
        alt=f"Bar chart of the patients lost to one criterion alone, most for: {first.text} "
        f"({first.lost_to_this_alone:,}).",
        note="Patients who would not be lost if that one criterion were left out.",
        colour=AGAINST,
    )


def bars(
    title: str,
    rows: Sequence[tuple[str, int, int | None]],
    *,
    alt: str,
    note: str = "",
    colour: str = BAR,
) -> Illustration:
    """Horizontal bars with a number each; a second number is a part of the first, drawn inside."""
    return illustrate(
        title, alt=alt, note=note, paint=lambda width: _paint_bars(width, rows, colour)
    )


def _paint_bars(width: int, rows: Sequence[tuple[str, int, int | None]], colour: str) -> Figure:
    layout = WIDE_LAYOUT if width == WIDE else NARROW_LAYOUT
    texts = [lines_of(words, layout) for words, _, _ in rows]
    plain = Row(words="", left=0, unknown=0, lost=0)
    heights = [_height(plain, text, layout) for text in texts]
    figure, sheet = _sheet(width, sum(heights) + 8)
    start = layout.bars[0]
    most = max(number for _, number, _ in rows) or 1
    scale = (width - start - layout.said) / most
    bottom = 4.0
    for (_, number, part), text, height in zip(rows, texts, heights, strict=True):
        bottom += height
        middle = _words(sheet, text, bottom, layout)
        for share, look in _parts(number, part, colour):
            box = (start, middle - layout.bar / 2)
            sheet.add_patch(Rectangle(box, share * scale, layout.bar, **look))
        said = f"{number:,}" if part is None else f"{part:,} of {number:,}"
        sheet.text(start + number * scale + 6, middle, said, va="center", fontsize=layout.text)
    return figure


def _parts(number: int, part: int | None, colour: str) -> list[tuple[int, dict[str, Any]]]:
    if part is None:
        return [(number, {"facecolor": colour, "lw": 0})]
    whole = {"facecolor": WASH, "edgecolor": LINE, "lw": 0.8}
    return [(number, whole), (part, {"facecolor": colour, "lw": 0})]
