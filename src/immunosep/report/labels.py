"""Marks with names beside them, placed so that they do not cover one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, sin, sqrt

from matplotlib.axes import Axes

from immunosep.report.drawing import INK, printable
from immunosep.screening.assess import Verdict

LETTER = 0.62  # the mean width of a letter, as a share of its height
LONGEST = 16
IN_MARGIN = (0.64, 0.6)  # where a mark stands across the margin of those not measured
TOUCHING = 11  # pixels: marks nearer than this would cover one another
WORDS = 22  # pixels of a margin that its words take
EDGE = 5  # pixels a mark that was moved keeps from a border
Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Marked:
    """One mark: where along each axis (None: not measured), whose, how many.

    `room` is how far along either axis it may be moved without crossing a limit.
    """

    x: float | None
    y: float | None
    verdict: Verdict
    room: tuple[tuple[float, float], tuple[float, float]]
    name: str
    count: int = 1


def places(axes: Axes, marks: Sequence[Marked], *, apart: bool) -> list[Point]:
    """Where each mark stands, in pixels; `apart` moves those that would coincide aside."""
    frame = axes.get_window_extent()
    found: list[Point] = []
    for mark in marks:
        x = frame.x0 + (IN_MARGIN[0] if mark.x is None else mark.x) * frame.width
        y = frame.y0 + (IN_MARGIN[1] if mark.y is None else mark.y) * frame.height
        found.append(_aside(x, y, found, _room(axes, mark)) if apart else (x, y))
    return found


def _room(axes: Axes, mark: Marked) -> Box:
    """Where a mark may be moved to: not across a limit; in a margin, beside its words."""
    frame, ((x0, x1), (y0, y1)) = axes.get_window_extent(), mark.room
    return (
        frame.x0 + (WORDS if mark.x is None else x0 * frame.width + EDGE),
        frame.y0 + (WORDS if mark.y is None else y0 * frame.height + EDGE),
        frame.x0 + x1 * frame.width - EDGE,
        frame.y0 + y1 * frame.height - EDGE,
    )


def _aside(x: float, y: float, others: Sequence[Point], room: Box) -> Point:
    for step in range(200):  # along a spiral, away from the true place
        turn, far = step * 2.4, TOUCHING * 0.62 * sqrt(step)
        at = (x + far * cos(turn), y + far * sin(turn))
        inside = room[0] <= at[0] <= room[2] and room[1] <= at[1] <= room[3]
        free = all(hypot(at[0] - other[0], at[1] - other[1]) >= TOUCHING for other in others)
        if free and (inside or not step):
            return at
    return x, y


def write_labels(
    axes: Axes,
    marks: Sequence[Marked],
    points: Sequence[Point],
    taken: Sequence[Box],
    *,
    size: float,
) -> None:
    """Write each mark's name at the first free place around it, or nowhere."""
    frame = axes.get_window_extent()
    full = [*taken, *((x - 5, y - 5, x + 5, y + 5) for x, y in points)]
    if any(mark.x is None for mark in marks):
        full.append((frame.x0, frame.y0, frame.x0 + WORDS - 4, frame.y1))
    for mark, (x, y) in zip(marks, points, strict=True):
        name = printable(mark.name, longest=LONGEST)
        box = _free_place(x, y, len(name) * size * LETTER, size, full, (frame.x0, frame.x1 + 10))
        if box:
            full.append(box)
            axes.annotate(
                name, (box[0], box[1]), xycoords="figure pixels", fontsize=size, color=INK, zorder=5
            )


def _free_place(
    x: float, y: float, wide: float, high: float, taken: Sequence[Box], across: Point
) -> Box | None:
    for far in (8, 14):
        for left, low in (
            (x + far, y - high / 2),
            (x - far - wide, y - high / 2),
            (x - wide / 2, y + far),
            (x - wide / 2, y - far - high),
            (x + far * 0.7, y + far * 0.5),
            (x + far * 0.7, y - far * 0.5 - high),
            (x - far * 0.7 - wide, y + far * 0.5),
            (x - far * 0.7 - wide, y - far * 0.5 - high),
        ):
            box = (left, low, left + wide, low + high)
            inside = across[0] <= left and box[2] <= across[1]
            if inside and not any(_meet(box, other) for other in taken):
                return box
    return None


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
