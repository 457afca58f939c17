"""From brightness to molecules: the bead levels found, the line through them, the sample on it."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from immunosep.cytometry.beads import Level
from immunosep.cytometry.density import Array
from immunosep.cytometry.hla_dr import Measurement
from immunosep.cytometry.wording import describe_interval, describe_number
from immunosep.report.drawing import (
    AGAINST,
    BAR,
    FOR,
    INK,
    LINE,
    MUTED,
    PAPER,
    TINTS,
    WASH,
    WIDE,
    Illustration,
    canvas,
    illustrate,
    panel,
)
from immunosep.report.scales import brief_number

BINS = 220
DIMMEST = 0.0  # log10: what is dimmer is not drawn
SOLID = 0.75
ROOM = 0.35  # decades beyond what is drawn


def bead_histogram(found: Measurement) -> Illustration:
    """The beads' brightness with each level, and below it the monocytes', on one axis."""
    levels = found.beads.levels
    missing = sum(level.count == 0 for level in levels)
    said = ", ".join(f"{level.count:,} at {level.mfi:,.0f}" for level in levels if level.count)
    return illustrate(
        "The four bead levels, and the monocytes beside them",
        alt=f"Histogram of the brightness of {int(found.beads.singlets.sum()):,} single beads: "
        f"{said or 'no level'}{f'; {missing} not found' if missing else ''}. Below, that of "
        f"{found.monocytes:,} monocytes.",
        paint=lambda width: _histogram(width, found),
        note="A band is the beads counted to a level; its label is the lot’s molecules per bead. "
        "The upright line in the lower part is the geometric mean of the monocytes.",
    )


def calibration_line(found: Measurement) -> Illustration | None:
    """The levels on their line, with the sample; None where a level is missing."""
    if found.calibration is None:
        return None
    line = found.calibration.line
    sample = f" The sample lies at {describe_number(found)}." if found.result else ""
    return illustrate(
        "The line that turns brightness into molecules",
        alt=f"Four bead levels on a line in log-log axes, slope {line.slope:.3f}, "
        f"R squared {line.r_squared:.5f}.{sample}",
        paint=lambda width: _line(width, found),
        note="log10 brightness = slope × log10 molecules + intercept. A detector that is linear "
        "gives a slope of 1.",
    )


def result_scale(found: Measurement) -> Illustration | None:
    """The number with its interval, against the trial's limit; None without a number."""
    if found.result is None or found.result.interval_95 is None:
        return None
    grey = ", which the interval holds" if found.result.grey else ""
    return illustrate(
        "Where the number stands",
        alt=f"{describe_number(found)} molecules per monocyte, 95 % interval "
        f"{describe_interval(found)}, against the limit {found.limit:,g}{grey}.",
        paint=lambda width: _scale(width, found),
        note="The bar is the 95 % interval: beads, sampling of cells, and assay together. The "
        "protocol’s rule compares the number itself with the limit.",
    )


def _histogram(width: int, found: Measurement) -> Figure:
    wide = width == WIDE
    figure = canvas(width, 360 if wide else 330)
    left, right = (54, 16) if wide else (44, 8)
    upper = panel(figure, left=left, right=right, top=26, bottom=150 if wide else 140)
    lower = panel(figure, left=left, right=right, top=228 if wide else 208, bottom=48)
    beads = found.beads.log_pe[found.beads.singlets]
    cells = found.patient.values(found.roles.hla_dr)[found.gate.monocytes]
    logs = np.log10(cells[cells > 0])
    span = _span([beads[beads > DIMMEST], logs[logs > DIMMEST]])
    for level, value in zip(found.beads.levels, found.lot.pe_per_bead, strict=True):
        _band(upper, level, value, wide=wide)
    _fill(upper, beads, span, BAR)
    _fill(lower, logs, span, BAR)
    if len(logs):
        lower.axvline(logs.mean(), color=INK, linewidth=1.8)
    for axes, words in ((upper, "beads"), (lower, "monocytes")):
        axes.set_xlim(*span)
        axes.set_yticks([])
        axes.set_ylabel(words)
        axes.spines["left"].set_visible(False)
    upper.set_xticks([])
    _log_ticks(lower, span)
    lower.set_xlabel("Brightness in the HLA-DR channel (PE)", labelpad=4)
    return figure


def _band(axes: Axes, level: Level, value: float, *, wide: bool) -> None:
    if not level.count:
        at = np.log10(level.mfi)
        axes.axvline(at, color=AGAINST, linewidth=1.2, linestyle=(0, (3, 3)))
        axes.annotate(
            f"{_molecules(value, wide=wide)} missing" if wide else "missing", (at, 1.0),
            xycoords=("data", "axes fraction"), xytext=(0, 5), textcoords="offset points",
            ha="center", fontsize=11, color=AGAINST,
        )  # fmt: skip
        return
    axes.axvspan(level.log10_low, level.log10_high, color=TINTS[0], linewidth=0)
    axes.annotate(
        _molecules(value, wide=wide), (np.log10(level.mfi), 1.0),
        xycoords=("data", "axes fraction"), xytext=(0, 5),
        textcoords="offset points", ha="center", fontsize=11, color=INK,
    )  # fmt: skip


def _molecules(value: float, *, wide: bool) -> str:
    """Molecules per bead as the leaflet prints them; to two digits where there is little room."""
    if wide or value < 1000:
        return f"{value:,.0f}"
    return brief_number(float(f"{value:.2g}"))


