"""Curves over time: survival with numbers at risk, time to reversal, daily SOFA by state."""

from collections.abc import Mapping
from math import sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from immunosep.analysis.coefficients import quantile
from immunosep.analysis.conduct import DayLine
from immunosep.analysis.endpoints import EndpointResult
from immunosep.analysis.estimates import LEVEL
from immunosep.analysis.kaplan_meier import SurvivalCurve
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.protocol.endpoints import Death, Reversal
from immunosep.report.drawing import INK, MUTED, WIDE, canvas, illustrate, panel
from immunosep.report.trial.model import Picture
from immunosep.report.trial.numbers import say_estimate, say_p
from immunosep.report.trial.outcome_tables import short_arm, untimed
from immunosep.report.trial.sheet import DASHES, colour_of

HIGHEST = 24  # of SOFA (Vincent, Intensive Care Med 1996;22:707)
MOST_STEPS = 1000  # of a curve: more than a page has pixels across


def survival_picture(analysis: TrialAnalysis, result: EndpointResult) -> Picture | None:
    """Kaplan-Meier curves of one endpoint; of what is hoped for, the share that had it."""
    times = result.times
    if times is None or all(curve is None for curve in times.curves.values()):
        return None
    falling = isinstance(result.endpoint.definition, Death)
    what = "Alive" if falling else "Immune state reversed"
    note = "Steps: Kaplan-Meier; shaded: 95 % interval on the log-log scale."
    note += f" {untimed(analysis, times)}".rstrip()
    if analysis.compared:
        p = say_p(times.log_rank.p_value if times.log_rank else None)
        note += f" Hazard ratio {say_estimate(times.hazard_ratio)}; log-rank P {p}."

    def paint(width: int) -> Figure:
        return _paint_survival(width, analysis, times.curves, times.until_day, what, falling)

    return Picture(
        id=f"figure.{result.endpoint.id}",
        illustration=illustrate(
            f"{what} by day {times.until_day}",
            alt=_said_of(analysis, times.curves, times.until_day, what, falling),
            paint=paint,
            note=note,
        ),
        paint=paint,
    )


def drawn_as_time(analysis: TrialAnalysis) -> list[EndpointResult]:
    """The endpoints to draw: the longest of death, and reversal."""
    deaths = [r for r in analysis.endpoints if isinstance(r.endpoint.definition, Death) and r.times]
    longest = sorted(deaths, key=lambda r: r.times.until_day if r.times else 0)[-1:]
    others = [r for r in analysis.endpoints if isinstance(r.endpoint.definition, Reversal)]
    return [*longest, *others]


def _said_of(
    analysis: TrialAnalysis, curves: Mapping[str, SurvivalCurve | None], day: int, what: str,
    falling: bool,
) -> str:  # fmt: skip
    said = []
    for group, curve in curves.items():
        value = curve.at(day).value if curve else None
        share = None if value is None else value if falling else 1 - value
        number = "not estimable" if share is None else f"{100 * share:.1f} %"
        said.append(f"{short_arm(analysis, group) if analysis.compared else 'All'}: {number}")
    return f"{what} by day {day}. {'; '.join(said)}."


def _paint_survival(
    width: int, analysis: TrialAnalysis, curves: Mapping[str, SurvivalCurve | None], day: int,
    what: str, falling: bool,
) -> Figure:  # fmt: skip
    wide = width == WIDE
    text = 12.5 if wide else 10.5
    figure = canvas(width, (470 if wide else 380) + 18 * len(curves))
    left = 150 if wide else 96
    below = 84 + 20 * len(curves) + (0 if wide else 16)
    axes = panel(figure, left=left, right=20, top=18, bottom=below)
    ticks = _days(day, few=not wide)
    axes.set(xlim=(0, day), ylim=(0, 1.005), xticks=ticks)
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes.tick_params(labelsize=text)
    axes.grid(axis="y")
    axes.set_xlabel("Days from the first dose", fontsize=text)
    axes.set_ylabel(what, fontsize=text)
    for at, curve in enumerate(curves.values()):
        if curve is not None:
            _draw_curve(axes, curve, day, colour=colour_of(at, len(curves)), falling=falling,
                        dash=DASHES[at])  # fmt: skip
    _legend(axes, analysis, list(curves), text=text, low=falling)
    _at_risk(axes, analysis, curves, ticks, text=text, wide=wide, left=left)
    return figure


def _draw_curve(
    axes: Axes, curve: SurvivalCurve, day: int, *, colour: str, falling: bool, dash: object
) -> None:
    # Of steps that are closer than can be seen, the last.
    place = np.floor(curve.times / day * MOST_STEPS)
    at = np.flatnonzero(np.append(np.diff(place) > 0, True))
    times = curve.times[at]
    x = np.concatenate([[0.0], times, [max(day, times[-1])]])
    ends = [
        np.concatenate([[1.0], values[at], [values[at][-1]]])
        for values in (curve.survival, curve.low, curve.high)
    ]
    value, low, high = ends if falling else [1 - end for end in ends]
    axes.fill_between(x, np.minimum(low, high), np.maximum(low, high), step="post",
                      color=colour, alpha=0.12, linewidth=0)  # fmt: skip
    axes.step(x, value, where="post", color=colour, linewidth=2, linestyle=dash)


def _legend(
    axes: Axes, analysis: TrialAnalysis, groups: list[str], *, text: float, low: bool
) -> None:
    if not analysis.compared:
        return
    for at, group in enumerate(groups):
        y = (0.06 if low else 0.94) + (1 if low else -1) * 0.075 * (len(groups) - 1 - at)
        colour = colour_of(at, len(groups))
        axes.plot([0.02, 0.07], [y, y], color=colour, linewidth=2.4, linestyle=DASHES[at],
                  transform=axes.transAxes)  # fmt: skip
        axes.text(0.085, y, short_arm(analysis, group), transform=axes.transAxes, va="center",
                  fontsize=text, color=INK)  # fmt: skip


