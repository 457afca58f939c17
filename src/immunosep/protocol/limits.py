"""The limits a trial's rules compare values with, read from the rules themselves."""

from collections.abc import Iterator

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.protocol.trial import Trial
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import COLUMNS


def numbers_compared(trial: Trial) -> list[tuple[Column, tuple[float, ...]]]:
    """The number columns that the immune states' rules compare, each with its limits, in order."""
    found: dict[str, set[float]] = {}
    for state in trial.immune_states:
        for name, limit in _comparisons(state.rule):
            found.setdefault(name, set()).add(limit)
    return [
        (COLUMNS[name], tuple(sorted(limits)))
        for name, limits in found.items()
        if COLUMNS[name].kind in (Kind.NUMBER, Kind.INTEGER)
    ]


def _comparisons(rule: ir.Expr) -> Iterator[tuple[str, float]]:
    for comparison in rule.op().find(ops.Comparison):
        sides = (comparison.left, comparison.right)
        fields = [field.name for side in sides for field in side.find(ops.Field)]
        literals = [side.value for side in sides if isinstance(side, ops.Literal)]
        if len(fields) == 1 and len(literals) == 1 and _is_number(literals[0]):
            yield fields[0], float(literals[0])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
