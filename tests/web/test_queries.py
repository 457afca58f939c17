"""Queries: who may ask, answer and close; what rules ask; what no query may say."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from immunosep.errors import RefusedError
from immunosep.web.audit.models import Event
from immunosep.web.casebook.asking import SETTLED
from immunosep.web.casebook.models import Page, Query, QueryStep
from immunosep.web.casebook.querying import answer, close, raise_query, reopen
from immunosep.web.enrolment.models import Patient
from tests.web.casebooks import LATER, complete, started, write
from tests.web.people import NOW, Cast
from tests.web.supplied import treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

AGAIN = LATER + timedelta(hours=1)


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return treated(cast)


@pytest.fixture
def page(cast: Cast, patient: Patient) -> Page:
    return complete(patient, cast)


@pytest.fixture
def query(cast: Cast, page: Page) -> Query:
    return raise_query(page, column="gcs", text="Before sedation?", by=cast.monitor, now=LATER)


def turns(query: Query) -> list[str]:
    return list(query.steps.values_list("status", flat=True))


# ── By a person ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["stranger", "nurse", "consultant", "laboratory", "sponsor"])
def test_others_ask_nothing(cast: Cast, page: Page, who: str) -> None:
    with pytest.raises(PermissionDenied):
        raise_query(page, text="Why?", by=getattr(cast, who), now=LATER)


@pytest.mark.parametrize("who", ["stranger", "monitor", "foreign_consultant", "laboratory"])
def test_others_answer_nothing(cast: Cast, query: Query, who: str) -> None:
    with pytest.raises(PermissionDenied):
        answer(query, text="Yes.", by=getattr(cast, who), now=AGAIN)


@pytest.mark.parametrize("who", ["stranger", "nurse", "consultant", "sponsor"])
def test_others_close_nothing(cast: Cast, query: Query, who: str) -> None:
    with pytest.raises(PermissionDenied):
        close(query, text="Fine.", by=getattr(cast, who), now=AGAIN)


def test_a_question_is_answered_and_closed(cast: Cast, query: Query) -> None:
    answer(query, text="Yes, before.", by=cast.nurse, now=AGAIN)
    close(query, text="Thank you.", by=cast.data_manager, now=AGAIN)
    assert turns(query) == ["open", "answered", "closed"]
    assert Query.objects.get().status == "closed"


def test_an_answer_may_not_be_enough(cast: Cast, query: Query) -> None:
    answer(query, text="Yes.", by=cast.nurse, now=AGAIN)
    reopen(query, text="By whom?", by=cast.monitor, now=AGAIN)
    assert turns(query) == ["open", "answered", "open"]


def test_a_question_may_be_taken_back(cast: Cast, query: Query) -> None:
    close(query, text="My mistake.", by=cast.monitor, now=AGAIN)
    assert turns(query) == ["open", "closed"]


def test_a_closed_question_may_be_asked_again(cast: Cast, query: Query) -> None:
    close(query, text="Fine.", by=cast.monitor, now=AGAIN)
    reopen(query, text="Or not?", by=cast.monitor, now=AGAIN)
    assert Query.objects.get().status == "open"


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_a_question_has_a_text(cast: Cast, page: Page, text: str) -> None:
    with pytest.raises(RefusedError, match=r"written|longer"):
        raise_query(page, text=text, by=cast.monitor, now=LATER)
    assert not Query.objects.exists()


def test_a_question_is_about_a_column_of_the_form(cast: Cast, page: Page) -> None:
    with pytest.raises(RefusedError, match="about nothing on this form"):
        raise_query(page, column="died_at", text="When?", by=cast.monitor, now=LATER)


def test_a_second_answer_finds_the_first(cast: Cast, query: Query) -> None:
    answer(query, text="Yes.", by=cast.nurse, now=AGAIN)
    with pytest.raises(RefusedError, match="answered by now"):
        answer(query, text="No.", by=cast.consultant, now=AGAIN)
    assert turns(query) == ["open", "answered"]


def test_nothing_is_asked_about_a_locked_page(cast: Cast, page: Page) -> None:
    Page.objects.filter(pk=page.pk).update(stage=Page.Stage.LOCKED)
    with pytest.raises(RefusedError, match="The page is locked"):
        raise_query(page, text="Why?", by=cast.monitor, now=LATER)


def test_a_closed_question_about_a_locked_page_stays_closed(cast: Cast, query: Query) -> None:
    close(query, text="Fine.", by=cast.monitor, now=AGAIN)
    Page.objects.update(stage=Page.Stage.LOCKED)
    with pytest.raises(RefusedError, match="The page is locked"):
        reopen(query, text="Or not?", by=cast.monitor, now=AGAIN)


def test_each_turn_is_in_the_trail_without_its_text(cast: Cast, query: Query) -> None:
    answer(query, text="Yes.", by=cast.nurse, now=AGAIN)
    raised, answered = Event.objects.filter(subject=f"query {query.pk}")
    assert (raised.action, answered.action) == ("casebook.raise_query", "casebook.answer_query")
    assert "Before" not in repr(raised.after)


def test_the_database_keeps_every_turn(query: Query) -> None:
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("UPDATE casebook_querystep SET text = 'nothing'")


# ── What is hidden ──────────────────────────────────────────────────────────────────────────────


def test_a_question_about_hidden_results_names_no_number(cast: Cast, patient: Patient) -> None:
    page = complete(patient, cast, "biomarkers")
    with pytest.raises(RefusedError, match="without any number"):
        raise_query(page, text="Is 512 right?", by=cast.monitor, now=LATER)


def test_nor_does_the_answer(cast: Cast, patient: Patient) -> None:
    page = complete(patient, cast, "biomarkers")
    query = raise_query(page, text="Which tube?", by=cast.monitor, now=LATER)
    with pytest.raises(RefusedError, match="without any number"):
        answer(query, text="It was 512.", by=cast.laboratory, now=LATER)
    assert answer(query, text="The serum.", by=cast.laboratory, now=LATER).status == "answered"


def test_the_bedside_answers_nothing_about_the_laboratorys_pages(
    cast: Cast, patient: Patient
) -> None:
    page = complete(patient, cast, "biomarkers")
    query = raise_query(page, text="Which tube?", by=cast.monitor, now=LATER)
    with pytest.raises(PermissionDenied):
        answer(query, text="The serum.", by=cast.nurse, now=LATER)


# ── By a rule ───────────────────────────────────────────────────────────────────────────────────


def gas_without_fio2(patient: Patient, cast: Cast) -> Page:
    page = started(patient, cast)
    write(page, cast, day_status="present", pao2_mmhg=80)
    return page


def test_a_rule_asks_once_about_a_page(cast: Cast, patient: Patient) -> None:
    page = gas_without_fio2(patient, cast)
    write(page, cast, gcs=14)
    query = Query.objects.get()
    assert (query.page, query.check_id, query.column) == (page, "gas_with_fio2", "pao2_mmhg")
    assert query.steps.get().text == "A blood gas needs the oxygen fraction it was drawn at."
    assert query.steps.get().by is None


def test_a_rule_closes_what_it_asked_once_content(cast: Cast, patient: Patient) -> None:
    page = gas_without_fio2(patient, cast)
    write(page, cast, fio2=0.4)
    query = Query.objects.get()
    assert turns(query) == ["open", "closed"]
    step = query.steps.latest("id")
    assert (step.text, step.by) == (SETTLED, None)


def test_a_rule_closes_what_was_answered(cast: Cast, patient: Patient) -> None:
    page = gas_without_fio2(patient, cast)
    answer(Query.objects.get(), text="Added.", by=cast.nurse, now=LATER)
    write(page, cast, fio2=0.4)
    assert Query.objects.get().status == "closed"


def test_what_a_person_accepted_is_not_asked_again(cast: Cast, patient: Patient) -> None:
    page = gas_without_fio2(patient, cast)
    close(Query.objects.get(), text="Not drawn.", by=cast.monitor, now=LATER)
    write(page, cast, gcs=14)
    assert Query.objects.get().status == "closed"


def test_what_a_person_accepted_is_asked_again_once_it_changes(
    cast: Cast, patient: Patient
) -> None:
    page = gas_without_fio2(patient, cast)
    close(Query.objects.get(), text="Not drawn.", by=cast.monitor, now=LATER)
    write(page, cast, pao2_mmhg=90, reason="misread")
    assert [query.status for query in Query.objects.all()] == ["closed", "open"]


def test_nobody_opens_what_a_rule_asked_again(cast: Cast, patient: Patient) -> None:
    gas_without_fio2(patient, cast)
    query = Query.objects.get()
    close(query, text="Not drawn.", by=cast.monitor, now=LATER)
    with pytest.raises(RefusedError, match="A rule asked this"):
        reopen(query, text="Was it?", by=cast.monitor, now=LATER)


def died(patient: Patient, cast: Cast, visit: str, days: int) -> Page:
    page = started(patient, cast, "vital_status", visit)
    at = (NOW + timedelta(days=days)).isoformat()
    write(page, cast, vital_status="dead", died_at=at)
    return page


def test_a_rule_follows_what_another_page_says(cast: Cast, patient: Patient) -> None:
    early = died(patient, cast, "day_28", 20)
    late = died(patient, cast, "day_90", 21)
    asked = Query.objects.filter(check_id="one_death", status="open")
    assert {query.page_id for query in asked} == {early.pk, late.pk}
    at = (NOW + timedelta(days=20)).isoformat()
    write(late, cast, died_at=at, reason="misread")
    assert not asked.all()


def test_what_rules_ask_is_in_the_trail(cast: Cast, patient: Patient) -> None:
    gas_without_fio2(patient, cast)
    event = Event.objects.latest("sequence")
    assert (event.action, event.by_name) == ("casebook.rules_ask", "the site")
    assert event.after == {"opened": [Query.objects.get().pk], "closed": []}


def test_a_rule_asks_about_a_page_once_at_a_time(cast: Cast, patient: Patient) -> None:
    page = gas_without_fio2(patient, cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Query.objects.create(page=page, check_id="gas_with_fio2", opened_at=LATER)


def test_an_entry_that_is_refused_asks_nothing(cast: Cast, patient: Patient) -> None:
    page = gas_without_fio2(patient, cast)
    before = QueryStep.objects.count()
    with pytest.raises(RefusedError):
        write(page, cast, pao2_mmhg=90, fio2=0.4)
    assert QueryStep.objects.count() == before