def _fill(axes: Axes, logs: Array, span: tuple[float, float], colour: str) -> None:
    counts, edges = np.histogram(logs, bins=BINS, range=span)
    axes.fill_between(edges[:-1], counts, step="post", color=colour, linewidth=0, alpha=SOLID)
    axes.set_ylim(0, max(1, counts.max()) * 1.06)


def _span(parts: Sequence[Array]) -> tuple[float, float]:
    ends = [(np.percentile(part, 0.2), part.max()) for part in parts if len(part)]
    if not ends:
        return 1.0, 5.0
    return float(min(low for low, _ in ends)) - ROOM, float(max(high for _, high in ends)) + 0.1


def _log_ticks(axes: Axes, span: tuple[float, float]) -> None:
    at = [power for power in range(-1, 8) if span[0] <= power <= span[1]]
    axes.set_xticks(at, [brief_number(10.0**power) for power in at], fontsize=11)


def _line(width: int, found: Measurement) -> Figure:
    wide = width == WIDE
    figure = canvas(width, 420 if wide else 340)
    left, right = (64, 240) if wide else (52, 14)
    axes = panel(figure, left=left, right=right, top=18, bottom=52)
    calibration = found.calibration
    assert calibration is not None
    x, y = np.log10(calibration.pe_per_bead), np.log10(calibration.mfi)
    span = float(x.min()) - 0.3, float(x.max()) + 0.3
    drawn = np.array(span)
    axes.plot(
        drawn, calibration.line.slope * drawn + calibration.line.intercept, color=BAR, linewidth=1.6
    )
    axes.scatter(x, y, s=64, facecolor=PAPER, edgecolor=INK, linewidth=1.6, zorder=3)
    high = calibration.line.slope * span[1] + calibration.line.intercept
    low = calibration.line.slope * span[0] + calibration.line.intercept
    _sample(axes, found, (span[0], low))
    axes.set_xlim(*span)
    axes.set_ylim(low, high)
    _log_ticks(axes, span)
    ticks = [power for power in range(-1, 8) if low <= power <= high]
    axes.set_yticks(ticks, [brief_number(10.0**power) for power in ticks], fontsize=11)
    axes.set_xlabel("Molecules per bead (lot)", labelpad=4)
    axes.set_ylabel("Brightness", labelpad=4)
    _say_line(axes, found, wide=wide)
    return figure


def _sample(axes: Axes, found: Measurement, corner: tuple[float, float]) -> None:
    if found.result is None or found.brightness is None or found.result.beyond is not None:
        return
    assert found.calibration is not None
    mfi = found.brightness.geometric_mean
    x, y = np.log10(found.calibration.pe(mfi)), np.log10(mfi)
    axes.plot([corner[0], x, x], [y, y, corner[1]], color=FOR, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.scatter([x], [y], s=80, color=FOR, zorder=4)
    axes.annotate(
        f"sample {describe_number(found)}", (x, y), xytext=(10, -16), textcoords="offset points",
        fontsize=12, color=FOR, fontweight="bold",
    )  # fmt: skip


def _say_line(axes: Axes, found: Measurement, *, wide: bool) -> None:
    assert found.calibration is not None
    line = found.calibration.line
    said = [
        f"slope {line.slope:.4f}",
        f"intercept {line.intercept:.4f}",
        f"R² {line.r_squared:.5f}",
        f"largest residual {100 * found.calibration.largest_residual:.1f} %",
    ]
    place = (1.03, 0.98) if wide else (0.03, 0.98)
    axes.text(
        *place, "\n".join(said if wide else said[:3]), transform=axes.transAxes, va="top",
        fontsize=12 if wide else 10.5, color=MUTED, linespacing=1.7,
    )  # fmt: skip


def _scale(width: int, found: Measurement) -> Figure:
    figure = canvas(width, 130)
    axes = panel(figure, left=16, right=16, top=34, bottom=40)
    result = found.result
    assert result is not None
    assert result.interval_95 is not None
    low, high = result.interval_95
    per = found.lot.pe_per_antibody
    ends = found.lot.pe_per_bead[0] / per, found.lot.pe_per_bead[-1] / per
    axes.set_xscale("log")
    axes.set_xlim(min(ends[0], low) * 0.9, max(ends[1], high) * 1.1)
    axes.set_ylim(0, 1)
    axes.axvspan(axes.get_xlim()[0], found.limit, color=WASH, linewidth=0)
    axes.axvline(found.limit, color=INK, linewidth=1.4)
    axes.annotate(
        f"limit {found.limit:,g}", (found.limit, 1), xycoords=("data", "axes fraction"),
        xytext=(0, 5), textcoords="offset points", ha="center", fontsize=12, color=INK,
    )  # fmt: skip
    axes.plot([low, high], [0.42, 0.42], color=FOR, linewidth=9, alpha=0.45, solid_capstyle="butt")
    axes.scatter([result.value], [0.42], s=90, color=FOR, zorder=3)
    _number(axes, found)
    ticks = [at for at in (500, 1000, 2000, 5000, 10000, 20000, 50000) if _within(axes, at)]
    axes.set_xticks(ticks, [brief_number(at) for at in ticks], fontsize=11)
    axes.minorticks_off()
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    return figure


def _number(axes: Axes, found: Measurement) -> None:
    """The number above its mark, on the side away from the limit's label."""
    assert found.result is not None
    low = found.result.value < found.limit
    axes.annotate(
        describe_number(found), (found.result.value, 0.42),
        xytext=(-8 if low else 8, 12), textcoords="offset points",
        ha="right" if low else "left", fontsize=14, color=FOR, fontweight="bold",
    )  # fmt: skip


def _within(axes: Axes, value: float) -> bool:
    low, high = axes.get_xlim()
    return bool(low <= value <= high)
