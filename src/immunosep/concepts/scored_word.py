"""The points of an hour, or of a day, as one whole number: the worst of many is their bitwise OR.

Each component of SOFA has five bits, one for each of its points 0 to 4; the highest bit set is the
worst, and no bit says that nothing is known. Above them, 24 bits say in which hours of the day
urine was charted: an hour's bit is its number modulo 24, so 24 hours in a row have one each. One
window over one column then answers what would take ten.
"""

from collections.abc import Callable

import ibis
from ibis.expr import types as ir

from immunosep.concepts.sofa import COMPONENTS, WORST_COMPONENT

HOURS = 24
THIRD = HOURS // 3
COMPONENT_BITS = WORST_COMPONENT + 1
URINE_FROM = COMPONENT_BITS * len(COMPONENTS)


def _answered_by_the_engine(words: int) -> int:  # type: ignore[empty-body]
    """The words of many as one; NULL of none."""


bit_or: Callable[[ir.IntegerValue], ir.IntegerValue] = ibis.udf.agg.builtin(
    _answered_by_the_engine, name="bit_or"
)  # both engines have it, but Ibis writes its own operation for DuckDB only


def of_points(points: ir.IntegerValue, component: str) -> ir.IntegerValue:
    """The word of one component's points, NULL for NULL."""
    lowest = COMPONENT_BITS * COMPONENTS.index(component)
    return ibis.cases(*((points == p, 1 << (lowest + p)) for p in range(COMPONENT_BITS)))


def of_urine(volume_ml: ir.FloatingValue, hr: ir.IntegerValue) -> ir.IntegerValue:
    """The word of urine charted in an hour, whatever its volume; hours count from -24 at least."""
    slot = _slot(hr)
    return ibis.cases(
        (volume_ml.isnull(), ibis.null("int64")),
        *((slot == hour, 1 << (URINE_FROM + hour)) for hour in range(HOURS)),
    )


def points_of(word: ir.IntegerValue, component: str) -> ir.IntegerValue:
    """The worst points of a component, NULL where nothing is known of it."""
    bits = (word >> (COMPONENT_BITS * COMPONENTS.index(component))) & (2**COMPONENT_BITS - 1)
    return ibis.cases(
        *((bits >= 2**points, points) for points in reversed(range(COMPONENT_BITS))),
        else_=ibis.null("int8"),
    ).cast("int8")


def urine_charted_in_thirds(word: ir.IntegerValue, hr: ir.IntegerValue) -> list[ir.BooleanValue]:
    """Whether urine was charted in the last, middle and first 8 of the 24 hours up to `hr`."""
    charted = (word >> URINE_FROM) & (2**HOURS - 1)
    twice = charted * (2**HOURS + 1)  # the day written twice, to read a whole one from any hour
    in_order = twice >> (_slot(hr) + 1)
    return [(in_order >> (HOURS - THIRD * number)) & (2**THIRD - 1) > 0 for number in (1, 2, 3)]


def _slot(hr: ir.IntegerValue) -> ir.IntegerValue:
    return (hr.cast("int64") + HOURS) % HOURS
