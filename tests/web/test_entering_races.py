"""Many people recording at once: numbers without a gap, one value, one consent; on both engines."""

from pathlib import Path
from typing import Any

import pytest

from tests.web.entering_races import EACH, PROCESSES
from tests.web.running import found_by


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def found(request: pytest.FixtureRequest, tmp_path_factory: Any) -> dict[str, Any]:
    """What a race on an empty database of each engine told and kept."""
    folder: Path = tmp_path_factory.mktemp("race")
    address = f"sqlite:///{folder / 'site.sqlite3'}"
    if request.param == "postgresql":
        address = request.getfixturevalue("server").new_database()
    return found_by("tests.web.entering_races", address)


def test_every_patient_has_a_number_and_none_is_left_out(found: dict[str, Any]) -> None:
    count = 1 + PROCESSES * EACH
    assert found["numbers"] == [f"01-{n:04d}" for n in range(1, count + 1)]


def test_of_all_who_answer_one_question_at_once_one_is_taken_and_the_rest_are_told(
    found: dict[str, Any],
) -> None:
    told = [words for each in found["told"] for words in each[EACH:]]
    assert told == ["changed meanwhile"] * (PROCESSES - 1)
    assert found["entries"] == 1


def test_one_consent_recorded_by_all_is_one(found: dict[str, Any]) -> None:
    assert found["consents"] == 2  # the one there was, and this
    assert found["entries_made"] == 1 + 1 + 1


def test_the_audit_trail_holds(found: dict[str, Any]) -> None:
    assert found["faults"] == []
