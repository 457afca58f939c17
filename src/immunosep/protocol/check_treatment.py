"""What may be wrong with what a trial gives: regimens, dummies, allocation."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from immunosep.concepts.snapshot import unknown_column
from immunosep.protocol.treatment import Component, Regimen, Route
from immunosep.tables.columns import Kind
from immunosep.tables.dictionary import BEDSIDE, COLUMNS

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial


STRATA = ("centre", "immune_state")
"""What a participant has beside the snapshot's columns, and a list may be kept apart by."""

FEW_VALUES = (Kind.CATEGORY, Kind.YES_NO)


def cell_problems(trial: "Trial") -> Iterator[str]:
    """Cells (immune state x arm) without a regimen, or regimens that are of no cell."""
    if not trial.regimens:
        return
    states = [state.id for state in trial.immune_states] or [""]
    wanted = {(state, arm.id) for state in states for arm in trial.arms}
    given = {(regimen.state, regimen.arm) for regimen in trial.regimens}
    for state, arm in sorted(wanted - given):
        yield f"{cell_name(state, arm)} has no regimen"
    for state, arm in sorted(given - wanted):
        yield f"{cell_name(state, arm)} is not a cell of the trial: no such immune state or arm"
    interventions = {intervention.id for intervention in trial.interventions}
    for regimen in trial.regimens:
        for component in regimen.components:
            if component.intervention.id not in interventions:
                yield (
                    f"{cell_name(regimen.state, regimen.arm)}: {component.intervention.id!r} "
                    "is not among the trial's interventions"
                )


def comparison_problems(trial: "Trial") -> Iterator[str]:
    """Immune states in which no arm is given a drug; a blinded trial without one control arm."""
    if not trial.regimens:
        return
    arms = {arm.id for arm in trial.arms}
    for state in dict.fromkeys(regimen.state for regimen in trial.regimens):
        cells = [regimen for regimen in trial.regimens if regimen.state == state]
        given = [component for cell in cells for component in cell.components]
        if arms <= {cell.arm for cell in cells} and not any(c.intervention.active for c in given):
            where = f"in immune state {state!r} " if state else ""
            yield (
                f"{where}every arm is given placebo only, so that nothing is compared. "
                "Give one arm a drug, with active=True"
            )
    controls = [arm.id for arm in trial.arms if arm.control]
    if trial.double_blind and len(controls) != 1:
        yield (
            f"{len(controls) or 'no'} arm{'' if len(controls) == 1 else 's'} of {len(arms)} "
            f"have control=True{_listed(controls)}, expected one in a double-blind trial. Give "
            "control=True to that arm alone, or write double_blind=False"
        )


def _listed(names: list[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def dummy_problems(trial: "Trial") -> Iterator[str]:
    """In a double-blind trial every cell has one component by each route, all of one appearance."""
    if not trial.double_blind:
        return
    everything = [component for regimen in trial.regimens for component in regimen.components]
    for route in dict.fromkeys(component.route for component in everything):
        for regimen in trial.regimens:
            count = len(regimen.by_route(route))
            if count != 1:
                yield (
                    f"{cell_name(regimen.state, regimen.arm)} has {count or 'no'} {route.value} "
                    f"component{'s' if count > 1 else ''}, expected one: the drug, or a dummy"
                )
        yield from _unseen(route, everything)
        looks = {component.appearance for component in everything if component.route == route}
        if len(looks) > 1:
            yield (
                f"the {route.value} components do not look alike: "
                f"{'; '.join(sorted(_differences(trial.regimens, route.value)))}. Give them one "
                "volume, appearance, interval and duration"
            )


def _unseen(route: Route, components: Iterable[Component]) -> Iterator[str]:
    given = [component for component in components if component.route == route]
    silent = dict.fromkeys(each.intervention.id for each in given if not each.looks.strip())
    if silent:
        yield (
            f"the {route.value} components of {', '.join(silent)} do not say how they look. Write "
            'looks="clear" or the like; where no source says, looks="not published"'
        )


def _differences(regimens: Iterable[Regimen], route: str) -> set[str]:
    return {
        f"{component.intervention.id} {component.volume_ml} mL {component.looks} every "
        f"{component.every_hours} h for {component.days} days"
        for regimen in regimens
        for component in regimen.components
        if component.route.value == route
    }


def allocation_problems(trial: "Trial") -> Iterator[str]:
    """A ratio or block sizes that do not go with the arms, strata that cannot be told."""
    if trial.allocation is None:
        return
    arms, ratio = {arm.id for arm in trial.arms}, trial.allocation.ratio
    if set(ratio) != arms:
        yield f"the allocation ratio names {sorted(ratio)}, the arms are {sorted(arms)}"
    for size in trial.allocation.block_sizes:
        if size <= 0 or size % sum(ratio.values()):
            yield f"a block of {size} cannot hold the ratio {':'.join(map(str, ratio.values()))}"
    yield from (problem for each in trial.allocation.strata for problem in _stratum(each))


def _stratum(name: str) -> Iterator[str]:
    few = [column.name for column in BEDSIDE if column.kind in FEW_VALUES]
    if name in COLUMNS and name not in few:
        yield (
            f"allocation: {name!r} has too many values to keep a list for each. Stratify by a "
            "category, or by a column of yes or no"
        )
    elif name not in (*STRATA, *few):
        yield f"allocation: strata: {unknown_column(name)} Or write {' or '.join(STRATA)}"


def cell_name(state: str, arm: str) -> str:
    """How a cell is called in a message."""
    return f"cell {state} x {arm}" if state else f"arm {arm}"
