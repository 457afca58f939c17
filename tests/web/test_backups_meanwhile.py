"""A backup of a site that is being written to is of one moment: no allocation without its event."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from immunosep.web.backups.inspecting import refuse_damaged
from tests.conftest import ROOT
from tests.postgresql import MISSING, Server, binaries, running_server
from tests.web.running import done, immunosep, write_settings
from tests.web.test_backups import lines

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))  # two minutes at rest
PROCESSES, EACH = 2, 100
PATIENCE_SECONDS = 240


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server for this module."""
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


@pytest.fixture
def busy(database: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A site in which two processes randomise one participant after another."""
    write_settings(tmp_path / "site", database)
    command = [sys.executable, "-m", "tests.web.races", "--database", database, "--whole"]
    size = ["--processes", str(PROCESSES), "--each", str(EACH)]
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IMMUNOSEP_")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with subprocess.Popen(
        [*command, *size], cwd=ROOT, env=environment | {"PYTHONPATH": paths},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        yield process
        process.kill()


def taken_meanwhile(busy: subprocess.Popen[bytes], folder: Path) -> Path:
    """The first backup that has some of the allocations, and not all."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    for n in range(1000):
        file = folder.with_name(f"{n}.tar")
        answer = immunosep("site", "backup", folder, file)
        if answer.returncode == 0 and len(lines(file, "enrolment_allocation")) > 0:
            assert busy.poll() is None, "the race was over; it needs to be longer"
            return file
        assert busy.poll() is None, "the race ended early"
        assert time.monotonic() < deadline
    raise AssertionError("unreachable")


def test_a_backup_taken_meanwhile_is_of_one_moment(
    busy: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    file = taken_meanwhile(busy, tmp_path / "site")
    made = lines(file, "enrolment_allocation")
    events = [line for line in lines(file, "audit_event") if b'"enrolment.randomise"' in line]
    assert len(made) == len(events) == len(lines(file, "supply_order"))
    assert len(made) < PROCESSES * EACH
    assert refuse_damaged(file).trail["events"] == len(lines(file, "audit_event"))
    done("site", "restore", file, tmp_path / "again")
    assert "FAULT" not in done("site", "verify", tmp_path / "again")
