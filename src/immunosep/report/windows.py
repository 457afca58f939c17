"""The time from sepsis to the first dose: where each patient is in the trial's window."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from immunosep.protocol.trial import Trial
from immunosep.report.drawing import (
    AGAINST,
    BAR,
    FOR,
    INK,
    LINE,
    MUTED,
    PAPER,
    WASH,
    WIDE,
    Illustration,
    bare,
    canvas,
    illustrate,
    panel,
    printable,
)
from immunosep.screening.assessment import Assessment
from immunosep.screening.wording import plain_number

FURTHEST_WINDOWS = 2  # a time beyond twice the window is drawn at the edge, with its number
EARLIEST_HOURS = -12
BIN_HOURS = 12


@dataclass(frozen=True, kw_only=True)
class Elapsed:
    """One patient's clock, in hours since sepsis; None where a time is not known."""

    name: str
    assessed: float | None
    dosed: float | None
    closes: datetime | None


def elapsed_of(assessments: Sequence[Assessment], patients: pa.Table) -> list[Elapsed]:
    """Each patient's clock, from the times of the record."""
    onsets, assessed, dosed = (
        patients[name].to_pylist() for name in ("sepsis_onset_at", "assessed_at", "first_dose_at")
    )
    return [
        Elapsed(
            name=assessment.patient_id,
            assessed=_hours(onset, seen),
            dosed=_hours(onset, dose),
            closes=assessment.window_closes_at,
        )
        for assessment, onset, seen, dose in zip(assessments, onsets, assessed, dosed, strict=True)
    ]


def windows(trial: Trial, clocks: Sequence[Elapsed]) -> Illustration | None:
    """One row per patient: the window from sepsis on, with the assessment and the first dose."""
    if trial.window_hours is None or not clocks:
        return None
    hours = trial.window_hours
    inside = sum(1 for c in clocks if c.assessed is not None and 0 <= c.assessed < hours)
    return illustrate(
        f"The {hours:g}-hour window",
        alt=f"Timeline per patient from the onset of sepsis to the end of the {hours:g}-hour "
        f"window. {inside:,} of {len(clocks):,} were assessed inside it.",
        paint=lambda width: _paint(width, clocks, hours),
        note="Hours since Sepsis-3 was first met. The disc is the assessment, the triangle the "
        "start of the first dose. The date is when the window closes.",
    )


