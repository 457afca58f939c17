"""Nobody is randomised by a version once another is live at their centre; on both engines."""

from pathlib import Path
from typing import Any

import pytest

from immunosep.trials.immunosep import IMMUNOSEP
from tests.web.amending_races import BEFORE, PATIENTS
from tests.web.running import found_by


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def found(request: pytest.FixtureRequest, tmp_path_factory: Any) -> dict[str, Any]:
    """What a race on an empty database of each engine told and kept."""
    folder: Path = tmp_path_factory.mktemp("amending")
    address = f"sqlite:///{folder / 'site.sqlite3'}"
    if request.param == "postgresql":
        address = request.getfixturevalue("server").new_database()
    return found_by("tests.web.amending_races", address, folder)


def test_nobody_is_randomised_after_it_went_live(found: dict[str, Any]) -> None:
    order = found["order"]
    assert order.count("amendments.activate") == 1
    assert order[-1] == "amendments.activate"
    assert BEFORE <= order.count("enrolment.randomise") < PATIENTS


def test_everybody_is_either_randomised_or_told_why_not(found: dict[str, Any]) -> None:
    told = found["told"]
    others = [each for each in told if each != "randomised"]
    assert len(told) == PATIENTS
    assert len(others) == PATIENTS - found["order"].count("enrolment.randomise")
    assert all("neutro" in each.lower() or "while you were" in each for each in others)


def test_each_allocation_carries_the_version_that_was_live(found: dict[str, Any]) -> None:
    assert len(found["versions"]) == 1
    assert found["versions"] != [IMMUNOSEP.digest]  # the site's own trial
    assert found["faults"] == []
