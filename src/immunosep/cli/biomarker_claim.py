"""`immunosep biomarker claim`: whether printed accuracies can be true together."""

from collections.abc import Mapping
from typing import Any

from immunosep.analysis.biomarker.claims import Claim, Figure, Range, check_claim, parse_figure
from immunosep.cli.options import Format
from immunosep.cli.output import print_csv, print_json, print_page
from immunosep.cli.pages.claimed import claim_page
from immunosep.errors import AnalysisError


def run(figures: Mapping[str, str], least: float, format_: Format) -> None:
    """Check the claim and print what follows from it."""
    found = check_claim(_parsed(figures), least=least)
    match format_:
        case Format.JSON:
            print_json(as_json(found))
        case Format.CSV:
            rows = _rows(found)
            print_csv(rows, list(rows[0]))
        case Format.TABLE:
            print_page(claim_page(found))


def _parsed(figures: Mapping[str, str]) -> dict[Figure, Any]:
    parsed, problems = {}, list[str]()
    for name, text in figures.items():
        try:
            parsed[Figure(name)] = parse_figure(text, name=name)
        except AnalysisError as error:
            problems += error.problems
    if problems:
        raise AnalysisError("claim", problems)
    return parsed


def as_json(found: Claim) -> dict[str, Any]:
    """The answer as plain values: every range as its two ends."""
    return {
        "verdict": found.reading.verdict.value,
        "least_of_use": found.least,
        "stated": {name.value: _ends(printed.face) for name, printed in found.stated.items()},
        "implied": _ranges(found.reading.at_face),
        "implied_with_rounding": _ranges(found.reading.implied),
        "expected": _ranges(found.expected),
        "instead": [
            {"printed_as": printed.value, "means": means.value, **_instead(reading.implied)}
            for (printed, means), reading in found.instead.items()
        ],
    }


def _instead(implied: Mapping[str, Range]) -> dict[str, Any]:
    return {"implied_with_rounding": _ranges(implied)}


def _ranges(ranges: Mapping[Any, Range]) -> dict[str, list[float]]:
    return {str(name): _ends(found) for name, found in ranges.items()}


def _ends(found: Range) -> list[float]:
    return [found.low, found.high]


def _rows(found: Claim) -> list[dict[str, Any]]:
    """One row for each figure: what was stated, what is implied."""
    reading = found.reading
    stated = {name.value: printed.face for name, printed in found.stated.items()}
    return [
        {
            "figure": name,
            "verdict": reading.verdict.value,
            **_columns("stated", stated.get(name)),
            **_columns("implied", reading.at_face.get(name)),
            **_columns("implied_with_rounding", reading.implied.get(name)),
            **_columns("expected", {f.value: r for f, r in found.expected.items()}.get(name)),
        }
        for name in (*(figure.value for figure in Figure), "positive")
    ]


def _columns(name: str, found: Range | None) -> dict[str, float | None]:
    return {
        f"{name}_low": found.low if found else None,
        f"{name}_high": found.high if found else None,
    }
