"""Signatures: who may sign, what must be whole before, and what leaves one that does not hold."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from immunosep.errors import RefusedError
from immunosep.protocol.check_blocks import WHOLE
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.models import Event
from immunosep.web.casebook.completing import complete_page, miss_visit, reopen_page
from immunosep.web.casebook.content import digest_of, page_digests
from immunosep.web.casebook.freezing import freeze
from immunosep.web.casebook.models import Page, Signature
from immunosep.web.casebook.querying import raise_query
from immunosep.web.casebook.recording import open_page
from immunosep.web.casebook.signatures import Signed, bound, is_valid, signatures_of, standing
from immunosep.web.casebook.signing import MEANINGS, sign
from immunosep.web.enrolment.models import Patient
from tests.web.casebooks import LATER, complete, last, signed, started, write
from tests.web.people import Cast
from tests.web.supplied import randomised, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

AGAIN = LATER + timedelta(hours=1)


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return treated(cast)


@pytest.fixture
def page(cast: Cast, patient: Patient) -> Page:
    """The only page of day 90, which is a block of its own."""
    return complete(patient, cast, "vital_status", "day_90")


@pytest.fixture
def signature(cast: Cast, patient: Patient, page: Page) -> Signature:
    return signed(patient, cast, "day_90")


def tamper(sql: str) -> None:
    """What an administrator of the database could do, triggers taken away first."""
    with connection.cursor() as cursor:
        table = sql.split()[1]
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else they still wait to be checked
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
        cursor.execute(sql)


@pytest.mark.parametrize("who", ["stranger", "nurse", "monitor", "data_manager", "sponsor"])
def test_others_sign_nothing(cast: Cast, patient: Patient, page: Page, who: str) -> None:
    with pytest.raises(PermissionDenied):
        sign(patient, "day_90", meaning="endorsed", shown="", by=getattr(cast, who), now=LATER)


def test_an_investigator_of_another_centre_signs_nothing(
    cast: Cast, patient: Patient, page: Page
) -> None:
    with pytest.raises(PermissionDenied):
        sign(patient, "day_90", meaning="endorsed", shown="", by=cast.foreign_consultant, now=LATER)


def test_a_signature_says_who_when_and_what_it_means(signature: Signature) -> None:
    assert (signature.name, signature.at) == ("Clara Consultant", LATER)
    assert signature.meaning == MEANINGS["endorsed"]
    assert is_valid(signature)


def test_the_trail_keeps_a_signature(signature: Signature) -> None:
    event = Event.objects.latest("sequence")
    assert (event.action, event.subject) == ("casebook.sign", f"signature {signature.pk}")
    assert event.after == {
        "block": "day_90", "meaning": MEANINGS["endorsed"], "name": "Clara Consultant",
        "content": signature.content,
    }  # fmt: skip


def test_freezing_leaves_a_signature(cast: Cast, page: Page, signature: Signature) -> None:
    freeze(page, by=cast.monitor, now=AGAIN)
    assert is_valid(signature)


def test_a_change_voids_a_signature(cast: Cast, page: Page, signature: Signature) -> None:
    write(page, cast, status_learned_by="telephone", reason="It was missing")
    assert not is_valid(signature)


def test_a_change_and_back_voids_it_too(cast: Cast, page: Page, signature: Signature) -> None:
    write(page, cast, vital_status="unknown", reason="misheard")
    write(page, cast, vital_status="alive", reason="heard well")
    assert not is_valid(signature)


def test_a_page_added_to_the_block_voids_a_signature(
    cast: Cast, patient: Patient, signature: Signature
) -> None:
    open_page(
        patient.pk, "vital_status", visit="day_90", unscheduled=True, by=cast.nurse, now=AGAIN
    )
    assert not is_valid(signature)


def test_a_page_of_another_block_does_not(
    cast: Cast, patient: Patient, signature: Signature
) -> None:
    complete(patient, cast, "vital_status", "day_28")
    assert is_valid(signature)


def test_a_visit_that_was_missed_after_all_voids_a_signature(cast: Cast, patient: Patient) -> None:
    miss_visit(patient.pk, "day_90", reason="Could not be reached", by=cast.nurse, now=LATER)
    signature = signed(patient, cast, "day_90")
    assert is_valid(signature)
    reopen_page(Page.objects.get(), reason="Reached today", by=cast.nurse, now=AGAIN)
    assert not is_valid(signature)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE casebook_pageentry SET value = '\"dead\"' WHERE \"column\" = 'vital_status'",
        "UPDATE casebook_pageentry SET reason = 'none'",
        "UPDATE casebook_signature SET name = 'Nora Nurse'",
        "UPDATE casebook_signature SET meaning = 'Nothing'",
        "UPDATE casebook_signature SET at = '2026-03-02 09:00:00+00:00'",
    ],
)
def test_tampering_in_the_database_voids_a_signature(signature: Signature, sql: str) -> None:
    tamper(sql)
    assert not is_valid(Signature.objects.get())


def copied(signature: Signature, **changed: object) -> Signature:
    copy = Signature.objects.get(pk=signature.pk)
    copy.pk = None
    for name, value in changed.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    return copy


def test_a_signature_copied_to_another_block_does_not_hold(
    cast: Cast, patient: Patient, signature: Signature
) -> None:
    assert not is_valid(copied(signature, block=WHOLE))


def test_nor_one_copied_to_another_participant(cast: Cast, signature: Signature) -> None:
    other = randomised(cast, "01-0002").patient
    complete(other, cast, "vital_status", "day_90")
    assert not is_valid(copied(signature, patient=other))


@pytest.mark.parametrize(
    "changed",
    [
        {"patient": "01-0002"},
        {"block": "day_28"},
        {"meaning": "Read"},
        {"name": "Nora Nurse"},
        {"by": 2},
        {"at": AGAIN},
    ],
)
def test_a_signatures_digest_binds_all_that_it_says(changed: dict[str, Any]) -> None:
    said: dict[str, Any] = {"patient": "01-0001", "block": "day_90", "meaning": "Endorsed",
                            "name": "Clara Consultant", "by": 1, "at": LATER}  # fmt: skip
    assert bound("0" * 64, **said) != bound("0" * 64, **said | changed)
    assert bound("0" * 64, **said) != bound("1" * 64, **said)


def held(patient: Patient, **given: Any) -> list[Signed]:
    pages = list(Page.objects.filter(patient=patient).select_related("patient__centre"))
    return signatures_of([patient], pages, **given)[patient.pk]


def test_the_last_signature_that_holds_stands(
    cast: Cast, patient: Patient, page: Page, signature: Signature
) -> None:
    again = signed(patient, cast, "day_90", AGAIN)
    assert [each.signature for each in held(patient)] == [again, signature]
    assert [each.signature for each in standing(held(patient)).values()] == [again]
    write(page, cast, status_learned_by="telephone", reason="It was missing")
    assert standing(held(patient)) == {}
    complete_page(page, by=cast.nurse, now=AGAIN)
    last_of_all = signed(patient, cast, "day_90", AGAIN)
    assert standing(held(patient))["day_90"].signature == last_of_all


def test_a_signature_under_a_block_that_is_no_more_keeps_its_name(
    cast: Cast, patient: Patient, signature: Signature
) -> None:
    copied(signature, block="day_120")
    old, _ = held(patient)
    assert (old.block.id, old.block.label, old.is_valid) == ("day_120", "day_120", False)


def test_participants_are_asked_about_together_and_kept_apart(
    cast: Cast, patient: Patient, signature: Signature
) -> None:
    other = randomised(cast, "01-0002").patient
    complete(other, cast, "vital_status", "day_90")
    theirs = signed(other, cast, "day_90")
    found = signatures_of([patient, other], list(Page.objects.select_related("patient__centre")))
    assert {pk: [(e.signature, e.is_valid) for e in each] for pk, each in found.items()} == {
        patient.pk: [(signature, True)], other.pk: [(theirs, True)],
    }  # fmt: skip


def test_where_nobody_signed_one_question_is_asked(
    cast: Cast, patient: Patient, page: Page, django_assert_num_queries: Any
) -> None:
    pages = list(Page.objects.select_related("patient__centre"))
    with django_assert_num_queries(1):
        assert signatures_of([patient], pages) == {patient.pk: []}


def test_digests_that_are_known_are_taken(
    patient: Patient, signature: Signature, django_assert_num_queries: Any
) -> None:
    pages = list(Page.objects.select_related("patient__centre"))
    known = page_digests(pages)
    with django_assert_num_queries(2):
        assert signatures_of([patient], pages, digests=known)[patient.pk][0].is_valid
    other = dict.fromkeys(known, "0" * 64)
    assert not signatures_of([patient], pages, digests=other)[patient.pk][0].is_valid


def test_nor_one_that_the_trail_does_not_know(signature: Signature) -> None:
    assert not is_valid(copied(signature))


def test_the_database_keeps_every_signature(signature: Signature) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        signature.delete()


def problems(patient: Patient, cast: Cast, block: str = "day_90") -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        signed(patient, cast, block)
    assert not Signature.objects.exists()
    return refused.value.problems


def test_a_block_that_is_not_begun_is_not_signed(cast: Cast, patient: Patient) -> None:
    assert problems(patient, cast) == ("There is no page to sign.", "1 planned page not begun.")


def test_a_block_that_is_not_complete_is_not_signed(cast: Cast, patient: Patient) -> None:
    started(patient, cast, "vital_status", "day_90")
    assert problems(patient, cast) == ("1 page not complete.",)


def test_a_block_with_a_question_is_not_signed(cast: Cast, patient: Patient, page: Page) -> None:
    raise_query(page, text="Who told you?", by=cast.monitor, now=LATER)
    assert problems(patient, cast) == ("1 question not answered.",)


def test_what_changed_meanwhile_is_not_signed(cast: Cast, patient: Patient, page: Page) -> None:
    with pytest.raises(RefusedError, match="changed since you looked"):
        sign(patient, "day_90", meaning="endorsed", shown="0" * 64, by=cast.consultant, now=LATER)


def test_a_signature_has_one_of_the_meanings(cast: Cast, patient: Patient, page: Page) -> None:
    assert set(MEANINGS) == {"endorsed", "responsible"}  # what a program sends
    with pytest.raises(RefusedError, match="what the signature means"):
        sign(patient, "day_90", meaning="", shown="", by=cast.consultant, now=LATER)


def test_the_whole_casebook_holds_the_logs_too(cast: Cast, patient: Patient) -> None:
    miss_every_visit(patient, cast)
    signature = signed(patient, cast)
    assert is_valid(signature)
    started(patient, cast, "medication", "")
    assert not is_valid(signature)


def miss_every_visit(patient: Patient, cast: Cast) -> None:
    for visit in IMMUNOSEP.schedule:
        for who in (cast.nurse, cast.laboratory):
            try:
                miss_visit(patient.pk, visit.id, reason="Moved away", by=who, now=LATER)
            except (RefusedError, PermissionDenied):
                continue
    assert last(Page.objects.all()[0]) == 0


def test_a_digest_is_of_one_form_of_json() -> None:
    """Whoever changes it voids every signature there is."""
    written = '{"a":"\\u00e9","b":[1,null]}'.encode("ascii")
    assert digest_of({"b": [1, None], "a": "\u00e9"}) == sha256(written).hexdigest()
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest_of(float("nan"))


def test_a_pages_digest_covers_its_name_and_each_entry(cast: Cast, page: Page) -> None:
    entry = ["vital_status", "alive", "2026-06-05T09:00:00.000000+00:00", cast.nurse.pk, "",
             IMMUNOSEP.digest]  # fmt: skip
    said = {
        "page": ["01-0001", "vital_status", "day_90", 1], "values": {"vital_status": "alive"},
        "entries": [entry], "missed": None,
    }  # fmt: skip
    assert page_digests([page]) == {page.pk: digest_of(said)}


def test_a_missed_pages_digest_covers_why(cast: Cast, patient: Patient) -> None:
    miss_visit(patient.pk, "day_90", reason="Not reached", by=cast.nurse, now=LATER)
    page = Page.objects.get()
    named: dict[str, Any] = {"page": ["01-0001", "vital_status", "day_90", 1]}
    said = named | {"values": {}, "entries": [], "missed": "Not reached"}
    assert page_digests([page]) == {page.pk: digest_of(said)}
    reopen_page(page, reason="Reached today", by=cast.nurse, now=AGAIN)
    assert page_digests([page]) == {page.pk: digest_of(said | {"missed": None})}


def test_a_digest_tells_no_hidden_result(cast: Cast, patient: Patient) -> None:
    page = complete(patient, cast, "biomarkers")
    before = page_digests([page])
    tamper("UPDATE casebook_pageentry SET value = '9000' WHERE \"column\" = 'ferritin_ng_ml'")
    assert page_digests([page]) == before
    assert page_digests([page], trial_locked=True) != before


def test_a_hidden_result_that_is_corrected_voids_a_signature_too(
    cast: Cast, patient: Patient
) -> None:
    miss_every_visit(patient, cast)
    signature = signed(patient, cast)
    page = Page.objects.get(form="biomarkers", visit="day_3")
    write(page, cast, sample_drawn_at=LATER.isoformat(), ferritin_ng_ml=512, reason="found")
    assert not is_valid(signature)
