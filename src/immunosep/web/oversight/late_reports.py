"""The rule about serious events: the sponsor knows within 24 hours of the investigator."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from immunosep.concepts.expedited_reporting import report_by
from immunosep.web.centres.models import Centre
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.oversight.models import Kind
from immunosep.web.oversight.rules import Found
from immunosep.web.safety.cases import Case, serious_cases


def late_reports(centres: Iterable[Centre], *, now: datetime) -> Iterator[Found]:
    """Serious events that were reported late, or are not reported and should be."""
    for case in serious_cases(centres):
        aware_at, reported_at = _moments(case)
        if aware_at is not None and (reported_at or now) > report_by(aware_at):
            told = at_centre(reported_at, case.centre)
            yield Found(
                patient=case.patient,
                kind=Kind.SERIOUS_EVENT_LATE,
                about=f"event {case.page.number}",
                what=f"Adverse event {case.page.number}, known {at_centre(aware_at, case.centre)}: "
                + (f"reported {told}." if told else "not reported within 24 hours."),
                happened_at=report_by(aware_at),
            )


def _moments(case: Case) -> tuple[datetime | None, datetime | None]:
    """When the investigator knew, and when the sponsor was told."""
    if case.report:
        return case.report.aware_at, case.report.reported_at
    return case.said_at, None
