"""A sheet to draw on in pixels from the upper left corner, and the colours of groups."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from immunosep.report.drawing import AGAINST, BAR, FOR, bare, canvas, panel

TREATED, CONTROL, POOLED = FOR, AGAINST, BAR
DASHES = {0: "solid", 1: (0, (5, 2))}  # arms stay apart without colour, too


def sheet(width: int, height: float) -> tuple[Figure, Axes]:
    """A figure with one set of axes whose units are pixels."""
    figure = canvas(width, height)
    axes = panel(figure, left=0, right=0, top=0, bottom=0)
    bare(axes)
    axes.set(xlim=(0, width), ylim=(height, 0))
    return figure, axes


def colour_of(at: int, groups: int) -> str:
    """The colour of the group at this place."""
    return POOLED if groups == 1 else (TREATED, CONTROL)[at]
