"""Adverse events: written down, reported if serious, judged by the sponsor's side, coded, sent."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from immunosep.web.casebook.completing import complete_page
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.recording import record_page
from immunosep.web.demo.chart import Chart
from immunosep.web.demo.following import last_entry, write
from immunosep.web.demo.people import Sponsor
from immunosep.web.demo.playing import Step
from immunosep.web.safety.cases import products_of
from immunosep.web.safety.coding import code
from immunosep.web.safety.judging import assess, submit
from immunosep.web.safety.models import SeriousReport
from immunosep.web.safety.reporting import report_serious

FORM = "adverse_event"
DICTIONARY = "Rehearsal terms 1.0"  # invented words, and no licensed dictionary's
TOLD_LATE = 0.02  # of serious events, assumed
LONGEST_WAIT = timedelta(days=5)  # until a report is judged
FATAL_GRADE, SEVERE = 5, 3


def live_with_events(chart: Chart, sponsor: Sponsor) -> Iterator[Step]:
    """Every step of every event, in no order."""
    for row in chart.drawn["events"]:
        began = chart.alive_until(chart.at(row["began"]))
        ended = chart.died if row["fatal"] else chart.alive_until(chart.at(row["ended"]))
        ended = max(ended or began, began)
        if row["serious"]:
            yield from _serious(chart, row, sponsor, began=began, ended=ended)
        else:
            yield from _other(chart, row, sponsor, began=began, ended=ended)


def _other(
    chart: Chart, row: Mapping[str, Any], sponsor: Sponsor, *, began: datetime, ended: datetime
) -> Iterator[Step]:
    """Written down once it is over, and coded later."""
    answers = _answers(row, began) | {
        "event_until": ended.isoformat(), "event_outcome": "recovered", "serious": False,
    }  # fmt: skip
    pages: list[Page] = []
    at = ended + timedelta(hours=chart.draw.uniform(3, 50))
    yield at, lambda now: pages.append(write(chart, FORM, answers, now))
    yield at + timedelta(days=4), lambda now: _code(pages[0], row, sponsor, now)


def _serious(
    chart: Chart, row: Mapping[str, Any], sponsor: Sponsor, *, began: datetime, ended: datetime
) -> Iterator[Step]:
    """Written down and reported at once; judged; written to its end, and judged again."""
    aware = began + timedelta(hours=chart.draw.uniform(0.2, 2))
    hours = chart.draw.uniform(28, 60) if chart.draw.random() < TOLD_LATE else chart.draw.uniform(
        1, 20
    )  # fmt: skip
    told = aware + timedelta(hours=hours)
    closes = max(ended, told) + timedelta(hours=chart.draw.uniform(4, 30))
    judged = closes + timedelta(hours=chart.draw.uniform(10, 60))
    if chart.withdrew and chart.withdrew < judged + timedelta(days=3):
        return
    pages: list[Page] = []
    yield told, lambda now: pages.append(_report(chart, row, began, aware, now))
    if judged > told + LONGEST_WAIT:
        early = told + timedelta(days=chart.draw.uniform(1, 4))
        yield early, lambda now: _assess(pages[0], row, sponsor, now)
    yield closes, lambda now: _close(chart, row, pages[0], ended, now)
    yield judged, lambda now: _assess(pages[0], row, sponsor, now)
    yield judged + timedelta(days=1), lambda now: _code(pages[0], row, sponsor, now)
    if not row["expected"] and not row.get("waits"):  # somebody who tries the site may send it
        yield judged + timedelta(days=2), lambda now: _submit(pages[0], sponsor, now)


def _answers(row: Mapping[str, Any], began: datetime) -> dict[str, Any]:
    return {
        "event_term": row["term"],
        "event_from": began.isoformat(),
        "event_grade": min(row["grade"], FATAL_GRADE - 1),
        "relatedness": row["relatedness"],
        "event_action": "none",
    }


def _report(
    chart: Chart, row: Mapping[str, Any], began: datetime, aware: datetime, now: datetime
) -> Page:
    answers = _answers(row, began) | {
        "event_outcome": "not_recovered",
        "serious": True,
        "serious_life_threatening": row["grade"] > SEVERE,
        "serious_hospitalisation": row["grade"] <= SEVERE,
    }
    page = write(chart, FORM, answers, now)
    report_serious(page, aware_at=aware, by=chart.staff.nurse, now=now)
    return page


def _close(
    chart: Chart, row: Mapping[str, Any], page: Page, ended: datetime, now: datetime
) -> None:
    answers: dict[str, Any] = {"event_until": ended.isoformat(), "event_outcome": "recovered"}
    if row["fatal"]:
        answers |= {"event_outcome": "fatal", "event_grade": FATAL_GRADE, "serious_death": True}
    nurse = chart.staff.nurse
    record_page(page, answers, seen=last_entry(page), by=nurse, now=now, reason="The event ended.")
    complete_page(page, by=nurse, now=now)


def _assess(page: Page, row: Mapping[str, Any], sponsor: Sponsor, now: datetime) -> None:
    report = SeriousReport.objects.select_related("page__patient__allocation").get(page=page)
    products = products_of(report.page.patient.allocation)
    assess(
        report, expected={each.id: bool(row["expected"]) for each in products},
        relatedness=row["relatedness"], fatal=bool(row["fatal"]), by=sponsor.safety_officer,
        now=now, seen=last_entry(page),
    )  # fmt: skip


def _submit(page: Page, sponsor: Sponsor, now: datetime) -> None:
    report = SeriousReport.objects.get(page=page)
    submit(
        report, to="authority", kind="initial", sent_at=now - timedelta(minutes=5),
        reference=f"REH-{now:%y%m}-{report.pk:05}", by=sponsor.safety_officer, now=now,
    )  # fmt: skip


def _code(page: Page, row: Mapping[str, Any], sponsor: Sponsor, now: datetime) -> None:
    code(page, version=DICTIONARY, preferred_term=row["term"], organ_class=row["organ_class"],
         by=sponsor.safety_officer, now=now)  # fmt: skip
