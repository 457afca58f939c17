"""`immunosep site` and `immunosep serve`, run as a user runs them: each in a process of its own."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql import MISSING, binaries, running_server

LEFT_IN_THE_SHELL = {"IMMUNOSEP_CODE_KEY_PASSPHRASE": "of another key"}


def immunosep(*words: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command, without any setting of the tests' own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IMMUNOSEP_")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    environment |= settings
    return subprocess.run(
        [sys.executable, "-m", "immunosep", *(str(word) for word in words)],
        capture_output=True, text=True, timeout=300, check=False, env=environment,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site to rehearse with, made once."""
    folder = tmp_path_factory.mktemp("sites") / "rehearsal"
    done = immunosep("site", "init", folder, "--teaching")
    assert done.returncode == 0, done.stderr
    assert "administrator@example.org" in done.stdout
    return folder


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    copy = tmp_path / "site"
    shutil.copytree(made, copy)
    settings = copy / "site.env"
    settings.write_text(settings.read_text().replace(str(made), str(copy)))
    return copy


def test_a_new_site_is_whole(site: Path) -> None:
    done = immunosep("site", "verify", site)
    assert (done.returncode, "FAULT" in done.stdout) == (0, False), done.stdout + done.stderr


def test_its_settings_are_for_their_owner_alone(site: Path) -> None:
    assert {(site / name).stat().st_mode & 0o077 for name in ("site.env", "keyed.env")} == {0}
    assert "CODE_KEY" not in (site / "site.env").read_text()


def test_a_trail_changed_behind_its_back_is_found(site: Path) -> None:
    with sqlite3.connect(site / "site.sqlite3") as database:
        database.execute("DROP TRIGGER audit_event_no_update")
        database.execute("UPDATE audit_event SET reason = 'another' WHERE sequence = 2")
    done = immunosep("site", "verify", site)
    assert done.returncode == 1
    assert "event 2 was changed after it was written" in done.stdout


def test_places_exchanged_behind_its_back_are_found(site: Path) -> None:
    with sqlite3.connect(site / "site.sqlite3") as database:
        database.execute("DROP TRIGGER code_slot_no_update")
        one, other = database.execute("SELECT sealed FROM code_slot WHERE id IN (1, 2)").fetchall()
        database.execute("UPDATE code_slot SET sealed = ? WHERE id = 1", other)
        database.execute("UPDATE code_slot SET sealed = ? WHERE id = 2", one)
    done = immunosep("site", "verify", site)
    assert done.returncode == 1
    assert "is not the one that was loaded" in done.stdout


def test_a_site_is_never_overwritten(site: Path) -> None:
    before = (site / "site.env").read_bytes()
    done = immunosep("site", "init", site, "--teaching")
    assert (done.returncode, "has a site already" in done.stderr) == (2, True)
    assert (site / "site.env").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "needs one randomisation code"),
        (("--teaching", "--trial", "imunosep"), "the nearest is immunosep"),
        (("--teaching", "--email", "nobody"), "The address is not one"),
        (("--code", "absent.json"), "absent.json"),
        (("--teaching", "--database", "mysql://localhost/x"), "another kind of database"),
    ],
)
def test_a_site_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = immunosep("site", "init", tmp_path / "new", *words)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("verb", ["verify", "upgrade"])
def test_a_folder_without_a_site_is_said_to_have_none(tmp_path: Path, verb: str) -> None:
    done = immunosep("site", verb, tmp_path)
    assert (done.returncode, "has no site" in done.stderr) == (2, True)


def test_upgrading_a_site_of_this_version_changes_nothing(site: Path) -> None:
    done = immunosep("site", "upgrade", site)
    assert (done.returncode, done.stdout) == (0, "The tables are of this version.\n")


@pytest.fixture
def port() -> int:
    """A port that is free, and so is the next."""
    for candidate in range(18200, 18400, 2):
        with socket.socket() as one, socket.socket() as other:
            if one.connect_ex(("127.0.0.1", candidate)) and other.connect_ex(
                ("127.0.0.1", candidate + 1)
            ):
                return candidate
    raise AssertionError("no free port")


@pytest.fixture
def served(site: Path, port: int) -> Iterator[int]:
    """The site, serving in the background."""
    done = immunosep("serve", site, "--background", "--port", port, **LEFT_IN_THE_SHELL)
    assert done.returncode == 0, done.stderr + (site / "serve.log").read_text()
    yield port
    assert "Stopped." in immunosep("serve", site, "--stop").stdout


def test_a_note_of_the_process_that_is_not_whole_stops_nothing(site: Path) -> None:
    (site / "serve.pid").write_text("")
    done = immunosep("serve", site, "--stop")
    assert (done.returncode, done.stdout) == (0, "It was not running.\n"), done.stderr


def test_both_processes_of_a_site_answer(served: int) -> None:
    for port in (served, served + 1):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/") as answer:
            assert answer.read() == b'{"status": "well"}'


def test_only_the_keyed_process_holds_the_key(served: int) -> None:
    held = [_environment(pid) for pid in _processes_on(served)]
    keyed = [_environment(pid) for pid in _processes_on(served + 1)]
    assert held
    assert keyed
    assert not any("IMMUNOSEP_CODE_KEY" in each for each in held)
    assert all("IMMUNOSEP_CODE_KEY_FILE" in each for each in keyed)


def _processes_on(port: int) -> list[Path]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"127.0.0.1:{port}".encode() in words:
            found.append(process)
    return found


def _environment(process: Path) -> str:
    return (process / "environ").read_text(errors="replace")


def test_a_site_on_postgresql_is_made_and_whole(tmp_path: Path) -> None:
    if binaries() is None:
        pytest.skip(MISSING)
    with running_server() as server:
        made = immunosep(
            "site", "init", tmp_path / "pg", "--teaching", "--database", server.new_database()
        )
        assert made.returncode == 0, made.stderr
        assert immunosep("site", "verify", tmp_path / "pg").returncode == 0
