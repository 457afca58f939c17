"""What a restored site has beside its tables: versions of the trial, and locks that still hold."""

import sqlite3
from pathlib import Path

import pytest

from tests.web.running import done, make_running_site

VERSION = """
from dataclasses import replace
from tests.web.six_strata import TRIAL as FIRST

TRIAL = replace(FIRST, version="2.0")
"""
LOCK = (
    "INSERT INTO casebook_lock (scope, locked, content, pages, at, reason, patient_id, by_id) "
    "SELECT 'participant', 1, '', 0, max(entered_at), '', patient_id, entered_by_id "
    "FROM enrolment_entry GROUP BY patient_id, entered_by_id LIMIT 1"
)
ENTRY = (
    "INSERT INTO enrolment_entry (patient_id, form, column, entered_at, entered_by_id, reason, "
    "trial_digest) SELECT patient_id, 'all', 'gcs', at, by_id, '', '' FROM casebook_lock"
)


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made again from the backup of a site with a later version and a locked participant."""
    folder = tmp_path_factory.mktemp("restoring")
    site = make_running_site(
        folder / "site", f"sqlite:///{folder / 'site.sqlite3'}", participants=2
    )
    (folder / "amended.py").write_text(VERSION)
    done("site", "amend", site, folder / "amended.py")
    with sqlite3.connect(folder / "site.sqlite3") as database:
        database.execute(LOCK)
    done("site", "backup", site, folder / "backup.tar")
    assert "FAULT" not in done("site", "restore", folder / "backup.tar", folder / "again")
    return folder / "again"


def test_the_versions_of_the_trial_are_put_back(restored: Path) -> None:
    (file,) = (restored / "versions").iterdir()
    with sqlite3.connect(restored / "site.sqlite3") as database:
        held = database.execute("SELECT digest FROM amendments_version WHERE source <> ''")
        assert [file.stem] == [digest for (digest,) in held]
    assert "FAULT" not in done("site", "verify", restored)


def test_a_restored_lock_closes_what_it_closed(restored: Path) -> None:
    with (
        sqlite3.connect(restored / "site.sqlite3") as database,
        pytest.raises(sqlite3.IntegrityError, match="the records are locked"),
    ):
        database.execute(ENTRY)
