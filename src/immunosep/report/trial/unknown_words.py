"""Of how many participants an endpoint cannot be told, and why: beside its numbers, in words."""

from collections.abc import Mapping
from typing import Any

from immunosep.analysis.endpoints import EndpointResult
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.analysis.reversal import NO_RESULT, NOBODY

HIDDEN = (
    "Results that hint at the arm leave a trial’s website only once the whole trial is locked; "
    "when these records were written it was not."
)


def unknown_words(analysis: TrialAnalysis, result: EndpointResult) -> str:
    """One paragraph; empty where it is known of everybody."""
    if not result.unknown:
        return ""
    everybody, unknown = _size(analysis), sum(result.unknown.values())
    why = "; ".join(f"{because} ({count:,})" for because, count in result.unknown.items())
    said = f"Unknown of {unknown:,} of {everybody:,} participants: {why}."
    if unknown == everybody:
        said = f"Not estimable: of none of the {everybody:,} participants is it known. Why: {why}."
    hides = analysis.manifest.locked_s is None and {NO_RESULT, NOBODY} & set(result.unknown)
    return f"{said} {HIDDEN}" if hides else said


def unknown_of(analysis: TrialAnalysis) -> Mapping[str, Any]:
    """The same for machines, by endpoint."""
    return {
        result.endpoint.id: {
            "participants": sum(result.unknown.values()),
            "of": _size(analysis),
            "because": dict(result.unknown),
            "words": unknown_words(analysis, result),
        }
        for result in analysis.endpoints
        if result.unknown
    }


def _size(analysis: TrialAnalysis) -> int:
    return sum(int(group.members.sum()) for group in analysis.groups)
