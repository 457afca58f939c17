"""Many processes at once: no place of a list is shared, skipped or half taken, on either engine.

The short form runs always. The full form, of 50 processes with 20 randomisations each and 100
rounds of killing half of the processes, runs in `make test-full`.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.web.running import found_by

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'site.sqlite3'}"
    new: str = request.getfixturevalue("server").new_database()
    return new


def raced(database: str, *options: object) -> dict[str, Any]:
    """What `tests.web.races` says of a race with these options."""
    return found_by("tests.web.races", "--database", database, *options)


def _all_take_a_place_of_their_own(found: dict[str, Any], participants: int) -> None:
    (race,) = found["rounds"]
    assert race["faults"] == []
    assert race["answered"] == race["distinct_participants"] == participants
    assert race["distinct_slots"] == found["allocations"] == found["orders"] == participants
    assert found["events"] == participants
    assert found["findings"] == []


def test_every_process_gets_places_of_its_own(database: str) -> None:
    found = raced(database, "--processes", 8, "--each", 5)
    _all_take_a_place_of_their_own(found, 40)


@pytest.mark.slow
def test_fifty_processes_get_a_thousand_places(database: str) -> None:
    found = raced(database, "--processes", 50, "--each", 20, "--whole")
    _all_take_a_place_of_their_own(found, 1000)


def _one_place_for_all(found: dict[str, Any], processes: int) -> None:
    (race,) = found["rounds"]
    assert race["faults"] == []
    assert (race["answered"], race["distinct_slots"]) == (processes, 1)
    assert (found["allocations"], found["orders"], found["events"]) == (1, 1, 1)
    assert found["findings"] == []


def test_a_double_click_takes_one_place(database: str) -> None:
    _one_place_for_all(raced(database, "--processes", 8, "--same"), 8)


def test_asking_again_after_a_restart_finds_the_same_place(database: str) -> None:
    found = raced(database, "--processes", 1, "--same", "--rounds", 2)
    places = {tuple(race["slots"]) for race in found["rounds"]}
    assert (len(places), found["allocations"], found["findings"]) == (1, 1, [])


@pytest.mark.slow
def test_fifty_requests_for_one_participant_take_one_place(database: str) -> None:
    _one_place_for_all(raced(database, "--processes", 50, "--same"), 50)


def _whole_after_killing(found: dict[str, Any]) -> None:
    assert found["rounds_with_faults"] == 0
    assert found["findings"] == []
    assert found["allocations"] == found["orders"] == found["events"]
    assert all(race["faults"] == [] for race in found["rounds"])
    assert sum(race["answered"] for race in found["rounds"]) <= found["allocations"]


def test_killing_half_of_the_processes_leaves_nothing_half_done(database: str) -> None:
    options = ("--processes", 6, "--each", 4, "--kill", 3, "--rounds", 3)
    _whole_after_killing(raced(database, *options))


@pytest.mark.slow
def test_a_hundred_rounds_of_killing_leave_nothing_half_done(database: str) -> None:
    options = ("--processes", 8, "--each", 6, "--kill", 4, "--rounds", 100)
    _whole_after_killing(raced(database, *options))
