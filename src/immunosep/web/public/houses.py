"""The trial's hospitals as a reader looks for them: where, how far, and whether they take patients.

One house is one hospital with the departments that the trial lists there; an entry of the list that
names no hospital is a house by itself. Distances are of the great circle, as the crow flies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import asin, atan2, cos, degrees, radians, sin, sqrt

from immunosep.protocol.centres import Centre as ListedCentre
from immunosep.protocol.centres import Precision
from immunosep.protocol.trial import Trial
from immunosep.web.centres.models import Centre, Status

EARTH_RADIUS_KM = 6371.0088  # the mean radius, International Union of Geodesy and Geophysics

Point = tuple[float, float]  # latitude and longitude, degrees


@dataclass(frozen=True, kw_only=True)
class Department:
    """One entry of the trial's list, and whether it takes patients now."""

    name: str
    status: Status


@dataclass(frozen=True, kw_only=True)
class House:
    """One hospital; `km` is how far it is from the place that was asked for."""

    city: str
    country: str
    point: Point
    precision: Precision
    departments: tuple[Department, ...]
    km: float = 0

    @property
    def open(self) -> bool:
        """Whether any department takes patients."""
        return any(department.status == Status.OPEN for department in self.departments)

    @property
    def at_the_door(self) -> bool:
        """Whether its place is that of the hospital, and not of its town."""
        return self.precision is Precision.HOSPITAL


def houses_of(trial: Trial) -> tuple[House, ...]:
    """One for each hospital of the trial, in the order of its list."""
    statuses = dict(Centre.objects.values_list("pk", "status"))
    grouped: dict[str, list[ListedCentre]] = {}
    for centre in trial.centres:
        grouped.setdefault(centre.hospital or centre.id, []).append(centre)
    return tuple(_house(centres, statuses) for centres in grouped.values())


def nearest_first(houses: Iterable[House], point: Point) -> tuple[House, ...]:
    """The houses with their distance from a place, by that distance."""
    measured = [replace(house, km=km_between(point, house.point)) for house in houses]
    return tuple(sorted(measured, key=lambda house: house.km))


def km_between(one: Point, other: Point) -> float:
    """The great-circle distance, by the haversine formula."""
    (lat, lon), (to_lat, to_lon) = _in_radians(one), _in_radians(other)
    half = sin((to_lat - lat) / 2) ** 2 + cos(lat) * cos(to_lat) * sin((to_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def bearing_degrees(one: Point, other: Point) -> float:
    """The direction in which a great circle leaves `one` for `other`, clockwise from north."""
    (lat, lon), (to_lat, to_lon) = _in_radians(one), _in_radians(other)
    east = sin(to_lon - lon) * cos(to_lat)
    north = cos(lat) * sin(to_lat) - sin(lat) * cos(to_lat) * cos(to_lon - lon)
    return degrees(atan2(east, north)) % 360


def _house(centres: list[ListedCentre], statuses: Mapping[str, str]) -> House:
    first = centres[0]
    return House(
        city=first.city,
        country=first.country,
        point=(first.latitude, first.longitude),
        precision=first.precision,
        departments=tuple(
            Department(name=centre.name, status=Status(statuses.get(centre.id, Status.PLANNED)))
            for centre in centres
        ),
    )


def _in_radians(point: Point) -> Point:
    return radians(point[0]), radians(point[1])
