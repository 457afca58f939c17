"""systemd units: the site never reads the key's file, and systemd understands every line."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from immunosep.errors import SettingsError
from immunosep.web.units import Place, units_of, write_units
from tests.web.running import done, refused


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A site on PostgreSQL, and where its backups go."""
    (tmp_path / "trial").mkdir()
    (tmp_path / "backups").mkdir()
    (tmp_path / "trial" / "site.env").write_text('IMMUNOSEP_DATABASE_URL="postgresql://x/y"\n')
    return Place(folder=tmp_path / "trial", backups=tmp_path / "backups")


def test_only_the_keyed_process_reads_the_keys_settings(place: Place) -> None:
    reading = [name for name, text in units_of(place).items() if "keyed.env" in text]
    assert reading == ["trial-keyed.service"]


def test_the_keyed_process_runs_as_somebody_else(place: Place) -> None:
    users = {n: service(t)["User"] for n, t in units_of(place).items() if n.endswith("service")}
    assert users.pop("trial-keyed.service") == "immunosep-keyed"
    assert set(users.values()) == {"immunosep"}


def service(text: str) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser["Service"]


def test_every_service_may_do_little(place: Place) -> None:
    services = [service(t) for n, t in units_of(place).items() if n.endswith("service")]
    assert len(services) == 6
    assert {s["ProtectSystem"] for s in services} == {"strict"}
    assert {s["NoNewPrivileges"] for s in services} == {"yes"}
    assert {s["CapabilityBoundingSet"] for s in services} == {""}


def test_deviations_are_looked_for_every_night_before_the_backup(place: Place) -> None:
    units = units_of(place)
    assert service(units["trial-look.service"])["ExecStart"].endswith(f"site look {place.folder}")
    assert "OnCalendar=*-*-* 01:15:00 UTC" in units["trial-look.timer"]
    assert "OnCalendar=*-*-* 02:15:00 UTC" in units["trial-backup.timer"]


def test_a_site_on_postgresql_writes_to_no_file(place: Place) -> None:
    units = units_of(place)
    assert "ReadWritePaths" not in units["trial-site.service"] + units["trial-keyed.service"]
    assert f"ReadWritePaths={place.backups}" in units["trial-backup.service"]


def test_a_site_on_sqlite_has_no_keyed_unit(place: Place) -> None:
    (place.folder / "site.env").write_text("IMMUNOSEP_DATABASE_URL=sqlite:///x\n")
    units = units_of(place)
    assert "trial-keyed.service" not in units
    assert f"ReadWritePaths={place.folder}" in units["trial-site.service"]


def test_systemd_understands_every_unit(place: Place, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("SYSTEMD IS NOT HERE: the Debian package is systemd")
    files = write_units(place, tmp_path / "units")
    checked = subprocess.run(
        ["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_path_that_a_unit_cannot_hold_is_refused(place: Place, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="without blanks"):
        units_of(Place(folder=place.folder, backups=tmp_path / "my backups"))


def test_units_are_written_and_not_overwritten(place: Place, tmp_path: Path) -> None:
    words = ("site", "units", place.folder, "--out", tmp_path / "units", "--backups", tmp_path)
    assert done(*words).count(".service\n") == 6
    assert "already" in refused(*words)


def test_one_user_for_both_is_refused(place: Place, tmp_path: Path) -> None:
    words = ("--out", tmp_path / "u", "--backups", tmp_path, "--user", "a", "--keyed-user", "a")
    assert "expected two users" in refused("site", "units", place.folder, *words)
