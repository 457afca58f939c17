"""`immunosep analyse --published`: what a report printed, beside what its counts give."""

from collections import Counter
from typing import Any

from immunosep.analysis.printed import Agreement
from immunosep.analysis.published import (
    Candidate,
    ComparedValue,
    compare_published,
    intervals_tried,
    p_values_tried,
)
from immunosep.cli.analyse import AnswerFormat
from immunosep.cli.output import print_json, print_page
from immunosep.cli.pages.published import published_page
from immunosep.trials.published import find_published


def run(trial: str, format_: AnswerFormat) -> None:
    """Compare every printed row with its counts and print how they stand."""
    rows = find_published(trial)
    values = compare_published(rows)
    intervals, tests = intervals_tried(rows), p_values_tried(rows)
    match format_:
        case AnswerFormat.JSON:
            print_json(_plain(trial.lower(), values, intervals, tests))
        case AnswerFormat.TEXT:
            print_page(published_page(values, intervals, tests))


def _plain(
    trial: str,
    values: tuple[ComparedValue, ...],
    intervals: tuple[Candidate, ...],
    tests: tuple[Candidate, ...],
) -> dict[str, Any]:
    counts = Counter(value.agreement for value in values)
    return {
        "trial": trial,
        "rows": [_row(value) for value in values],
        "agreement": {agreement.value: counts[agreement] for agreement in Agreement},
        "intervals_tried": [_candidate(candidate) for candidate in intervals],
        "tests_tried": [_candidate(candidate) for candidate in tests],
    }


def _row(value: ComparedValue) -> dict[str, Any]:
    return {
        "table": value.table,
        "row": value.row,
        "measure": value.measure.value,
        "groups": [list(group) for group in value.groups],
        "printed": [text or None for text in value.printed],
        "ours": list(value.ours),
        "agreement": value.agreement.value,
        "reason": value.reason,
        "note": value.note,
        "source": value.source,
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {"method": candidate.method, "hits": candidate.hits, "of": candidate.of}
