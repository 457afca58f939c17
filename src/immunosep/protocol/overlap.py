"""Whether two immune states can be true of one patient, found by trying every kind of patient.

A rule made of comparisons with fixed values changes its answer only at those values. So it is tried
on one value in each interval between them, on the values themselves, and on a missing value; no
patient is of a kind that is not among these. Rules written otherwise are refused, not guessed at.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from math import floor, prod
from typing import Any, assert_never

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.protocol.criteria import ImmuneState
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import COLUMNS

MOST_PATIENTS = 200_000  # more kinds than this take longer to try than anyone waits for

Patient = Mapping[str, Any]


class CannotTryError(Exception):
    """A rule that is not made of comparisons of columns with fixed values."""


def overlapping(first: ImmuneState, second: ImmuneState) -> bool:
    """Whether some patient fulfils the rules of both states."""
    return any(
        _answer(first.rule.op(), patient) is True and _answer(second.rule.op(), patient) is True
        for patient in _kinds_of_patient([first.rule, second.rule])
    )


def reachable(state: ImmuneState, *, before: Sequence[ImmuneState]) -> bool:
    """Whether some patient fulfils this state's rule and that of none with precedence over it."""
    return any(
        _answer(state.rule.op(), patient) is True
        and not any(_answer(other.rule.op(), patient) is True for other in before)
        for patient in _kinds_of_patient([state.rule, *(other.rule for other in before)])
    )


def _kinds_of_patient(rules: Sequence[ir.Expr]) -> Iterator[Patient]:
    names = dict.fromkeys(field.name for rule in rules for field in rule.op().find(ops.Field))
    literals = [node.value for rule in rules for node in rule.op().find(ops.Literal)]
    values = {name: _values_to_try(COLUMNS[name], literals) for name in names}
    if prod(len(tried) for tried in values.values()) > MOST_PATIENTS:
        raise CannotTryError("they read too many columns to try all kinds of patient")
    for combination in product(*values.values()):
        yield dict(zip(values, combination, strict=True))


def _values_to_try(column: Column, literals: Sequence[Any]) -> list[Any]:
    match column.kind:
        case Kind.YES_NO:
            return [False, True, None]
        case Kind.CATEGORY:
            return [*column.choices, None]
        case Kind.TEXT:
            return [*(text for text in literals if isinstance(text, str)), "another", None]
        case Kind.NUMBER | Kind.INTEGER | Kind.TIME:
            return [*_numbers_to_try(literals, whole=column.kind is not Kind.NUMBER), None]
        case _:
            assert_never(column.kind)


def _numbers_to_try(literals: Sequence[Any], *, whole: bool) -> list[float]:
    limits = sorted({value for value in literals if is_number(value)}) or [0]
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    tried = {limits[0] - 1, *limits, *between, limits[-1] + 1}
    return sorted({floor(value) for value in tried} if whole else tried)


def is_number(value: object) -> bool:
    """Whether a literal is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _answer(node: ops.Value, patient: Patient) -> Any:
    """The value of a rule, or of a part of it, for one patient; None is unknown."""
    match node:
        case ops.Literal():
            return node.value
        case ops.Field():
            return patient[node.name]
        case ops.And():
            return _and(_answer(node.left, patient), _answer(node.right, patient))
        case ops.Or():
            return _not(_and(_not(_answer(node.left, patient)), _not(_answer(node.right, patient))))
        case ops.Not():
            return _not(_answer(node.arg, patient))
        case ops.IsNull():
            return _answer(node.arg, patient) is None
        case ops.NotNull():
            return _answer(node.arg, patient) is not None
        case ops.InValues():
            return _any_equal(_answer(node.value, patient), node.options, patient)
        case ops.Between():
            value = _answer(node.arg, patient)
            low, high = (_answer(end, patient) for end in (node.lower_bound, node.upper_bound))
            return _and(
                _compare(ops.GreaterEqual, value, low), _compare(ops.LessEqual, value, high)
            )
        case ops.Comparison():
            _refuse_two_columns(node)
            left, right = _answer(node.left, patient), _answer(node.right, patient)
            return _compare(type(node), left, right)
        case _:
            raise CannotTryError(f"a rule uses {type(node).__name__}")


def _refuse_two_columns(node: ops.Comparison) -> None:
    if node.left.find(ops.Field) and node.right.find(ops.Field):
        raise CannotTryError("a rule compares two columns")


def _compare(operation: type[ops.Value], left: Any, right: Any) -> bool | None:
    if operation not in _COMPARISONS:
        raise CannotTryError(f"a rule uses {operation.__name__}")
    if left is None or right is None:
        return None
    return bool(_COMPARISONS[operation](left, right))


def _any_equal(value: Any, options: Sequence[ops.Value], patient: Patient) -> bool | None:
    found: bool | None = False
    for option in options:
        same = _compare(ops.Equals, value, _answer(option, patient))
        found = _not(_and(_not(found), _not(same)))
    return found


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


_COMPARISONS = {
    ops.Equals: lambda a, b: a == b,
    ops.NotEquals: lambda a, b: a != b,
    ops.Less: lambda a, b: a < b,
    ops.LessEqual: lambda a, b: a <= b,
    ops.Greater: lambda a, b: a > b,
    ops.GreaterEqual: lambda a, b: a >= b,
}
