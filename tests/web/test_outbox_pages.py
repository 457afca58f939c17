"""The pages of notices and webhooks."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from immunosep.web.accounts.sealing import open_sealed
from immunosep.web.audit.models import Event
from immunosep.web.outbox.models import Choice, Delivery, Notice, Webhook
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.proving import proven

TOLD = {"url": "https://203.0.113.7/told", "kinds": ["query.asked"]}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin(cast: Cast, log_in: LogIn, settings: Any) -> Client:
    """The administrator, who has just proved who she is; addresses of any network may be told."""
    settings.WEBHOOKS_INSIDE = True
    return proven(log_in(cast.administrator), cast.administrator)


@pytest.mark.parametrize("who", ["stranger", "nurse", "pharmacist", "monitor", "data_manager"])
def test_only_administrators_keep_webhooks(cast: Cast, log_in: LogIn, who: str) -> None:
    client = log_in(getattr(cast, who))
    assert client.get("/webhooks/").status_code == 403
    assert client.post("/webhooks/", TOLD).status_code == 403
    assert client.post("/webhooks/1/end/").status_code == 403
    assert client.post(f"/webhooks/messages/{uuid4()}/again/").status_code == 403


def test_somebody_chooses_what_to_hear_of(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.nurse)
    assert "Unblinding" not in client.get("/notices/").content.decode()
    sent = {"queries": "at_once", "visits": "daily", "safety": "none", "strange": "x"}
    assert client.post("/notices/", sent).status_code == 302
    kept = dict(Choice.objects.values_list("topic", "how"))
    assert kept == {"queries": "at_once", "visits": "daily"}
    assert 'value="at_once" checked' in client.get("/notices/").content.decode()
    assert Event.objects.latest("sequence").action == "outbox.choose"


@pytest.mark.parametrize(
    "sent", [{"unblinding": "daily"}, {"visits": "at_once"}, {"queries": "always"}]
)
def test_what_is_not_offered_is_refused(cast: Cast, log_in: LogIn, sent: dict[str, str]) -> None:
    assert log_in(cast.nurse).post("/notices/", sent).status_code == 422
    assert not Choice.objects.exists()


def test_who_has_nothing_to_be_told_of_is_told_so(cast: Cast, log_in: LogIn) -> None:
    assert "None of your roles" in log_in(cast.pharmacist).get("/notices/").content.decode()


def test_an_address_is_added_after_the_password(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.administrator).post("/webhooks/", TOLD)
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert not Webhook.objects.exists()


def test_its_secret_is_shown_once_and_kept_sealed(cast: Cast, admin: Client) -> None:
    shown = admin.post("/webhooks/", TOLD).content.decode()
    secret = shown.split('value="whsec_')[1].split('"')[0]
    kept = Webhook.objects.get()
    assert open_sealed(kept.sealed) == f"whsec_{secret}"
    assert secret not in admin.get("/webhooks/").content.decode()
    assert secret not in repr(list(Webhook.objects.values()) + list(Event.objects.values()))
    again = admin.post("/webhooks/", TOLD)
    assert (again.status_code, "told already" in again.content.decode()) == (422, True)


@pytest.mark.parametrize("sent", [TOLD | {"kinds": []}, TOLD | {"kinds": ["squirrel"]},
                                  TOLD | {"url": "http://203.0.113.7/"}])  # fmt: skip
def test_what_cannot_be_told_is_refused(admin: Client, sent: dict[str, Any]) -> None:
    assert admin.post("/webhooks/", sent).status_code == 422
    assert not Webhook.objects.exists()


def test_an_address_is_ended(admin: Client) -> None:
    admin.post("/webhooks/", TOLD)
    at = f"/webhooks/{Webhook.objects.get().pk}/end/"
    assert admin.post(at).status_code == 302
    assert admin.post(at).status_code == 422
    assert Event.objects.latest("sequence").action == "outbox.end_webhook"


def test_what_was_given_up_is_shown_and_sent_again(cast: Cast, admin: Client) -> None:
    admin.post("/webhooks/", TOLD)
    notice = Notice.objects.create(sequence=1, kind="query.asked", subject="query 1", at=NOW)
    dead = Delivery.objects.create(
        notice=notice, webhook=Webhook.objects.get(), state="dead", made_at=NOW, next_at=NOW,
        done_at=NOW, fault="certificate",
    )  # fmt: skip
    assert "certificate" in admin.get("/webhooks/").content.decode()
    at = f"/webhooks/messages/{dead.pk}/again/"
    assert admin.post(at).status_code == 302
    assert admin.post(at).status_code == 422


@pytest.mark.parametrize(
    ("kind", "subject", "leads"),
    [
        ("query.asked", "query 12", "/casebook/queries/12/"),
        ("query.asked_by_rule", "page 3", "/casebook/queries/"),
        ("serious_event.reported", "page 3", "/safety/events/3/"),
        ("participant.unblinded", "participant 01-0001", "/unblinding/"),
        ("participant.randomised", "participant 01-0001", "/patients/01-0001/"),
        ("page.completed", "page 3", "/casebook/pages/3/"),
        ("centre.changed", "centre 01_jena", "/home/"),
    ],
)
def test_a_notice_leads_on(cast: Cast, log_in: LogIn, kind: str, subject: str, leads: str) -> None:
    notice = Notice.objects.create(sequence=1, kind=kind, subject=subject, centre="01_jena", at=NOW)
    at = f"/notices/{notice.pk}/"
    assert log_in(cast.consultant).get(at)["Location"] == leads
    assert log_in(cast.foreign_consultant).get(at).status_code == 404
    assert log_in(cast.stranger).get(at).status_code == 404
    assert Client().get(at)["Location"].startswith("/account/login/")
    assert log_in(cast.consultant).get(f"/notices/{uuid4()}/").status_code == 404
