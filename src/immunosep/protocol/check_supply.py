"""What may be wrong with a trial's supply: doses that outlive their preparation, telling labels."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from immunosep.protocol.overlap import is_number
from immunosep.protocol.supply import SupplyModel, SupplyPlan
from immunosep.protocol.treatment import Component, Intervention, Route

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

TEMPERATURES = ("storage_low_c", "storage_high_c", "excursion_low_c", "excursion_high_c")
BY_ROUTE = ("prepared_shelf_life_hours", "doses_per_order")


def supply_problems(trial: "Trial") -> Iterator[str]:
    """A plan that cannot be followed, or that would tell what is in a syringe."""
    plan = trial.supply
    if plan is None:
        return
    if not plan.source.strip():
        yield "the supply plan has no source"
    yield from _temperatures(plan)
    match plan.model:
        case SupplyModel.PREPARED:
            yield from _prepared(trial, plan)
        case SupplyModel.KITS:
            yield from _kits(trial, plan)
        case _:
            yield f"supply: model is {plan.model!r}, expected SupplyModel.PREPARED or .KITS"
    yield from _label(trial, plan)


def _temperatures(plan: SupplyPlan) -> Iterator[str]:
    degrees = [getattr(plan, name) for name in TEMPERATURES]
    wrong = [
        name for name, value in zip(TEMPERATURES, degrees, strict=True) if not is_number(value)
    ]
    if wrong:
        yield f"supply: {', '.join(wrong)} must be numbers, in °C"
        return
    low, high, lowest, highest = degrees
    if not lowest <= low < high <= highest:
        yield (
            f"supply: storage at {low:g} to {high:g} °C with excursions to {lowest:g} to "
            f"{highest:g} °C; expected the first range within the second"
        )
    days = plan.excursion_days_allowed
    if not (is_number(days) and days >= 0):
        yield f"supply: excursion_days_allowed is {days!r}, expected a number, 0 or more"


def _components(trial: "Trial") -> dict[Route, list[Component]]:
    by_route: dict[Route, list[Component]] = {}
    for regimen in trial.regimens:
        for component in regimen.components:
            by_route.setdefault(component.route, []).append(component)
    return by_route


def _prepared(trial: "Trial", plan: SupplyPlan) -> Iterator[str]:
    if plan.kits_per_component or plan.spare_kits_per_component:
        yield "supply is prepared, but has kits. Leave them out, or write model=SupplyModel.KITS"
    given = _components(trial)
    wrong = [problem for name in BY_ROUTE for problem in _by_route(name, plan, given)]
    yield from wrong
    if wrong:
        return
    for route, components in given.items():
        doses, hours = plan.doses_per_order[route], plan.prepared_shelf_life_hours[route]
        last_after = (doses - 1) * max(component.every_hours for component in components)
        if last_after >= hours:
            yield (
                f"supply: of {doses} {route.value} doses made up together the last is due after "
                f"{last_after:g} h, but they keep for {hours:g} h. Make up fewer"
            )


def _by_route(name: str, plan: SupplyPlan, given: Iterable[Route]) -> Iterator[str]:
    values = getattr(plan, name)
    if not isinstance(values, Mapping):
        yield f"supply: {name} is {type(values).__name__}, expected a number for each Route"
        return
    if set(values) != set(given):
        yield (
            f"supply: {name} is of {_routes(values)}, the regimens are of {_routes(given)}. "
            "Give one number for each route"
        )
    whole = name == "doses_per_order"
    for route, value in values.items():
        if not (is_number(value) and value > 0 and (_is_whole(value) or not whole)):
            expected = "a whole number, 1 or more" if whole else "a number above 0"
            yield f"supply: {name} of {route} is {value!r}, expected {expected}"


def _routes(routes: Iterable[Route]) -> str:
    return ", ".join(sorted(str(route) for route in routes)) or "no route"


def _kits(trial: "Trial", plan: SupplyPlan) -> Iterator[str]:
    for name in BY_ROUTE:
        if getattr(plan, name):
            yield f"supply is in kits, but has {name}. Leave it out, or write SupplyModel.PREPARED"
    kits, spare = plan.kits_per_component, plan.spare_kits_per_component
    if not _is_whole(spare) or spare < 0:
        yield f"supply: spare_kits_per_component is {spare!r}, expected a whole number, 0 or more"
    if not _is_whole(kits) or kits < 1:
        yield f"supply: kits_per_component is {kits!r}, expected a whole number, 1 or more"
        return
    for route, components in _components(trial).items():
        doses = min(component.doses for component in components)
        if kits > doses:
            yield f"supply: {kits} kits for {doses} {route.value} doses; some would be empty"


def _is_whole(value: object) -> bool:
    return is_number(value) and isinstance(value, int)


def _label(trial: "Trial", plan: SupplyPlan) -> Iterator[str]:
    """Every label is the same, so that none may name one content, arm or immune state of several.

    Regulation (EU) 536/2014, Annex VI, A.1(1)(b): in a blinded trial the substance is named
    together with what it is compared with.
    """
    if not [line for line in plan.label_lines if line.strip()]:
        yield "supply: the label has no lines. Write what stands on every one of them"
    if not trial.double_blind:
        return
    text = " ".join(plan.label_lines)
    names = {each.id: _names(each) for each in trial.interventions}
    unnamed = [id_ for id_, words in names.items() if not _says(text, words)]
    if unnamed and len(unnamed) < len(names):
        yield (
            f"supply: the label names an intervention but not {', '.join(unnamed)}, which would "
            "tell what is inside. Name all, or none"
        )
    said_of_content = {word for words in names.values() for word in words}
    for what, told in (("arm", trial.arms), ("immune state", trial.immune_states)):
        for each in told:
            words = {each.id.replace("_", " "), each.label.lower()} - said_of_content
            if _says(text, words):
                yield f"supply: the label names the {what} {each.id!r}. Leave it out"


def _names(intervention: Intervention) -> set[str]:
    """What a label may call an intervention: its id, and the words of `label` up to a stop."""
    first = re.split("[,:;(]", intervention.label.lower())[0].strip()
    return {intervention.id.replace("_", " "), first}


def _says(text: str, names: Iterable[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE) for name in names if name)
