"""Plans of looks that several tests share."""

from typing import Any

from immunosep.analysis.interim.boundaries import Boundaries, find_boundaries
from immunosep.protocol.interim import Looks, Spending

PLAN: dict[str, Any] = {
    "information": (1 / 3, 2 / 3, 1.0),
    "spending": Spending.LAN_DEMETS_OBRIEN_FLEMING,
    "alpha": 0.025,
    "sided": 1,
    "tests": "primary",
    "source": "a test",
}


def looks(**changed: Any) -> Looks:
    """A plan of three looks, one-sided at 2.5 %, with what a test changes of it."""
    return Looks(**(PLAN | changed))


def limits(**changed: Any) -> Boundaries:
    return find_boundaries(looks(**changed))
