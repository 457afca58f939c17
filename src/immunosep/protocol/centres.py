"""The hospitals that take part, as the registry lists them."""

from dataclasses import dataclass
from enum import StrEnum


class Precision(StrEnum):
    """How close a coordinate is to the door."""

    HOSPITAL = "hospital"
    CITY = "city"


@dataclass(frozen=True, kw_only=True)
class Centre:
    """One entry of the registry's list: words and status as listed there.

    `time_zone` is its name in the IANA time zone database, for the clock on the wall; `hospital`
    is the same for entries of the same house; `flags` say what is odd about the entry (listed
    twice, spelt two ways), which is shown and not corrected.
    """

    id: str
    name: str
    city: str
    country: str
    latitude: float
    longitude: float
    hospital: str = ""
    region: str = ""
    postcode: str = ""
    status: str = ""
    time_zone: str = "UTC"
    precision: Precision = Precision.CITY
    flags: tuple[str, ...] = ()
