"""The register of unblinding: who sees it, what may be entered, the review afterwards."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from immunosep.errors import RefusedError
from immunosep.web.accounts.actions import grant
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Allocation
from immunosep.web.unblinding.models import Unblinding
from immunosep.web.unblinding.register import (
    has_learnt,
    names_a_treatment,
    record_unblinding,
    review,
)
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.supplied import randomised

REGISTER = "/unblinding/"
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def allocation(cast: Cast) -> Allocation:
    return randomised(cast, now=NOW)


@pytest.fixture
def entry(cast: Cast, allocation: Allocation) -> Unblinding:
    """A nurse who read a paper left lying about."""
    return record_unblinding(
        allocation, who=cast.nurse, kind=Unblinding.Kind.ACCIDENTAL,
        reason="a pharmacy sheet on the desk", at=NOW, by=cast.consultant, now=LATER,
    )  # fmt: skip


def typed(cast: Cast, **changed: str) -> dict[str, str]:
    return {
        "number": "01-0001", "kind": "envelope", "who": cast.consultant.email,
        "at": "2026-03-02T11:00", "reason": "the site was down",
    } | changed  # fmt: skip


@pytest.mark.parametrize("who", ["laboratory", "pharmacist", "administrator", "stranger"])
def test_who_sees_no_patients_sees_no_register(cast: Cast, log_in: LogIn, who: str) -> None:
    assert log_in(getattr(cast, who)).get(REGISTER).status_code == 403


def test_the_register_says_who_when_and_why(cast: Cast, log_in: LogIn, entry: Unblinding) -> None:
    page = log_in(cast.monitor).get(REGISTER).content.decode()
    for words in ("01-0001", "Nora Nurse", "a pharmacy sheet", "not yet reviewed", "CET"):
        assert words in page


@pytest.mark.parametrize(
    ("who", "reviews", "enters"),
    [("monitor", False, False), ("consultant", False, True), ("medical_monitor", True, True)],
)
def test_the_register_offers_what_one_may_do(
    cast: Cast, log_in: LogIn, entry: Unblinding, who: str, reviews: bool, enters: bool
) -> None:
    answer = log_in(getattr(cast, who)).get(REGISTER)
    page = answer.content.decode()
    assert (answer.status_code, "Keep the review" in page) == (200, reviews)
    assert ('name="number"' in page, '<option value="envelope"' in page) == (enters, enters)


def test_another_centre_sees_none_of_it(cast: Cast, log_in: LogIn, entry: Unblinding) -> None:
    assert "01-0001" not in log_in(cast.foreign_consultant).get(REGISTER).content.decode()


def test_who_learnt_it_stays_so(cast: Cast, entry: Unblinding, allocation: Allocation) -> None:
    assert has_learnt(cast.nurse, allocation)
    assert not has_learnt(cast.consultant, allocation)
    with pytest.raises(DatabaseError), transaction.atomic():
        Unblinding.objects.all().delete()


def test_a_nurse_enters_nothing(cast: Cast, log_in: LogIn, allocation: Allocation) -> None:
    for sent in (typed(cast), {}):  # refused before anything she typed is looked at
        assert log_in(cast.nurse).post(f"{REGISTER}enter/", sent).status_code == 403
    with pytest.raises(PermissionDenied):
        record_unblinding(
            allocation, who=cast.nurse, kind=Unblinding.Kind.ENVELOPE, reason="x", at=NOW,
            by=cast.nurse, now=LATER,
        )  # fmt: skip


def test_an_envelope_is_entered_by_its_form(
    cast: Cast, log_in: LogIn, allocation: Allocation
) -> None:
    client = log_in(cast.consultant)
    answer = client.post(f"{REGISTER}enter/", typed(cast))
    assert answer["Location"] == REGISTER
    assert "Entered into the register." in client.get(REGISTER).content.decode()
    made = Unblinding.objects.get()
    assert (made.kind, made.who, made.at) == ("envelope", cast.consultant, NOW + timedelta(hours=1))


def test_another_centres_participant_is_absent(
    cast: Cast, log_in: LogIn, allocation: Allocation
) -> None:
    answer = log_in(cast.foreign_consultant).post(f"{REGISTER}enter/", typed(cast))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"who": "nobody@example.org"}, "No account has this address"),
        ({"kind": "emergency"}, "envelope or an accident"),
        ({"at": "yesterday"}, "cannot be read"),
        ({"at": "2999-01-01T00:00"}, "in the future"),
        ({"at": "2020-01-01T00:00"}, "before the participant was randomised"),
        ({"reason": ""}, "There is no text"),
        ({"reason": "saw the Anakinra vial"}, "names a treatment"),
    ],
)
def test_what_cannot_be_entered_is_said(
    cast: Cast, log_in: LogIn, allocation: Allocation, changed: dict[str, str], said: str
) -> None:
    client = log_in(cast.medical_monitor)
    answer = client.post(f"{REGISTER}enter/", typed(cast, **changed))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert all(words in page for words in (said, 'name="number" required', 'value="01-0001"'))


def test_an_emergency_is_not_entered_by_hand(cast: Cast, allocation: Allocation) -> None:
    with pytest.raises(RefusedError, match="by the site itself"):
        record_unblinding(
            allocation, who=cast.nurse, kind=Unblinding.Kind.EMERGENCY, reason="x", at=NOW,
            by=cast.consultant, now=LATER,
        )  # fmt: skip


def test_only_a_reviewer_reviews(cast: Cast, log_in: LogIn, entry: Unblinding) -> None:
    address = f"{REGISTER}{entry.pk}/review/"
    assert log_in(cast.consultant).post(address, {"assessment": "fine"}).status_code == 403


def test_a_review_is_in_the_trail(cast: Cast, entry: Unblinding) -> None:
    made = review(entry, assessment=" Justified. ", by=cast.medical_monitor, now=LATER)
    assert (made.assessment, made.by, made.at) == ("Justified.", cast.medical_monitor, LATER)
    event = Event.objects.latest("sequence")
    assert (event.action, event.participant, event.centre, event.time_zone) == (
        "unblinding.review", "01-0001", "01_jena", "Europe/Berlin",
    )  # fmt: skip
    assert (event.after, event.reason) == ({"unblinding": entry.pk}, "Justified.")


def test_what_happened_this_minute_is_entered(cast: Cast, allocation: Allocation) -> None:
    made = record_unblinding(
        allocation, who=cast.nurse, kind=Unblinding.Kind.ENVELOPE, reason="opened", at=NOW,
        by=cast.medical_monitor, now=NOW,
    )  # fmt: skip
    assert made.at == made.recorded_at == NOW


def test_a_review_is_kept_once(cast: Cast, log_in: LogIn, entry: Unblinding) -> None:
    client, address = log_in(cast.medical_monitor), f"{REGISTER}{entry.pk}/review/"
    assert client.post(address, {"assessment": "Justified."}).status_code == 302
    page = client.get(REGISTER).content.decode()
    assert all(words in page for words in ("The review is kept.", "Justified.", "Max Medical"))
    answer = client.post(address, {"assessment": "Again."})
    assert (answer.status_code, "It is reviewed already" in answer.content.decode()) == (422, True)


def test_a_review_of_nothing_is_absent(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.medical_monitor)
    assert client.post(f"{REGISTER}99/review/", {"assessment": "x"}).status_code == 404


def test_a_review_says_something_and_no_treatment(cast: Cast, entry: Unblinding) -> None:
    for text in (" ", "They were on placebo."):
        with pytest.raises(RefusedError):
            review(entry, assessment=text, by=cast.medical_monitor, now=LATER)


@pytest.mark.parametrize(
    "text", ["Interferon gamma-1b", "the PLACEBO arm", "saline", "precision arm"]
)
def test_words_that_tell(text: str) -> None:
    assert names_a_treatment(text)
    assert not names_a_treatment("fever and a rash after the second infusion")


def test_the_database_insists_on_a_reason(cast: Cast, allocation: Allocation) -> None:
    with pytest.raises(IntegrityError, match="has a reason"), transaction.atomic():
        Unblinding.objects.create(
            allocation=allocation, who=cast.nurse, kind="accidental", reason="", at=NOW,
            recorded_at=NOW, recorded_by=cast.nurse,
        )  # fmt: skip


def test_the_database_refuses_an_entry_before_the_act(cast: Cast, allocation: Allocation) -> None:
    with pytest.raises(IntegrityError, match="after it happened"), transaction.atomic():
        Unblinding.objects.create(
            allocation=allocation, who=cast.nurse, kind="accidental", reason="x", at=LATER,
            recorded_at=NOW, recorded_by=cast.nurse,
        )  # fmt: skip


def test_a_pharmacist_is_never_blinded_again(cast: Cast) -> None:
    assert User.objects.get(pk=cast.pharmacist.pk).unblinded_at is not None
    with pytest.raises(RefusedError, match="blinded role again"):
        grant(cast.pharmacist, Role.STUDY_NURSE, centre=cast.jena, by=Site(), now=LATER)


def test_a_physician_finds_the_way_from_the_participant_s_page(
    cast: Cast, log_in: LogIn, allocation: Allocation
) -> None:
    client = log_in(cast.consultant)
    page = client.get(f"/patients/{allocation.patient_id}/").content.decode()
    link = f"/unblinding/{allocation.patient_id}/"
    assert f'href="{link}">Unblind</a>' in page
    assert client.get(link).status_code == 200
    assert f'href="{REGISTER}"' in page


def test_nobody_else_is_shown_that_way(cast: Cast, log_in: LogIn, allocation: Allocation) -> None:
    page = log_in(cast.nurse).get(f"/patients/{allocation.patient_id}/").content.decode()
    assert "Unblind" not in page


def test_the_participant_s_page_says_that_somebody_was_unblinded(
    cast: Cast, log_in: LogIn, entry: Unblinding
) -> None:
    page = log_in(cast.monitor).get(f"/patients/{entry.allocation.patient_id}/").content.decode()
    assert "Unblinded (by accident)" in page
