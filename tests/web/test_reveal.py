"""Learning one treatment, from the reason to the answer: who may, what proves it, what is kept."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from immunosep.errors import CodeError
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Allocation
from immunosep.web.unblinding import register
from immunosep.web.unblinding.asking import Asked, ask, asked_for
from immunosep.web.unblinding.models import Unblinding
from immunosep.web.unblinding.opening import arm_of, regimen_of
from immunosep.web.unblinding.register import has_learnt
from immunosep.web.unblinding.revealing import reveal
from tests.web.conftest import LogIn
from tests.web.people import NOW, PASSWORD, Cast, keys
from tests.web.supplied import randomised, screened

ASK, REVEAL = "/unblinding/01-0001/", "/reveal/01-0001/"
REASON = {"reason": "anaphylaxis after the infusion"}


@pytest.fixture
def allocation(cast: Cast) -> Allocation:
    return randomised(cast, now=NOW)


@pytest.fixture
def with_key(settings: Any, tmp_path: Any):
    """Turn this process into a keyed one, when asked."""

    def turn() -> None:
        file = tmp_path / "code.private.pem"
        file.write_bytes(keys().private_pem)
        settings.CODE_KEY_FILE, settings.KEYED = str(file), True
        settings.ROOT_URLCONF = "immunosep.web.keyed_urls"

    return turn


def proved(client: Client, password: str = PASSWORD) -> int:
    address = f"/account/reauthenticate/?next={REVEAL}"
    return client.post(address, {"password": password}).status_code


@pytest.fixture
def asked(cast: Cast, log_in: LogIn, allocation: Allocation, with_key: Any) -> Client:
    """The consultant after giving a reason, in the keyed process."""
    client = log_in(cast.consultant)
    answer = client.post(ASK, REASON)
    assert answer["Location"] == f"http://localhost:8001{REVEAL}"
    with_key()
    return client


@pytest.mark.parametrize("who", ["nurse", "pharmacist", "monitor", "medical_monitor", "stranger"])
def test_only_who_treats_may_ask(
    cast: Cast, log_in: LogIn, allocation: Allocation, who: str, with_key: Any
) -> None:
    client = log_in(getattr(cast, who))
    assert client.get(ASK).status_code == 403
    with_key()
    assert client.get(REVEAL).status_code == 403


def test_a_consultant_of_another_centre_finds_nothing(
    cast: Cast, log_in: LogIn, allocation: Allocation, with_key: Any
) -> None:
    client = log_in(cast.foreign_consultant)
    assert client.get(ASK).status_code == 404
    with_key()
    assert client.get(REVEAL).status_code == 404


def test_a_site_process_has_no_such_page(cast: Cast, log_in: LogIn, allocation: Allocation) -> None:
    assert log_in(cast.consultant).get(REVEAL).status_code == 404


def test_a_reason_is_needed(cast: Cast, log_in: LogIn, allocation: Allocation) -> None:
    client = log_in(cast.consultant)
    page = client.get(ASK).content.decode()
    assert "you alone decide" in page
    assert "01_jena, 1" in page  # the envelope, should the site be down the next time
    answer = client.post(ASK, {"reason": "  "})
    assert answer.status_code == 422
    assert "There is no reason" in answer.content.decode()


def test_who_asks_sees_how_often_it_was_learnt(asked: Client, settings: Any) -> None:
    proved(asked)
    asked.post(REVEAL)
    settings.ROOT_URLCONF = "immunosep.web.urls"
    assert "This treatment was learnt 1 time before." in asked.get(ASK).content.decode()


def test_who_was_not_randomised_has_no_treatment(cast: Cast, log_in: LogIn) -> None:
    screened(cast)
    answer = log_in(cast.consultant).post(ASK, REASON)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert all(words in page for words in ("not randomised", f">{REASON['reason']}</textarea>"))


@pytest.mark.parametrize("site", ["http://localhost:8000", "http://localhost:8000/"])
def test_without_a_reason_the_keyed_process_sends_back(
    cast: Cast, log_in: LogIn, allocation: Allocation, with_key: Any, settings: Any, site: str
) -> None:
    with_key()
    settings.SITE_URL = site
    answer = log_in(cast.consultant).get(REVEAL)
    assert answer["Location"] == f"http://localhost:8000{ASK}"


def test_a_slash_too_many_in_the_settings_leads_to_the_same_page(
    cast: Cast, log_in: LogIn, allocation: Allocation, settings: Any
) -> None:
    settings.KEYED_URL = "http://localhost:8001/"
    answer = log_in(cast.consultant).post(ASK, REASON)
    assert answer["Location"] == f"http://localhost:8001{REVEAL}"


def test_a_question_stands_ten_minutes_and_until_its_answer() -> None:
    request: Any = SimpleNamespace(session={})
    ask(request, "01-0001", reason=" a rash ", now=NOW)
    ends = NOW + timedelta(minutes=10)
    kept = Asked(number="01-0001", reason="a rash", at=NOW.timestamp())
    assert asked_for(request, "01-0001", now=ends - timedelta(seconds=1)) == kept
    assert asked_for(request, "01-0001", now=ends) is None


def test_without_fresh_proof_nothing_is_shown(asked: Client) -> None:
    for send in (asked.get, asked.post):
        answer = send(REVEAL)
        assert answer["Location"] == "/account/reauthenticate/?next=%2Freveal%2F01-0001%2F"
    assert not Unblinding.objects.exists()


def test_a_wrong_password_proves_nothing(asked: Client) -> None:
    assert proved(asked, "not the password") == 200
    assert asked.post(REVEAL).status_code == 302
    assert not Unblinding.objects.exists()


def test_proof_from_before_the_question_is_not_fresh(
    cast: Cast, log_in: LogIn, allocation: Allocation, with_key: Any
) -> None:
    client = log_in(cast.consultant)
    proved(client)
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=True):
        client.post(ASK, REASON)
        with_key()
        assert client.post(REVEAL).status_code == 302


def test_proof_grows_old(asked: Client) -> None:
    proved(asked)
    with time_machine.travel(timezone.now() + timedelta(seconds=125), tick=True):
        assert asked.post(REVEAL).status_code == 302


def test_the_question_grows_old(asked: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=True):
        proved(asked)
        assert asked.post(REVEAL)["Location"] == f"http://localhost:8000{ASK}"


def test_the_treatment_is_shown_and_the_act_is_kept(
    cast: Cast, asked: Client, allocation: Allocation
) -> None:
    assert proved(asked) == 302
    before = asked.get(REVEAL).content.decode()
    assert all(
        words in before for words in ("Show the treatment now", "01-0001, ", *REASON.values())
    )
    page = asked.post(REVEAL)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    entry = Unblinding.objects.get()
    assert (entry.who, entry.kind, entry.reason) == (cast.consultant, "emergency", REASON["reason"])
    assert has_learnt(cast.consultant, allocation)


def test_what_is_shown_is_the_participants_own_treatment(
    cast: Cast, asked: Client, allocation: Allocation
) -> None:
    """The other arm's name in the heading would have the wrong drug treated."""
    proved(asked)
    page = asked.post(REVEAL).content.decode()
    labels = {each.id: each.label for each in IMMUNOSEP.arms}
    own = labels.pop(arm_of(allocation.slot))
    assert f"<h2>{own}</h2>" in page
    assert not [other for other in labels.values() if f"<h2>{other}</h2>" in page]
    given = [each.intervention.label for each in regimen_of(allocation).components]
    assert all(words in page for words in (*given, "01-0001", "Clara Consultant", "CET"))


