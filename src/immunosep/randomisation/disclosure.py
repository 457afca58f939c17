"""What an opened slot means: the arm in words, and what each immune state is given in it.

For the moment a treating physician needs to know, on a screen or on the paper in an envelope.
"""

from dataclasses import dataclass

from immunosep.errors import CodeError
from immunosep.protocol.treatment import Component
from immunosep.protocol.trial import Trial

UNITS = {"ug": "micrograms"}  # spelled out: a µ is misread (ISMP list of error-prone abbreviations)
ROUTES = {"iv": "intravenous", "sc": "subcutaneous"}


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """What the participants of one immune state are given; `state` is empty in a trial without."""

    state: str
    components: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """One slot's arm, and the treatment of each immune state in it."""

    stratum: str
    position: int
    arm: str
    treatments: tuple[Treatment, ...]


def disclose(
    trial: Trial, *, stratum: str, position: int, arm: str, state: str | None = None
) -> Disclosure:
    """What one slot means, for every immune state or for one."""
    labels = {each.id: each.label for each in trial.immune_states}
    if state is not None and state not in labels:
        raise CodeError(
            f"trial {trial.id!r} has no immune state {state!r}, expected {' or '.join(labels)}"
        )
    return Disclosure(
        stratum=stratum,
        position=position,
        arm=next((each.label for each in trial.arms if each.id == arm), arm),
        treatments=tuple(
            Treatment(
                state=labels.get(regimen.state, regimen.state),
                components=tuple(_in_words(component) for component in regimen.components),
            )
            for regimen in trial.regimens
            if regimen.arm == arm and state in (None, regimen.state)
        ),
    )


def _in_words(component: Component) -> str:
    unit = UNITS.get(component.unit, component.unit)
    dose = f" {component.dose:g} {unit}" if component.dose is not None else ""
    route = ROUTES.get(component.route.value, component.route.value)
    return (
        f"{component.intervention.label}{dose}, {route}, every {component.every_hours} h for up "
        f"to {component.days} days"
    )
