"""Whether a printed number is what its counts give, and if it is not, what may have happened.

A printed number agrees if ours rounds to it. Slips that leave it within one unit of its last digit
(cut off, rounded twice, taken from rounded numbers) are told from those that change what it says.
"""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum


class Agreement(StrEnum):
    """How print and counts stand to each other."""

    AGREES = "agrees"
    ROUNDING = "rounding"
    CONTRADICTS = "contradicts"
    NOT_PRINTED = "not printed"
    NOT_FROM_COUNTS = "no counts"


GRAVEST = (Agreement.CONTRADICTS, Agreement.ROUNDING, Agreement.AGREES)


def compare_printed(printed: str, ours: float | None) -> tuple[Agreement, str]:
    """How one printed number stands to ours, and why if it does not agree."""
    if not printed:
        return Agreement.NOT_PRINTED, ""
    if ours is None:
        return Agreement.CONTRADICTS, "the counts give no number"
    if printed.startswith("<"):
        below = Decimal(str(ours)) < Decimal(printed[1:])
        return (Agreement.AGREES, "") if below else (Agreement.CONTRADICTS, "not below")
    exact, shown = Decimal(str(ours)), Decimal(printed)
    unit = Decimal(1).scaleb(shown.as_tuple().exponent)  # type: ignore[arg-type]  # finite: an int
    if shown in rounded(exact, unit):
        return Agreement.AGREES, ""
    if abs(shown - exact) < unit:
        return Agreement.ROUNDING, _slip(exact, shown, unit)
    return Agreement.CONTRADICTS, f"the counts give {in_digits_of(printed, ours)}"


def in_digits_of(printed: str, ours: float) -> str:
    """Our number with one digit more than the printed one has; a count as it is."""
    if isinstance(ours, int):
        return str(ours)
    return f"{ours:.{decimals(printed) + 1}f}"


def decimals(printed: str) -> int:
    """How many digits follow the point."""
    return len(printed.partition(".")[2])


def gravest(agreements: list[Agreement]) -> Agreement:
    """The one that decides for numbers printed together."""
    return next((a for a in GRAVEST if a in agreements), Agreement.NOT_PRINTED)


def rounded(exact: Decimal, unit: Decimal) -> set[Decimal]:
    """What a number may be printed as; one in the middle, either way."""
    half = Decimal("1e-9") * unit
    return {(exact + nudge).quantize(unit, rounding=ROUND_HALF_UP) for nudge in (-half, half)}


def _slip(exact: Decimal, shown: Decimal, unit: Decimal) -> str:
    if shown == exact.quantize(unit, rounding=ROUND_DOWN):
        return "cut off, not rounded"
    if any(shown in rounded(once, unit) for once in rounded(exact, unit / 10)):
        return "rounded twice"
    return "off by less than one unit of its last digit"