def test_looking_again_begins_with_a_reason_again(asked: Client) -> None:
    proved(asked)
    asked.post(REVEAL)
    assert asked.post(REVEAL)["Location"] == f"http://localhost:8000{ASK}"
    assert Unblinding.objects.count() == 1


def test_the_audit_trail_says_that_and_why_but_not_what(
    cast: Cast, asked: Client, allocation: Allocation
) -> None:
    proved(asked)
    asked.post(REVEAL)
    event = Event.objects.latest("sequence")
    assert (event.action, event.participant) == ("unblinding.enter", "01-0001")
    said = f"{event.after} {event.reason} {event.subject}"
    assert arm_of(allocation.slot) not in said
    entry = Unblinding.objects.get()
    assert event.after == {
        "who": cast.consultant.pk, "kind": "emergency", "at": entry.at.isoformat(),
    }  # fmt: skip
    assert (event.role, event.time_zone) == ("investigator", "Europe/Berlin")


def test_those_who_review_are_told_without_the_treatment(
    cast: Cast, asked: Client, django_capture_on_commit_callbacks: Any
) -> None:
    proved(asked)
    with django_capture_on_commit_callbacks(execute=True):
        asked.post(REVEAL)
    told = sorted(address for sent in mail.outbox for address in sent.to)
    assert told == sorted([cast.medical_monitor.email, cast.safety_officer.email])
    assert {sent.subject for sent in mail.outbox} == {
        "ImmunoSep: participant 01-0001 was unblinded"
    }
    assert all("http://localhost:8000/unblinding/" in sent.body.split() for sent in mail.outbox)
    words = [each.id for each in IMMUNOSEP.arms] + [each.id for each in IMMUNOSEP.interventions]
    said = " ".join(f"{sent.subject} {sent.body}".lower() for sent in mail.outbox)
    assert not [word for word in words if word in said]


def test_a_notice_that_cannot_be_sent_holds_no_treatment_back(
    cast: Cast, asked: Client, django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def unreachable(*_: Any, **__: Any) -> None:
        raise OSError

    monkeypatch.setattr(register, "mail_holders", unreachable)
    proved(asked)
    with django_capture_on_commit_callbacks(execute=True) as called:
        assert "Treatment of 01-0001" in asked.post(REVEAL).content.decode()
    assert called
    assert Unblinding.objects.count() == 1


def test_nothing_is_kept_if_it_cannot_be_opened(
    cast: Cast, asked: Client, settings: Any, tmp_path: Any
) -> None:
    settings.CODE_KEY_FILE = str(tmp_path / "absent.pem")
    proved(asked)
    answer = asked.post(REVEAL)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert all(words in page for words in ("cannot be read", "01-0001, ", *REASON.values()))
    assert not Unblinding.objects.exists()


def test_a_site_process_reveals_nothing(cast: Cast, allocation: Allocation) -> None:
    with pytest.raises(CodeError, match="holds no code key"):
        reveal(allocation.patient, reason="a reason", by=cast.consultant, now=NOW)
    assert not Unblinding.objects.exists()


def test_one_reveal_opens_one_place(cast: Cast, asked: Client, allocation: Allocation) -> None:
    """Another participant's page begins with a reason again, proof or not."""
    randomised(cast, "01-0002", now=NOW)
    proved(asked)
    assert asked.post("/reveal/01-0002/")["Location"].endswith("/unblinding/01-0002/")
