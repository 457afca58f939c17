"""Taking consent back: how much, when, and what ends with it."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, transaction

from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Withdrawal
from immunosep.web.supply.models import Order
from tests.web.at_bedside import (
    bedside,
    consent,
    handed_over,
    patient_of,
    randomised_patient,
    ready_patient,
    told_last,
    url,
    wall,
)
from tests.web.conftest import LogIn
from tests.web.people import NOW, PASSWORD, Cast

KIND = WithdrawalKind


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


def taken_back(kind: str = KIND.ALL_KEEP_DATA, **changed: str) -> dict[str, str]:
    return {"kind": kind, "at": wall(NOW), "reason": "too much"} | changed


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("laboratory", 403), ("monitor", 403), ("foreign_consultant", 404)],
)
def test_others_record_no_withdrawal(cast: Cast, log_in: LogIn, who: str, status: int) -> None:
    patient = patient_of(cast)
    log_in(cast.nurse).post(url("consent", patient), consent(cast))
    answer = log_in(getattr(cast, who)).post(url("withdraw", patient), taken_back())
    assert (answer.status_code, Withdrawal.objects.count()) == (status, 0)


def test_a_withdrawal_cancels_what_is_not_prepared(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    assert client.post(url("withdraw", patient), taken_back()).status_code == 302
    order = Order.objects.get()
    assert order.cancelled_at == NOW
    assert told_last()["orders_cancelled"] == [order.number]
    assert Event.objects.latest("sequence").reason == "too much"


def test_an_order_that_is_prepared_stays(cast: Cast, log_in: LogIn, tmp_path: Path) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    handed_over(cast, patient, tmp_path)
    client.post(url("withdraw", patient), taken_back())
    assert Order.objects.get().cancelled_at is None


def test_who_withdrew_is_not_randomised(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = ready_patient(cast, client)
    client.post(url("withdraw", patient), taken_back())
    answer = client.post(url("randomise", patient), {"password": PASSWORD})
    assert answer.status_code == 422
    assert b"Consent was withdrawn." in answer.content


def test_more_may_be_taken_back_later_but_not_less(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    client.post(url("consent", patient), consent(cast))
    page = url("withdraw", patient)
    assert client.post(page, taken_back(KIND.TREATMENT_KEEP_FOLLOW_UP)).status_code == 302
    assert client.post(page, taken_back(KIND.ALL_ERASE_DATA)).status_code == 302
    less = client.post(page, taken_back(KIND.ALL_KEEP_DATA))
    assert b"More than that was taken back already" in less.content
    assert Withdrawal.objects.count() == 2


def test_the_same_withdrawal_again_is_one(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    client.post(url("consent", patient), consent(cast))
    client.post(url("withdraw", patient), taken_back())
    client.post(url("withdraw", patient), taken_back())
    assert Withdrawal.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"at": wall(NOW + timedelta(minutes=1))}, "in the future"),
        ({"at": wall(NOW - timedelta(hours=3))}, "before consent was given"),
        ({"kind": ""}, "choose how much"),
        ({"at": ""}, "give the day and the time"),
    ],
)
def test_a_withdrawal_that_cannot_be_is_refused(
    cast: Cast, log_in: LogIn, changed: dict[str, str], told: str
) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    client.post(url("consent", patient), consent(cast))
    answer = client.post(url("withdraw", patient), taken_back(**changed))
    assert (answer.status_code, Withdrawal.objects.count()) == (422, 0)
    assert told in answer.content.decode()


def test_who_never_consented_cannot_withdraw(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.nurse).post(url("withdraw", patient_of(cast)), taken_back())
    assert b"no consent to take back" in answer.content


def test_after_all_is_taken_back_nothing_more_is_recorded(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    client.post(url("consent", patient), consent(cast))
    client.post(url("withdraw", patient), taken_back(KIND.ALL_ERASE_DATA))
    answer = client.post(url("screen", patient), bedside(patient))
    assert b"nothing more may be recorded" in answer.content
    again = client.post(url("consent", patient), consent(cast, given_at=wall(NOW)))
    assert b"Consent was withdrawn" in again.content


def test_a_kind_of_withdrawal_is_recorded_once(cast: Cast) -> None:
    row = {"patient": patient_of(cast), "kind": "all", "at": NOW, "recorded_at": NOW,
           "recorded_by": cast.nurse}  # fmt: skip
    Withdrawal.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Withdrawal.objects.create(**row)


def test_the_page_is_empty_until_it_is_filled_in(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.nurse).get(url("withdraw", patient_of(cast))).content.decode()
    assert "nothing collected is used" in page
    assert "checked" not in page


def test_nothing_comes_next_for_who_withdrew(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    client.post(url("consent", patient), consent(cast))
    client.post(url("withdraw", patient), taken_back())
    page = client.get(url("patient", patient)).content.decode()
    assert "Withdrawn" in page
    assert url("screen", patient) not in page
    assert 'aria-current="step"' not in page
