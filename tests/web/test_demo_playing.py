"""How a rehearsal is played: courses in turn, by time, with less asked of the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from immunosep.web.demo import playing
from immunosep.web.demo.playing import (
    Course,
    in_order,
    play,
    together,
    without_savepoints,
    without_waiting_for_the_disk,
)
from immunosep.web.enrolment.models import Patient
from tests.web.people import NOW

HOUR = timedelta(hours=1)


def told(said: list[str], name: str, *hours: int) -> Course:
    for hour in hours:
        yield NOW + hour * HOUR
        said.append(f"{name}{hour}")


@pytest.mark.django_db
def test_courses_take_turns_by_time_and_stop_at_the_end() -> None:
    said: list[str] = []
    ended: list[int] = []
    courses = [told(said, "a", 1, 4, 9), told(said, "b", 2, 3), told(said, "c")]
    play(courses, until=NOW + 5 * HOUR, tell=ended.append)
    assert said == ["a1", "b2", "b3", "a4"]
    assert ended == [1]


@pytest.mark.django_db
def test_courses_at_one_moment_keep_their_order() -> None:
    said: list[str] = []
    play([told(said, "a", 1, 2), told(said, "b", 1, 2)], until=NOW + HOUR)
    assert said == ["a1", "b1"]


def test_several_courses_are_one_in_the_order_of_time() -> None:
    said: list[str] = []
    steps = [(NOW + 3 * HOUR, lambda at: said.append(f"step {at:%H}"))]
    moments = list(together(told(said, "a", 1, 5), in_order(steps), told(said, "b", 2)))
    assert moments == [NOW + hour * HOUR for hour in (1, 2, 3, 5)]
    assert said == ["a1", "b2", f"step {NOW + 3 * HOUR:%H}", "a5"]


@pytest.mark.django_db
def test_no_place_to_go_back_to_is_marked_meanwhile() -> None:
    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            Patient.objects.exists()
        return [query["sql"].split()[0] for query in queries]

    with without_savepoints():
        assert asked() == ["SELECT"]
    assert asked() == ["SAVEPOINT", "SELECT", "RELEASE"]


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_the_disk_is_waited_for_again_afterwards(
    django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = connection.copy()
    monkeypatch.setattr(playing, "connection", another)
    with django_db_blocker.unblock(), another.cursor() as cursor:
        with without_waiting_for_the_disk():
            assert cursor.execute("PRAGMA synchronous").fetchone() == (0,)
        assert cursor.execute("PRAGMA synchronous").fetchone() != (0,)
        another.close()
