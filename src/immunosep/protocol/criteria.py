"""Criteria and immune states: the rules of a protocol, written on the snapshot.

A rule is a boolean Ibis expression with three values: true, false, and NULL for unknown. For an
exclusion criterion true means that the exclusion applies.
"""

from dataclasses import dataclass, field
from functools import cached_property

import ibis.expr.operations as ops
from ibis.expr import types as ir


@dataclass(frozen=True, eq=False)
class Criterion:
    """One numbered line of the protocol's eligibility section.

    `text` is what it asks, paraphrased; `limit` the bound in a few words, for a reason given to a
    clinician; `number` its place in the protocol's list; `source` where it and its numbers are
    from.
    """

    id: str
    text: str
    rule: ir.BooleanValue = field(repr=False)
    limit: str = ""
    number: int | None = None
    source: str = ""
    note: str = ""

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The snapshot columns its rule reads, in the rule's order."""
        return columns_read(self.rule)


@dataclass(frozen=True, eq=False)
class ImmuneState:
    """One state of the immune system that the trial treats, and the rule that finds it.

    No patient may fulfil the rules of two states, unless one of them names the other in
    `yields_to`: such a patient is of the state named there, which comes first in the trial's list.
    """

    id: str
    label: str
    rule: ir.BooleanValue = field(repr=False)
    limit: str = ""
    source: str = ""
    note: str = ""
    yields_to: tuple[str, ...] = ()

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The snapshot columns its rule reads, in the rule's order."""
        return columns_read(self.rule)


def columns_read(rule: ir.Expr) -> tuple[str, ...]:
    """The names of the snapshot columns an expression reads, each once."""
    return tuple(dict.fromkeys(field.name for field in rule.op().find(ops.Field)))
