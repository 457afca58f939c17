"""Two maps, drawn here: all centres on dotted land, and the surroundings of one town in rings.

A map repeats what stands in the list beside it and says nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, log10, radians, sin

from immunosep.web.public.gazetteer import Place, places_between
from immunosep.web.public.houses import House, Point, bearing_degrees, km_between
from immunosep.web.public.land import (
    COLUMNS,
    KM_PER_DEGREE,
    WIDTH,
    land_paths,
    window_of,
)
from immunosep.web.public.marks import Labels, Mark, marks_of

SHOWN_NEAREST = 3
FARTHEST_KM = 1500  # beyond it the surroundings of a town show nothing of use
SMALLEST_KM = 20.0
BEYOND = 1.15  # how much farther the map reaches than the last centre shown
RINGS_KM = (5, 10, 20, 25, 50, 100, 200, 250, 500)
MOST_RINGS = 4
TOWNS_SHOWN = 150
TOWNS_NAMED = 16
HOME_RADIUS = 7.0


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Every centre on dotted land; `side` is from one dot to the next."""

    width: float
    height: float
    side: float
    ours: str
    others: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class Ring:
    """A circle of one distance around the town."""

    km: int
    radius: float
    label_y: float


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """A town in the middle, rings of equal distance, the nearest centres, other towns."""

    width: float
    home: Mark
    rings: tuple[Ring, ...]
    marks: tuple[Mark, ...]
    towns: tuple[Mark, ...]


def overview_of(houses: Sequence[House]) -> Overview:
    """All hospitals of a trial; at least one is needed."""
    window = window_of([house.point for house in houses])
    ours, others = land_paths(window, {house.country for house in houses})
    placed = ((window.place(house.point), house) for house in houses)
    return Overview(
        width=WIDTH,
        height=round(window.height, 1),
        side=round(WIDTH / COLUMNS, 3),
        ours=ours,
        others=others,
        marks=marks_of(placed, Labels(height=window.height)),
    )


@dataclass(frozen=True, kw_only=True)
class _Around:
    """The map on which distance and direction from the middle are true."""

    home: Point
    reach_km: float

    @property
    def scale(self) -> float:
        return WIDTH / 2 / self.reach_km

    def place(self, point: Point) -> tuple[float, float]:
        angle = radians(bearing_degrees(self.home, point))
        away = km_between(self.home, point) * self.scale
        return WIDTH / 2 + away * sin(angle), WIDTH / 2 - away * cos(angle)


def surroundings_of(place: Place, nearest: Sequence[House]) -> Surroundings | None:
    """The nearest hospitals around a town; None where they are too far to show."""
    near = [house.km for house in nearest[:SHOWN_NEAREST] if house.km <= FARTHEST_KM]
    if not near:
        return None
    around = _Around(home=place.point, reach_km=max(SMALLEST_KM, *near) * BEYOND)
    home = Mark(x=WIDTH / 2, y=WIDTH / 2, radius=HOME_RADIUS)
    labels = Labels(height=WIDTH, taken=[home.box])
    inside = [house for house in nearest if house.km <= around.reach_km]
    marks = marks_of(((around.place(house.point), house) for house in inside), labels)
    return Surroundings(
        width=WIDTH,
        marks=marks,
        home=labels.put(home, place.name),
        rings=_rings(around),
        towns=_towns(around, labels, but=place),
    )


def _rings(around: _Around) -> tuple[Ring, ...]:
    fits = (km for km in RINGS_KM if around.reach_km / km <= MOST_RINGS)
    step = next(fits, RINGS_KM[-1])
    return tuple(
        Ring(
            km=km,
            radius=round(km * around.scale, 1),
            label_y=round(WIDTH / 2 + km * around.scale - 4, 1),
        )
        for km in range(step, int(around.reach_km) + 1, step)
    )


def _towns(around: _Around, labels: Labels, *, but: Place) -> tuple[Mark, ...]:
    high = around.reach_km / KM_PER_DEGREE
    wide = high / max(0.1, cos(radians(around.home[0])))
    lat, lon = around.home
    found = places_between(
        south=lat - high, north=lat + high, west=lon - wide, east=lon + wide, most=TOWNS_SHOWN
    )
    towns = [(town, _town(around, town)) for town in found if town.id != but.id]
    labelled = [
        labels.put(mark, town.name) if labels.is_free(mark.box) else mark
        for town, mark in towns[:TOWNS_NAMED]
    ]
    return (*labelled, *(mark for _, mark in towns[TOWNS_NAMED:]))


def _town(around: _Around, town: Place) -> Mark:
    x, y = around.place(town.point)
    return Mark(x=round(x, 1), y=round(y, 1), radius=round(max(1.0, log10(town.people) - 2.7), 1))
