"""How PROVIDE's treatment is supplied here: in numbered kits that look alike.

None of the sources read says who made the doses up, or how they were kept (choices `supply_model`,
`kit_size` and `storage`).
"""

from immunosep.protocol.supply import SupplyModel, SupplyPlan

SUPPLY = SupplyPlan(
    model=SupplyModel.KITS,
    storage_low_c=2,  # choice `storage`
    storage_high_c=8,  # choice `storage`
    excursion_low_c=0,  # choice `storage`
    excursion_high_c=10,  # choice `storage`
    excursion_days_allowed=3,  # choice `storage`
    kits_per_component=1,  # choice `kit_size`
    spare_kits_per_component=1,  # choice `kit_size`
    label_lines=(
        "For clinical trial use only",
        "Anakinra, interferon gamma or placebo",
        "Keep at 2 to 8 °C",
    ),
    second_check=False,  # choice `supply_model`
    source="not published: choices `supply_model`, `kit_size` and `storage`; label: Regulation "
    "(EU) 536/2014, Annex VI",
)
