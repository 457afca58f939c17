"""An upgrade keeps every row and digest of the trail, or leaves a site as it was (gate R14)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from immunosep.web.backups.archive import read_manifest
from tests.conftest import ROOT
from tests.web.running import done, immunosep, make_running_site, refused, write_settings
from tests.web.test_backups import digests, lines

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))
TOMORROW = "tests.web.tomorrow"
RELEASES = subprocess.run(
    ["git", "tag", "--list", "v*"], cwd=ROOT, capture_output=True, text=True, check=False
).stdout.split()


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup of a site with participants."""
    folder = tmp_path_factory.mktemp("first")
    make_running_site(folder, f"sqlite:///{folder / 'site.sqlite3'}")
    done("site", "backup", folder, folder / "backup.tar")
    return folder / "backup.tar"


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'site.sqlite3'}"
    new: str = request.getfixturevalue("server").new_database()
    return new


@pytest.fixture(scope="module")
def restored(backup: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of this version on SQLite, restored from that backup once."""
    folder = tmp_path_factory.mktemp("restored") / "site"
    done("site", "restore", backup, folder)
    return folder


@pytest.fixture
def site(backup: Path, database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Such a site on each engine: on SQLite a copy, as its database is one file."""
    folder = tmp_path / "site"
    if database.startswith("sqlite"):
        return copied(request.getfixturevalue("restored"), folder)
    done("site", "restore", backup, folder, "--database", database)
    return folder


def copied(site: Path, folder: Path) -> Path:
    shutil.copytree(site, folder)
    settings = folder / "site.env"
    settings.write_text(settings.read_text().replace(str(site), str(folder)))
    return folder


def tables(site: Path) -> dict[str, str]:
    """The digest of every table, of the trail too."""
    file = site.with_name("now.tar")
    file.unlink(missing_ok=True)
    done("site", "backup", site, file)
    manifest = read_manifest(file)
    return digests(manifest) | {"trail": manifest.trail["digest"]}


def test_an_upgrade_is_backed_up_checked_and_recorded(site: Path) -> None:
    before = tables(site)
    said = done("good", "site", "upgrade", site, module=TOMORROW)
    assert "after 1 migrations" in said
    (kept,) = (site / "backups").iterdir()
    assert digests(read_manifest(kept)) == {k: v for k, v in before.items() if k != "trail"}
    assert done("good", "site", "upgrade", site, module=TOMORROW).startswith("The tables are of")
    assert "FAULT" not in done("good", "site", "verify", site, module=TOMORROW)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("failing", "enrolment.9001_tomorrow failed (UnforeseenError)"),
        ("opening", "audit_event can be changed"),
        ("changing", "event 2 was changed after it was written"),
        ("cutting", "the trail ends at event 3"),
    ],
)
def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    site: Path, kind: str, said: str
) -> None:
    before = tables(site)
    answer = refused(kind, "site", "upgrade", site, module=TOMORROW)
    assert said in answer
    assert "as it was" in answer
    assert tables(site) == before
    assert "FAULT" not in done("site", "verify", site)
    assert not list(site.glob("*.upgrading*"))


def test_older_software_leaves_a_newer_database_alone(site: Path) -> None:
    done("good", "site", "upgrade", site, module=TOMORROW)
    assert "9000_tomorrow, which this software does not have" in refused("site", "upgrade", site)
    assert "Use the newer software" in refused("site", "backup", site, site / "backup.tar")


def test_an_older_backup_is_restored_as_it_was_and_upgraded(backup: Path, tmp_path: Path) -> None:
    said = done("good", "site", "restore", backup, tmp_path / "again", module=TOMORROW)
    assert f"immunosep site upgrade {tmp_path / 'again'}" in said
    done("good", "site", "upgrade", tmp_path / "again", module=TOMORROW)
    assert "FAULT" not in done("good", "site", "verify", tmp_path / "again", module=TOMORROW)


def test_a_site_that_serves_is_not_upgraded(backup: Path, tmp_path: Path) -> None:
    done("site", "restore", backup, tmp_path / "again")
    (tmp_path / "again" / "serve.pid").write_text("1")
    assert "the site serves" in refused("site", "upgrade", tmp_path / "again")


def test_the_first_tables_of_every_part_are_upgraded_with_their_rows(
    backup: Path, database: str, tmp_path: Path
) -> None:
    done("--database", database, "--backup", backup, module="tests.web.first_state")
    write_settings(tmp_path / "old", database)
    assert immunosep("site", "verify", tmp_path / "old").returncode != 0
    done("site", "upgrade", tmp_path / "old")
    done("site", "backup", tmp_path / "old", tmp_path / "after.tar")
    after = lines(tmp_path / "after.tar", "audit_event")
    assert after[:-1] == lines(backup, "audit_event")
    assert b"site.upgrade" in after[-1]
    assert lines(tmp_path / "after.tar", "code_slot") == lines(backup, "code_slot")
    assert "FAULT" not in done("site", "verify", tmp_path / "old")


@pytest.mark.slow
@pytest.mark.skipif(not RELEASES, reason="NOTHING IS RELEASED YET: there is no tag v…")
@pytest.mark.parametrize("release", RELEASES)
def test_every_release_is_upgraded_with_its_rows(release: str, tmp_path: Path) -> None:
    source, old = tmp_path / "source", tmp_path / "old"
    source.mkdir()
    packed = subprocess.run(["git", "archive", release], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", source], input=packed.stdout, check=True)
    subprocess.run(
        [sys.executable, "-m", "immunosep", "site", "init", old, "--teaching"],
        check=True, env=os.environ | {"PYTHONPATH": str(source / "src")},
    )  # fmt: skip
    shutil.copy(old / "site.sqlite3", tmp_path / "before.sqlite3")
    done("site", "upgrade", old)
    assert trail(old / "site.sqlite3")[:4] == trail(tmp_path / "before.sqlite3")


def trail(database: Path) -> list[tuple[int, str]]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(database)) as connection:
        return list(connection.execute("SELECT sequence, digest FROM audit_event ORDER BY 1"))
