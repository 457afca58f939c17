"""How a number of the report is printed, and how it is kept beside it for machines.

Percentages and points have one decimal, ratios two, P values two significant digits. What does not
exist is "not estimable", never a number.
"""

from math import inf, isfinite
from typing import Any

from immunosep.analysis.comparisons import Counted, Measured
from immunosep.analysis.estimates import Estimate, TestResult
from immunosep.report.trial.model import Cell

NOT_ESTIMABLE = "not estimable"
MINUS = "−"
TOGETHER = "\N{NO-BREAK SPACE}"
SMALLEST_P = 0.001


def percent_points(estimate: Estimate | None, *, id_: str, derivation: str) -> Cell:
    """A difference of proportions with its interval, in percentage points."""
    return _cell(estimate, 100.0, 1, id_=id_, derivation=derivation)


def points(estimate: Estimate | None, *, id_: str, derivation: str) -> Cell:
    """A difference of means, or of days, with its interval."""
    return _cell(estimate, 1.0, 2, id_=id_, derivation=derivation)


def ratio(estimate: Estimate | None, *, id_: str, derivation: str) -> Cell:
    """An odds or hazard ratio with its interval."""
    return _cell(estimate, 1.0, 2, id_=id_, derivation=derivation)


def p_value(test: TestResult | None, *, id_: str, derivation: str) -> Cell:
    """A P value; a dash where there is nothing to test."""
    p = None if test is None else test.p_value
    value = None if test is None or p is None else {"p": p, "method": test.method}
    return Cell(text=say_p(p), id=id_, value=value, derivation=derivation)


def events(counted: Counted, *, id_: str, derivation: str) -> Cell:
    """'46/131 (35.1 %)', and of how many it is not known; of nobody known it is no 0 of 0."""
    if counted.unknown and not counted.total:
        return unknown(id_=id_, derivation=derivation, of=counted.unknown)
    known = f"{counted.events:,}/{counted.total:,}"
    share = f" ({say_share(counted.events, counted.total)})" if counted.total else ""
    others = f"; {counted.unknown:,} unknown" if counted.unknown else ""
    value = {"events": counted.events, "total": counted.total, "unknown": counted.unknown}
    return Cell(text=known + share + others, id=id_, value=value, derivation=derivation)


def unknown(*, id_: str, derivation: str, of: int | None = None) -> Cell:
    """What is known of nobody: no number, and of how many it is not known."""
    value = None if of is None else {"events": None, "total": 0, "unknown": of}
    said = "unknown" if of is None else f"unknown of {of:,}"
    return Cell(text=said, id=id_, value=value, derivation=derivation)


def mean(measured: Measured, *, id_: str, derivation: str) -> Cell:
    """'7.3 (2.1), n 105': mean and standard deviation."""
    if measured.mean is None:
        return Cell(text=NOT_ESTIMABLE, id=id_, derivation=derivation)
    spread = "" if measured.deviation is None else f" ({measured.deviation:,.1f})"
    return Cell(
        text=f"{_signed(measured.mean, 1)}{spread}, n {measured.count:,}",
        id=id_,
        value={"mean": measured.mean, "sd": measured.deviation, "n": measured.count},
        derivation=derivation,
    )


def median(measured: Measured, *, id_: str, derivation: str) -> Cell:
    """'9 (7 to 12)': median and quartiles."""
    if measured.median is None or measured.quartiles is None:
        return Cell(text="–", id=id_, derivation=derivation)
    low, high = measured.quartiles
    digits = 0 if abs(measured.median) >= 100 else 1
    unknown = f"; {measured.unknown:,} unknown" if measured.unknown else ""
    return Cell(
        text=f"{_short(measured.median, digits)} ({_short(low, digits)} to {_short(high, digits)})"
        + unknown,
        id=id_,
        value={"median": measured.median, "quartiles": [low, high], "n": measured.count},
        derivation=derivation,
    )


def number(count: int, *, id_: str, derivation: str, of: int | None = None) -> Cell:
    """A count, and if asked its share of a whole."""
    share = f" ({say_share(count, of)})" if of else ""
    return Cell(text=f"{count:,}{share}", id=id_, value=count, derivation=derivation)


def say_p(p: float | None) -> str:
    """'0.0015', '0.34', '< 0.001'."""
    if p is None:
        return "–"
    if p < SMALLEST_P:
        return f"<{TOGETHER}{SMALLEST_P}"
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def say_share(part: int, whole: int) -> str:
    """'35.1 %'; a dash of nobody."""
    return f"{100 * part / whole:.1f}{TOGETHER}%" if whole else "–"


def say_estimate(estimate: Estimate | None, *, scale: float = 1.0, digits: int = 2) -> str:
    """'2.48 (1.42 to 4.32)'."""
    if estimate is None or estimate.value is None:
        return NOT_ESTIMABLE
    said = _signed(estimate.value * scale, digits)
    if estimate.low is None or estimate.high is None:
        return f"{said} (no interval)"
    ends = (_signed(end * scale, digits) for end in (estimate.low, estimate.high))
    return f"{said} ({' to '.join(ends)})".replace(" ", TOGETHER)


def as_value(estimate: Estimate | None) -> Any:
    """The estimate for machines: infinity as a word, for JSON has none."""
    if estimate is None or estimate.value is None:
        return None
    ends = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    kept = {name: _finite(end) for name, end in ends.items()}
    return kept | {"level": estimate.level, "method": estimate.method}


def _cell(
    estimate: Estimate | None, scale: float, digits: int, *, id_: str, derivation: str
) -> Cell:
    return Cell(
        text=say_estimate(estimate, scale=scale, digits=digits),
        id=id_,
        value=as_value(estimate),
        derivation=derivation,
    )


def _signed(value: float, digits: int) -> str:
    if value in (inf, -inf):
        return "∞" if value > 0 else f"{MINUS}∞"
    said = f"{abs(value):,.{digits}f}"
    return f"{MINUS}{said}" if value < 0 and float(said.replace(",", "")) else said


def _short(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".removesuffix(".0")


def _finite(value: float | None) -> float | str | None:
    return value if value is None or isfinite(value) else "infinity"
