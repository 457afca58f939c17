"""A trial's digest: 64 hexadecimal digits that any change of the protocol changes.

It is the SHA-256 (FIPS 180-4) of a trial written as JSON with sorted keys. Every field counts, and
of a rule every operation, column and literal with its type; so does every word. Equal trials have
one digest in every process. What the rules' columns mean belongs to the data dictionary and to
`concepts`, and so to the version of this package.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import ibis.expr.operations as ops
from ibis.common.grounds import Annotable
from ibis.expr import types as ir
from ibis.expr.datatypes import DataType

from immunosep.concepts.snapshot import UnknownColumn
from immunosep.errors import TrialError
from immunosep.protocol.criteria import Criterion, ImmuneState

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

WRITTEN_AS = 1
"""The form of the JSON: another number if the same trial were ever to be written otherwise."""


def digest_of(trial: "Trial") -> str:
    """The trial's digest."""
    written = json.dumps(
        canonical_of(trial), sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(written.encode("ascii")).hexdigest()


def canonical_of(trial: "Trial") -> dict[str, Any]:
    """What is hashed: the whole trial in the values JSON knows."""
    return {"written_as": WRITTEN_AS, "trial": _plain(trial)}


def plain_of(value: Any) -> Any:
    """What is hashed of one value a trial holds: two values are one if theirs are equal."""
    return _plain(value)


def digest_problems(trial: "Trial") -> Iterator[str]:
    """What a trial holds that cannot be written as JSON."""
    rules: tuple[Criterion | ImmuneState, ...] = (*trial.criteria, *trial.immune_states)
    if any(isinstance(one.rule, UnknownColumn) for one in rules):
        return  # the misspelt column is reported where it was met
    try:
        canonical_of(trial)
    except TrialError as error:
        yield from error.problems


def _plain(value: Any) -> Any:
    """A value in those JSON knows; JSON has no times and no decimals, so they are written out."""
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | str():
            return value
        case int() | float():
            return _number(value)
        case date() | time():
            return value.isoformat()
        case Decimal() | DataType():
            return str(value)
        case ir.Expr():
            return _node(value.op())
        case ops.Node():
            return _node(value)
        case tuple() | list():
            return [_plain(held) for held in value]
        case Mapping():
            return {str(_plain(key)): _plain(held) for key, held in value.items()}
        case Annotable():
            return _arguments(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            held = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
            return {"is": type(value).__name__, **held}
        case _:
            raise TrialError(
                "the trial has no digest",
                [
                    f"it holds a value of type {type(value).__name__}, which cannot be written as "
                    "JSON. Write it as text, numbers, yes or no, tuples or dataclasses"
                ],
            )


def _number(value: float) -> int | float | str:
    """72 and 72.0 are one number; JSON has none for infinity, nor for what is not a number."""
    if isinstance(value, int):
        return value
    if value.is_integer():
        return int(value)
    return value if value - value == 0 else str(value)


def _node(node: ops.Node) -> dict[str, Any]:
    """An operation, with its arguments by name; columns and literals by what they are."""
    match node:
        case ops.Field(rel=ops.UnboundTable() as table):
            return {"column": node.name, "table": table.name, "type": str(node.dtype)}
        case ops.Literal():
            return {"literal": _plain(node.value), "type": str(node.dtype)}
        case _:
            return {"operation": type(node).__name__, "arguments": _arguments(node)}


def _arguments(of: Annotable) -> dict[str, Any]:
    given = zip(of.__argnames__, of.__args__, strict=True)
    return {name: _plain(held) for name, held in given}
