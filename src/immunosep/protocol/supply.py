"""How a trial's treatment reaches its participants: made up by a pharmacist, or in numbered kits.

Nothing here may differ between arms: a number of doses, a life on the shelf or a line on a label
holds for a route, whatever is in the syringe.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from immunosep.protocol.treatment import Component, Route


class SupplyModel(StrEnum):
    """Where the drug and its dummy are made to look alike."""

    PREPARED = "prepared"
    KITS = "kits"


@dataclass(frozen=True, kw_only=True)
class SupplyPlan:
    """How treatment is kept, made up or packed, and labelled.

    Outside `storage_low_c` to `storage_high_c` stock is out of its range; outside
    `excursion_low_c` to `excursion_high_c` it may be for `excursion_days_allowed` in all, and a
    longer stay needs a decision. When prepared, `doses_per_order` are made up at a time, to be
    given within `prepared_shelf_life_hours`. In kits, a full course of one component comes in
    `kits_per_component`, and `spare_kits_per_component` more are kept for loss and breakage.
    """

    model: SupplyModel
    storage_low_c: float
    storage_high_c: float
    excursion_low_c: float
    excursion_high_c: float
    excursion_days_allowed: float
    prepared_shelf_life_hours: Mapping[Route, float] = field(default_factory=dict)
    doses_per_order: Mapping[Route, int] = field(default_factory=dict)
    kits_per_component: int = 0
    spare_kits_per_component: int = 0
    label_lines: tuple[str, ...] = ()
    second_check: bool
    source: str

    def doses_per_kit(self, component: Component) -> int:
        """How many doses of a full course one kit holds; the last kit may hold fewer."""
        return -(-component.doses // self.kits_per_component)
