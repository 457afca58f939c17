"""Whatever the site said was done is there after the database was stopped at once (gate R5)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql import MISSING, Server, binaries, running_server
from tests.web.running import found_by

ENGINES = ("sqlite", "postgresql")


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL server of this test's own: it is stopped."""
    if binaries() is None:
        pytest.skip(MISSING)
    with running_server() as running:
        yield running


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'site.sqlite3'}"
    new: str = request.getfixturevalue("server").new_database()
    return new


def _all_acknowledged_is_kept(database: str, notes: Path, *, rounds: int) -> None:
    options = ("--database", database, "--notes", notes, "--rounds", rounds)
    found = found_by("tests.web.stopped", *options)
    assert found["told"] > 0
    assert found["interrupted"] == rounds
    assert (found["lost"], found["findings"]) == ([], [])
    assert found["allocations"] == found["orders"] == found["events"] >= found["told"]


def test_nothing_acknowledged_is_lost(database: str, tmp_path: Path) -> None:
    _all_acknowledged_is_kept(database, tmp_path / "notes", rounds=2)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_twenty_rounds(database: str, tmp_path: Path) -> None:
    _all_acknowledged_is_kept(database, tmp_path / "notes", rounds=20)
