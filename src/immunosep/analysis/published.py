"""The published results rebuilt from the published counts, and set beside what was printed.

One compared value is one number of one printed row, with its ends where it has them. Which interval
and which test the report used is found by trying them all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from immunosep.analysis import association, differences, exact, scores
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import Estimate, TestResult
from immunosep.analysis.from_counts import (
    MEASURES,
    PER_CENT,
    Groups,
    Numbers,
    numbers_of,
    table_of,
)
from immunosep.analysis.printed import Agreement, compare_printed, decimals, gravest
from immunosep.protocol.published import Measure, PublishedRow

Interval = Callable[[TwoByTwo], Estimate]
Test = Callable[[TwoByTwo], TestResult | None]

INTERVALS: dict[str, Interval] = {
    "Newcombe": differences.estimate_newcombe,
    "Newcombe, continuity-corrected": lambda t: differences.estimate_newcombe(t, continuity=True),
    "Agresti-Caffo": differences.estimate_agresti_caffo,
    "Wald, pooled variance": differences.estimate_pooled_wald,
    "Miettinen-Nurminen": scores.estimate_miettinen_nurminen,
    "Mee": scores.estimate_mee,
    "Wald": differences.estimate_wald,
    "Wald, continuity-corrected": lambda t: differences.estimate_wald(t, continuity=True),
}
TESTS: dict[str, Test] = {
    "Fisher": exact.fisher_test,
    "Boschloo": exact.boschloo_test,
    "Barnard": exact.barnard_test,
    "chi-squared": association.chi_squared_test,
    "chi-squared, Yates": association.yates_test,
    "chi-squared, N-1": association.n_minus_1_test,
}


@dataclass(frozen=True, kw_only=True)
class ComparedValue:
    """One measure of one printed row: as printed, from the counts, and how they stand."""

    table: str
    row: str
    measure: Measure
    source: str
    groups: Groups
    printed: tuple[str, ...]
    ours: Numbers
    agreement: Agreement
    reason: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A method the report may have used: how many of its printed numbers it gives."""

    method: str
    hits: int
    of: int


def compare_published(rows: Iterable[PublishedRow]) -> tuple[ComparedValue, ...]:
    """Every measure of every row, in the order of print."""
    return tuple(
        _compared(row, measure, printed) for row in rows for measure, printed in row.printed.items()
    )


def intervals_tried(rows: Sequence[PublishedRow]) -> tuple[Candidate, ...]:
    """Every interval of a difference, by how many printed ends it gives to their last digit."""
    printed = [
        (table_of(row.groups), texts)
        for row in rows
        if row.settles and len(texts := row.printed.get(Measure.DIFFERENCE, ())) == 3
    ]
    return _most_hits(
        (name, sum(_hits(method, table, texts) for table, texts in printed), 2 * len(printed))
        for name, method in INTERVALS.items()
    )


def p_values_tried(rows: Sequence[PublishedRow]) -> tuple[Candidate, ...]:
    """Every test of a table, by how many printed P values it gives to their last digit."""
    printed = [
        (table_of(row.groups), texts[0])
        for row in rows
        if row.settles and (texts := row.printed.get(Measure.FISHER_P, ()))
    ]
    return _most_hits(
        (name, sum(_gives(test, table, text) for table, text in printed), len(printed))
        for name, test in TESTS.items()
    )


def _compared(row: PublishedRow, measure: Measure, printed: tuple[str, ...]) -> ComparedValue:
    ours: Numbers = ()
    if measure is Measure.NOT_FROM_COUNTS:
        agreement, reason = Agreement.NOT_FROM_COUNTS, ""
    else:
        ours = MEASURES[measure](row.groups)
        agreement, reason = _stand(row, measure, printed, ours)
    return ComparedValue(
        table=row.table,
        row=row.row,
        measure=measure,
        source=row.source,
        groups=row.groups,
        printed=printed,
        ours=ours,
        agreement=agreement,
        reason=reason,
        note=row.note,
    )


def _stand(
    row: PublishedRow, measure: Measure, printed: tuple[str, ...], ours: Numbers
) -> tuple[Agreement, str]:
    found = [compare_printed(text, number) for text, number in zip(printed, ours, strict=False)]
    agreement = gravest([each for each, _ in found])
    if agreement is Agreement.CONTRADICTS and _reversed_sign(printed, ours):
        return agreement, "the sign is reversed"
    slipped = measure is Measure.DIFFERENCE and found and found[0][0] is Agreement.ROUNDING
    if slipped and _of_rounded_shares(row.groups, printed[0]):
        found[0] = (Agreement.ROUNDING, "is the difference of the rounded percentages")
    names = _names(measure, len(found))
    reasons = [
        f"{name}{why}"
        for name, (each, why) in zip(names, found, strict=True)
        if why and (name or each is not Agreement.CONTRADICTS)  # the value stands beside the print
    ]
    return agreement, "; ".join(reasons)


def _names(measure: Measure, count: int) -> tuple[str, ...]:
    if measure in (Measure.SUM, Measure.PERCENT):
        return ("",) if count == 1 else tuple(f"group {at}: " for at in range(1, count + 1))
    return ("", "lower end: ", "upper end: ")[:count]


def _reversed_sign(printed: tuple[str, ...], ours: Numbers) -> bool:
    if len(printed) != 3 or None in ours:
        return False
    value, low, high = (-number for number in ours if number is not None)
    turned = zip(printed, (value, high, low), strict=True)
    return all(compare_printed(text, number)[0] is Agreement.AGREES for text, number in turned)


def _of_rounded_shares(groups: Groups, printed: str) -> bool:
    digits = decimals(printed)
    first, second = (round(PER_CENT * events / total, digits) for events, total in groups)
    return f"{first - second:.{digits}f}" == printed


def _hits(method: Interval, table: TwoByTwo, printed: tuple[str, ...]) -> int:
    """How many of two printed ends a method gives; of a row printed with its sign reversed, too."""
    ours = numbers_of(method(table), factor=PER_CENT)
    if _reversed_sign(printed, numbers_of(differences.estimate_newcombe(table), factor=PER_CENT)):
        ours = numbers_of(method(table.mirrored), factor=PER_CENT)
    return sum(
        compare_printed(text, end)[0] is Agreement.AGREES
        for text, end in zip(printed[1:], ours[1:], strict=True)
    )


def _gives(test: Test, table: TwoByTwo, printed: str) -> bool:
    found = test(table)
    return found is not None and compare_printed(printed, found.p_value)[0] is Agreement.AGREES


def _most_hits(found: Iterable[tuple[str, int, int]]) -> tuple[Candidate, ...]:
    tried = [Candidate(method=name, hits=hits, of=of) for name, hits, of in found]
    return tuple(sorted(tried, key=lambda candidate: -candidate.hits))
