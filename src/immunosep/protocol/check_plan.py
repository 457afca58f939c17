"""What may be wrong with a trial's plan of analysis: it names what is not there."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

import ibis.expr.datatypes as dt

from immunosep.protocol.analysis_plan import AnalysisPlan, ImputationPlan, Subgroup
from immunosep.protocol.endpoints import Death, SofaFall
from immunosep.protocol.overlap import is_number
from immunosep.tables.records import PARTICIPANTS

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

FEWEST, MOST = 2, 1000  # Rubin's rules need two; beyond a thousand nothing is gained


def plan_problems(trial: "Trial") -> Iterator[str]:
    """A plan of analysis that cannot be followed."""
    plan = trial.plan
    if plan is None:
        return
    if not plan.source.strip():
        yield "the analysis plan has no source"
    misshapen = list(_shape(plan))
    yield from misshapen
    if misshapen:
        return
    yield from _subgroups(plan)
    if plan.large_centre_share is not None and not (
        is_number(plan.large_centre_share) and 0 < plan.large_centre_share < 1
    ):
        yield f"large_centre_share is {plan.large_centre_share!r}, expected between 0 and 1"
    if plan.imputation is not None:
        yield from _imputation(plan.imputation)
    yield from _hierarchy(trial, plan)


def _shape(plan: AnalysisPlan) -> Iterator[str]:
    for field, kind in (("subgroups", Subgroup), ("hierarchy", str)):
        value = getattr(plan, field)
        if not isinstance(value, tuple | list) or not all(isinstance(v, kind) for v in value):
            yield f"the analysis plan: `{field}` must be a tuple of {kind.__name__}"
    if not isinstance(plan.imputation, ImputationPlan | None):
        yield "the analysis plan: `imputation` must be ImputationPlan"


def _subgroups(plan: AnalysisPlan) -> Iterator[str]:
    numeric = [name for name, kind in PARTICIPANTS.schema().items() if isinstance(kind, dt.Numeric)]
    ids = [subgroup.id for subgroup in plan.subgroups]
    yield from (f"two subgroups are called {id_!r}" for id_ in set(ids) if ids.count(id_) > 1)
    for subgroup in plan.subgroups:
        if subgroup.column not in numeric:
            near = get_close_matches(subgroup.column, numeric, n=1)
            expected = near[0] if near else ", ".join(numeric)
            yield (
                f"subgroup {subgroup.id!r} is by {subgroup.column!r}, which is no number of a "
                f"participant; expected {expected}"
            )
        if not is_number(subgroup.at_least):
            yield f"subgroup {subgroup.id!r}: at_least is {subgroup.at_least!r}, expected a number"


def _imputation(plan: ImputationPlan) -> Iterator[str]:
    count: object = plan.imputations
    if not (isinstance(count, int) and FEWEST <= count <= MOST):
        yield f"imputations is {count!r}, expected a whole number from {FEWEST} to {MOST}"
    seed: object = plan.seed
    if not (isinstance(seed, int) and seed >= 0):
        yield "the seed of the imputations is no whole number from 0; write one down in the plan"
    shifts: object = plan.shifts
    if not isinstance(shifts, tuple | list) or not all(map(is_number, shifts)):
        yield "the shifts of the imputations must be a tuple of numbers, such as (0, 1, 2)"


def _hierarchy(trial: "Trial", plan: AnalysisPlan) -> Iterator[str]:
    compared = {
        endpoint.id
        for endpoint in trial.endpoints
        if isinstance(endpoint.definition, Death | SofaFall)
    }
    for id_ in plan.hierarchy:
        if id_ not in compared:
            yield (
                f"the hierarchy names {id_!r}, expected endpoints that are a death or a fall of "
                f"SOFA: {', '.join(sorted(compared)) or 'this trial has none'}"
            )
