"""SOFA: of each patient the components and the range they leave open; of many, the totals."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from immunosep.concepts.sofa import COMPONENTS, WORST_TOTAL
from immunosep.report.drawing import (
    BAR,
    INK,
    LINE,
    MUTED,
    ON_POINTS,
    POINTS,
    WASH,
    WIDE,
    Illustration,
    bare,
    canvas,
    illustrate,
    panel,
    printable,
)
from immunosep.screening.assessment import Score
from immunosep.screening.wording import COMPONENT_NAMES

HEADS = ("Resp.", "Coag.", "Liver", "Cardio.", "Nervous", "Renal")
SHORT_HEADS = ("Resp", "Coag", "Liver", "Card", "CNS", "Renal")


@dataclass(frozen=True, kw_only=True)
class Sized:
    """What differs between the wide figure and the narrow one, in pixels."""

    row: float
    names: float
    letters: int
    text: float


WIDE_SIZE = Sized(row=26, names=164, letters=20, text=12.5)
NARROW_SIZE = Sized(row=24, names=78, letters=10, text=10.5)


def scores(names: Sequence[str], given: Sequence[Score]) -> Illustration | None:
    """One row per patient: the range with the total marked, and the six components."""
    if not given:
        return None
    return illustrate(
        "SOFA and its components",
        alt=_alt(given),
        paint=lambda width: _paint(width, names, given),
        note="The bar runs from the lowest to the highest score that the missing components allow; "
        "the upright mark is the total with missing components counted as normal. "
        "A dash is a component that is missing.",
    )


def score_distribution(given: Sequence[Score]) -> Illustration | None:
    """For many patients: how many have each total, and how often each component is missing."""
    if not given:
        return None
    totals = Counter(score.total for score in given)
    most = max(totals, key=lambda total: (totals[total], -total))
    return illustrate(
        "SOFA over all patients",
        alt=f"Bar chart of SOFA totals of {len(given):,} patients, from {min(totals)} to "
        f"{max(totals)}; the commonest is {most}. {_missing_in_words(given)}",
        paint=lambda width: _paint_distribution(width, totals),
        note=f"Missing components count as normal in these totals. {_missing_in_words(given)}",
    )


def _missing_in_words(given: Sequence[Score]) -> str:
    counted = Counter(part for score in given for part in score.missing)
    if not counted:
        return "No component is missing."
    said = [f"{COMPONENT_NAMES.get(p, p)} {counted[p]:,}" for p in COMPONENTS if counted[p]]
    return f"Patients with a component missing: {', '.join(said)}."


def _alt(given: Sequence[Score]) -> str:
    ranged = sum(1 for score in given if score.lowest != score.highest)
    return (
        f"SOFA of {len(given):,} patients as range bars, totals from "
        f"{min(score.total for score in given)} to {max(score.total for score in given)}; "
        f"{ranged:,} left open by missing components. The components are in each patient's card."
    )


def _paint(width: int, names: Sequence[str], given: Sequence[Score]) -> Figure:
    wide = width == WIDE
    size = WIDE_SIZE if wide else NARROW_SIZE
    body = len(given) * size.row
    if wide:
        figure = canvas(width, body + 74)
        cells = 6 * 58
        ranges = panel(figure, left=size.names, right=cells + 30, top=34, bottom=40)
        table = panel(figure, left=width - cells, right=0, top=34, bottom=40)
    else:
        figure = canvas(width, 2 * body + 124)
        ranges = panel(figure, left=size.names, right=8, top=24, bottom=body + 100)
        table = panel(figure, left=size.names, right=0, top=body + 84, bottom=40)
    _ranges(ranges, names, given, size)
    _components(table, given, HEADS if wide else SHORT_HEADS, size)
    if not wide:
        _names(table, names, size)
    return figure


def _ranges(axes: Axes, names: Sequence[str], given: Sequence[Score], size: Sized) -> None:
    bare(axes)
    axes.set(xlim=(0, WORST_TOTAL + 3.6), ylim=(len(given) - 0.5, -0.5))
    axes.set_xticks(range(0, WORST_TOTAL + 1, 4))
    axes.tick_params(length=0, labelsize=size.text - 1)
    axes.grid(axis="x")
    axes.set_xlabel("SOFA, points", loc="left")
    for at, score in enumerate(given):
        _range(axes, at, score, size)
    _names(axes, names, size)


def _range(axes: Axes, at: int, score: Score, size: Sized) -> None:
    low, high, total = score.lowest, score.highest, score.total
    axes.barh(at, max(high - low, 0.01), left=low, height=0.44, color=BAR, zorder=2)
    axes.plot([total, total], [at - 0.34, at + 0.34], color=INK, lw=3.2, zorder=3,
              solid_capstyle="butt")  # fmt: skip
    words = f"{total}" if low == high else f"{low} to {high}"
    axes.text(high + 0.45, at, words, va="center", fontsize=size.text - 0.5, zorder=4)


def _names(axes: Axes, names: Sequence[str], size: Sized) -> None:
    axes.set_yticks(range(len(names)), [printable(n, longest=size.letters) for n in names])
    axes.tick_params(axis="y", length=0, labelsize=size.text)


def _components(axes: Axes, given: Sequence[Score], heads: Sequence[str], size: Sized) -> None:
    bare(axes)
    axes.set(xlim=(0, len(COMPONENTS)), ylim=(len(given) - 0.5, -0.5))
    for column, head in enumerate(heads):
        axes.text(column + 0.5, -0.62, head, ha="center", va="bottom", color=MUTED,
                  fontsize=size.text - 1)  # fmt: skip
    for row, score in enumerate(given):
        if score.entered and not any(v is not None for v in score.components.values()):
            axes.text(0.12, row, "entered as a total", va="center", color=MUTED,
                      fontsize=size.text - 0.5)  # fmt: skip
            continue
        for column, part in enumerate(COMPONENTS):
            _cell(axes, column, row, score.components[part], size)


def _cell(axes: Axes, column: int, row: int, points: int | None, size: Sized) -> None:
    fill, ink = (WASH, MUTED) if points is None else (POINTS[points], ON_POINTS[points])
    axes.add_patch(Rectangle((column + 0.04, row - 0.42), 0.92, 0.84, facecolor=fill, lw=0))
    axes.text(column + 0.5, row, "–" if points is None else str(points), ha="center",
              va="center_baseline", color=ink, fontsize=size.text)  # fmt: skip


def _paint_distribution(width: int, totals: Counter[int]) -> Figure:
    figure = canvas(width, 300 if width == WIDE else 240)
    axes = panel(figure, left=8, right=8, top=22, bottom=46)
    bare(axes)
    axes.spines["bottom"].set(visible=True, color=LINE)
    axes.set(xlim=(-0.7, WORST_TOTAL + 0.7), ylim=(0, max(totals.values()) * 1.08))
    axes.set_xticks(range(0, WORST_TOTAL + 1, 1 if width == WIDE else 4))
    axes.tick_params(length=0)
    axes.bar(list(totals), list(totals.values()), width=0.78, color=BAR)
    for total, number in totals.items():
        axes.annotate(f"{number:,}", (total, number), (0, 3), textcoords="offset points",
                      ha="center", fontsize=11 if width == WIDE else 8.5)  # fmt: skip
    axes.set_xlabel("SOFA, total points; number of patients above each bar", loc="left",
                    fontsize=12 if width == WIDE else 10.5)  # fmt: skip
    return figure
