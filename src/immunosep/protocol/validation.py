"""What may be wrong with a trial: all of it at once."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.protocol.allocation import AllocationPlan
from immunosep.protocol.analysis_plan import AnalysisPlan
from immunosep.protocol.casebook import CaseForm, VisitBlock
from immunosep.protocol.centres import Centre
from immunosep.protocol.check_blocks import block_problems
from immunosep.protocol.check_casebook import casebook_problems
from immunosep.protocol.check_consent import consent_problems
from immunosep.protocol.check_doses import dose_problems
from immunosep.protocol.check_forms import form_problems
from immunosep.protocol.check_interim import interim_problems
from immunosep.protocol.check_names import name_problems
from immunosep.protocol.check_plan import plan_problems
from immunosep.protocol.check_rules import rule_problems, state_problems
from immunosep.protocol.check_supply import supply_problems
from immunosep.protocol.check_tolerance import tolerance_problems, training_problems
from immunosep.protocol.check_treatment import (
    allocation_problems,
    cell_name,
    cell_problems,
    comparison_problems,
    dummy_problems,
)
from immunosep.protocol.consent import ConsentPlan
from immunosep.protocol.criteria import Criterion, ImmuneState
from immunosep.protocol.digest import digest_problems
from immunosep.protocol.endpoints import Endpoint
from immunosep.protocol.forms import Form
from immunosep.protocol.interim import Looks
from immunosep.protocol.provenance import Amendment, Choice, Reference
from immunosep.protocol.sample_size import SampleSize
from immunosep.protocol.schedule import Visit
from immunosep.protocol.supply import SupplyPlan
from immunosep.protocol.tolerance import ToleranceLimit
from immunosep.protocol.treatment import Arm, Component, Intervention, Regimen, Route

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

CLOCK = "hours_since_sepsis"

TUPLES = {
    "inclusion": Criterion,
    "exclusion": Criterion,
    "immune_states": ImmuneState,
    "forms": Form,
    "interventions": Intervention,
    "arms": Arm,
    "regimens": Regimen,
    "schedule": Visit,
    "casebook": CaseForm,
    "blocks": VisitBlock,
    "tolerance_limits": ToleranceLimit,
    "training_required": str,
    "endpoints": Endpoint,
    "centres": Centre,
    "choices": Choice,
    "amendments": Amendment,
    "references": Reference,
}
SINGLE = {
    "consent": ConsentPlan,
    "allocation": AllocationPlan,
    "supply": SupplyPlan,
    "plan": AnalysisPlan,
    "sample_size": SampleSize,
    "interim": Looks,
}


def problems_of(trial: "Trial") -> list[str]:
    """Every problem of a trial; an empty list if it is valid."""
    misshapen = list(_shape(trial)) or [*_components(trial), *_words(trial)]
    found = misshapen or [problem for check in _CHECKS for problem in check(trial)]
    return found or list(digest_problems(trial))


def _shape(trial: "Trial") -> Iterator[str]:
    """Fields that do not hold what they should: the other checks would stumble over them."""
    for field, kind in TUPLES.items():
        value = getattr(trial, field)
        if not isinstance(value, tuple | list):
            yield (
                f"`{field}` is {type(value).__name__}, expected a tuple of {kind.__name__}. "
                f"Write ({kind.__name__}(...),) with the comma"
            )
            continue
        for at, item in enumerate(value, start=1):
            if not isinstance(item, kind):
                yield f"`{field}`, item {at}, is {type(item).__name__}, expected {kind.__name__}"
    for field, kind in SINGLE.items():
        value = getattr(trial, field)
        if not isinstance(value, kind | None):
            yield f"`{field}` is {type(value).__name__}, expected {kind.__name__}"


def _components(trial: "Trial") -> Iterator[str]:
    for regimen in trial.regimens:
        name, given = cell_name(regimen.state, regimen.arm), getattr(regimen, "components", None)
        if not isinstance(given, tuple | list):
            yield (
                f"{name}: `components` is {type(given).__name__}, expected a tuple of Component. "
                "Write (Component(...),) with the comma"
            )
            continue
        for each in given:
            yield from (f"{name}: {problem}" for problem in _component(each))


def _words(trial: "Trial") -> Iterator[str]:
    """A tuple of words written without its comma is a word, and would be read by its letters."""
    held: list[tuple[str, object, str]] = [
        ("consent", trial.consent, "given_by"),
        ("consent", trial.consent, "deferred_countries"),
        ("allocation", trial.allocation, "strata"),
        ("supply", trial.supply, "label_lines"),
        *((f"form {form.id!r}", form, "columns") for form in trial.forms),
        *((f"casebook form {form.id!r}", form, "columns") for form in trial.casebook),
    ]
    for name, holder, field in held:
        value = getattr(holder, field, ())
        if not isinstance(value, tuple | list):
            yield (
                f"{name}: `{field}` is {type(value).__name__}, expected a tuple. "
                f"Write ({value!r},) with the comma"
            )


def _component(given: object) -> Iterator[str]:
    if not isinstance(given, Component):
        yield f"{type(given).__name__} is among its `components`, expected Component"
        return
    for field, kind in (("intervention", Intervention), ("route", Route)):
        value: object = getattr(given, field)
        if not isinstance(value, kind):
            some = ", such as Route.INTRAVENOUS" if kind is Route else ""
            yield f"a component's {field} is {value!r}, expected {kind.__name__}{some}"


def _criteria(trial: "Trial") -> Iterator[str]:
    if not trial.criteria:
        yield "it has no criterion; give at least one in `inclusion` or `exclusion`"


def _window(trial: "Trial") -> Iterator[str]:
    if trial.window_hours is None:
        return
    limits = {
        literal.value
        for criterion in trial.criteria
        if isinstance(criterion.rule, ir.BooleanValue) and CLOCK in criterion.reads
        for literal in criterion.rule.op().find(ops.Literal)
    }
    if trial.window_hours not in limits:
        yield (
            f"window_hours is {trial.window_hours:g}, but no criterion compares {CLOCK} with it. "
            "Add the criterion, or leave window_hours out"
        )


def _sources(trial: "Trial") -> Iterator[str]:
    for regimen in trial.regimens:
        for component in regimen.components:
            if not component.source:
                yield (
                    f"{cell_name(regimen.state, regimen.arm)}: the {component.route.value} dose of "
                    f"{component.intervention.id!r} has no source"
                )
    if trial.sample_size and not trial.sample_size.source:
        yield "the sample size has no source"
    if trial.allocation and not trial.allocation.source:
        yield "the allocation plan has no source"
    for endpoint in trial.endpoints:
        if endpoint.definition and not endpoint.source:
            yield f"endpoint {endpoint.id!r} has no source"


def _numbers(trial: "Trial") -> Iterator[str]:
    size = trial.sample_size
    if size and size.per_arm and size.analysed < size.per_arm * len(trial.arms):
        yield (
            f"the sample size leaves {size.analysed} for the analysis, fewer than {size.per_arm} "
            f"in each of {len(trial.arms)} arms"
        )
    for centre in trial.centres:
        if not (-90 <= centre.latitude <= 90 and -180 <= centre.longitude <= 180):
            yield f"centre {centre.id!r}: its coordinates are not on Earth"


_CHECKS = (
    _criteria,
    name_problems,
    rule_problems,
    state_problems,
    _window,
    cell_problems,
    dose_problems,
    comparison_problems,
    dummy_problems,
    _sources,
    form_problems,
    casebook_problems,
    block_problems,
    tolerance_problems,
    training_problems,
    consent_problems,
    allocation_problems,
    supply_problems,
    plan_problems,
    interim_problems,
    _numbers,
)
