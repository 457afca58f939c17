"""Which version of SOFA a score was made by: a name that changes whenever the rule does.

The digest is of the expressions of `concepts.snapshot` themselves: every operation, column, type
and limit from the columns of the data dictionary to the parts and the bounds. So a corrected limit
gives another name, and a reworded comment does not.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import ibis.expr.operations as ops
from ibis.common.grounds import Annotable
from ibis.expr import types as ir

from immunosep.concepts.snapshot import PATIENTS, derive_snapshot
from immunosep.concepts.sofa import COMPONENTS

SCORED = (*(f"sofa_{part}" for part in COMPONENTS), "sofa_total", "sofa_lowest", "sofa_highest")
LONG = 12  # digits of the digest that a person compares


def rule_digest(table: ir.Table, columns: tuple[str, ...]) -> str:
    """64 hexadecimal digits of how these columns follow from an unbound table's."""
    known: dict[ops.Node, str] = {}
    project = table.op()
    assert isinstance(project, ops.Project)  # what a derivation ends with
    return _hash([_node(project.values[name], known) for name in columns])


def _node(node: ops.Node, known: dict[ops.Node, str]) -> str:
    """The digest of one operation; each is looked at once, however often it is used."""
    if node not in known:
        known[node] = _hash(_said(node, known))
    return known[node]


def _said(node: ops.Node, known: dict[ops.Node, str]) -> list[Any]:
    match node:
        case ops.Field(rel=ops.Project() as project):
            return ["is", _node(project.values[node.name], known)]
        case ops.Field():
            return ["column", node.name, str(node.dtype)]
        case ops.Literal():
            return ["literal", repr(node.value), str(node.dtype)]
        case _:
            return [type(node).__name__, *_arguments(node, known)]


def _arguments(of: Annotable, known: dict[ops.Node, str]) -> list[Any]:
    return [_plain(held, known) for held in of.__args__]


def _plain(held: Any, known: dict[ops.Node, str]) -> Any:
    match held:
        case ops.Node():
            return _node(held, known)
        case tuple() | list():
            return [_plain(each, known) for each in held]
        case Mapping():
            return [[str(key), _plain(each, known)] for key, each in held.items()]
        case Annotable():
            return [type(held).__name__, *_arguments(held, known)]
        case _:
            return str(held)


def _hash(said: Any) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()


RULE = rule_digest(derive_snapshot(PATIENTS), SCORED)
ALGORITHM = f"SOFA 1996 (Vincent), immunosep {RULE[:LONG]}"
"""What stands beside every score that this package makes."""
