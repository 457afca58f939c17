"""Serious events: reported, judged without arms, submitted, coded; each by whom it behoves."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from immunosep.errors import RefusedError
from immunosep.web.accounts.models import User
from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Page
from immunosep.web.safety import models
from immunosep.web.safety.cases import case_at, products_of, serious_cases
from immunosep.web.safety.coding import code, stands
from immunosep.web.safety.judging import submit
from immunosep.web.safety.reporting import follow_up, report_serious
from tests.web.people import NOW, Cast
from tests.web.serious import (
    ASSESSED,
    ENTERED,
    HOUR,
    REPORTED,
    assessed,
    changed,
    entered,
    reported,
)
from tests.web.supplied import MALS, randomised

pytestmark = pytest.mark.django_db
CODED = {"version": "MedDRA 28.0", "preferred_term": "Anaemia",
         "organ_class": "Blood and lymphatic system disorders"}  # fmt: skip
SENT: dict[str, Any] = {"to": "authority", "kind": "initial", "sent_at": ASSESSED,
                        "reference": "EV-1"}  # fmt: skip


@pytest.fixture
def page(cast: Cast) -> Page:
    randomised(cast)
    return entered(cast, "01-0001")


@pytest.fixture
def report(cast: Cast, page: Page) -> models.SeriousReport:
    return reported(cast, page)


def act(name: str, page: Page, by: User) -> object:
    """One action by somebody, on a report unless it is the report."""
    now = ASSESSED + HOUR
    if name == "report":
        return report_serious(page, aware_at=ENTERED, by=by, now=now)
    report = models.SeriousReport.objects.get(page=page)
    acts: dict[str, Callable[[], object]] = {
        "follow_up": lambda: follow_up(report, text="Better.", by=by, now=now),
        "submit": lambda: submit(report, **SENT, by=by, now=now),
        "code": lambda: code(page, **CODED, by=by, now=now),
    }
    return acts[name]()


OUTSIDERS = ("stranger", "pharmacist", "foreign_consultant", "monitor", "sponsor",
             "committee_member", "data_manager", "laboratory")  # fmt: skip


@pytest.mark.parametrize("who", [*OUTSIDERS, "safety_officer"])
def test_reporting_is_for_the_centre(cast: Cast, page: Page, who: str) -> None:
    with pytest.raises(PermissionDenied):
        act("report", page, getattr(cast, who))


@pytest.mark.parametrize("who", OUTSIDERS)
def test_following_up_is_for_the_centre_and_the_reviewers(
    cast: Cast, report: models.SeriousReport, who: str
) -> None:
    with pytest.raises(PermissionDenied):
        act("follow_up", report.page, getattr(cast, who))


@pytest.mark.parametrize("who", [*OUTSIDERS, "consultant", "nurse"])
@pytest.mark.parametrize("what", ["submit", "code"])
def test_submitting_and_coding_are_for_reviewers(
    cast: Cast, report: models.SeriousReport, who: str, what: str
) -> None:
    with pytest.raises(PermissionDenied):
        act(what, report.page, getattr(cast, who))


@pytest.mark.parametrize("who", [*OUTSIDERS, "consultant", "nurse"])
def test_assessing_is_for_reviewers(cast: Cast, report: models.SeriousReport, who: str) -> None:
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        assessed(replace(cast, safety_officer=by), report)


def test_a_report_is_kept_told_and_written_down_once(
    cast: Cast, page: Page, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        report = reported(cast, page)
    assert (report.reported_at, report.aware_at) == (REPORTED, REPORTED - 2 * HOUR)
    assert str(report) == f"report of page {page.pk}"
    assert Event.objects.filter(action="safety.report_serious").count() == 1
    told = {address for message in mail.outbox for address in message.to}
    assert told == {cast.medical_monitor.email, cast.safety_officer.email}
    assert "Anaemia" not in str([message.message() for message in mail.outbox])


@pytest.mark.parametrize(
    ("said", "aware_at", "why"),
    [
        ({"serious": False, "serious_hospitalisation": None}, ENTERED, "not said to be serious"),
        ({"event_term": None}, ENTERED, "no name yet"),
        ({}, REPORTED + HOUR, "in the future"),
        ({}, NOW, "before it began"),
    ],
)
def test_what_cannot_be_reported(cast: Cast, said: dict[str, Any], aware_at: Any, why: str) -> None:
    randomised(cast)
    page = entered(cast, "01-0001", **said)
    with pytest.raises(RefusedError, match=why):
        report_serious(page, aware_at=aware_at, by=cast.nurse, now=REPORTED)


def test_a_report_is_made_once(cast: Cast, report: models.SeriousReport) -> None:
    with pytest.raises(RefusedError, match="reported already"):
        reported(cast, report.page)


def test_what_is_not_an_event_is_not_reported(cast: Cast, page: Page) -> None:
    Page.objects.filter(pk=page.pk).update(form="medication")
    with pytest.raises(RefusedError, match="no adverse event"):
        reported(cast, page)


def test_expectedness_is_asked_of_what_the_state_could_receive(cast: Cast) -> None:
    paralysed, mals = randomised(cast), randomised(cast, "01-0002", **MALS)
    assert [each.id for each in products_of(paralysed)] == ["interferon_gamma"]
    assert [each.id for each in products_of(mals)] == ["anakinra"]


def test_an_assessment_says_whether_it_is_a_susar(cast: Cast, report: models.SeriousReport) -> None:
    made = assessed(cast, report)  # the investigator thinks it possible, the sponsor unlikely
    assert (made.susar, made.known_at, made.by_investigator) == (True, REPORTED, "possible")
    event = Event.objects.get(action="safety.assess")
    assert (event.role, event.after["susar"]) == ("safety_officer", True)  # type: ignore[index]
    assert not assessed(cast, report, expected={"interferon_gamma": True}).susar


@pytest.mark.parametrize(
    ("investigator", "sponsor", "susar"),
    [
        ("unrelated", "unlikely", False),
        ("unrelated", "possible", True),
        ("probable", "unrelated", True),
        (None, "unrelated", True),  # an investigator who said nothing has not ruled it out
    ],
)
def test_either_suspicion_counts(
    cast: Cast, investigator: str | None, sponsor: str, susar: bool
) -> None:
    randomised(cast)
    report = reported(cast, entered(cast, "01-0001", relatedness=investigator))
    assert assessed(cast, report, relatedness=sponsor).susar is susar


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"expected": {}}, "whether it is expected of: Interferon gamma"),
        ({"expected": {"interferon_gamma": True, "anakinra": True}}, "no product of this"),
        ({"relatedness": "perhaps"}, "how far the event is related"),
        ({"known_at": REPORTED - HOUR}, "before it was reported"),
        ({"known_at": ASSESSED + HOUR}, "knew of it in the future"),
        ({"seen": 0}, "changed meanwhile"),
        ({"comment": "As listed for interferon gamma-1b"}, "names a treatment"),
        ({"comment": "Ferritin fell to 300"}, "names Ferritin"),
        ({"comment": "x" * 4001}, "longer than 4000"),
    ],
)
def test_what_is_no_assessment(
    cast: Cast, report: models.SeriousReport, said: dict[str, Any], why: str
) -> None:
    with pytest.raises(RefusedError, match=why):
        assessed(cast, report, **said)
    assert not Event.objects.filter(action="safety.assess").exists()


def test_a_page_that_changes_is_assessed_again(cast: Cast, report: models.SeriousReport) -> None:
    assessed(cast, report)
    assert not case_at(report.page_id).changed
    changed(cast, report.page, ASSESSED + HOUR, event_grade=4)
    assert not case_at(report.page_id).changed
    changed(cast, report.page, ASSESSED + 2 * HOUR, relatedness="unrelated")
    assert case_at(report.page_id).changed


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"to": "mother"}, "to whom"),
        ({"kind": "third"}, "whether it was the initial"),
        ({"reference": " "}, "no reference"),
        ({"reference": "x" * 101}, "longer than 100"),
        ({"sent_at": ASSESSED + 2 * HOUR}, "in the future"),
        ({"sent_at": REPORTED - HOUR}, "before it was reported"),
        ({"kind": "follow_up"}, "No initial report"),
    ],
)
def test_what_is_no_submission(
    cast: Cast, report: models.SeriousReport, sent: dict[str, Any], why: str
) -> None:
    with pytest.raises(RefusedError, match=why):
        submit(report, **(SENT | sent), by=cast.safety_officer, now=ASSESSED)


def test_an_initial_report_is_sent_once_and_then_followed_up(
    cast: Cast, report: models.SeriousReport
) -> None:
    later = ASSESSED + HOUR
    submit(report, **SENT, by=cast.medical_monitor, now=later)
    with pytest.raises(RefusedError, match="recorded already"):
        submit(report, **SENT, by=cast.safety_officer, now=later)
    follow = SENT | {"kind": "follow_up"}
    with pytest.raises(RefusedError, match="before the initial"):
        submit(report, **(follow | {"sent_at": ASSESSED - HOUR}), by=cast.safety_officer, now=later)
    submit(report, **follow, by=cast.safety_officer, now=later)
    assert Event.objects.filter(action="safety.submit").count() == 2


@pytest.mark.parametrize("who", ["nurse", "safety_officer"])
def test_a_follow_up_is_added_by_either_side(
    cast: Cast, report: models.SeriousReport, who: str
) -> None:
    made = follow_up(report, text=" Transfused twice. ", by=getattr(cast, who), now=ASSESSED)
    assert made.text == "Transfused twice."
    event = Event.objects.get(action="safety.follow_up")
    assert "Transfused" not in str(event.after)


@pytest.mark.parametrize("text", ["", "Placebo, I think", "HLA-DR rose to 9000"])
def test_a_follow_up_says_something_and_tells_nothing(
    cast: Cast, report: models.SeriousReport, text: str
) -> None:
    with pytest.raises(RefusedError):
        follow_up(report, text=text, by=cast.nurse, now=ASSESSED)


def test_a_code_stands_while_the_words_do(cast: Cast, page: Page) -> None:
    made = code(page, **CODED, by=cast.safety_officer, now=ASSESSED)
    assert stands(made, "Anaemia")
    assert not stands(made, "Bleeding")
    assert not stands(None, "Anaemia")
    assert Event.objects.filter(action="safety.code").count() == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"version": ""}, "dictionary and its version"),
        ({"preferred_term": " "}, "the preferred term"),
        ({"organ_class": "x" * 201}, "longer than 200"),
    ],
)
def test_what_is_no_code(cast: Cast, page: Page, said: dict[str, str], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        code(page, **(CODED | said), by=cast.safety_officer, now=ASSESSED)


def test_what_has_no_name_is_not_coded(cast: Cast) -> None:
    randomised(cast)
    page = entered(cast, "01-0001", event_term=None)
    with pytest.raises(RefusedError, match="no name to code"):
        code(page, **CODED, by=cast.safety_officer, now=ASSESSED)


def test_events_of_other_centres_and_slight_ones_are_not_listed(cast: Cast, page: Page) -> None:
    entered(cast, "01-0001", serious=False, serious_hospitalisation=None)
    assert [case.page for case in serious_cases([cast.jena])] == [page]
    assert serious_cases([cast.athens]) == []


def test_what_was_reported_stays_listed_when_it_is_serious_no_more(
    cast: Cast, report: models.SeriousReport
) -> None:
    changed(cast, report.page, ASSESSED, serious=False)
    assert [case.report for case in serious_cases([cast.jena])] == [report]


ROWS: dict[str, Callable[[models.SeriousReport, Cast], object]] = {
    "reported after it is known": lambda report, cast: models.SeriousReport.objects.create(
        page=entered(cast, "01-0001"), aware_at=NOW + HOUR, reported_at=NOW, by=cast.nurse
    ),
    "follows what it rests on": lambda report, cast: models.Assessment.objects.create(
        report=report, expected={}, relatedness="unlikely", fatal=False, serious=True,
        known_at=NOW + HOUR, at=NOW, by=cast.nurse,
    ),
    "relatedness is": lambda report, cast: models.Assessment.objects.create(
        report=report, expected={}, relatedness="perhaps", fatal=False, serious=True,
        known_at=NOW, at=NOW, by=cast.nurse,
    ),
    "recorded after it was sent": lambda report, cast: models.Submission.objects.create(
        report=report, to="authority", kind="initial", reference="1", sent_at=NOW + HOUR,
        recorded_at=NOW, by=cast.nurse,
    ),
    "has a reference": lambda report, cast: models.Submission.objects.create(
        report=report, to="authority", kind="initial", reference="", sent_at=NOW, recorded_at=NOW,
        by=cast.nurse,
    ),
    "says something": lambda report, cast: models.FollowUp.objects.create(
        report=report, text="", role="nurse", at=NOW, by=cast.nurse
    ),
    "a code says its term": lambda report, cast: models.Coding.objects.create(
        page=report.page, version="1", term="x", preferred_term="", organ_class="y", at=NOW,
        by=cast.nurse,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_the_database_insists(cast: Cast, report: models.SeriousReport, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ROWS[name](report, cast)


def test_the_database_insists_on_one_initial_report(
    cast: Cast, report: models.SeriousReport
) -> None:
    given: dict[str, Any] = {"report": report, "to": "authority", "kind": "initial",
                             "reference": "1", "sent_at": NOW, "recorded_at": NOW,
                             "by": cast.nurse}  # fmt: skip
    models.Submission.objects.create(**given)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Submission.objects.create(**given)


@pytest.mark.parametrize(
    "model", ["SeriousReport", "Assessment", "Submission", "FollowUp", "Coding"]
)
def test_a_row_is_for_ever(cast: Cast, report: models.SeriousReport, model: str) -> None:
    assessed(cast, report)
    submit(report, **SENT, by=cast.safety_officer, now=ASSESSED)
    follow_up(report, text="Better.", by=cast.nurse, now=ASSESSED)
    code(report.page, **CODED, by=cast.safety_officer, now=ASSESSED)
    rows = getattr(models, model).objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(by=cast.nurse)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows._raw_delete("default")
