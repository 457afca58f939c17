"""Many people at the same kits at once: nobody gets what another has; on both engines.

The short form runs always; the full form, of fifty processes, runs in `make test-full`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgresql import MISSING, Server, binaries, running_server

SHORT, FULL = 4, 50


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server for this module."""
    if binaries() is None:
        pytest.skip(MISSING)
    with running_server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'site.sqlite3'}"
    new: str = request.getfixturevalue("server").new_database()
    return new


def raced(database: str, processes: int) -> dict[str, Any]:
    """What `tests.web.kit_races` says of its races."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.web.kit_races", database, str(processes)],
        capture_output=True, text=True, timeout=1800, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


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
