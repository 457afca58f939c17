"""Where nothing can be written, nothing is half written, and a page says so (gate R6)."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError

from immunosep.web.unavailable import cannot_be_reached_or_written
from tests.postgresql import Server
from tests.web.running import done

NO_SMALL_DISK = "NO SMALL DISK CAN BE MADE HERE: mounting one needs root"
MEGABYTES = 64


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of a few megabytes, which a PostgreSQL server may use too."""
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip(NO_SMALL_DISK)
    folder = Path(tempfile.mkdtemp(prefix="immunosep-disk-"))
    folder.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=1777", "tmpfs", str(folder)]
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip(NO_SMALL_DISK)
        yield folder
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refused_cleanly(*options: object) -> None:
    found: dict[str, Any] = json.loads(
        done(*options, module="tests.web.disturbed").splitlines()[-1]
    )
    assert (found["page"], found["status"], found["retry"]) == (200, 503, "30")
    assert "Nothing can be saved at the moment" in found["text"]
    assert "What you last sent was not saved" in found["text"]
    assert found["looked"] in (200, 503)  # never that the request was wrong
    assert found["unchanged"]
    assert (found["again"], found["allocated"], found["findings"]) == (302, 1, [])


@pytest.mark.parametrize(
    "disturbance",
    [
        "locked",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("file_too_large", "read_only")),
    ],
)
def test_a_disturbed_sqlite_refuses_whole(disturbance: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'site.sqlite3'}"
    _refused_cleanly("--database", url, "--disturbance", disturbance)


@pytest.mark.slow
@pytest.mark.parametrize("disturbance", ["read_only", "locked"])
def test_a_disturbed_postgresql_refuses_whole(disturbance: str, server: Server) -> None:
    _refused_cleanly("--database", server.new_database(), "--disturbance", disturbance)


def test_sqlite_on_a_full_disk_refuses_whole(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 'site.sqlite3'}"
    _refused_cleanly("--database", url, "--disturbance", "full", "--disk", small_disk)


def test_postgresql_on_a_full_disk_refuses_whole(small_disk: Path, server: Server) -> None:
    import psycopg

    url = server.new_database()
    name = url.rsplit("/", 1)[1]
    (small_disk / "data").mkdir()
    shutil.chown(small_disk / "data", "postgres", "postgres")
    with psycopg.connect(url.replace(name, "postgres"), autocommit=True) as database:
        database.execute(f"CREATE TABLESPACE {name} LOCATION '{small_disk / 'data'}'")
        database.execute(f"ALTER DATABASE {name} SET TABLESPACE {name}")
    _refused_cleanly("--database", url, "--disturbance", "full", "--disk", small_disk)


def test_what_a_program_does_wrong_is_not_the_database_s_fault() -> None:
    assert not cannot_be_reached_or_written(IntegrityError("a rule was broken"))
    assert not cannot_be_reached_or_written(OperationalError("no such table"))
    assert not cannot_be_reached_or_written(ZeroDivisionError())
    assert not cannot_be_reached_or_written(None)
