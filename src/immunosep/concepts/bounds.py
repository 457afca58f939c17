"""Deciding a rule on a score whose parts are not all known.

A score with missing parts lies between its lowest and its highest possible value. A rule that a
higher score can only turn from false to true is met if the lowest value satisfies it, not met if
the highest cannot, and unknown otherwise.
"""

import ibis
from ibis.expr import types as ir


def decide_by_bounds(*, at_lowest: ir.BooleanValue, at_highest: ir.BooleanValue) -> ir.BooleanValue:
    """True, false or NULL, for a rule evaluated at both ends of what the score can be."""
    return at_highest & (at_lowest | ibis.null("boolean"))
