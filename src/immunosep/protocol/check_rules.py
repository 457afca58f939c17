"""What may be wrong with the rules of a trial: its criteria and its immune states."""

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.concepts.operations import check_operations
from immunosep.concepts.snapshot import SNAPSHOT, UnknownColumn, unknown_column
from immunosep.errors import OperationError
from immunosep.protocol.check_values import value_problems
from immunosep.protocol.criteria import Criterion, ImmuneState, columns_read
from immunosep.protocol.overlap import CannotTryError, is_number, overlapping, reachable
from immunosep.tables.dictionary import COLUMNS

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial


def rule_problems(trial: "Trial") -> Iterator[str]:
    """Rules that are not true-or-false, or that some engine or the data dictionary refuses."""
    for kind, rule_of in _named_rules(trial):
        yield from _rule(f"{kind} {rule_of.id!r}", rule_of)


def _named_rules(trial: "Trial") -> Iterator[tuple[str, Criterion | ImmuneState]]:
    yield from (("criterion", criterion) for criterion in trial.criteria)
    yield from (("immune state", state) for state in trial.immune_states)


def _rule(name: str, rule_of: Criterion | ImmuneState) -> Iterator[str]:
    rule: object = rule_of.rule
    if isinstance(rule, UnknownColumn):
        return  # the misspelt column is reported where it was met
    if not isinstance(rule, ir.BooleanValue):
        found = str(rule.type()) if isinstance(rule, ir.Value) else type(rule).__name__
        yield f"{name}: its rule is {found}, expected true or false. Compare a column with a value"
        return
    yield from _columns(name, rule)
    yield from value_problems(name, rule)
    try:
        check_operations(rule, name=rule_of.id)
    except OperationError as error:
        yield f"{name}: {error}"
    if _has_number(rule) and not rule_of.source:
        yield f"{name}: its rule has a number but no source. Say where the number is from"


def _columns(name: str, rule: ir.BooleanValue) -> Iterator[str]:
    for column in columns_read(rule):
        if column not in COLUMNS:
            yield f"{name}: {unknown_column(column)}"
    if any(table != SNAPSHOT.op() for table in rule.op().find(ops.Relation)):
        yield f"{name}: its rule reads another table. Write it on `concepts.snapshot.snapshot`"


def _has_number(rule: ir.BooleanValue) -> bool:
    return any(is_number(literal.value) for literal in rule.op().find(ops.Literal))


def state_problems(trial: "Trial") -> Iterator[str]:
    """Immune states that a patient can have two of at once, or that nobody can have."""
    states = [state for state in trial.immune_states if _can_be_tried(state)]
    try:
        yield from _precedence(states)
        yield from _overlaps(states)
        yield from _unreachable(states)
    except CannotTryError as error:
        yield (
            f"the immune states cannot be checked for overlap: {error}. Write their rules as "
            "comparisons of columns with fixed values, joined by & | ~"
        )


def _can_be_tried(state: ImmuneState) -> bool:
    return isinstance(state.rule, ir.BooleanValue) and set(state.reads) <= set(COLUMNS)


def _precedence(states: list[ImmuneState]) -> Iterator[str]:
    for at, state in enumerate(states):
        earlier = {other.id for other in states[:at]}
        for other in state.yields_to:
            if other not in earlier:
                yield f"immune state {state.id!r} yields to {other!r}, which is not before it"


def _overlaps(states: list[ImmuneState]) -> Iterator[str]:
    for first, second in combinations(states, 2):
        if first.id not in second.yields_to and overlapping(first, second):
            yield (
                f"immune states {first.id!r} and {second.id!r} overlap: a patient can be of both. "
                f"Part their rules, or let {second.id!r} name {first.id!r} in `yields_to`"
            )


def _unreachable(states: list[ImmuneState]) -> Iterator[str]:
    for at, state in enumerate(states):
        before = [other for other in states[:at] if other.id in state.yields_to]
        if not reachable(state, before=before):
            yield f"immune state {state.id!r} can be true of nobody. Look at its limits"
