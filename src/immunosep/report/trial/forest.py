"""The forest plot: one endpoint's odds ratio in everybody, each immune state, each subgroup."""

from dataclasses import dataclass
from math import isfinite

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from immunosep.analysis.comparisons import Compared
from immunosep.analysis.endpoints import EndpointResult
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.report.drawing import FOR, INK, LINE, MUTED, WIDE, canvas, illustrate, panel
from immunosep.report.trial.model import Picture
from immunosep.report.trial.numbers import say_estimate, say_p

TICKS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: a subgroup with its odds ratio, or a heading with the P of the interaction."""

    label: str
    line: Compared | None = None
    interaction: str = ""


def forest_picture(analysis: TrialAnalysis, result: EndpointResult) -> Picture | None:
    """The plot; None where arms are not compared or the endpoint is no yes or no."""
    if not analysis.compared or result.line is None or not result.subgroups:
        return None
    lines = _lines(result)

    def paint(width: int) -> Figure:
        return _paint(width, lines)

    said = "; ".join(
        f"{one.label}: {say_estimate(one.line.odds_ratio)}" for one in lines if one.line
    )
    return Picture(
        id=f"figure.forest.{result.endpoint.id}",
        illustration=illustrate(
            f"Odds ratios in subgroups: {result.endpoint.label}",
            alt=f"Odds ratios with 95 % intervals. {said}.",
            paint=paint,
            note="Whether an effect differs between subgroups is told by the P of interaction, "
            "not by which intervals cross 1. The areas of the squares are in proportion to the "
            "participants.",
        ),
        paint=paint,
    )


def _lines(result: EndpointResult) -> list[Line]:
    assert result.line is not None
    tarone = result.stratified.tarone if result.stratified else None
    lines = [Line(label="All participants", line=result.line)]
    if len(result.by_state) > 1:
        p = say_p(tarone.p_value if tarone else None)
        lines.append(Line(label="Immune state", interaction=f"P of difference {p}"))
        lines += [Line(label=one.label.split(" (")[0], line=one) for one in result.by_state]
    for one in result.subgroups:
        p = say_p(one.test.p_value if one.test else None)
        ratio = say_estimate(one.ratio)
        lines.append(
            Line(label=one.label.rsplit(" ", 3)[0] if " or more" in one.label else one.label,
                 interaction=f"Ratio {ratio}, P of interaction {p}")
        )  # fmt: skip
        lines += [Line(label=part.label, line=part) for part in (one.inside, one.outside)]
    return lines


def _paint(width: int, lines: list[Line]) -> Figure:
    wide = width == WIDE
    row, text = (30, 12.5) if wide else (46, 10.5)
    height = len(lines) * row + 64
    figure = canvas(width, height)
    left, right = (470, 190) if wide else (150, 16)
    axes = panel(figure, left=left, right=right, top=10, bottom=46)
    low, high = _span(lines)
    axes.set(xscale="log", xlim=(low, high), ylim=(len(lines) - 0.5, -0.5), yticks=[])
    axes.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.tick_params(axis="x", labelsize=text)
    axes.set_xlabel("Odds ratio, log scale", fontsize=text)
    axes.spines["left"].set_visible(False)
    axes.axvline(1, color=MUTED, linewidth=1)
    for at, one in enumerate(lines):
        _draw(axes, one, at, wide=wide, text=text)
    return figure


def _draw(axes: Axes, one: Line, at: int, *, wide: bool, text: float) -> None:
    place = axes.get_yaxis_transform()
    if one.line is None:
        axes.text(-0.0, at, "", transform=place)
        _said(axes, f"{one.label}", -(470 if wide else 150), at, text=text, bold=True)
        axes.text(0.0 if wide else -0.42, at + (0 if wide else 0.42), one.interaction,
                  transform=place, va="center", fontsize=text - 1, color=MUTED)  # fmt: skip
        return
    indent = 0 if one.label == "All participants" else 14
    _said(axes, one.label, -(470 if wide else 150) + indent, at, text=text, bold=not indent)
    counts = "  ".join(f"{group.events}/{group.total}" for group in one.line.groups)
    if wide:
        _said(axes, counts, -150, at, text=text, colour=MUTED)
        axes.text(1.02, at, say_estimate(one.line.odds_ratio), transform=place, va="center",
                  fontsize=text, color=INK)  # fmt: skip
    else:
        _said(axes, counts, -150 + indent, at + 0.36, text=text - 1, colour=MUTED)
    found = one.line.odds_ratio
    if found is None or not found.value or not isfinite(found.value):
        axes.text(1, at, " not estimable", va="center", fontsize=text - 1, color=MUTED)
        return
    if found.low is not None and found.high is not None:
        axes.plot([found.low, found.high], [at, at], color=FOR, linewidth=1.6, clip_on=True)
    size = max(16.0, min(150.0, sum(group.total for group in one.line.groups) * 0.5))
    axes.scatter([found.value], [at], s=size, marker="s", color=FOR, zorder=3)
    axes.axhline(at + 0.5, color=LINE, linewidth=0.4)


def _said(
    axes: Axes, words: str, x: float, y: float, *, text: float, bold: bool = False,
    colour: str = INK,
) -> None:  # fmt: skip
    """Words so many pixels from the axis' left edge."""
    axes.annotate(
        words, xy=(0, y), xycoords=axes.get_yaxis_transform(), xytext=(x, 0),
        textcoords="offset pixels", va="center", fontsize=text, color=colour,
        fontweight="bold" if bold else "normal",
    )  # fmt: skip


def _span(lines: list[Line]) -> tuple[float, float]:
    ends = [
        end
        for one in lines
        if one.line and one.line.odds_ratio
        for end in (one.line.odds_ratio.low, one.line.odds_ratio.high)
        if end is not None and isfinite(end) and end > 0
    ]
    low = max(min([0.5, *ends]) / 1.2, TICKS[0])
    return low, min(max([2.0, *ends]) * 1.2, TICKS[-1])
