"""`immunosep demo`: the folder, the ports, what is started and said; the whole command once."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import Listener
from pathlib import Path

import pytest

from immunosep.cli import demo as command
from immunosep.cli import demo_mark
from immunosep.errors import SettingsError
from immunosep.web import serving
from immunosep.web.folder import SiteFolder
from immunosep.web.serving import Address


def test_a_folder_of_anything_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site.env").write_text("IMMUNOSEP_DEMO=no\n")
    with pytest.raises(SettingsError, match="no rehearsal of an earlier"):
        command.run(tmp_path, seed=1, patients=20, port=8420, foreground=False)
    assert (tmp_path / "site.env").read_text() == "IMMUNOSEP_DEMO=no\n"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "here"
    file.touch()
    with pytest.raises(SettingsError, match="no rehearsal"):
        command.run(file, seed=1, patients=20, port=8420, foreground=False)


def test_a_rehearsal_is_cleared_and_what_is_not_of_it_stays(tmp_path: Path) -> None:
    for name in (demo_mark.MARK, "site.sqlite3", "site.sqlite3-wal", "keyed.env", "notes.txt"):
        (tmp_path / name).touch()
    command.clear(SiteFolder(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def whole_rehearsal(path: Path, *, port: int) -> SiteFolder:
    """A folder that says it was made to its end, with something a visitor entered."""
    folder = SiteFolder(path)
    for name in ("site.env", "site.sqlite3"):
        (path / name).write_text("entered")
    demo_mark.write_mark(folder, {"port": port, "log_ins": ["  nurse@example.org  Ann, nurse"]})
    return folder


@pytest.fixture
def port() -> Iterator[int]:
    """A port that something listens at."""
    with Listener(("127.0.0.1", 0)) as listener:
        yield int(str(listener.address).rstrip(")").rsplit(" ", 1)[1])


@pytest.mark.parametrize("before", [0, 1])
def test_a_port_in_use_is_said_before_anything_is_made(
    port: int, before: int, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    with pytest.raises(SettingsError, match=rf"port .*{port}.* demo {folder} --port N .*PORT=N"):
        command.run(folder, seed=1, patients=20, port=port - before, foreground=False)
    assert not folder.exists()


def test_a_rehearsal_that_runs_is_left_as_it_is(
    port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = whole_rehearsal(tmp_path, port=port)
    (tmp_path / "serve.pid").write_text(str(os.getpid()))
    command.run(folder.path, seed=1, patients=20, port=8420, foreground=False)
    said = capsys.readouterr().out
    assert f"runs already, at http://localhost:{port}" in said
    assert "nurse@example.org  Ann, nurse" in said
    assert f"demo {tmp_path} --anew" in said
    assert (tmp_path / "site.sqlite3").read_text() == "entered"


def test_a_rehearsal_that_was_stopped_is_started_and_not_made_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Address] = []
    monkeypatch.setattr(serving, "start_behind", lambda _, address, **__: started.append(address))
    whole_rehearsal(tmp_path, port=8420)
    command.run(tmp_path, seed=1, patients=20, port=18642, foreground=False)
    assert [each.port for each in started] == [18642]
    assert "runs again, at http://localhost:18642" in capsys.readouterr().out
    assert (tmp_path / "site.sqlite3").read_text() == "entered"
    assert demo_mark.read_mark(SiteFolder(tmp_path))["port"] == 18642


@pytest.mark.parametrize("pid", ["", "2147483647"])
def test_what_a_crash_left_is_no_running_site(pid: str, port: int, tmp_path: Path) -> None:
    (tmp_path / "serve.pid").write_text(pid)
    assert not demo_mark.is_running(SiteFolder(tmp_path), port)


@pytest.mark.parametrize("mark", ["", '{"seed": 1}'])
def test_a_rehearsal_that_was_interrupted_is_none_to_start(mark: str, tmp_path: Path) -> None:
    (tmp_path / "site.env").touch()
    (tmp_path / demo_mark.MARK).write_text(mark)
    assert demo_mark.read_mark(SiteFolder(tmp_path)) == {}


@pytest.mark.parametrize(
    ("found", "program", "typed"),
    [
        ("/usr/bin/immunosep", ".venv/bin/immunosep", "immunosep serve 'a b'"),
        (None, ".venv/bin/immunosep", ".venv/bin/immunosep serve 'a b'"),
        (None, "immunosep/__main__.py", f"{sys.executable} -m immunosep serve 'a b'"),
    ],
)
def test_a_command_is_said_as_it_can_be_typed(
    found: str | None, program: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: found)
    monkeypatch.setattr(sys, "argv", [program])
    assert command._command("serve", Path("a b")) == typed


def test_a_rehearsal_takes_nothing_from_another_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"IMMUNOSEP_DATABASE_URL": "postgresql://live", "HOME": "/"})
    command.forget_other_sites()
    assert os.environ == {"HOME": "/"}


@pytest.mark.slow
def test_the_command_makes_a_site_that_runs_keeps_it_and_makes_it_anew(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    options = ("--patients", "20", "--port", "8423")
    for seed, more, says in (
        ("3", (), "24 screened"),
        ("4", (), "runs already, at http://localhost:8423"),
        ("4", ("--anew",), "24 screened"),
    ):
        made = immunosep("demo", str(folder), "--seed", seed, *options, *more)
        assert (made.returncode, made.stderr) == (0, "")
        assert says in made.stdout
    assert json.loads((folder / demo_mark.MARK).read_text())["seed"] == 4
    stopped = immunosep("serve", str(folder), "--stop")
    assert stopped.stdout == "Stopped.\n"
    again = immunosep("demo", str(folder), *options)
    assert "runs again, at http://localhost:8423" in again.stdout
    assert immunosep("serve", str(folder), "--stop").stdout == "Stopped.\n"


@pytest.mark.slow
def test_the_published_trial_is_made_whole(tmp_path: Path) -> None:
    folder = str(tmp_path / "site")
    made = immunosep("demo", folder, "--whole", "--port", "8425", minutes=30)
    assert (made.returncode, made.stderr) == (0, "")
    assert "281 randomised, 391 not enrolled" in made.stdout  # JAMA 2026;335:775, figure 1
    assert immunosep("serve", folder, "--stop").stdout == "Stopped.\n"


def immunosep(*words: str, minutes: int = 5) -> "subprocess.CompletedProcess[str]":
    elsewhere = os.environ | {"IMMUNOSEP_DATABASE_URL": "postgresql://nowhere.example/live"}
    return subprocess.run(
        [sys.executable, "-m", "immunosep", *words],
        env=elsewhere, capture_output=True, text=True, check=False, timeout=60 * minutes,
    )  # fmt: skip
