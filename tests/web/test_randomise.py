"""Randomising from its page: the wrong role, the password, what it shows, and asking again."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from immunosep.randomisation.tokens import spaced
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Allocation, InError
from immunosep.web.enrolment.not_enrolling import not_enrol
from immunosep.web.supply.models import Order
from tests.web.at_bedside import bedside, patient_of, randomised_patient, ready_patient, url
from tests.web.conftest import LogIn
from tests.web.people import NOW, PASSWORD, Cast

SENT = {"password": PASSWORD}


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("page", ["randomise", "in_error"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("nurse", 403), ("laboratory", 403), ("pharmacist", 403),
     ("monitor", 403), ("foreign_consultant", 404)],
)  # fmt: skip
def test_others_cannot_randomise(
    cast: Cast, log_in: LogIn, page: str, who: str, status: int
) -> None:
    patient = ready_patient(cast, log_in(cast.consultant))
    client = log_in(getattr(cast, who))
    assert client.get(url(page, patient)).status_code == status
    assert client.post(url(page, patient), SENT).status_code == status
    assert not Allocation.objects.exists()


def test_the_whole_way_from_a_number_to_an_allocation(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    page = client.get(url("patient", patient)).content.decode()
    assert spaced(Order.objects.get().number) in page
    assert "Sepsis-induced immunoparalysis" in page
    assert "The pharmacy has the order" in page


def test_no_page_of_a_participant_says_an_arm(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    pages = "".join(
        client.get(url(page, patient)).content.decode()
        for page in ("patient", "doses", "screen", "in_error")
    )
    assert [arm.id for arm in IMMUNOSEP.arms if f"{arm.id}" in pages.lower()] == []


def test_the_page_repeats_what_is_frozen_and_previews_nothing(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = ready_patient(cast, client)
    page = client.get(url("randomise", patient)).content.decode()
    assert "Stratum: centre" in page
    assert "Sepsis-induced immunoparalysis" in page
    assert "position" not in page
    assert not Allocation.objects.exists()


@pytest.mark.parametrize("password", ["", "wrong", None])
def test_without_the_password_nothing_is_allocated(
    cast: Cast, log_in: LogIn, password: str | None
) -> None:
    client = log_in(cast.consultant)
    patient = ready_patient(cast, client)
    sent = {} if password is None else {"password": password}
    answer = client.post(url("randomise", patient), sent)
    assert (answer.status_code, Allocation.objects.count()) == (422, 0)


def test_the_password_holds_for_two_minutes(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    randomised_patient(cast, client)
    second = ready_patient(cast, client)
    assert b'type="password"' not in client.get(url("randomise", second)).content
    with time_machine.travel(NOW + timedelta(seconds=121), tick=False):
        assert b'type="password"' in client.get(url("randomise", second)).content
        assert client.post(url("randomise", second)).status_code == 422


def without_password(cast: Cast) -> None:
    cast.consultant.set_unusable_password()
    cast.consultant.save()


def test_with_a_second_factor_alone_one_is_sent_to_use_it(cast: Cast, log_in: LogIn) -> None:
    patient = ready_patient(cast, log_in(cast.consultant))
    without_password(cast)
    Authenticator.objects.create(user=cast.consultant, type="totp", data={"secret": "x"})
    client = log_in(cast.consultant)
    page = client.get(url("randomise", patient)).content.decode()
    assert 'type="password"' not in page
    assert f"/account/reauthenticate/?next={url('randomise', patient)}" in page
    assert client.post(url("randomise", patient)).status_code == 422
    assert not Allocation.objects.exists()


def test_who_cannot_be_asked_again_cannot_randomise(cast: Cast, log_in: LogIn) -> None:
    patient = ready_patient(cast, log_in(cast.consultant))
    without_password(cast)
    answer = log_in(cast.consultant).post(url("randomise", patient))
    assert (answer.status_code, Allocation.objects.count()) == (422, 0)
    assert b"Add a second factor" in answer.content


def test_every_reason_against_is_shown_and_there_is_no_button(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.consultant), patient_of(cast)
    client.post(url("screen", patient), bedside(patient, hiv="yes"))
    page = client.get(url("randomise", patient)).content.decode()
    assert "Consent is not recorded." in page
    assert "An exclusion criterion applies: HIV infection." in page
    assert "The immune state is not decided." in page
    assert "Randomise 01-0001</button>" not in page


def test_a_post_that_may_not_be_says_why(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.consultant), patient_of(cast)
    answer = client.post(url("randomise", patient), SENT)
    assert (answer.status_code, Allocation.objects.count()) == (422, 0)
    assert b"Consent is not recorded." in answer.content


def test_a_patient_not_enrolled_is_not_randomised(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = ready_patient(cast, client)
    not_enrol(patient.pk, reasons=["no_time"], by=cast.nurse, now=NOW)
    assert b"recorded as not enrolled" in client.get(url("randomise", patient)).content
    answer = client.post(url("randomise", patient), SENT)
    assert (answer.status_code, Allocation.objects.count()) == (422, 0)


def again(client: Client, cast: Cast) -> tuple[int, str, int, int]:
    patient = Allocation.objects.get().patient
    answer = client.post(url("randomise", patient), SENT)
    return (
        answer.status_code, answer["Location"], Allocation.objects.count(), Order.objects.count()
    )  # fmt: skip


@pytest.mark.parametrize("hours", [0, 24, 100])
def test_the_same_post_again_gives_the_same_page(cast: Cast, log_in: LogIn, hours: int) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
        fresh = log_in(cast.consultant)
        assert again(fresh, cast) == (302, url("patient", patient), 1, 1)
        assert fresh.get(url("randomise", patient))["Location"] == url("patient", patient)


def test_what_a_browsers_clock_says_changes_nothing(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = ready_patient(cast, client)
    skewed = {"now": "2026-03-09T09:00", "assessed_at": "2026-03-09T09:00"}
    headers = {"Date": "Mon, 09 Mar 2026 09:00:00 GMT"}
    client.post(url("randomise", patient), SENT | skewed, headers=headers)
    assert Allocation.objects.get().allocated_at == NOW


def test_places_go_by_sequence_when_the_servers_clock_steps_back(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    first, second = ready_patient(cast, client), ready_patient(cast, client)
    assert client.post(url("randomise", first), SENT).status_code == 302
    with time_machine.travel(NOW - timedelta(hours=2), tick=False):
        earlier = log_in(cast.consultant)
        assert earlier.post(url("randomise", second), SENT).status_code == 302
    taken = Allocation.objects.order_by("slot__position")
    assert [each.patient_id for each in taken] == [first.pk, second.pk]
    events = Event.objects.filter(action="enrolment.randomise").order_by("sequence")
    assert [event.participant for event in events] == [first.pk, second.pk]


@pytest.mark.parametrize(("minutes", "status"), [(71 * 60 + 59, 302), (72 * 60, 422)])
def test_the_window_is_right_to_the_minute(
    cast: Cast, log_in: LogIn, minutes: int, status: int
) -> None:
    onset = NOW - timedelta(hours=20)
    patient = ready_patient(cast, log_in(cast.consultant))
    with time_machine.travel(onset + timedelta(minutes=minutes), tick=False):
        client = log_in(cast.consultant)
        assert client.post(url("randomise", patient), SENT).status_code == status


def test_the_mark_in_error_frees_nothing_and_is_made_once(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    assert client.post(url("in_error", patient), {"reason": " "}).status_code == 422
    for reason in ("HIV known before", "clicked twice"):
        assert client.post(url("in_error", patient), {"reason": reason}).status_code == 302
    assert InError.objects.get().reason == "HIV known before"
    second = ready_patient(cast, client)
    client.post(url("randomise", second), SENT)
    assert second.allocation.slot.position == 2
    assert b"randomised in error" in client.get(url("patient", patient)).content


def test_nobody_is_marked_who_was_not_randomised(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.consultant), patient_of(cast)
    answer = client.post(url("in_error", patient), {"reason": "a slip"})
    assert b"Nobody was randomised under this number." in answer.content
