"""Receiving a preparation and recording the first dose: the label, the clock, the window."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client

from immunosep.protocol.consent import WithdrawalKind
from immunosep.randomisation.tokens import SIGNS, spaced
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Allocation, Dose, Patient
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.supply.models import Preparation
from tests.web.at_bedside import (
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

ONSET = NOW - timedelta(hours=20)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def on_its_way(cast: Cast, log_in: LogIn, tmp_path: Path) -> Preparation:
    """The first intravenous dose of a participant, handed over to the ward."""
    return handed_over(cast, randomised_patient(cast, log_in(cast.consultant)), tmp_path)[0]


@pytest.fixture
def on_the_ward(cast: Cast, log_in: LogIn, on_its_way: Preparation) -> Preparation:
    """The same, received."""
    receive(log_in(cast.nurse), on_its_way)
    return on_its_way


def patient() -> Patient:
    return Allocation.objects.earliest("pk").patient


def receive(client: Client, preparation: Preparation, **changed: str):
    return client.post(url("receive_dose", patient()), {"label": preparation.number} | changed)


def give(client: Client, preparation: Preparation, at: datetime = NOW, **changed: str):
    sent = {"label": preparation.number, "given_at": wall(at)} | changed
    return client.post(url("give_dose", patient()), sent)


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("laboratory", 403), ("pharmacist", 403), ("monitor", 403),
     ("foreign_consultant", 404)],
)  # fmt: skip
def test_others_neither_receive_nor_give(
    cast: Cast, log_in: LogIn, on_its_way: Preparation, who: str, status: int
) -> None:
    client = log_in(getattr(cast, who))
    assert client.get(url("doses", patient())).status_code == status
    assert receive(client, on_its_way).status_code == status
    assert give(client, on_its_way).status_code == status
    assert not Dose.objects.exists()


def test_a_patient_without_allocation_has_no_doses(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.nurse).get(url("doses", patient_of(cast))).status_code == 404


def test_the_first_dose_starts_day_1(cast: Cast, log_in: LogIn, on_the_ward: Preparation) -> None:
    client = log_in(cast.nurse)
    assert give(client, on_the_ward).status_code == 302
    page = client.get(url("doses", patient())).content.decode()
    assert "Day 1 began with the first dose: 2 Mar 2026 10:00 CET" in page
    assert "left until" not in page
    on_the_ward.refresh_from_db()
    assert on_the_ward.status == Preparation.Status.GIVEN
    assert told_last()["first"] is True
    assert b"First dose given" in client.get(url("patient", patient())).content


def test_the_page_before_has_the_time_left_and_no_content(
    cast: Cast, log_in: LogIn, on_its_way: Preparation
) -> None:
    page = log_in(cast.nurse).get(url("doses", patient())).content.decode()
    assert "52 h 0 min left until 4 Mar 2026 14:00 CET" in page
    assert spaced(on_its_way.number) in page
    assert [word for word in ("anakinra", "interferon", "saline") if word in page.lower()] == []


def test_a_label_may_be_typed_with_hyphens_and_small(
    cast: Cast, log_in: LogIn, on_its_way: Preparation
) -> None:
    label = spaced(on_its_way.number).lower()
    assert receive(log_in(cast.nurse), on_its_way, label=label).status_code == 302


def test_receiving_twice_is_once(cast: Cast, log_in: LogIn, on_its_way: Preparation) -> None:
    client = log_in(cast.nurse)
    assert [receive(client, on_its_way).status_code for _ in "ab"] == [302, 302]
    assert Event.objects.filter(action="supply.receive").count() == 1


def test_a_mistyped_label_is_refused_by_its_check_sign(
    cast: Cast, log_in: LogIn, on_its_way: Preparation
) -> None:
    first = on_its_way.number[0]
    wrong = SIGNS[(SIGNS.index(first) + 1) % len(SIGNS)] + on_its_way.number[1:]
    answer = receive(log_in(cast.nurse), on_its_way, label=wrong)
    assert answer.status_code == 422
    assert b"a sign is wrong, missing or exchanged" in answer.content
    assert wrong.encode() in answer.content


def test_another_participants_label_is_refused(
    cast: Cast, log_in: LogIn, on_its_way: Preparation
) -> None:
    client = log_in(cast.consultant)
    second = ready_patient(cast, client)
    client.post(url("randomise", second), {"password": PASSWORD})
    answer = client.post(url("receive_dose", second), {"label": on_its_way.number})
    assert answer.status_code == 422
    assert b"not of a preparation for this participant" in answer.content


def test_a_dose_must_be_received_first(cast: Cast, log_in: LogIn, on_its_way: Preparation) -> None:
    answer = give(log_in(cast.nurse), on_its_way)
    assert (answer.status_code, Dose.objects.count()) == (422, 0)
    assert b"Receive it first, by the number on its label." in answer.content


def test_recording_twice_is_once(cast: Cast, log_in: LogIn, on_the_ward: Preparation) -> None:
    client = log_in(cast.nurse)
    assert [give(client, on_the_ward).status_code for _ in "ab"] == [302, 302]
    assert Dose.objects.count() == 1


def test_another_time_for_a_dose_that_was_given_is_refused(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation
) -> None:
    client = log_in(cast.nurse)
    give(client, on_the_ward)
    with time_machine.travel(NOW + 5 * MINUTE, tick=False):
        answer = give(client, on_the_ward, NOW + MINUTE)
    assert b"recorded as given already, at another time" in answer.content


@pytest.mark.parametrize(
    ("at", "told"),
    [(NOW + MINUTE, "in the future"), (NOW - MINUTE, "before the dose was prepared")],
)
def test_a_time_that_cannot_be_is_refused(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation, at: datetime, told: str
) -> None:
    answer = give(log_in(cast.nurse), on_the_ward, at)
    assert (answer.status_code, Dose.objects.count()) == (422, 0)
    assert told in answer.content.decode()


def test_a_dose_needs_a_time(cast: Cast, log_in: LogIn, on_the_ward: Preparation) -> None:
    answer = give(log_in(cast.nurse), on_the_ward, given_at="")
    assert answer.status_code == 422
    assert b"give the day and the time" in answer.content


def test_a_dose_past_its_use_before_time_is_refused(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation
) -> None:
    late = on_the_ward.use_before
    with time_machine.travel(late, tick=False):
        answer = give(log_in(cast.nurse), on_the_ward, late)
    assert (answer.status_code, Dose.objects.count()) == (422, 0)
    assert b"past its use-before time" in answer.content


def test_a_dose_given_in_time_may_be_recorded_after_its_use_before_time(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation
) -> None:
    with time_machine.travel(on_the_ward.use_before + MINUTE, tick=False):
        answer = give(log_in(cast.nurse), on_the_ward, on_the_ward.use_before - MINUTE)
    assert answer.status_code == 302


def kept_longer(preparation: Preparation) -> Preparation:
    """The same preparation, were it to keep for a week: only the window then says no."""
    kept = NOW + timedelta(days=7)
    Preparation.objects.filter(pk=preparation.pk).update(use_before=kept)
    return preparation


@pytest.mark.parametrize(("minutes", "status"), [(71 * 60 + 59, 302), (72 * 60, 422)])
def test_the_window_is_read_again_at_the_first_dose(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation, minutes: int, status: int
) -> None:
    at = ONSET + timedelta(minutes=minutes)
    with time_machine.travel(at, tick=False):
        answer = give(log_in(cast.nurse), kept_longer(on_the_ward), at)
    assert answer.status_code == status


def test_too_late_says_what_to_do(cast: Cast, log_in: LogIn, on_the_ward: Preparation) -> None:
    at = ONSET + timedelta(hours=80)
    with time_machine.travel(at, tick=False):
        page = give(log_in(cast.nurse), kept_longer(on_the_ward), at).content.decode()
    assert "The window for the first dose had closed by then" in page
    assert "give it back to the pharmacy" in page
    assert "report a protocol deviation" in page


def test_later_doses_have_no_window(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation, tmp_path: Path
) -> None:
    give(log_in(cast.nurse), on_the_ward)
    second = Preparation.objects.exclude(pk=on_the_ward.pk).earliest("pk")
    receive(log_in(cast.nurse), second)
    at = ONSET + timedelta(hours=80)
    with time_machine.travel(at, tick=False):
        answer = give(log_in(cast.nurse), kept_longer(second), at)
    assert answer.status_code == 302


def the_second(log_in: LogIn, cast: Cast, first: Preparation) -> Preparation:
    """The next infusion, received, once the first was given."""
    give(log_in(cast.nurse), first)
    second = Preparation.objects.get(route="iv", dose=2)
    receive(log_in(cast.nurse), second)
    return kept_longer(second)


def test_the_page_says_which_dose_and_when_it_is_due(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation
) -> None:
    client = log_in(cast.nurse)
    before = client.get(url("doses", patient())).content.decode()
    assert "dose 2 of 45, first dose starts the clock" in before
    give(client, on_the_ward)
    after = client.get(url("doses", patient())).content.decode()
    assert "dose 2 of 45, due 2 Mar 2026 18:00 CET" in after
    assert "starts the clock" not in after


@pytest.mark.parametrize(
    ("minutes", "said", "status"),
    [(6 * 60 + 59, {}, 422), (6 * 60 + 59, {"early": "yes"}, 302), (7 * 60, {}, 302)],
)
def test_a_dose_more_than_an_hour_early_is_confirmed(
    cast: Cast,
    log_in: LogIn,
    on_the_ward: Preparation,
    minutes: int,
    said: dict[str, str],
    status: int,
) -> None:
    second, at = the_second(log_in, cast, on_the_ward), NOW + timedelta(minutes=minutes)
    with time_machine.travel(at, tick=False):
        answer = give(log_in(cast.nurse), second, at, **said)
    assert (answer.status_code, hasattr(reread(second), "given")) == (status, status == 302)
    assert (b"dose 2 is due 2 Mar 2026 18:00 CET" in answer.content) == (status == 422)


def test_the_trail_tells_that_a_dose_was_early(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation
) -> None:
    second = the_second(log_in, cast, on_the_ward)
    assert told_last().get("early") is None  # it was received
    give(log_in(cast.nurse), second, early="yes")
    assert told_last()["early"] is True


def reread(preparation: Preparation) -> Preparation:
    return Preparation.objects.get(pk=preparation.pk)


def test_after_withdrawal_nothing_is_given(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation
) -> None:
    withdraw(
        patient().pk, kind=WithdrawalKind.TREATMENT_KEEP_FOLLOW_UP, at=NOW, reason="",
        by=cast.nurse, now=NOW,
    )  # fmt: skip
    answer = give(log_in(cast.nurse), on_the_ward)
    assert b"Consent had been withdrawn by then" in answer.content


def test_a_dose_cannot_be_changed_in_the_database(
    cast: Cast, log_in: LogIn, on_the_ward: Preparation
) -> None:
    give(log_in(cast.nurse), on_the_ward)
    with pytest.raises(DatabaseError), transaction.atomic():
        Dose.objects.update(given_at=NOW)
