"""A backup is one file, whole or refused; what is restored from it is the same, on each engine."""

import json
import shutil
import sqlite3
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from immunosep.errors import SourceError
from immunosep.web.backups.archive import read_manifest
from immunosep.web.backups.inspecting import check_backup, refuse_damaged
from immunosep.web.backups.manifest import NAME, Manifest
from tests.postgresql import Server
from tests.web.running import HIDDEN, done, immunosep, make_running_site, refused

ENGINES = ("sqlite", "postgresql")
TRAIL = {"audit_event", "audit_head"}  # a restored trail says that it was restored
Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One site for each engine that was asked for."""
    return {"": tmp_path_factory.mktemp("sites")}


def site_on(engine: str, sites: dict[str, Path], request: pytest.FixtureRequest) -> Path:
    if engine not in sites:
        folder = sites[""] / engine
        folder.mkdir()
        url = f"sqlite:///{folder / 'site.sqlite3'}"
        if engine == "postgresql":
            url = request.getfixturevalue("server").new_database()
        sites[engine] = make_running_site(folder, url)
        done("site", "backup", folder, folder / "backup.tar.gz")
    return sites[engine]


@pytest.fixture
def site(sites: dict[str, Path], request: pytest.FixtureRequest) -> Path:
    """A site on SQLite with participants, and its backup."""
    return site_on("sqlite", sites, request)


@pytest.fixture
def backup(site: Path, tmp_path: Path) -> Path:
    """A copy of that backup."""
    return Path(shutil.copy(site / "backup.tar.gz", tmp_path / "backup.tar.gz"))


def digests(manifest: Manifest) -> dict[str, str]:
    by_part = {part.name: part.sha256 for part in manifest.parts}
    return {t.name: by_part[t.part] for t in manifest.tables if t.name not in TRAIL}


def lines(file: Path, table: str) -> list[bytes]:
    return parts_of(file)[f"tables/{table}.jsonl"].splitlines()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sqlite", "postgresql"),
        ("postgresql", "sqlite"),
        pytest.param("sqlite", "sqlite", marks=pytest.mark.slow),
        pytest.param("postgresql", "postgresql", marks=pytest.mark.slow),
    ],
)
def test_a_restored_site_has_the_same_tables(
    before: str, after: str, sites: dict[str, Path], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first = site_on(before, sites, request) / "backup.tar.gz"
    new = request.getfixturevalue("server").new_database() if after == "postgresql" else ""
    done("site", "restore", first, tmp_path / "again", *(["--database", new] if new else []))
    assert "FAULT" not in done("site", "verify", tmp_path / "again")
    done("site", "backup", tmp_path / "again", tmp_path / "second.tar")
    second = tmp_path / "second.tar"
    assert digests(read_manifest(second)) == digests(read_manifest(first))
    events = lines(second, "audit_event")
    assert events[:-1] == lines(first, "audit_event")
    assert b"site.restore" in events[-1]


def test_a_restored_trail_cannot_be_changed(backup: Path, tmp_path: Path) -> None:
    done("site", "restore", backup, tmp_path / "again")
    with (
        sqlite3.connect(tmp_path / "again" / "site.sqlite3") as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        database.execute("UPDATE audit_event SET reason = 'another' WHERE sequence = 2")


@pytest.fixture(scope="module")
def on_postgresql(
    sites: dict[str, Path], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of the database that the backup of the site on SQLite was restored into."""
    backup = site_on("sqlite", sites, request) / "backup.tar.gz"
    url: str = request.getfixturevalue("server").new_database()
    again = tmp_path_factory.mktemp("restored") / "again"
    done("site", "restore", backup, again, "--database", url)
    return url


def test_a_trail_restored_on_postgresql_cannot_be_changed(on_postgresql: str) -> None:
    import psycopg

    with (
        psycopg.connect(on_postgresql) as database,
        pytest.raises(psycopg.Error, match="append-only"),
    ):
        database.execute("DELETE FROM audit_event WHERE sequence = 2")


def test_numbers_go_on_after_the_restored_ones(on_postgresql: str) -> None:
    import psycopg

    with psycopg.connect(on_postgresql) as database:
        row = database.execute(
            "SELECT nextval(pg_get_serial_sequence('enrolment_entry', 'id')) > max(id)"
            " FROM enrolment_entry"
        ).fetchone()
    assert row == (True,)


def test_no_secret_is_in_a_backup(backup: Path) -> None:
    held = b"".join(parts_of(backup).values())
    assert [name for name, secret in HIDDEN.items() if secret.encode() in held] == []
    assert b"PRIVATE KEY" not in held
    assert set(HIDDEN) <= set(read_manifest(backup).kept_apart)


