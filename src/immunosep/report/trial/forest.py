"""The forest plot: one endpoint's odds ratio in everybody, each immune state, each subgroup."""

from dataclasses import dataclass
from math import isfinite
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from immunosep.analysis.comparisons import Compared
from immunosep.analysis.endpoints import EndpointResult
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.report.drawing import FOR, INK, MUTED, WIDE, canvas, illustrate, panel
from immunosep.report.trial.model import Picture
from immunosep.report.trial.numbers import say_estimate, say_p
from immunosep.report.trial.outcome_tables import short_arm

LETTERS = 24  # of a label on a telephone, before it goes on in a second line
TICKS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: a subgroup with its odds ratio, or a heading with the P of the interaction."""

    label: str
    line: Compared | None = None
    interaction: str = ""


def forest_picture(analysis: TrialAnalysis, result: EndpointResult) -> Picture | None:
    """The plot; None where arms are not compared, or the endpoint is no yes or no, or unknown."""
    if not analysis.compared or result.line is None or not result.subgroups:
        return None
    if not any(group.total for group in result.line.groups):
        return None
    lines = _lines(result)
    arms = short_arm(analysis, analysis.groups[0].id), short_arm(analysis, analysis.groups[1].id)

    def paint(width: int) -> Figure:
        return _paint(width, lines, arms)

    said = "; ".join(
        f"{one.label}: {say_estimate(one.line.odds_ratio)}" for one in lines if one.line
    )
    return Picture(
        id=f"figure.forest.{result.endpoint.id}",
        illustration=illustrate(
            f"Odds ratios in subgroups: {result.endpoint.label}",
            alt=f"Odds ratios with 95 % intervals. {said}.",
            paint=paint,
            note="Whether an effect differs between subgroups is told by the ratio of their odds "
            "ratios and its P (interaction), not by which intervals cross 1. The areas of the "
            f"squares are in proportion to the participants.{_in_neither(result)}",
        ),
        paint=paint,
    )


def _in_neither(result: EndpointResult) -> str:
    """Of how many it is unknown whether they are in a subgroup or outside it."""
    said = [
        f"{one.unknown:,} of unknown {_common(one.inside.label, one.outside.label)}"
        for one in result.subgroups
        if one.unknown
    ]
    return f" Without {', '.join(said)}." if said else ""


def _lines(result: EndpointResult) -> list[Line]:
    assert result.line is not None
    tarone = result.stratified.tarone if result.stratified else None
    lines = [Line(label="All participants", line=result.line)]
    if len(result.by_state) > 1:
        p = say_p(tarone.p_value if tarone else None)
        lines.append(Line(label="Immune state", interaction=f"do they differ? P {p}"))
        lines += [Line(label=one.label.split(" (")[0], line=one) for one in result.by_state]
    for one in result.subgroups:
        p = say_p(one.test.p_value if one.test else None)
        ratio = "–" if one.ratio is None or one.ratio.value is None else f"{one.ratio.value:.2f}"
        lines.append(
            Line(label=_common(one.inside.label, one.outside.label),
                 interaction=f"ratio {ratio}, P {p}")
        )  # fmt: skip
        lines += [Line(label=part.label, line=part) for part in (one.inside, one.outside)]
    return lines


def _common(one: str, two: str) -> str:
    """What two labels begin with alike: 'APACHE II' of '… 25 or more' and '… below 25'."""
    shared = [a for a, b in zip(one.split(), two.split(), strict=False) if a == b]
    return " ".join(shared) or one


def _paint(width: int, lines: list[Line], arms: tuple[str, str]) -> Figure:
    wide = width == WIDE
    row, text = (30, 12.5) if wide else (54, 9.5)
    figure = canvas(width, len(lines) * row + 90)
    left, right = (470, 215) if wide else (150, 12)
    axes = panel(figure, left=left, right=right, top=36, bottom=46)
    low, high = _span(lines)
    axes.set(xscale="log", xlim=(low, high), ylim=(len(lines) - 0.5, -0.5), yticks=[])
    axes.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.tick_params(axis="x", labelsize=text)
    axes.set_xlabel("Odds ratio, log scale", fontsize=text)
    axes.spines["left"].set_visible(False)
    axes.axvline(1, color=MUTED, linewidth=1)
    places = Places(left=-left, first=-192, second=-84, text=text, wide=wide)
    if wide:
        for x, head in ((places.first, arms[0]), (places.second, arms[1])):
            _said(axes, head, x, -0.95, text=text - 1, colour=MUTED)
        _beyond(axes, "Odds ratio (95 % CI)", -0.95, text=text - 1, colour=MUTED)
    for at, one in enumerate(lines):
        _draw(axes, one, at, places)
    return figure


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where the columns begin, in pixels from the axis; the size of the words."""

    left: float
    first: float
    second: float
    text: float
    wide: bool


def _draw(axes: Axes, one: Line, at: int, places: Places) -> None:
    text = places.text
    if one.line is None:
        _said(axes, one.label, places.left, at, text=text, bold=True)
        if places.wide:
            _beyond(axes, one.interaction, at, text=text - 1.5, colour=MUTED)
        else:
            _said(axes, one.interaction, places.left, at + 0.38, text=text - 1, colour=MUTED)
        return
    indent = 0 if one.label == "All participants" else 14
    label = one.label if places.wide else fill(one.label, LETTERS)
    up = 0.14 if "\n" in label else 0.0
    _said(axes, label, places.left + indent, at - up, text=text, bold=not indent)
    counts = [
        "unknown" if group.unknown and not group.total else f"{group.events}/{group.total}"
        for group in one.line.groups
    ]
    if places.wide:
        for x, count in zip((places.first, places.second), counts, strict=True):
            _said(axes, count, x, at, text=text)
        _beyond(axes, say_estimate(one.line.odds_ratio), at, text=text)
    else:
        _said(axes, ", ".join(counts), places.left + indent, at + 0.38, text=text - 1,
              colour=MUTED)  # fmt: skip
    found = one.line.odds_ratio
    if found is None or not found.value or not isfinite(found.value):
        return  # its words say so
    if found.low is not None and found.high is not None:
        axes.plot([found.low, found.high], [at, at], color=FOR, linewidth=1.6)
    size = max(16.0, min(150.0, sum(group.total for group in one.line.groups) * 0.5))
    axes.scatter([found.value], [at], s=size, marker="s", color=FOR, zorder=3)


def _beyond(axes: Axes, words: str, y: float, *, text: float, colour: str = INK) -> None:
    """Words to the right of the axis."""
    axes.text(1.03, y, words, transform=axes.get_yaxis_transform(), va="center", fontsize=text,
              color=colour)  # fmt: skip


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
