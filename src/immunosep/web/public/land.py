"""The land of an overview map: dots wherever people live, so that coasts and borders show.

No outline is kept anywhere: a dot is a square of the map with a town of 5,000 or more people in it
(GeoNames), or one between such squares. One run is a row of neighbouring dots, as an SVG path.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import cos, radians

import numpy as np
import numpy.typing as npt

from immunosep.web.public.gazetteer import country_code, gazetteer
from immunosep.web.public.houses import Point

WIDTH = 400.0  # of every map, in its own units
COLUMNS = 90
KM_PER_DEGREE = 111.19  # of latitude, on a sphere of the mean radius
MARGIN = 0.11  # of the extent, around the outermost centre
SMALLEST_DEGREES = 4.0
TALLEST = 1.3  # times the width
NEIGHBOURS_THAT_FILL = (3, 5)  # of 8, in two rounds: closes the gaps between towns, not bays

Squares = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Window:
    """What part of the world a map shows; a degree of longitude is narrowed as at its middle."""

    north: float
    south: float
    west: float
    east: float

    @property
    def narrowing(self) -> float:
        """How much shorter a degree of longitude is than one of latitude."""
        return cos(radians((self.north + self.south) / 2))

    @property
    def scale(self) -> float:
        """Units of the map for a degree of latitude."""
        return WIDTH / ((self.east - self.west) * self.narrowing)

    @property
    def height(self) -> float:
        """Of the map, in its units."""
        return (self.north - self.south) * self.scale

    def place(self, point: Point) -> tuple[float, float]:
        """Where a point is on the map: x and y."""
        across = (point[1] - self.west) * self.narrowing * self.scale
        return across, (self.north - point[0]) * self.scale


def window_of(points: Collection[Point]) -> Window:
    """The part of the world that shows all these places."""
    north, south = max(p[0] for p in points), min(p[0] for p in points)
    east, west = max(p[1] for p in points), min(p[1] for p in points)
    tall = max(north - south, SMALLEST_DEGREES) * (1 + 2 * MARGIN)
    narrowing = cos(radians((north + south) / 2))
    wide = max(east - west, SMALLEST_DEGREES) * (1 + 2 * MARGIN)
    wide = max(wide, tall / TALLEST / narrowing)
    middle, centre = (north + south) / 2, (east + west) / 2
    return Window(
        north=middle + tall / 2,
        south=middle - tall / 2,
        west=centre - wide / 2,
        east=centre + wide / 2,
    )


def land_paths(window: Window, countries: Collection[str]) -> tuple[str, str]:
    """Two SVG paths: the land of these countries, and all other land."""
    side = WIDTH / COLUMNS
    codes = {country_code(name) for name in countries}
    towns = gazetteer().towns
    x = (towns["longitude"] - window.west) * window.narrowing * window.scale / side
    y = (window.north - towns["latitude"]) * window.scale / side
    rows = int(window.height / side) + 1
    seen = (x >= -1) & (x < COLUMNS + 1) & (y >= -1) & (y < rows + 1)
    here = seen & np.isin(towns["country"], sorted(codes))
    ours = _squares(x[here], y[here], rows)
    land = _closed(_squares(x[seen], y[seen], rows))
    ours = land & _closed(ours)
    return _runs(ours, side), _runs(land & ~ours, side)


def _squares(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], rows: int) -> Squares:
    """The map's squares with one more on each side, so that its edge has neighbours too."""
    squares = np.zeros((rows + 2, COLUMNS + 2), dtype=bool)
    squares[np.floor(y).astype(int) + 1, np.floor(x).astype(int) + 1] = True
    return squares


def _closed(squares: Squares) -> Squares:
    for enough in NEIGHBOURS_THAT_FILL:
        around = np.pad(squares, 1).astype(int)
        shifts = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2) if (i, j) != (1, 1)]
        rows, columns = squares.shape
        neighbours = sum(around[i : i + rows, j : j + columns] for i, j in shifts)
        squares = squares | (neighbours >= enough)
    return squares


def _runs(squares: Squares, side: float) -> str:
    """Each run as a line from its first dot to its last; a dash pattern makes dots of it."""
    steps = np.diff(np.pad(squares, ((0, 0), (1, 1))).astype(int), axis=1)
    begins, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return "".join(
        f"M{(begin - 0.5) * side:.1f} {(row - 0.5) * side:.1f}h{(end - begin - 1) * side + 0.1:.1f}"
        for (row, begin), (_, end) in zip(begins, ends, strict=True)
    )
