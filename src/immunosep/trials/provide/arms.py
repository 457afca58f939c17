"""What PROVIDE's participants were given: double-dummy, an infusion and an injection in every cell.

Unlike in ImmunoSep, intravenous treatment lasted 7 days; injections went on for 15.
"""

from immunosep.protocol.treatment import Arm, Component, Intervention, Regimen, Route
from immunosep.trials.provide.immune_states import IMMUNOPARALYSIS, MALS
from immunosep.trials.provide.references import REGISTRY

IMMUNOTHERAPY = Arm(id="immunotherapy", label="Immunotherapy chosen by immune state")
PLACEBO = Arm(id="placebo", label="Placebo", control=True)
ARMS = (IMMUNOTHERAPY, PLACEBO)

ANAKINRA = Intervention(
    id="anakinra",
    label="Anakinra, recombinant human interleukin-1 receptor antagonist",
    active=True,
    source=REGISTRY.short,
)
INTERFERON_GAMMA = Intervention(
    id="interferon_gamma",
    label="Interferon gamma, recombinant human",
    active=True,
    source=REGISTRY.short,
)
SALINE = Intervention(
    id="saline", label="Placebo: sodium chloride 0.9 %", active=False, source=REGISTRY.short
)
INTERVENTIONS = (ANAKINRA, INTERFERON_GAMMA, SALINE)

INFUSION_DAYS = 7  # NCT03332225
INJECTION_DAYS = 15  # NCT03332225
LOOKS = "not published"  # NCT03332225 says nothing of it; the same in every cell
INJECTION_ML = 1  # NCT03332225


def _infusion(intervention: Intervention, *, dose: float | None = None) -> Component:
    """Every 8 hours; the volume is left open (choice `preparation_volume`)."""
    return Component(
        intervention=intervention,
        route=Route.INTRAVENOUS,
        dose=dose,
        unit="mg" if dose else "",
        every_hours=8,
        days=INFUSION_DAYS,
        looks=LOOKS,
        source=REGISTRY.short,
    )


def _injection(intervention: Intervention, *, dose: float | None = None) -> Component:
    """Every other day, of one volume."""
    return Component(
        intervention=intervention,
        route=Route.SUBCUTANEOUS,
        dose=dose,
        unit="ug" if dose else "",
        every_hours=48,
        days=INJECTION_DAYS,
        volume_ml=INJECTION_ML,
        looks=LOOKS,
        source=f"{REGISTRY.short}; choice `interferon_dose`" if dose else REGISTRY.short,
    )


ANAKINRA_INFUSION = _infusion(ANAKINRA, dose=200)  # NCT03332225
SALINE_INFUSION = _infusion(SALINE)
INTERFERON_INJECTION = _injection(INTERFERON_GAMMA, dose=100)  # choice `interferon_dose`
SALINE_INJECTION = _injection(SALINE)

REGIMENS = (
    Regimen(
        state=MALS.id,
        arm=IMMUNOTHERAPY.id,
        components=(ANAKINRA_INFUSION, SALINE_INJECTION),
    ),
    Regimen(state=MALS.id, arm=PLACEBO.id, components=(SALINE_INFUSION, SALINE_INJECTION)),
    Regimen(
        state=IMMUNOPARALYSIS.id,
        arm=IMMUNOTHERAPY.id,
        components=(SALINE_INFUSION, INTERFERON_INJECTION),
    ),
    Regimen(
        state=IMMUNOPARALYSIS.id,
        arm=PLACEBO.id,
        components=(SALINE_INFUSION, SALINE_INJECTION),
    ),
)
