"""Many people at the same kits at once: nobody gets what another has; on both engines.

The short form runs always; the full form, of fifty processes, runs in `make test-full`.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.web.running import found_by

SHORT, FULL = 4, 50


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'site.sqlite3'}"
    new: str = request.getfixturevalue("server").new_database()
    return new


def raced(database: str, processes: int) -> dict[str, Any]:
    """What `tests.web.kit_races` says of its races."""
    return found_by("tests.web.kit_races", database, processes)


def _nobody_gets_what_another_has(found: dict[str, Any], processes: int) -> None:
    assert found["findings"] == []
    no_more = "The centre's supply does not cover another participant. Call the sponsor."
    assert found["last"] == {"done": 1, no_more: processes - 1}
    assert found["allocations"] == 1
    given = "Every dose of this order by this route is dispensed."
    assert found["same"] == {"done": 1, given: processes - 1}
    assert found["dispensed"] == found["dispensing_events"]
    assert found["lost"] == found["losing_events"] <= 1
    given_beside_the_loss = found["dispensed"] - 1
    assert 1 <= given_beside_the_loss <= 1 + found["lost"]  # a kit lost once given is replaced
    assert found["both"]["done"] == given_beside_the_loss + found["lost"]


def test_the_last_kit_is_one_participants(database: str) -> None:
    _nobody_gets_what_another_has(raced(database, SHORT), SHORT)


@pytest.mark.slow
def test_the_last_kit_is_one_participants_of_fifty(database: str) -> None:
    _nobody_gets_what_another_has(raced(database, FULL), FULL)
