"""The regions a trial's immune states divide two measurements into, as its evaluator answers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any

import pyarrow as pa
from matplotlib.axes import Axes

from immunosep.concepts.snapshot import PATIENTS
from immunosep.protocol.trial import Trial
from immunosep.report.drawing import INK, MUTED, TINTS
from immunosep.report.labels import LETTER, Box, Marked, places
from immunosep.report.scales import Scale, Stretch
from immunosep.report.verdicts import say_state
from immunosep.screening.assess import UNCLASSIFIED, assess
from immunosep.screening.wording import plain_number

BOLD_LETTER = LETTER * 1.08
NEAR = 12  # pixels from a name at which a mark or its own name touches it

Region = tuple[str, Stretch, Stretch]
"""An immune state, and where along either axis it lies."""


def paint_regions(
    axes: Axes, trial: Trial, x: Scale, y: Scale, marks: Sequence[Marked], *, wide: bool
) -> list[Box]:
    """Tint and name the regions and draw their borders; the answer is where names now stand."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    order = [state.id for state in trial.immune_states]
    regions = list(_cells(trial, x, y))
    named = []
    for state, (x0, x1), (y0, y1) in regions:
        if state in order:
            tint = TINTS[order.index(state) % len(TINTS)]
            axes.axvspan(x0, x1, y0, y1, color=tint, lw=0, zorder=0)
        if state in (*order, UNCLASSIFIED):
            name = say_state(trial, state)
            named.append(_name_region(axes, name, (x0, x1), (y0, y1), marks, wide=wide))
        if y1 < 1:
            axes.plot([x0, x1], [y1, y1], **_BORDER)
            named.append(_write_limit(axes, plain_number(y.value(y1)), x1, y1, wide=wide))
    for limit in x.limits:
        axes.axvline(x.share(limit), **_BORDER)
        axes.text(x.share(limit), 1.015, plain_number(limit), ha="center", **_limit_type(wide))
    return named + _around_borders(axes, x, regions)


_BORDER: dict[str, Any] = {"color": INK, "lw": 1.2, "dashes": (5, 3), "zorder": 1}


def _write_limit(axes: Axes, limit: str, x: float, y: float, *, wide: bool) -> Box:
    """A level limit's number, above the right end of its line."""
    frame, look = axes.get_window_extent(), _limit_type(wide)
    right, low = frame.x0 + x * frame.width - 6, frame.y0 + y * frame.height + 4
    axes.annotate(limit, (right, low), xycoords="figure pixels", ha="right", **look)
    return (right - len(limit) * look["fontsize"] * LETTER, low, right, low + look["fontsize"])


def _limit_type(wide: bool) -> dict[str, Any]:
    return {"color": INK, "fontsize": 12 if wide else 10, "fontweight": "bold"}


def _name_region(
    axes: Axes, name: str, across: Stretch, up: Stretch, marks: Sequence[Marked], *, wide: bool
) -> Box:
    """Write a region's name in its upper or lower left corner, where it covers fewer marks."""
    frame = axes.get_window_extent()
    room = (across[1] - across[0]) * frame.width - 14
    longest_word = max(len(word) for part in name.split() for word in part.split("-"))
    size = min(13.0 if wide else 10.0, room / (longest_word * BOLD_LETTER))
    lines = wrap(name, max(int(room / (size * BOLD_LETTER)), 8), break_long_words=False)
    wide_px, high_px = max(map(len, lines)) * size * BOLD_LETTER, len(lines) * size * 1.3
    left = frame.x0 + across[0] * frame.width + 7
    upper = frame.y0 + up[1] * frame.height - 8 - high_px
    lower = frame.y0 + up[0] * frame.height + 6
    boxes = [(left, low, left + wide_px, low + high_px) for low in (upper, lower)]
    box = min(boxes, key=lambda box: _covered(box, axes, marks))
    axes.annotate("\n".join(lines), (left, box[3]), xycoords="figure pixels", va="top",
                  fontsize=size, fontweight="bold", color=MUTED, zorder=1)  # fmt: skip
    return box


def _covered(box: Box, axes: Axes, marks: Sequence[Marked]) -> int:
    points = [m for m in marks if m.x is not None and m.y is not None]
    return sum(
        box[0] - NEAR <= x <= box[2] + NEAR and box[1] - NEAR <= y <= box[3] + NEAR
        for x, y in places(axes, points, apart=False)
    )


def _around_borders(axes: Axes, x: Scale, regions: Sequence[Region]) -> list[Box]:
    frame = axes.get_window_extent()
    upright = [frame.x0 + x.share(limit) * frame.width for limit in x.limits]
    level = [
        (frame.x0 + x0 * frame.width, frame.x0 + x1 * frame.width, frame.y0 + y1 * frame.height)
        for _, (x0, x1), (_, y1) in regions
        if y1 < 1
    ]
    return [
        *((at - 1, frame.y0, at + 1, frame.y1) for at in upright),
        *((left, at - 1, right, at + 1) for left, right, at in level),
    ]


def _cells(trial: Trial, x: Scale, y: Scale) -> Iterator[Region]:
    """The regions of the plane with the immune state in each, as shares of the axes."""
    columns, rows = x.stretches, y.stretches
    middles = [(sum(c) / 2, sum(r) / 2) for c in columns for r in rows]
    states = iter(_states_at(trial, x, y, middles))
    for column in columns:
        for state, stretch in groupby([(next(states), row) for row in rows], lambda cell: cell[0]):
            spans = [row for _, row in stretch]
            yield state, column, (spans[0][0], spans[-1][1])


def _states_at(
    trial: Trial, x: Scale, y: Scale, shares: Sequence[tuple[float, float]]
) -> list[str]:
    schema = PATIENTS.schema().to_pyarrow()
    rows: list[Mapping[str, Any]] = [
        {"patient_id": "", x.column.name: x.value(a), y.column.name: y.value(b)} for a, b in shares
    ]
    full = [{name: row.get(name) for name in schema.names} for row in rows]
    answers: list[str] = assess(trial, pa.Table.from_pylist(full, schema=schema))[
        "immune_state"
    ].to_pylist()
    return answers
