"""How monocytes were told from the rest: a picture of each gate, dense where there are many events.

Events are drawn as an image of counts: a hundred thousand dots would make a page nobody can send.
Grey is what a gate leaves out, blue what it keeps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from immunosep.cytometry.density import Array
from immunosep.cytometry.ellipse import Mask
from immunosep.cytometry.gating import COFACTOR
from immunosep.cytometry.hla_dr import Measurement
from immunosep.report.drawing import (
    INK,
    LINE,
    MUTED,
    WIDE,
    Illustration,
    canvas,
    illustrate,
    panel,
)
from immunosep.report.scales import brief_number

CELLS = 96  # of an image, each way
KEPT, LEFT_OUT = (0.18, 0.49, 0.72), (0.56, 0.59, 0.63)
FAINTEST = 0.18
OUTER = (0.1, 99.9)  # percentiles that a panel's axes hold
DECADES = (0.0, 10.0, 100.0, 1e3, 1e4, 1e5)


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """One gate: two measurements on their drawn scale, which events come in, which go on."""

    title: str
    x: Array
    y: Array
    x_label: str
    y_label: str
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    among: Mask
    kept: Mask
    outline: Array | None = None
    cut: float | None = None


def gate_plots(found: Measurement) -> Illustration:
    """The gates in their order, side by side, or one below the other on a narrow page."""
    pictures = _pictures(found)
    return illustrate(
        "How the monocytes were found",
        alt=_alt(found, pictures),
        paint=lambda width: _paint(width, pictures),
        note="Blue goes on to the next gate, grey stays behind. HLA-DR is not looked at. The last "
        "gate is the ellipse that holds 99 % of the cells above the valley of CD14, the upright "
        "line. Events at the edge of a detector’s range were set aside before.",
    )


def _pictures(found: Measurement) -> list[Picture]:
    tube, roles, gate = found.patient, found.roles, found.gate
    pictures, among = [], gate.inside_range
    shape = roles.fsc_height if roles.fsc_area and roles.fsc_height else roles.fsc_width
    if gate.singlets is not None and shape:
        size, other = tube.stored(roles.fsc), tube.stored(shape)
        labels = "Forward scatter, area", "Height" if shape == roles.fsc_height else "Width"
        pictures.append(_scatter("Single cells", size, other, labels, among, gate.singlets))
    among = gate.singlets if gate.singlets is not None else among
    ssc = tube.values(roles.ssc)
    if gate.leukocytes is not None and roles.cd45:
        x, ticks = _marker(tube.values(roles.cd45), tube.full_scale(roles.cd45))
        pictures.append(
            _against_ssc("Leukocytes, by CD45", x, ticks, "CD45", ssc, among, gate.leukocytes)
        )
        among = gate.leukocytes
    x, ticks = _marker(tube.values(roles.cd14), tube.full_scale(roles.cd14))
    pictures.append(
        _against_ssc(
            "Monocytes, by CD14", x, ticks, "CD14", ssc, among, gate.monocytes,
            outline=gate.ellipse.outline() if gate.ellipse else None, cut=gate.cd14_cut,
        )
    )  # fmt: skip
    return pictures


def _scatter(
    title: str, x: Array, y: Array, labels: tuple[str, str], among: Mask, kept: Mask
) -> Picture:
    logs = [np.log10(np.maximum(values, 1.0)) for values in (x, y)]
    return Picture(
        title=title, x=logs[0], y=logs[1], x_label=labels[0], y_label=labels[1],
        x_ticks=_decades(), y_ticks=_decades(), among=among, kept=kept,
    )  # fmt: skip


def _against_ssc(
    title: str, x: Array, ticks: Sequence[tuple[float, str]], label: str, ssc: Array,
    among: Mask, kept: Mask, outline: Array | None = None, cut: float | None = None,
) -> Picture:  # fmt: skip
    return Picture(
        title=title, x=x, y=np.log10(np.maximum(ssc, 1.0)), x_label=label,
        y_label="Side scatter", x_ticks=ticks, y_ticks=_decades(), among=among, kept=kept,
        outline=outline, cut=cut,
    )  # fmt: skip


def _marker(values: Array, full_scale: float) -> tuple[Array, list[tuple[float, str]]]:
    """A marker on the scale it is gated on, with ticks at round values."""
    cofactor = COFACTOR * full_scale
    drawn: Array = np.arcsinh(values / cofactor)
    return drawn, [(float(np.arcsinh(at / cofactor)), brief_number(at)) for at in DECADES]


def _decades() -> list[tuple[float, str]]:
    steps = [10.0**power * step for power in range(7) for step in (1, 2, 5)]
    return [(float(np.log10(at)), brief_number(at)) for at in steps]


def _alt(found: Measurement, pictures: Sequence[Picture]) -> str:
    steps = "; ".join(
        f"{picture.title}: {int(picture.kept.sum()):,} of {int(picture.among.sum()):,} events"
        for picture in pictures
    )
    end = "" if found.gate.ellipse else " No CD14 population stands apart."
    return f"Density plots of the gates. {steps}.{end}"


def _paint(width: int, pictures: Sequence[Picture]) -> Figure:
    wide = width == WIDE
    count = len(pictures)
    if wide:
        across, high = width / max(count, 2), 350.0
        figure = canvas(width, high)
    else:
        across, high = float(width), 310.0
        figure = canvas(width, high * count)
    for at, picture in enumerate(pictures):
        left = across * at if wide else 0.0
        below = 0.0 if wide else high * (count - 1 - at)
        total = high if wide else high * count
        axes = panel(
            figure, left=left + 54, right=width - left - across + 14, top=total - below - high + 50,
            bottom=below + 48,
        )  # fmt: skip
        _draw(axes, picture)
    return figure


def _draw(axes: Axes, picture: Picture) -> None:
    x, y = picture.x[picture.among], picture.y[picture.among]
    kept = picture.kept[picture.among]
    spans = [_span(values, mine) for values, mine in ((x, x[kept]), (y, y[kept]))]
    for mask, colour in ((~kept, LEFT_OUT), (kept, KEPT)):
        counts, *_ = np.histogram2d(x[mask], y[mask], bins=CELLS, range=spans)
        if counts.any():
            axes.imshow(
                _image(counts, colour), extent=(*spans[0], *spans[1]), origin="lower",
                aspect="auto", interpolation="none",
            )  # fmt: skip
    if picture.cut is not None:
        axes.axvline(picture.cut, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    if picture.outline is not None:
        axes.plot(*picture.outline.T, color=INK, linewidth=1.4)
    axes.set_xlim(*spans[0])
    axes.set_ylim(*spans[1])
    _label(axes, picture, spans)


def _span(values: Array, kept: Array) -> tuple[float, float]:
    if len(values) == 0:
        return 0.0, 1.0
    low, high = (float(at) for at in np.percentile(values, OUTER))
    if len(kept):
        low, high = min(low, float(kept.min())), max(high, float(kept.max()))
    room = 0.04 * (high - low) + 1e-6
    return low - room, high + room


def _image(counts: Array, colour: tuple[float, float, float]) -> Array:
    """The counts as a colour that is the more opaque the more there are; none is clear."""
    depth = np.log1p(counts.T) / np.log1p(counts.max())
    image = np.zeros((*depth.shape, 4))
    image[..., :3] = colour
    image[..., 3] = np.where(depth > 0, FAINTEST + (1 - FAINTEST) * depth, 0)
    return image


def _label(axes: Axes, picture: Picture, spans: Sequence[tuple[float, float]]) -> None:
    count, of = int(picture.kept.sum()), int(picture.among.sum())
    axes.set_title(picture.title, loc="left", fontsize=13, color=INK, pad=24)
    axes.text(
        0, 1.02, f"{count:,} of {of:,}", transform=axes.transAxes, fontsize=11, color=MUTED,
        va="bottom",
    )  # fmt: skip
    axes.set_xlabel(picture.x_label, labelpad=4)
    axes.set_ylabel(picture.y_label, labelpad=4)
    for ticks, span, put in (
        (picture.x_ticks, spans[0], axes.set_xticks),
        (picture.y_ticks, spans[1], axes.set_yticks),
    ):
        apart = (span[1] - span[0]) / 9
        shown: list[tuple[float, str]] = []
        for at, words in ticks:
            if span[0] <= at <= span[1] and (not shown or at - shown[-1][0] >= apart):
                shown.append((at, words))
        put([at for at, _ in shown], [words for _, words in shown], fontsize=10.5)
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(LINE)
