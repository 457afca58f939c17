"""Locking: what stands against it, what a lock keeps out, opening from the widest in."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from immunosep.errors import RefusedError
from immunosep.trials.immunosep.casebook import BIOMARKERS, DAILY_SOFA
from immunosep.web.audit.models import Event
from immunosep.web.casebook.completing import miss_visit
from immunosep.web.casebook.freezing import unfreeze
from immunosep.web.casebook.hidden import hidden_in, may_see_hidden, shown, trial_is_locked
from immunosep.web.casebook.locked import is_locked
from immunosep.web.casebook.locking import (
    lock_centre,
    lock_page,
    lock_participant,
    lock_trial,
    unlock_centre,
    unlock_page,
    unlock_participant,
    unlock_trial,
)
from immunosep.web.casebook.models import Lock, Page, Signature, Step
from immunosep.web.casebook.obstacles import obstacles_of
from immunosep.web.casebook.querying import answer, raise_query
from immunosep.web.casebook.recording import open_page
from immunosep.web.casebook.signatures import is_valid
from immunosep.web.centres.actions import set_status
from immunosep.web.centres.models import Centre, Status
from immunosep.web.enrolment.models import Patient
from tests.web.casebooks import (
    LATER,
    clean,
    complete,
    dead,
    early_death,
    frozen,
    signed,
    write,
)
from tests.web.people import NOW, Cast
from tests.web.supplied import treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return treated(cast)


def problems(patient: Patient, cast: Cast) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        lock_participant(patient, by=cast.data_manager, now=LATER)
    assert not Lock.objects.exists()
    return refused.value.problems


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["stranger", "nurse", "consultant", "monitor", "sponsor"])
def test_others_lock_nothing(cast: Cast, patient: Patient, who: str) -> None:
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        lock_participant(patient, by=by, now=LATER)
    with pytest.raises(PermissionDenied):
        lock_centre(cast.jena, by=by, now=LATER)
    with pytest.raises(PermissionDenied):
        lock_trial(by=by, now=LATER)


# ── What stands against it ──────────────────────────────────────────────────────────────────────


def test_every_reason_is_said_at_once(cast: Cast, patient: Patient) -> None:
    page = complete(patient, cast)
    raise_query(page, text="Sedated?", by=cast.monitor, now=LATER)
    said = "\n".join(problems(patient, cast))
    assert "01-0001: SOFA of the day, Treatment day 3: not begun." in said
    assert "01-0001: SOFA of the day, Treatment day 2: complete, not frozen." in said
    assert "SOFA of the day, Treatment day 2: not verified, as the plan asks." in said
    assert "SOFA of the day, Treatment day 2: a question is open, not closed." in said
    assert "The whole casebook: not signed by the investigator." in said


def test_an_answered_question_is_not_a_closed_one(cast: Cast, patient: Patient) -> None:
    query = raise_query(complete(patient, cast), text="Sedated?", by=cast.monitor, now=LATER)
    answer(query, text="No.", by=cast.nurse, now=LATER)
    assert any("a question is answered, not closed" in each for each in problems(patient, cast))


def test_a_void_signature_is_told_from_none(cast: Cast, patient: Patient) -> None:
    early_death(patient, cast)
    page = Page.objects.get(form="daily_sofa", visit="day_2")
    unfreeze(page, reason="Another look", by=cast.monitor, now=LATER)
    write(page, cast, gcs=12, reason="misread")
    assert any("the signature is void" in each for each in problems(patient, cast))


def test_nothing_is_asked_for_after_death(cast: Cast, patient: Patient) -> None:
    dead(patient, cast)
    days = {each.says for each in obstacles_of([patient]) if "not begun" in each.says}
    assert days == {
        "Baseline, First dose: not begun.",
        "SOFA of the day, First dose: not begun.",
        "SOFA of the day, Treatment day 2: not begun.",
        "Ferritin and HLA-DR, Treatment day 2: not begun.",
    }


def test_a_missed_visit_was_begun(cast: Cast, patient: Patient) -> None:
    miss_visit(patient.pk, "day_90", reason="Moved away", by=cast.nurse, now=LATER)
    assert not any("Last contact: not begun" in each.says for each in obstacles_of([patient]))


def test_each_reason_leads_where_it_is_mended(cast: Cast, patient: Patient) -> None:
    page = complete(patient, cast)
    query = raise_query(page, text="Sedated?", by=cast.monitor, now=LATER)
    urls = {each.url for each in obstacles_of([patient])}
    assert urls == {
        f"/casebook/queries/{query.pk}/",
        f"/casebook/pages/{page.pk}/",
        "/casebook/participants/01-0001/",
    }


def test_reasons_of_more_participants_are_no_more_questions(
    cast: Cast, patient: Patient, django_assert_max_num_queries: object
) -> None:
    complete(patient, cast)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        obstacles_of([patient, patient])


# ── What a lock keeps out ───────────────────────────────────────────────────────────────────────


def test_one_page_is_locked_under_its_blocks_signature(cast: Cast, patient: Patient) -> None:
    page = frozen(patient, cast, "vital_status", "day_90")
    with pytest.raises(RefusedError, match="not signed by the investigator"):
        lock_page(page, by=cast.data_manager, now=LATER)
    signed(patient, cast, "day_90")
    lock_page(page, by=cast.data_manager, now=LATER)
    page.refresh_from_db()
    assert page.stage == Page.Stage.LOCKED


def test_a_page_that_is_not_frozen_is_not_locked(cast: Cast, patient: Patient) -> None:
    page = complete(patient, cast, "vital_status", "day_90")
    signed(patient, cast, "day_90")
    with pytest.raises(RefusedError, match="complete, not frozen"):
        lock_page(page, by=cast.data_manager, now=LATER)


def test_a_locked_participant_takes_nothing_more(cast: Cast, patient: Patient) -> None:
    pages = early_death(patient, cast)
    lock = lock_participant(patient, by=cast.data_manager, now=LATER)
    assert (lock.pages, is_locked(patient)) == (len(pages), True)
    with pytest.raises(RefusedError, match="The page is locked"):
        write(pages[0], cast, left_hospital_at=NOW.isoformat(), reason="late")
    with pytest.raises(RefusedError, match="The records are locked"):
        open_page(patient.pk, "medication", by=cast.nurse, now=LATER)
    with pytest.raises(RefusedError, match="The page is locked"):
        raise_query(pages[0], text="Why?", by=cast.monitor, now=LATER)


def test_the_database_itself_refuses_a_page_of_a_locked_participant(
    cast: Cast, patient: Patient
) -> None:
    early_death(patient, cast)
    lock_participant(patient, by=cast.data_manager, now=LATER)
    page = Page(patient=patient, form="medication", opened_at=LATER, opened_by=cast.nurse)
    with pytest.raises(DatabaseError, match="the records are locked"), transaction.atomic():
        page.save()


def test_a_lock_is_in_the_trail_with_its_digest(cast: Cast, patient: Patient) -> None:
    early_death(patient, cast)
    lock = lock_participant(patient, by=cast.data_manager, now=LATER)
    event = Event.objects.latest("sequence")
    assert (event.action, event.participant) == ("casebook.lock_participant", patient.pk)
    assert event.after == {"pages": lock.pages, "content": lock.content}
    assert Step.objects.filter(kind=Step.Kind.LOCKED).count() == lock.pages


def test_a_participant_is_locked_once(cast: Cast, patient: Patient) -> None:
    early_death(patient, cast)
    lock_participant(patient, by=cast.data_manager, now=LATER)
    with pytest.raises(RefusedError, match="locked already"):
        lock_participant(patient, by=cast.data_manager, now=LATER)


# ── A centre, the trial ─────────────────────────────────────────────────────────────────────────


def closed(cast: Cast) -> None:
    for centre in (cast.jena, cast.athens):
        set_status(
            Centre.objects.get(pk=centre.pk), Status.CLOSED, by=cast.administrator, now=LATER
        )


def test_an_open_centre_is_not_locked(cast: Cast, patient: Patient) -> None:
    early_death(patient, cast)
    with pytest.raises(RefusedError, match="participants may still join"):
        lock_centre(cast.jena, by=cast.data_manager, now=LATER)


def test_a_centre_is_locked_with_all_its_participants(cast: Cast, patient: Patient) -> None:
    early_death(patient, cast)
    closed(cast)
    lock_centre(cast.jena, by=cast.data_manager, now=LATER)
    assert set(Lock.objects.values_list("scope", flat=True)) == {"participant", "centre"}
    assert not Page.objects.exclude(stage=Page.Stage.LOCKED).exists()


def test_one_participant_keeps_a_centre_open(cast: Cast, patient: Patient) -> None:
    complete(patient, cast)
    closed(cast)
    with pytest.raises(RefusedError, match="01-0001: SOFA of the day"):
        lock_centre(cast.jena, by=cast.data_manager, now=LATER)
    assert not Lock.objects.exists()


def test_the_trials_lock_keeps_a_digest_of_all_pages(cast: Cast, patient: Patient) -> None:
    early_death(patient, cast)
    closed(cast)
    lock = lock_trial(by=cast.data_manager, now=LATER)
    assert (lock.scope, len(lock.content), lock.pages) == ("trial", 64, 5)
    assert Event.objects.latest("sequence").action == "casebook.lock_trial"


def test_hidden_columns_are_shown_once_the_trial_is_locked_if_it_says_so(
    cast: Cast, patient: Patient
) -> None:
    early_death(patient, cast)
    closed(cast)
    assert hidden_in(BIOMARKERS, trial_locked=trial_is_locked()) == set(BIOMARKERS.hidden)
    lock_trial(by=cast.data_manager, now=LATER)
    assert hidden_in(BIOMARKERS, trial_locked=trial_is_locked()) == set()
    assert not may_see_hidden(DAILY_SOFA, trial_locked=True)


def test_a_lock_shows_the_values_that_were_left_out() -> None:
    values = {"ferritin_ng_ml": 512, "sample_drawn_at": "2026-03-02T09:00:00+00:00"}
    assert shown(BIOMARKERS, values, trial_locked=True) == values
    assert set(shown(BIOMARKERS, values, trial_locked=False)) == {"sample_drawn_at"}


# ── Opening ─────────────────────────────────────────────────────────────────────────────────────


def all_locked(cast: Cast, patient: Patient) -> Page:
    early_death(patient, cast)
    closed(cast)
    lock_trial(by=cast.data_manager, now=LATER)
    return Page.objects.filter(patient=patient)[0]


def test_locks_are_opened_from_the_widest_in(cast: Cast, patient: Patient) -> None:
    page, by = all_locked(cast, patient), cast.data_manager
    with pytest.raises(RefusedError) as refused:
        unlock_page(page, reason="A late report", by=by, now=LATER)
    assert len(refused.value.problems) == 3
    with pytest.raises(RefusedError, match="Unlock the trial first"):
        unlock_centre(cast.jena, reason="A late report", by=by, now=LATER)
    unlock_trial(reason="A late report", by=by, now=LATER)
    with pytest.raises(RefusedError, match="Unlock the centre first"):
        unlock_participant(patient, reason="A late report", by=by, now=LATER)
    unlock_centre(cast.jena, reason="A late report", by=by, now=LATER)
    unlock_participant(patient, reason="A late report", by=by, now=LATER)
    unlock_page(page, reason="A late report", by=by, now=LATER)
    page.refresh_from_db()
    assert (page.stage, is_locked(patient)) == (Page.Stage.FROZEN, False)
    assert open_page(patient.pk, "medication", by=cast.nurse, now=LATER).pk


def test_a_lock_is_opened_for_a_reason(cast: Cast, patient: Patient) -> None:
    all_locked(cast, patient)
    with pytest.raises(RefusedError, match="no reason"):
        unlock_trial(reason=" ", by=cast.data_manager, now=LATER)
    assert trial_is_locked()


def test_what_is_not_locked_is_not_opened(cast: Cast, patient: Patient) -> None:
    with pytest.raises(RefusedError, match="not locked"):
        unlock_participant(patient, reason="Why not", by=cast.data_manager, now=LATER)
    with pytest.raises(RefusedError, match="not locked"):
        unlock_page(complete(patient, cast), reason="Why not", by=cast.data_manager, now=LATER)


def test_a_signature_holds_over_lock_and_opening(cast: Cast, patient: Patient) -> None:
    all_locked(cast, patient)
    unlock_trial(reason="A late report", by=cast.data_manager, now=LATER)
    assert is_valid(Signature.objects.get())


@pytest.mark.parametrize(
    "values",
    [
        {"scope": "participant", "locked": True},
        {"scope": "trial", "locked": False},
    ],
)
def test_the_database_refuses_a_lock_of_nothing_or_without_reason(
    cast: Cast, values: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Lock.objects.create(pages=0, at=LATER, by=cast.data_manager, **values)


def test_the_database_keeps_every_lock(cast: Cast, patient: Patient) -> None:
    early_death(patient, cast)
    lock_participant(patient, by=cast.data_manager, now=LATER)
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM casebook_lock")


@pytest.mark.slow
def test_a_whole_casebook_is_locked(cast: Cast, patient: Patient) -> None:
    """All visits to day 90, as they would be."""
    pages = clean(patient, cast)
    assert lock_participant(patient, by=cast.data_manager, now=LATER).pages == len(pages)
