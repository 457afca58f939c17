"""What a report printed beside what its counts give, row by row, what differs explained below."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.analysis.printed import Agreement, decimals
from immunosep.analysis.published import Candidate, ComparedValue
from immunosep.protocol.published import Measure

SIGNS = {
    Agreement.AGREES: ("✓", "green"),
    Agreement.ROUNDING: ("≈", "yellow"),
    Agreement.CONTRADICTS: ("✗", "red"),
    Agreement.NOT_PRINTED: ("·", "dim"),
    Agreement.NOT_FROM_COUNTS: ("·", "dim"),
}
DIGITS = {Measure.SUM: 0, Measure.PERCENT: 1, Measure.DIFFERENCE: 1, Measure.NUMBER_NEEDED: 1}
P_VALUES = {
    Measure.FISHER_P,
    Measure.WALD_P,
    Measure.CMH_P,
    Measure.BRESLOW_DAY_P,
    Measure.INTERACTION_P,
    Measure.PROPORTIONAL_ODDS_P,
    Measure.T_TEST_P,
}
WITH_ENDS = 3  # a value, its lower and its upper end
WITHOUT_ENDS = {Measure.SUM, Measure.PERCENT}
WIDTHS = (21, 18, 22)  # measure, print, counts: with "contradicts" a line fits 80 columns
WORDS = {
    Agreement.AGREES: "agree",
    Agreement.ROUNDING: "differ by rounding",
    Agreement.CONTRADICTS: "contradict their counts",
    Agreement.NOT_PRINTED: "were not printed",
    Agreement.NOT_FROM_COUNTS: "need the participants' data",
}


def published_page(
    values: Sequence[ComparedValue],
    intervals: Sequence[Candidate],
    tests: Sequence[Candidate],
) -> RenderableType:
    """The page: each printed table, then the methods tried, then the counts of agreement."""
    tables = groupby(values, key=lambda value: value.table)
    return Group(
        *(part for title, held in tables for part in _table(title, list(held))),
        *_tried("Interval of the difference: printed ends that each gives", intervals),
        *_tried("Test: printed P values that each gives", tests),
        _summary(values),
    )


def _table(title: str, values: list[ComparedValue]) -> list[RenderableType]:
    rows = groupby(values, key=lambda value: value.row)
    lines = [line for row, held in rows for line in _row(row, list(held))]
    return [Text(title, style="bold underline"), *lines, Text("")]


def _row(row: str, values: list[ComparedValue]) -> Iterable[RenderableType]:
    yield Text(row)
    lines = _grid()
    for value in values:
        sign, colour = SIGNS[value.agreement]
        lines.add_row(
            Text(value.measure.value),
            Text(_printed(value)),
            Text(_ours(value)),
            Text(f"{sign} {value.agreement.value}", style=colour),
        )
    yield Padding(lines, (0, 0, 0, 2))
    for said in _said(values):
        yield Padding(Text(said, style="dim"), (0, 0, 0, 4))


def _grid() -> Table:
    lines = Table.grid(padding=(0, 1))
    for width in WIDTHS:
        lines.add_column(width=width)
    lines.add_column(no_wrap=True)
    return lines


def _said(values: list[ComparedValue]) -> Iterable[str]:
    """Why each value differs, then what the row has to tell, once."""
    for value in values:
        if value.reason:
            yield f"{value.measure.value}: {value.reason}"
    if values[0].note:
        yield values[0].note


def _printed(value: ComparedValue) -> str:
    texts = [text or "?" for text in value.printed]
    if not any(value.printed):
        return ""
    return _joined(texts, ends=_has_ends(value))


def _ours(value: ComparedValue) -> str:
    if not value.ours:
        return ""
    return _joined([_shown(value, at) for at in range(len(value.ours))], ends=_has_ends(value))


def _has_ends(value: ComparedValue) -> bool:
    return len(value.ours or value.printed) == WITH_ENDS and value.measure not in WITHOUT_ENDS


def _joined(texts: Sequence[str], *, ends: bool) -> str:
    if ends:
        return f"{texts[0]} ({texts[1]}, {texts[2]})"
    return ", ".join(texts)


def _shown(value: ComparedValue, at: int) -> str:
    number = value.ours[at]
    if number is None:
        return "not estimable"
    if value.measure in P_VALUES:
        return f"{number:.4f}".removeprefix("0")
    printed = value.printed[at] if at < len(value.printed) else ""
    digits = decimals(printed) if printed else DIGITS.get(value.measure, 2)
    more = 1 if value.agreement is Agreement.ROUNDING else 0
    return f"{number:.{digits + more}f}"


def _tried(title: str, candidates: Sequence[Candidate]) -> list[RenderableType]:
    if not candidates or not candidates[0].of:
        return []
    lines = Table.grid(padding=(0, 2))
    for candidate in candidates:
        lines.add_row(Text(candidate.method), Text(f"{candidate.hits} of {candidate.of}"))
    return [Text(title, style="bold underline"), Padding(lines, (0, 0, 0, 2)), Text("")]


def _summary(values: Sequence[ComparedValue]) -> Text:
    counts = Counter(value.agreement for value in values)
    said = ", ".join(f"{counts[agreement]} {words}" for agreement, words in WORDS.items())
    return Text(f"{len(values)} values: {said}.", style="bold")
