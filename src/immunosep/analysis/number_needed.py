"""The number needed to treat, with an interval that stays honest where the difference may be 0.

It is 1 over the difference of proportions. Where the interval of the difference holds 0, that of
the number runs from benefit through infinity to harm, and two numbers alone would mislead (Altman
BMJ 1998;317:1309). Whether an event is good or bad is not known here: the number is of
participants in the first arm, in place of the second, for one event more or one fewer.
"""

from dataclasses import dataclass

from immunosep.analysis.estimates import Estimate


@dataclass(frozen=True, kw_only=True)
class NumberNeeded:
    """Participants for one event more (positive) or one fewer (negative).

    The interval runs from `low` to `high`; with `through_infinity` it runs from `low`, one event
    fewer, away from 0 to infinity, and from there back to `high`, one event more. An end of None
    belongs to a difference of 0.
    """

    value: float | None
    low: float | None
    high: float | None
    through_infinity: bool
    method: str
    level: float


def number_needed(difference: Estimate) -> NumberNeeded | None:
    """The number needed of an estimated difference; None if that was not estimable."""
    if difference.value is None or difference.low is None or difference.high is None:
        return None
    through_infinity = difference.low <= 0 <= difference.high
    ends = difference.low, difference.high
    low, high = ends if through_infinity else reversed(ends)
    return NumberNeeded(
        value=_reciprocal(difference.value),
        low=_reciprocal(low),
        high=_reciprocal(high),
        through_infinity=through_infinity,
        method=f"1 / difference, {difference.method}",
        level=difference.level,
    )


def _reciprocal(difference: float) -> float | None:
    return 1 / difference if difference else None
