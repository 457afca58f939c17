"""One two-by-two table, by every method: percentages to read, each interval beside its method."""

from math import inf

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.analysis.estimates import Estimate, TestResult
from immunosep.analysis.number_needed import NumberNeeded
from immunosep.analysis.two_by_two import Comparison

NOT_ESTIMABLE = "not estimable"
MISSING_TESTS = {
    "Boschloo": "the arms are too large for it",
    "Barnard": "the arms are too large for it",
}
INTERVALS = {
    "newcombe": "Newcombe",
    "miettinen_nurminen": "Miettinen-Nurminen",
    "mee": "Mee",
    "agresti_caffo": "Agresti-Caffo",
    "wald": "Wald",
    "newcombe_continuity": "Newcombe, continuity-corrected",
    "wald_continuity": "Wald, continuity-corrected",
    "wald_pooled": "Wald, pooled variance",
}
ODDS_RATIOS = {
    "woolf": "Woolf",
    "conditional_mle": "conditional, exact",
    "score": "score",
}
TESTS = {
    "fisher": "Fisher",
    "boschloo": "Boschloo",
    "barnard": "Barnard",
    "chi_squared": "chi-squared",
    "chi_squared_yates": "chi-squared, Yates",
    "chi_squared_n_minus_1": "chi-squared, N-1",
}


def two_by_two_page(found: Comparison) -> RenderableType:
    """The page: the arms, then difference, ratios and tests."""
    table = found.table
    first, second = found.proportions
    sure = f"{100 * found.level:g} %"
    return Group(
        Text(
            f"{_arm(table.events_1, table.total_1, first)}\n"
            f"{_arm(table.events_2, table.total_2, second)}",
            style="bold",
        ),
        *_section(
            f"Difference {_percent(table.difference)} percentage points, {sure} interval",
            [(name, _points(found.intervals[key])) for key, name in INTERVALS.items()],
        ),
        *_section("Number needed", [("Newcombe", _say_number_needed(found.number_needed))]),
        *_section(
            f"Odds ratio, {sure} interval",
            [(name, _ratio(found.odds_ratio[key])) for key, name in ODDS_RATIOS.items()],
        ),
        *_section(
            f"Risk ratio, {sure} interval",
            [
                ("logarithm", _ratio(found.risk_ratio["log"])),
                ("score", _ratio(found.risk_ratio["score"])),
            ],
        ),
        *_section("P, two-sided", [(name, _p(found.p[key], name)) for key, name in TESTS.items()]),
    )


def _section(title: str, rows: list[tuple[str, str]]) -> list[RenderableType]:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(min_width=30)
    for name, value in rows:
        lines.add_row(Text(name), Text(value))
    return [Text(f"\n{title}", style="bold"), Padding(lines, (0, 0, 0, 2))]


def _arm(events: int, total: int, share: Estimate) -> str:
    assert share.value is not None
    return (
        f"{events:,} of {total:,}: {_percent(share.value)} % "
        f"({_percent(share.low)} to {_percent(share.high)}, Wilson)"
    )


def _points(estimate: Estimate) -> str:
    return f"{_percent(estimate.low)} to {_percent(estimate.high)}"


def _percent(fraction: float | None) -> str:
    return NOT_ESTIMABLE if fraction is None else f"{100 * fraction:.1f}"


def _ratio(estimate: Estimate) -> str:
    if estimate.value is None:
        return NOT_ESTIMABLE if estimate.low is None else f"{NOT_ESTIMABLE} {_ends(estimate)}"
    if estimate.low is None:
        return f"{_number(estimate.value)}, no interval: a cell is 0"
    return f"{_number(estimate.value)} {_ends(estimate)}"


def _ends(estimate: Estimate) -> str:
    return f"({_number(estimate.low)} to {_number(estimate.high)})"


def _number(number: float | None) -> str:
    return "infinity" if number in (None, inf) else f"{number:.2f}"


def _p(test: TestResult | None, name: str) -> str:
    if test is None:
        return MISSING_TESTS.get(name, "nothing to test")
    return "< .0001" if (test.p_value or 0) < 0.0001 else f"{test.p_value:.4f}".removeprefix("0")


def _say_number_needed(found: NumberNeeded | None) -> str:
    if found is None or found.value is None:
        return f"{NOT_ESTIMABLE}: the difference is 0"
    if found.through_infinity:
        return (
            f"{_needed(found.value)} ({_needed(found.low)}, through infinity, "
            f"to {_needed(found.high)})"
        )
    return f"{_needed(found.value)} ({_ends_of_size(found)})"


def _ends_of_size(found: NumberNeeded) -> str:
    return " to ".join(f"{size:.1f}" for size in sorted(map(abs, _known(found))))


def _known(found: NumberNeeded) -> list[float]:
    return [end for end in (found.low, found.high) if end is not None]


def _needed(number: float | None) -> str:
    """One event more in the first arm than in the second, or one fewer."""
    if number is None:
        return "infinity"
    return f"{abs(number):.1f} for one {'more' if number > 0 else 'fewer'}"
