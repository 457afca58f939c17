"""Points by steps of one measured value, the way clinical scores are tabulated.

Each step is `(limit, points)`, the worst grade first. A value no step catches scores 0; a missing
value scores NULL. The four names say on which side of a limit the limit itself lies.
"""

import ibis
from ibis.expr import types as ir

Step = tuple[float, int]


def points_below(value: ir.NumericValue, *steps: Step) -> ir.IntegerValue:
    """The points of the first step whose limit is above the value: `value < limit`."""
    return _points(value, [(value < limit, points) for limit, points in steps])


def points_to(value: ir.NumericValue, *steps: Step) -> ir.IntegerValue:
    """The points of the first step whose limit is the value or above it: `value <= limit`."""
    return _points(value, [(value <= limit, points) for limit, points in steps])


def points_from(value: ir.NumericValue, *steps: Step) -> ir.IntegerValue:
    """The points of the first step whose limit is the value or below it: `value >= limit`."""
    return _points(value, [(value >= limit, points) for limit, points in steps])


def points_above(value: ir.NumericValue, *steps: Step) -> ir.IntegerValue:
    """The points of the first step whose limit is below the value: `value > limit`."""
    return _points(value, [(value > limit, points) for limit, points in steps])


def points_if(fact: ir.BooleanValue, points: int) -> ir.IntegerValue:
    """The points if the fact holds, 0 if it does not, NULL if it is unknown."""
    return ibis.cases((fact.isnull(), ibis.null("int64")), (fact, points), else_=0)


def _points(value: ir.NumericValue, steps: list[tuple[ir.BooleanValue, int]]) -> ir.IntegerValue:
    return ibis.cases((value.isnull(), ibis.null("int64")), *steps, else_=0)
