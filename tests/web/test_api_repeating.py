"""A request sent twice is done once, and one token does not ask without end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from immunosep.web.api.models import Answer
from immunosep.web.enrolment.models import Patient
from tests.web.people import NOW, Cast
from tests.web.programs import program


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as held:
        yield held


def test_the_same_request_again_is_answered_the_same(cast: Cast) -> None:
    nurse = program(cast.nurse)
    first, second = (nurse.post("patients", {"centre": "01_jena"}, key="one") for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert Patient.objects.count() == 1


def test_another_request_with_the_same_key_is_refused(cast: Cast) -> None:
    nurse = program(cast.nurse)
    number = nurse.post("patients", {"centre": "01_jena"}, key="one").json()["number"]
    sent = {"reasons": ["declined"]}
    answer = nurse.post(f"patients/{number}/not-enrolled", sent, key="one")
    assert answer.status_code == 422
    assert "Take a new one" in answer.json()["problems"][0]


def test_two_programs_may_have_the_same_key(cast: Cast) -> None:
    for who in (cast.nurse, cast.consultant):
        assert program(who).post("patients", {"centre": "01_jena"}, key="one").status_code == 200
    assert Patient.objects.count() == 2


@pytest.mark.parametrize("key", ["x" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_refused(cast: Cast, key: str) -> None:
    answer = program(cast.nurse).post("patients", {"centre": "01_jena"}, key=key)
    assert answer.status_code == 400
    assert not Patient.objects.exists()


def test_without_a_key_nothing_is_done(cast: Cast) -> None:
    nurse = program(cast.nurse)
    sent = {"centre": "01_jena"}
    headers = {"Authorization": f"Bearer {nurse.secret}"}
    answer = nurse.client.post("/api/1/patients", sent, "application/json", headers=headers)
    assert answer.status_code == 400
    assert not Patient.objects.exists()


def test_what_was_refused_may_be_sent_again(cast: Cast) -> None:
    nurse = program(cast.nurse)
    cast.jena.status = "paused"
    cast.jena.save()
    assert nurse.post("patients", {"centre": "01_jena"}, key="one").status_code == 422
    assert not Answer.objects.exists()
    cast.jena.status = "open"
    cast.jena.save()
    assert nurse.post("patients", {"centre": "01_jena"}, key="one").status_code == 200


def test_an_answer_is_kept_for_a_day(cast: Cast, clock: Any) -> None:
    nurse = program(cast.nurse)
    nurse.post("patients", {"centre": "01_jena"}, key="one")
    clock.move_to(NOW + timedelta(days=1, seconds=1))
    nurse.post("patients", {"centre": "01_jena"}, key="two")
    assert list(Answer.objects.values_list("key", flat=True)) == ["two"]


def test_whoever_asks_too_often_waits(cast: Cast, settings: Any) -> None:
    settings.API_RATE = "2/minute"
    nurse, other = program(cast.nurse), program(cast.monitor)
    assert [nurse.get("centres").status_code for _ in range(3)] == [200, 200, 429]
    answer = nurse.get("centres")
    assert (answer["Retry-After"], answer["Content-Type"]) == ("60", "application/problem+json")
    assert other.get("centres").status_code == 200
