"""What participants are given: interventions, and the regimen of each cell (immune state x arm).

In a double-dummy trial every cell has one component by each route, active or placebo, and the
components of a route look alike, so that nobody learns the arm from what is given, how or when.
"""

from dataclasses import dataclass
from enum import StrEnum


class Route(StrEnum):
    """How a component is given."""

    INTRAVENOUS = "iv"
    SUBCUTANEOUS = "sc"
    ORAL = "oral"


@dataclass(frozen=True, kw_only=True)
class Arm:
    """What a participant is randomised to."""

    id: str
    label: str
    control: bool = False


@dataclass(frozen=True, kw_only=True)
class Intervention:
    """A product: a drug, or the placebo that stands for it."""

    id: str
    label: str
    active: bool
    source: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """All that a blinded person can tell of a component."""

    route: Route
    volume_ml: float | None
    looks: str
    every_hours: int
    days: int


@dataclass(frozen=True, kw_only=True)
class Component:
    """One intervention as it is given: dose, route, interval, and the longest it may last.

    `dose` is of the drug itself; a placebo has none. `volume_ml` and `looks` are of what is given.
    """

    intervention: Intervention
    route: Route
    every_hours: int
    days: int
    dose: float | None = None
    unit: str = ""
    volume_ml: float | None = None
    looks: str = ""
    source: str = ""

    @property
    def appearance(self) -> Appearance:
        """What a blinded person sees: equal for two components that look alike."""
        return Appearance(
            route=self.route,
            volume_ml=self.volume_ml,
            looks=self.looks,
            every_hours=self.every_hours,
            days=self.days,
        )

    @property
    def doses(self) -> int:
        """How many doses a full course has, the first at the start of day 1."""
        return -(-self.days * 24 // self.every_hours)

    @property
    def dose_days(self) -> tuple[int, ...]:
        """The treatment days with a dose, the first being day 1."""
        hours = range(0, self.days * 24, self.every_hours)
        return tuple(dict.fromkeys(1 + hour // 24 for hour in hours))


@dataclass(frozen=True, kw_only=True)
class Regimen:
    """What one cell is given: the participants of one immune state randomised to one arm."""

    arm: str
    state: str = ""
    components: tuple[Component, ...]

    def by_route(self, route: Route) -> tuple[Component, ...]:
        """The components given by one route."""
        return tuple(component for component in self.components if component.route == route)