def test_log_ins_that_are_open_are_in_no_backup(backup: Path) -> None:
    tables = {table.name for table in read_manifest(backup).tables}
    assert not tables & {"accounts_openlogin", "django_session", "shared_memory"}
    assert {"accounts_user", "enrolment_entry", "code_slot"} <= tables


def test_a_backup_is_for_its_owner_alone(site: Path) -> None:
    assert (site / "backup.tar.gz").stat().st_mode & 0o077 == 0


def test_the_same_moment_gives_the_same_tables(site: Path, tmp_path: Path) -> None:
    done("site", "backup", site, tmp_path / "again.tar")
    first, second = read_manifest(site / "backup.tar.gz"), read_manifest(tmp_path / "again.tar")
    assert (first.tables, first.trail) == (second.tables, second.trail)
    assert digests(first) == digests(second)


def test_second_factors_stay_with_the_old_secret_key(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the one the site had")
    done("site", "restore", backup, tmp_path / "again", "--secret-key-file", tmp_path / "secret")
    assert 'SECRET_KEY="the one the site had"' in (tmp_path / "again" / "site.env").read_text()


def test_a_whole_backup_is_said_to_be_whole(backup: Path) -> None:
    said = done("site", "verify", backup)
    assert said.count("ok ") == 3
    assert "FAULT" not in said


# ── What is damaged, foreign, newer or in the way ───────────────────────────────────────────────


def parts_of(file: Path) -> Parts:
    found: Parts = {}
    with tarfile.open(file) as archive:
        for member in archive:
            held = archive.extractfile(member)
            assert held is not None
            found[member.name] = held.read()
    return found


def written(parts: Parts, file: Path, *, fixed: bool) -> Path:
    """The parts as a backup again; with `fixed`, its manifest made to agree with them."""
    from hashlib import sha256

    if fixed:
        manifest = json.loads(parts[NAME])
        for part in manifest["parts"]:
            held = parts[part["name"]]
            part |= {"sha256": sha256(held).hexdigest(), "bytes": len(held)}
        parts[NAME] = json.dumps(manifest).encode()
    with tarfile.open(file, "w") as archive:
        for name, held in parts.items():
            about = tarfile.TarInfo(name)
            about.size = len(held)
            archive.addfile(about, BytesIO(held))
    return file


def faults(file: Path) -> str:
    return " ".join(fault for finding in check_backup(file) for fault in finding.faults)


@pytest.mark.parametrize("share", [0, 0.001, 0.2, 0.5, 0.9, 0.999])
def test_a_backup_that_was_cut_short_is_refused(backup: Path, share: float) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SourceError, match=r"damaged or cut short|beginning is lost"):
        refuse_damaged(backup)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_a_backup_with_a_wrong_byte_is_refused(backup: Path, share: float) -> None:
    whole = bytearray(backup.read_bytes())
    whole[int(len(whole) * share)] ^= 0x40
    backup.write_bytes(whole)
    with pytest.raises(SourceError):
        refuse_damaged(backup)


def test_a_changed_row_is_found(backup: Path, tmp_path: Path) -> None:
    parts = parts_of(backup)
    parts["tables/enrolment_entry.jsonl"] = parts["tables/enrolment_entry.jsonl"].replace(
        b"800", b"801", 1
    )
    file = written(parts, tmp_path / "changed.tar", fixed=False)
    assert faults(file) == "tables/enrolment_entry.jsonl is not as it was written"


def test_a_changed_event_is_found_though_the_manifest_was_changed_too(
    backup: Path, tmp_path: Path
) -> None:
    parts = parts_of(backup)
    parts["tables/audit_event.jsonl"] = parts["tables/audit_event.jsonl"].replace(
        b"Consultant", b"Contultant", 1
    )
    assert "was changed after it was written" in faults(
        written(parts, tmp_path / "changed.tar", fixed=True)
    )


def test_exchanged_places_are_found_though_the_manifest_was_changed_too(
    backup: Path, tmp_path: Path
) -> None:
    parts = parts_of(backup)
    table = read_manifest(backup).table("code_slot")
    assert table is not None
    at = table.columns.index("sealed")
    rows = [json.loads(line) for line in parts["tables/code_slot.jsonl"].splitlines()]
    rows[0][at], rows[1][at] = rows[1][at], rows[0][at]
    parts["tables/code_slot.jsonl"] = b"".join(json.dumps(r).encode() + b"\n" for r in rows)
    assert "is not the one that was loaded" in faults(
        written(parts, tmp_path / "changed.tar", fixed=True)
    )


