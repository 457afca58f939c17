"""How ImmunoSep's treatment is made up: by a pharmacist who is not blinded, for one participant.

Stock is kept at 2 to 8 °C; more than three days outside 0 to 10 °C call for a decision. What stands
on a label is the same on every syringe.
"""

from immunosep.protocol.supply import SupplyModel, SupplyPlan
from immunosep.protocol.treatment import Route
from immunosep.trials.immunosep.references import LABELLING, PROTOCOL, REPORT

SUPPLY = SupplyPlan(
    model=SupplyModel.PREPARED,
    storage_low_c=2,  # JAMA 2026;335:775, Supplement 1
    storage_high_c=8,  # JAMA 2026;335:775, Supplement 1
    excursion_low_c=0,  # JAMA 2026;335:775, Supplement 1
    excursion_high_c=10,  # JAMA 2026;335:775, Supplement 1
    excursion_days_allowed=3,  # JAMA 2026;335:775, Supplement 1
    prepared_shelf_life_hours={  # choice `prepared_shelf_life`
        Route.INTRAVENOUS: 24,
        Route.SUBCUTANEOUS: 24,
    },
    doses_per_order={Route.INTRAVENOUS: 3, Route.SUBCUTANEOUS: 1},  # choice `doses_per_order`
    label_lines=(
        "For clinical trial use only",
        "Anakinra, interferon gamma or placebo",
        "Keep at 2 to 8 °C. Do not freeze or shake.",
    ),
    second_check=True,  # choice `second_check`
    source=f"{REPORT.short} (who prepares); {PROTOCOL.short} (storage); {LABELLING.short} (label)",
)
