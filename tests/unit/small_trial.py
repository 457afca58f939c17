"""A small valid trial, and the problems it has once something in it is changed."""

from dataclasses import replace
from typing import Any

import pytest

from immunosep.concepts.snapshot import snapshot
from immunosep.errors import TrialError
from immunosep.protocol import (
    Arm,
    Component,
    Criterion,
    ImmuneState,
    Intervention,
    Regimen,
    Route,
    Trial,
)

DRUG = Intervention(id="drug", label="Drug", active=True)
SALINE = Intervention(id="saline", label="Saline", active=False)


def component(intervention: Intervention = SALINE, **more: Any) -> Component:
    given: dict[str, Any] = {
        "route": Route.INTRAVENOUS,
        "every_hours": 8,
        "days": 7,
        "volume_ml": 20,
        "looks": "clear",
    }
    return Component(intervention=intervention, source="a paper", **given | more)


INFUSION = component()
INJECTION = component(route=Route.SUBCUTANEOUS, every_hours=48, volume_ml=1)

TREATED = replace(INFUSION, intervention=DRUG, dose=1, unit="mg")

HIGH = ImmuneState("high", "High", snapshot.ferritin_ng_ml > 1000, source="a paper")
LOW = ImmuneState("low", "Low", snapshot.ferritin_ng_ml <= 1000, source="a paper")
ADULT = Criterion("adult", "Adult", snapshot.age_years >= 18, source="a paper")


def cell(state: str, arm: str, *components: Component) -> Regimen:
    return Regimen(state=state, arm=arm, components=components or (INFUSION, INJECTION))


VALID: dict[str, Any] = {
    "id": "mine",
    "title": "Mine",
    "inclusion": (ADULT,),
    "immune_states": (HIGH, LOW),
    "interventions": (DRUG, SALINE),
    "arms": (Arm(id="active", label="Active"), Arm(id="placebo", label="Placebo", control=True)),
    "regimens": (
        cell("high", "active", TREATED, INJECTION),
        cell("high", "placebo"),
        cell("low", "active", TREATED, INJECTION),
        cell("low", "placebo"),
    ),
}


def problems(**changes: Any) -> tuple[str, ...]:
    with pytest.raises(TrialError) as refused:
        Trial(**VALID | changes)
    return refused.value.problems


def problem(**changes: Any) -> str:
    (only,) = problems(**changes)
    return only