def test_a_trail_without_its_last_event_is_found(backup: Path, tmp_path: Path) -> None:
    parts = parts_of(backup)
    trail = parts["tables/audit_event.jsonl"].splitlines(keepends=True)
    parts["tables/audit_event.jsonl"] = b"".join(trail[:-1])
    said = faults(written(parts, tmp_path / "changed.tar", fixed=True))
    assert "not at the end that was recorded" in said
    assert f"has {len(trail) - 1} rows, expected {len(trail)}" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda parts: parts.pop("tables/enrolment_entry.jsonl"), "entry.jsonl is missing"),
        (lambda parts: parts.update(more=b""), "a part that its manifest does not list"),
        (
            lambda parts: parts.update({"tables/audit_event.jsonl": b"[1, 2]\n"}),
            "holds a line that is no row",
        ),
    ],
)
def test_parts_that_do_not_fit_are_found(
    backup: Path, tmp_path: Path, change: Any, said: str
) -> None:
    parts = parts_of(backup)
    change(parts)
    assert said in faults(written(parts, tmp_path / "changed.tar", fixed=False))


def another_manifest(backup: Path, file: Path, **changes: Any) -> Path:
    parts = parts_of(backup)
    parts[NAME] = json.dumps(json.loads(parts[NAME]) | changes).encode()
    return written(parts, file, fixed=False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "another program's"}, "It is no backup of a site"),
        ({"format_version": 2}, "It is of format 2; this software reads format 1"),
        ({"tables": "none"}, "Its manifest is damaged"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(
    backup: Path, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        read_manifest(another_manifest(backup, tmp_path / "changed.tar", **changes))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.tar").write_text("Dear colleague, " * 200)
    with pytest.raises(SourceError, match="It is no backup"):
        read_manifest(tmp_path / "letter.tar")


def test_a_backup_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    assert "It is not there" in refused("site", "restore", tmp_path / "no.tar", tmp_path / "new")


def test_a_damaged_backup_leaves_nothing(backup: Path, tmp_path: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-2000])
    before = set(tmp_path.iterdir())
    refused("site", "restore", backup, tmp_path / "new")
    assert set(tmp_path.iterdir()) == before


def test_a_newer_backup_leaves_nothing(backup: Path, tmp_path: Path) -> None:
    migrations = json.loads(parts_of(backup)[NAME])["migrations"]
    migrations.append({"app": "enrolment", "name": "0999_of_tomorrow", "at": "2030-01-01"})
    newer = another_manifest(backup, tmp_path / "newer.tar", migrations=migrations)
    said = refused("site", "restore", newer, tmp_path / "new")
    assert "enrolment.0999_of_tomorrow" in said
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".new*"))


def test_tables_that_would_differ_leave_an_empty_database(
    backup: Path, tmp_path: Path, server: Server
) -> None:
    """A value that the database would not give back as it was: written with a zone of its own."""
    import psycopg

    parts = parts_of(backup)
    consents = parts["tables/enrolment_consent.jsonl"].replace(b"+00:00", b"+01:00")
    file = written(
        parts | {"tables/enrolment_consent.jsonl": consents}, tmp_path / "x.tar", fixed=True
    )
    url = server.new_database()
    said = refused("site", "restore", file, tmp_path / "new", "--database", url)
    assert "enrolment_consent is not byte for byte what the backup holds" in said
    with psycopg.connect(url) as database:
        row = database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert row.fetchone() == (0,)


def test_nothing_is_restored_over_a_site(backup: Path, site: Path) -> None:
    assert "is not empty" in refused("site", "restore", backup, site)


def test_nothing_is_restored_into_a_database_in_use(
    backup: Path, site: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{site / 'site.sqlite3'}"
    said = refused("site", "restore", backup, tmp_path / "new", "--database", url)
    assert "has tables already" in said
    assert "FAULT" not in done("site", "verify", site)


def test_no_backup_is_overwritten(site: Path) -> None:
    assert "is there already" in refused("site", "backup", site, site / "backup.tar.gz")


def test_a_backup_needs_the_name_of_an_archive(site: Path, tmp_path: Path) -> None:
    assert "no name for a backup" in refused("site", "backup", site, tmp_path / "backup.zip")


def test_a_folder_that_is_not_there_takes_no_backup(site: Path, tmp_path: Path) -> None:
    said = refused("site", "backup", site, tmp_path / "no" / "backup.tar")
    assert "cannot be written" in said


def test_a_verified_file_with_a_fault_ends_with_one(backup: Path, tmp_path: Path) -> None:
    parts = parts_of(backup)
    parts.pop("tables/enrolment_dose.jsonl")
    file = written(parts, tmp_path / "changed.tar", fixed=False)
    answer = immunosep("site", "verify", file)
    assert (answer.returncode, "FAULT" in answer.stdout) == (1, True)
