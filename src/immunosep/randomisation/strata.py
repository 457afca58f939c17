"""The strata of a trial's sequence: what they are called, and which one a participant is in.

A stratum is named by its values in the order of the plan's `strata`, joined by a slash:
`01_jena`, or `01_jena/mals` where lists are also split by immune state.
"""

from collections.abc import Mapping, Sequence
from itertools import product

from immunosep.errors import SequenceError
from immunosep.protocol.allocation import AllocationPlan
from immunosep.protocol.trial import Trial

CENTRE = "centre"
IMMUNE_STATE = "immune_state"
WHOLE_TRIAL = "all"  # the only stratum of a plan that names none
BETWEEN = "/"


def stratum_of(plan: AllocationPlan, values: Mapping[str, str]) -> str:
    """The stratum of a participant, from the values of what the plan stratifies by."""
    return name_stratum(plan.strata, values)


def name_stratum(stratified_by: Sequence[str], values: Mapping[str, str]) -> str:
    """The name of the stratum with these values."""
    return BETWEEN.join(values[name] for name in stratified_by) or WHOLE_TRIAL


def strata_of(trial: Trial) -> tuple[str, ...]:
    """Every stratum of a trial, in the order of its centres and immune states."""
    plan = plan_of(trial)
    known = {
        CENTRE: [centre.id for centre in trial.centres],
        IMMUNE_STATE: [state.id for state in trial.immune_states],
    }
    problems = [
        f"it stratifies by {name!r}, whose values cannot be listed; expected "
        f"{CENTRE} or {IMMUNE_STATE}"
        if name not in known
        else f"it stratifies by {name}, and the trial has none"
        for name in plan.strata
        if not known.get(name)
    ]
    if problems:
        raise SequenceError(f"trial {trial.id!r} has no strata to make lists for", problems)
    return tuple(
        stratum_of(plan, dict(zip(plan.strata, values, strict=True)))
        for values in product(*(known[name] for name in plan.strata))
    )


def plan_of(trial: Trial) -> AllocationPlan:
    """The trial's allocation plan; without one, nothing can be randomised."""
    if trial.allocation is None:
        raise SequenceError(
            f"trial {trial.id!r} cannot be randomised", ["it has no allocation plan; write one"]
        )
    return trial.allocation
