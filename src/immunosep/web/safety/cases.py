"""Serious events as they stand: what the page says, what was reported, judged and submitted.

Read for many pages at once in a fixed number of queries.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from immunosep.languages import say
from immunosep.protocol.treatment import Intervention
from immunosep.web.accounts.access import centres_of, may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Allocation, Patient
from immunosep.web.safety.models import Assessment, FollowUp, SeriousReport, Submission
from immunosep.web.trial import trial_with

Row = TypeVar("Row", Assessment, Submission)
FORM = "adverse_event"
UNNAMED = say("without a name yet")
CRITERIA = (
    "serious_death", "serious_life_threatening", "serious_hospitalisation", "serious_disability",
    "serious_congenital", "serious_important",
)  # fmt: skip
WEIGHED = ("event_term", "event_outcome", "serious", *CRITERIA, "relatedness")
"""What an assessment rests on: once one of these changes, it is assessed again."""
READ = (*WEIGHED, "event_grade", "event_action")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One adverse event that is serious, or was reported as one."""

    page: Page
    row: dict[str, Any]  # what is weighed, and what is shown beside it
    said_at: datetime | None  # when the page first said that it is serious
    changed_at: datetime | None  # when something that is weighed last changed
    report: SeriousReport | None = None
    assessments: tuple[Assessment, ...] = ()
    submissions: tuple[Submission, ...] = ()

    @property
    def patient(self) -> Patient:
        """Whose it is."""
        return self.page.patient

    @property
    def centre(self) -> Centre:
        """Whose clock its times are by."""
        return self.patient.centre

    @property
    def term(self) -> str:
        """What happened, in the investigator's words."""
        return str(self.row["event_term"]) if self.row.get("event_term") else UNNAMED

    @property
    def fatal(self) -> bool:
        """Whether the page says that it killed or threatened life."""
        marks = (self.row.get("serious_death"), self.row.get("serious_life_threatening"))
        return any(marks) or self.row.get("event_outcome") == "fatal"

    @property
    def assessment(self) -> Assessment | None:
        """The one that stands."""
        return self.assessments[-1] if self.assessments else None

    @property
    def changed(self) -> bool:
        """Whether the page says something else since it was assessed."""
        last, changed = self.assessment, self.changed_at
        return last is not None and changed is not None and changed > last.at

    @property
    def susar(self) -> bool:
        """Whether it is judged one now."""
        return self.assessment is not None and self.assessment.susar


def centres_seen(user: User) -> "QuerySet[Centre]":
    """The centres whose events somebody sees: their own, or all."""
    return centres_of(user, Permission.SEE_PATIENTS)


def serious_cases(centres: Iterable[Centre]) -> list[Case]:
    """Every serious event of some centres, the newest first.

    That of somebody who withdrew stays: a sponsor's duty to report does not end with consent
    (Regulation (EU) 536/2014 art. 28(3)).
    """
    return _serious(Page.objects.filter(patient__centre__in=centres))


def serious_cases_of(patient: Patient) -> list[Case]:
    """The same of one participant."""
    return _serious(Page.objects.filter(patient=patient))


def case_at(pk: int) -> Case:
    """One event, serious or not; Page.DoesNotExist if there is none."""
    page = Page.objects.select_related("patient__centre", "patient__allocation").get(
        pk=pk, form=FORM
    )  # fmt: skip
    return cases_of([page])[0]


def cases_of(pages: Iterable[Page]) -> list[Case]:
    """The same of many pages, in the order of their making."""
    held = sorted(pages, key=lambda page: page.pk)
    rows, said, changed = _said_by(held)
    reports = {each.page_id: each for each in SeriousReport.objects.filter(page__in=held)}
    assessments = _by_report(Assessment.objects.filter(report__page__in=held))
    submissions = _by_report(Submission.objects.filter(report__page__in=held))
    return [
        Case(
            page=page,
            row=rows[page.pk],
            said_at=said.get(page.pk),
            changed_at=changed.get(page.pk),
            report=(report := reports.get(page.pk)),
            assessments=tuple(assessments[report.pk]) if report else (),
            submissions=tuple(submissions[report.pk]) if report else (),
        )
        for page in held
    ]


def products_of(allocation: Allocation) -> list[Intervention]:
    """The active products that the immune state could receive, whichever the arm."""
    trial = trial_with(allocation.trial_digest)
    cells = [cell for cell in trial.regimens if cell.state in ("", allocation.immune_state)]
    given = {part.intervention.id for cell in cells for part in cell.components}
    return [each for each in trial.interventions if each.active and each.id in given]


def follow_ups_of(case: Case) -> list[FollowUp]:
    """What was added to a report."""
    return list(FollowUp.objects.filter(report=case.report).select_related("by"))


def may_report(user: User, case: Case) -> bool:
    """Whether somebody enters what happens at its centre."""
    return may(user, Permission.ENTER_FOLLOW_UP, case.centre)


def _serious(pages: "QuerySet[Page]") -> list[Case]:
    said = PageEntry.objects.filter(page=OuterRef("pk"), column="serious", value=True)
    events = pages.filter(Exists(said), form=FORM).select_related("patient__centre")
    return [case for case in reversed(cases_of(events)) if case.row.get("serious") or case.report]


def _said_by(
    pages: list[Page],
) -> tuple[dict[int, dict[str, Any]], dict[int, datetime], dict[int, datetime]]:
    """The last value of each column, when `serious` was first said, when anything weighed changed.

    None of these columns has a unit, so that a value as kept is the value.
    """
    rows: dict[int, dict[str, Any]] = {page.pk: {} for page in pages}
    said: dict[int, datetime] = {}
    changed: dict[int, datetime] = {}
    entries = PageEntry.objects.filter(page__in=pages, column__in=READ).order_by("id")
    for pk, column, value, at in entries.values_list("page_id", "column", "value", "entered_at"):
        rows[pk][column] = value
        if column in WEIGHED:
            changed[pk] = at
        if column == "serious" and value is True:
            said.setdefault(pk, at)
    return rows, said, changed


def _by_report(rows: "QuerySet[Row]") -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.report_id].append(row)
    return found
