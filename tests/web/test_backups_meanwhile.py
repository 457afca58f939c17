"""A backup of a site that is being written to is of one moment: no allocation without its event."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from immunosep.web.backups.inspecting import refuse_damaged
from tests.conftest import ROOT
from tests.web.races import BEGUN
from tests.web.running import done, write_settings
from tests.web.test_backups import lines

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))  # two minutes at rest
PROCESSES, EACH = 2, 400  # several times as long as a backup takes, on any machine


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'site.sqlite3'}"
    new: str = request.getfixturevalue("server").new_database()
    return new


@pytest.fixture
def busy(database: str, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A site in which two processes randomise one participant after another."""
    write_settings(tmp_path / "site", database)
    command = [sys.executable, "-m", "tests.web.races", "--database", database, "--whole"]
    size = ["--processes", str(PROCESSES), "--each", str(EACH)]
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IMMUNOSEP_")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with subprocess.Popen(
        [*command, *size], cwd=ROOT, env=environment | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().strip() == BEGUN
        yield process
        os.killpg(process.pid, signal.SIGKILL)


def taken_meanwhile(busy: subprocess.Popen[str], folder: Path) -> Path:
    """The first backup that has some of the allocations, and not all."""
    for n in itertools.count():
        file = folder.with_name(f"{n}.tar")
        done("site", "backup", folder, file)
        if lines(file, "enrolment_allocation"):
            return file
        assert busy.poll() is None, "the race ended early"
    raise AssertionError("unreachable")


def test_a_backup_taken_meanwhile_is_of_one_moment(
    busy: subprocess.Popen[str], tmp_path: Path
) -> None:
    file = taken_meanwhile(busy, tmp_path / "site")
    made = lines(file, "enrolment_allocation")
    events = [line for line in lines(file, "audit_event") if b'"enrolment.randomise"' in line]
    assert len(made) == len(events) == len(lines(file, "supply_order"))
    assert len(made) < PROCESSES * EACH
    assert refuse_damaged(file).trail["events"] == len(lines(file, "audit_event"))
    done("site", "restore", file, tmp_path / "again")
    assert "FAULT" not in done("site", "verify", tmp_path / "again")
