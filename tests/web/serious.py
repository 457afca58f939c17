"""Serious adverse events made through the site's own actions."""

from datetime import datetime, timedelta
from typing import Any

from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.casebook.recording import record_page, write_page
from immunosep.web.safety.cases import products_of
from immunosep.web.safety.judging import assess
from immunosep.web.safety.models import Assessment, SeriousReport
from immunosep.web.safety.reporting import report_serious
from tests.web.people import NOW, Cast

HOUR = timedelta(hours=1)
ENTERED = NOW + 2 * HOUR
REPORTED = NOW + 5 * HOUR
ASSESSED = NOW + 8 * HOUR
ANAEMIA: dict[str, Any] = {
    "event_term": "Anaemia", "event_from": (NOW + HOUR).isoformat(), "event_grade": 3,
    "serious": True, "serious_hospitalisation": True, "relatedness": "possible",
    "event_outcome": "not_recovered",
}  # fmt: skip


def entered(cast: Cast, number: str, now: datetime = ENTERED, **changed: Any) -> Page:
    """The page of an event; serious unless `changed` says otherwise."""
    return write_page(number, "adverse_event", ANAEMIA | changed, by=cast.nurse, now=now).page


def changed(cast: Cast, page: Page, now: datetime, **said: Any) -> None:
    """Something else is entered on its page."""
    record_page(page, said, seen=last(page), by=cast.nurse, now=now, reason="seen again")


def last(page: Page) -> int:
    """The last entry of a page."""
    return PageEntry.objects.filter(page=page).latest("id").pk


def reported(cast: Cast, page: Page, now: datetime = REPORTED) -> SeriousReport:
    """The sponsor is told, two hours after the investigator knew."""
    return report_serious(page, aware_at=now - 2 * HOUR, by=cast.nurse, now=now)


def assessed(
    cast: Cast, report: SeriousReport, now: datetime = ASSESSED, **said: Any
) -> Assessment:
    """Judged a SUSAR that is not fatal unless `said` otherwise."""
    products = products_of(report.page.patient.allocation)
    given: dict[str, Any] = {
        "expected": {each.id: False for each in products}, "relatedness": "unlikely",
        "fatal": False, "seen": last(report.page),
    }  # fmt: skip
    return assess(report, by=cast.safety_officer, now=now, **(given | said))
