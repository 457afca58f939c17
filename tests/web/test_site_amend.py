"""`immunosep site amend`, run as a user runs it: what it keeps, and what it refuses."""

import sqlite3
from pathlib import Path

from tests.web.amended import write_version
from tests.web.test_site_commands import immunosep, made, site  # noqa: F401 fixtures


def rows_of(site: Path, sql: str) -> list[tuple[str, ...]]:  # noqa: F811
    with sqlite3.connect(site / "site.sqlite3") as database:
        return list(database.execute(sql))


def test_a_version_is_kept_and_the_site_stays_whole(site: Path, tmp_path: Path) -> None:  # noqa: F811
    done = immunosep("site", "amend", site, write_version(tmp_path))
    assert done.returncode == 0, done.stderr
    (file,) = (site / "versions").iterdir()
    assert file.stem in done.stdout
    assert ("2.0",) in rows_of(site, "SELECT name FROM amendments_version")
    assert immunosep("site", "verify", site).returncode == 0


def test_a_version_that_does_not_fit_is_refused_with_every_reason(
    site: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    plan = "allocation=replace(IMMUNOSEP.allocation, strata=()), centres=IMMUNOSEP.centres[1:]"
    done = immunosep("site", "amend", site, write_version(tmp_path, plan))
    assert done.returncode == 2
    assert "2 problems" in done.stderr
    assert not (site / "versions").exists()
    assert rows_of(site, "SELECT name FROM amendments_version") == []


def test_a_lost_file_is_a_fault_until_it_is_put_back(site: Path, tmp_path: Path) -> None:  # noqa: F811
    immunosep("site", "amend", site, write_version(tmp_path))
    (file,) = (site / "versions").iterdir()
    file.unlink()
    verified = immunosep("site", "verify", site)
    assert (verified.returncode, "writes what is missing" in verified.stdout) == (1, True)
    assert "version 2.0 is back" in immunosep("site", "amend", site).stdout
    assert file.is_file()
    assert immunosep("site", "verify", site).returncode == 0