def _at_risk(
    axes: Axes, analysis: TrialAnalysis, curves: Mapping[str, SurvivalCurve | None],
    ticks: list[int], *, text: float, wide: bool, left: int,
) -> None:  # fmt: skip
    """How many are still followed, below the axis, one line to a group."""
    below = -62
    axes.annotate("At risk", xy=(0, 0), xycoords="axes fraction", xytext=(-left + 4, below),
                  textcoords="offset pixels", fontsize=text, color=MUTED, va="center")  # fmt: skip
    for at, (group, curve) in enumerate(curves.items()):
        y = below - 20 * (at + 1)
        name = short_arm(analysis, group) if analysis.compared else "All"
        axes.annotate(name if wide else name[:14], xy=(0, 0), xycoords="axes fraction",
                      xytext=(-left + 4, y), textcoords="offset pixels", va="center",
                      fontsize=text if wide else 9, color=colour_of(at, len(curves)))  # fmt: skip
        counts = curve.at_risk_at(ticks) if curve else (0,) * len(ticks)
        for tick, count in zip(ticks, counts, strict=True):
            axes.annotate(f"{count:,}", xy=(tick, 0), xytext=(0, y), textcoords="offset pixels",
                          ha="center", va="center", fontsize=text, color=INK,
                          annotation_clip=False)  # fmt: skip


def daily_picture(analysis: TrialAnalysis) -> Picture | None:
    """Mean SOFA of those alive and scored, by day, one panel to an immune state."""
    states = [s for s in analysis.states if any(line.state == s for line in analysis.days)]
    if not states:
        return None

    def paint(width: int) -> Figure:
        return _paint_days(width, analysis, states)

    said = "; ".join(_state_said(analysis, state) for state in states)
    return Picture(
        id="figure.days",
        illustration=illustrate(
            "Daily SOFA by arm and immune state" if analysis.compared else
            "Daily SOFA by immune state",
            alt=f"Mean SOFA of those alive and scored. {said}.",
            paint=paint,
            note="Bars: 95 % interval of the mean. Those who died or left are not in the mean, so "
            "a falling line alone shows no recovery: read it beside the curve of survival.",
        ),
        paint=paint,
    )  # fmt: skip


def _state_said(analysis: TrialAnalysis, state: str) -> str:
    parts = []
    for group in analysis.groups:
        lines = [line for line in analysis.days if (line.state, line.group) == (state, group.id)
                 and line.mean is not None]  # fmt: skip
        if lines:
            first, last = lines[0], lines[-1]
            parts.append(f"from {first.mean:.1f} to {last.mean:.1f}")
    return f"{analysis.states[state]}: {', '.join(parts)}"


def _paint_days(width: int, analysis: TrialAnalysis, states: list[str]) -> Figure:
    wide = width == WIDE
    text = 12.5 if wide else 10.5
    columns = len(states) if wide else 1
    rows = -(-len(states) // columns)
    figure = canvas(width, 380 * rows if wide else 300 * rows)
    ends = [line.mean + _half(line) for line in analysis.days if line.mean is not None]
    top = min(max(ends, default=HIGHEST), HIGHEST) + 0.5
    each = width / columns
    for at, state in enumerate(states):
        column, row = at % columns, at // columns
        high = 380 if wide else 300
        axes = panel(figure, left=column * each + 56, right=width - (column + 1) * each + 16,
                     top=row * high + 46, bottom=(rows - 1 - row) * high + 56)  # fmt: skip
        axes.set(ylim=(0, top), title="")
        axes.set_title(analysis.states[state].split(" (")[0], fontsize=text, loc="left",
                       color=INK, pad=22 if analysis.compared else 8)  # fmt: skip
        axes.tick_params(labelsize=text)
        axes.grid(axis="y")
        axes.set_xlabel("Day", fontsize=text)
        axes.set_ylabel("Mean SOFA", fontsize=text)
        for place, group in enumerate(analysis.groups):
            lines = [x for x in analysis.days if (x.state, x.group) == (state, group.id)]
            _draw_days(axes, lines, place, len(analysis.groups))
            if analysis.compared:
                axes.text(0.0 + 0.42 * place, 1.03, f"{'●' if place == 0 else '■'} "
                          f"{short_arm(analysis, group.id)}", transform=axes.transAxes,
                          fontsize=text - 1, color=colour_of(place, 2))  # fmt: skip
    return figure


def _draw_days(axes: Axes, lines: list[DayLine], at: int, groups: int) -> None:
    known = [line for line in lines if line.mean is not None]
    x = np.array([line.day for line in known]) + (at - (groups - 1) / 2) * 0.16
    y = np.array([line.mean for line in known], dtype=float)
    half = np.array([_half(line) for line in known])
    colour = colour_of(at, groups)
    axes.errorbar(x, y, yerr=half, color=colour, linewidth=1.8, elinewidth=1, marker="os"[at],
                  markersize=4.5, linestyle=DASHES[at])  # fmt: skip


def _half(line: DayLine) -> float:
    """Half of the interval of a day's mean; none of one participant alone."""
    if line.seen < 2:
        return 0.0
    return float(quantile(LEVEL, line.seen - 1) * (line.deviation or 0) / sqrt(line.seen))


def _days(last: int, *, few: bool) -> list[int]:
    step = 7 if last <= 28 else 30 if few else 15
    return [*range(0, last, step), last] if last % step else list(range(0, last + 1, step))
