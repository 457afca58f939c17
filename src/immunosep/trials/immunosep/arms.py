"""What ImmunoSep's participants are given: an infusion and an injection in every cell.

The drug follows the immune state; the other route carries saline. The placebo arm has saline by
both, the same in either state. A full course is 45 intravenous and 8 subcutaneous doses.
"""

from immunosep.protocol.treatment import Arm, Component, Intervention, Regimen, Route
from immunosep.trials.immunosep.immune_states import IMMUNOPARALYSIS, MALS
from immunosep.trials.immunosep.references import (
    ANAKINRA_LABEL,
    INTERFERON_LABEL,
    PROTOCOL,
    REPORT,
)

PRECISION = Arm(id="precision", label="Immunotherapy chosen by immune state")
PLACEBO = Arm(id="placebo", label="Placebo", control=True)
ARMS = (PRECISION, PLACEBO)

ANAKINRA = Intervention(
    id="anakinra",
    label="Anakinra, recombinant human interleukin-1 receptor antagonist",
    active=True,
    source=ANAKINRA_LABEL.short,
    note="A vial has 100 mg in 0.67 mL, so 200 mg are 1.34 mL before dilution.",
)
INTERFERON_GAMMA = Intervention(
    id="interferon_gamma",
    label="Interferon gamma-1b, recombinant human",
    active=True,
    source=INTERFERON_LABEL.short,
    note="A vial has 100 µg, 2 million IU, in 0.5 mL.",
)
SALINE = Intervention(
    id="saline",
    label="Placebo: sodium chloride 0.9 %",
    active=False,
    source=PROTOCOL.short,
)
INTERVENTIONS = (ANAKINRA, INTERFERON_GAMMA, SALINE)

TREATMENT_DAYS = 15  # Giamarellos-Bourboulis JAMA 2026;335:775: up to 15 days
LOOKS = "clear, colourless solution"


def _infusion(intervention: Intervention, *, dose: float | None = None) -> Component:
    """Every 8 hours; its volume and interval are the same whatever is in it."""
    return Component(
        intervention=intervention,
        route=Route.INTRAVENOUS,
        dose=dose,
        unit="mg" if dose else "",
        every_hours=8,
        days=TREATMENT_DAYS,
        volume_ml=20,
        looks=LOOKS,
        source=f"{REPORT.short}; volume: Supplement 1 and the choice `preparation_volume`",
    )


def _injection(intervention: Intervention, *, dose: float | None = None) -> Component:
    """Every 48 hours; its volume and interval are the same whatever is in it."""
    return Component(
        intervention=intervention,
        route=Route.SUBCUTANEOUS,
        dose=dose,
        unit="ug" if dose else "",
        every_hours=48,
        days=TREATMENT_DAYS,
        volume_ml=0.5,
        looks=LOOKS,
        source=f"{REPORT.short}; volume: Supplement 1",
    )


ANAKINRA_INFUSION = _infusion(ANAKINRA, dose=200)  # JAMA 2026;335:775
SALINE_INFUSION = _infusion(SALINE)
INTERFERON_INJECTION = _injection(INTERFERON_GAMMA, dose=100)  # JAMA 2026;335:775
SALINE_INJECTION = _injection(SALINE)

REGIMENS = (
    Regimen(state=MALS.id, arm=PRECISION.id, components=(ANAKINRA_INFUSION, SALINE_INJECTION)),
    Regimen(state=MALS.id, arm=PLACEBO.id, components=(SALINE_INFUSION, SALINE_INJECTION)),
    Regimen(
        state=IMMUNOPARALYSIS.id,
        arm=PRECISION.id,
        components=(SALINE_INFUSION, INTERFERON_INJECTION),
    ),
    Regimen(
        state=IMMUNOPARALYSIS.id,
        arm=PLACEBO.id,
        components=(SALINE_INFUSION, SALINE_INJECTION),
    ),
)