def window_distribution(trial: Trial, clocks: Sequence[Elapsed]) -> Illustration | None:
    """For many patients: how long after the onset of sepsis they were assessed."""
    known = [clock.assessed for clock in clocks if clock.assessed is not None]
    if trial.window_hours is None or not known:
        return None
    hours = trial.window_hours
    edge = FURTHEST_WINDOWS * hours
    bins = Counter(
        int(min(max(value, EARLIEST_HOURS), edge) // BIN_HOURS) * BIN_HOURS for value in known
    )
    inside = sum(1 for value in known if 0 <= value < hours)
    absent = len(clocks) - len(known)
    return illustrate(
        f"From sepsis to assessment, against the {hours:g}-hour window",
        alt=f"Histogram of hours from sepsis to assessment: {inside:,} of {len(known):,} patients "
        f"inside the {hours:g}-hour window.",
        paint=lambda width: _paint_distribution(width, bins, hours),
        note=f"In steps of {BIN_HOURS} hours; the first and last bars hold all beyond. "
        + (f"For {absent:,} patients a time is not known." if absent else ""),
    )


def _hours(start: int | None, end: int | None) -> float | None:
    return None if start is None or end is None else (end - start) / 3600


def _paint(width: int, clocks: Sequence[Elapsed], hours: float) -> Figure:
    wide = width == WIDE
    row = 28 if wide else 42
    figure = canvas(width, len(clocks) * row + 62)
    axes = panel(
        figure, left=164 if wide else 4, right=176 if wide else 8, top=24 if wide else 20, bottom=38
    )
    bare(axes)
    later = [v for c in clocks for v in (c.assessed, c.dosed) if v is not None]
    last = min(max([hours * 1.12, *later]), hours * FURTHEST_WINDOWS)
    first = max(min([0.0, *later]) - 2, EARLIEST_HOURS)
    axes.set(xlim=(first, last * 1.02), ylim=(len(clocks) - 0.5, -0.5))
    ticks = range(0, ceil(last) + 1, 12 if wide and last <= 120 else 24)
    axes.set_xticks(list(ticks))
    axes.tick_params(length=0)
    axes.set_xlabel("hours since the onset of sepsis", loc="left")
    axes.axvline(hours, color=INK, lw=1.2, dashes=(5, 3), zorder=1)
    axes.text(hours, -0.56, f"{hours:g} h", ha="center", va="bottom", fontweight="bold")
    if wide:
        axes.text(1.035, -0.62, "window closes", transform=axes.get_yaxis_transform(),
                  va="bottom", color=MUTED)  # fmt: skip
    for at, clock in enumerate(clocks):
        _row(axes, at, clock, hours, wide=wide)
    return figure


def _row(axes: Axes, at: int, clock: Elapsed, hours: float, *, wide: bool) -> None:
    y = at if wide else at + 0.2
    _words(axes, at, clock, wide=wide)
    if clock.closes is None:
        axes.text(0, y, "onset of sepsis not known", va="center", color=MUTED, fontsize=11.5)
        return
    axes.barh(y, hours, height=0.4 if wide else 0.24, color=WASH, edgecolor=LINE, lw=0.8, zorder=2)
    if clock.assessed is not None:
        spent = min(max(clock.assessed, 0), hours)
        axes.barh(y, spent, height=0.4 if wide else 0.24, color=BAR, zorder=3)
    for value, marker in ((clock.assessed, "o"), (clock.dosed, ">")):
        if value is not None:
            _moment(axes, y, value, marker, late=value >= hours)


def _moment(axes: Axes, y: float, value: float, marker: str, *, late: bool) -> None:
    first, last = axes.get_xlim()
    at = min(max(value, first), last)
    axes.scatter([at], [y], marker=marker, s=64, color=AGAINST if late else FOR, edgecolor=PAPER,
                 linewidth=1, zorder=4, clip_on=False)  # fmt: skip
    if at != value:
        left = at == first
        axes.annotate(f"{plain_number(round(value))} h", (at, y), (8 if left else -8, 0),
                      textcoords="offset points", va="center", ha="left" if left else "right",
                      fontsize=11, zorder=5)  # fmt: skip


def _words(axes: Axes, at: int, clock: Elapsed, *, wide: bool) -> None:
    name = printable(clock.name, longest=20 if wide else 24)
    closes = f"{clock.closes:%d %b %Y, %H:%M}" if clock.closes else ""
    side = axes.get_yaxis_transform()
    if wide:
        axes.text(-0.01, at, name, transform=side, ha="right", va="center", fontsize=12.5)
        axes.text(1.035, at, closes, transform=side, va="center", fontsize=12, color=MUTED)
    else:
        axes.text(0, at - 0.2, name, transform=side, va="center", fontsize=11)
        axes.text(1, at - 0.2, closes and f"closes {closes}", transform=side, ha="right",
                  va="center", fontsize=10, color=MUTED, zorder=3,
                  bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5})  # fmt: skip


def _paint_distribution(width: int, bins: Counter[int], hours: float) -> Figure:
    wide = width == WIDE
    figure = canvas(width, 280 if wide else 230)
    axes = panel(figure, left=14, right=18, top=26, bottom=46)
    bare(axes)
    axes.spines["bottom"].set(visible=True, color=LINE)
    axes.set(ylim=(0, max(bins.values()) * 1.1))
    for start, number in sorted(bins.items()):
        inside = 0 <= start < hours
        axes.bar(start, number, width=BIN_HOURS * 0.92, align="edge", color=BAR if inside else WASH,
                 edgecolor=LINE)  # fmt: skip
        axes.annotate(f"{number:,}", (start + BIN_HOURS / 2, number), (0, 3), ha="center",
                      textcoords="offset points", fontsize=11.5 if wide else 9)  # fmt: skip
    axes.axvline(hours, color=INK, lw=1.2, dashes=(5, 3))
    axes.set_xlim(min([0, *bins]), max(hours * 1.1, max(bins) + BIN_HOURS))
    axes.text(hours, 1.02, f"{hours:g} h", transform=axes.get_xaxis_transform(), ha="center",
              fontweight="bold")  # fmt: skip
    axes.set_xticks(list(range(0, int(axes.get_xlim()[1]) + 1, 12 if wide else 24)))
    axes.tick_params(length=0)
    axes.set_xlabel("hours from the onset of sepsis to the assessment", loc="left")
    return figure
