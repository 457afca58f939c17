"""Deciding a rule on a score whose parts are not all known.

A score with missing parts lies between its lowest and its highest possible value. A rule that a
higher score can only turn from false to true is met if the lowest value satisfies it, not met if
the highest cannot, and unknown otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis.expr import types as ir


def decide_by_bounds(*, at_lowest: ir.BooleanValue, at_highest: ir.BooleanValue) -> ir.BooleanValue:
    """True, false or NULL, for a rule evaluated at both ends of what the score can be."""
    return at_highest & (at_lowest | ibis.null("boolean"))


@dataclass(frozen=True, eq=False)
class Bounds:
    """The lowest and the highest value something can have, given what is known; neither is NULL."""

    lowest: ir.IntegerValue
    highest: ir.IntegerValue

    @property
    def known(self) -> ir.IntegerValue:
        """The value where the bounds meet, else NULL."""
        return ibis.cases((self.lowest == self.highest, self.lowest), else_=ibis.null("int64"))

    def at_least(self, limit: int) -> ir.BooleanValue:
        """Whether the value is `limit` or more; NULL where the bounds lie on both sides of it."""
        return decide_by_bounds(at_lowest=self.lowest >= limit, at_highest=self.highest >= limit)


def bounds_of(points: ir.IntegerValue, *, most: int) -> Bounds:
    """Of a part that is either known or missing: its points, or 0 to `most`."""
    return Bounds(lowest=points.coalesce(0), highest=points.coalesce(most))


def bounds_of_count(facts: Sequence[ir.BooleanValue]) -> Bounds:
    """Of how many of the facts hold: the unknown ones counted as not holding, then as holding."""
    return Bounds(
        lowest=_sum([fact.coalesce(False).cast("int64") for fact in facts]),
        highest=_sum([fact.coalesce(True).cast("int64") for fact in facts]),
    )


def sum_of_bounds(parts: Sequence[Bounds]) -> Bounds:
    """Of a score that is the sum of its parts."""
    return Bounds(
        lowest=_sum([part.lowest for part in parts]), highest=_sum([part.highest for part in parts])
    )


def _sum(values: Sequence[ir.IntegerValue]) -> ir.IntegerValue:
    first, *others = values
    for other in others:
        first = first + other
    return first
