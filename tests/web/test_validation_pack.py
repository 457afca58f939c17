"""The validation pack: each requirement has tests that exist and checks that can fail."""

import ast
import json
import sqlite3
from contextlib import closing
from functools import cache
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from immunosep.errors import SourceError
from immunosep.web.validation import installation
from immunosep.web.validation.evidence import Evidence, Outcome, Seen
from immunosep.web.validation.pack import NOT_RUN, matrix
from immunosep.web.validation.requirements import requirements
from immunosep.web.validation.results import read_results
from immunosep.web.validation.running import CHECKS
from tests.conftest import ROOT
from tests.web.running import alone, done

REQUIRED = requirements()


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("requirement", REQUIRED, ids=lambda each: each.id)
def test_a_requirement_names_tests_and_checks_that_exist(requirement):
    named = [test.partition("::") for test in requirement.tests]
    assert [name for file, _, name in named if name not in functions_of(file)] == []
    assert [check for check in requirement.checks if check not in CHECKS] == []
    assert requirement.tests
    assert requirement.checks
    assert all((requirement.text, requirement.source))


def test_requirements_have_names_of_their_own_and_leave_no_check_out():
    assert len({each.id for each in REQUIRED}) == len(REQUIRED)
    assert {check for each in REQUIRED for check in each.checks} == set(CHECKS)


# ── A pack of an installation ───────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teaching site."""
    folder = tmp_path_factory.mktemp("sites") / "rehearsal"
    done("site", "init", folder, "--teaching")
    return folder


@pytest.fixture(scope="module")
def packed(site: Path) -> Path:
    """Its pack, which says that a teaching site is not a live one."""
    out = site.with_name("pack")
    answer = alone("site", "validate", site, "--out", out)
    assert answer.returncode == 1, answer.stderr
    assert "FAULT IQ-4" in answer.stdout
    return out


def evidence_of(pack: Path) -> dict[str, Evidence]:
    held = json.loads((pack / "pack.json").read_text())["evidence"]
    return {row["check"]: Evidence(**row) for row in held}


def test_a_pack_says_what_it_was_made_on(packed: Path):
    seen = evidence_of(packed)["versions"].seen
    assert any(line.startswith("database: SQLite 3.") for line in seen)
    assert any(line.lower().startswith("django 5.2") for line in seen)


def test_all_but_the_settings_of_a_live_site_hold_in_a_rehearsal(packed: Path):
    outcomes = {name: each.outcome for name, each in evidence_of(packed).items()}
    assert outcomes.pop("live_settings") == Outcome.FAILS
    assert outcomes.pop("installed_files") in (Outcome.HOLDS, Outcome.NOT_SHOWN)
    assert set(outcomes.values()) == {Outcome.HOLDS}


def test_evidence_is_what_was_seen(packed: Path):
    evidence = evidence_of(packed)
    assert "audit_event: changing a row was refused" in evidence["change_is_refused"].seen
    assert "audit_event: removing a row was refused" in evidence["change_is_refused"].seen
    assert any("every table is the same" in line for line in evidence["backup_restored"].seen)
    assert any("the trail holds" in line for line in evidence["export_checked"].seen)


def test_the_page_has_every_requirement_and_room_to_sign(packed: Path):
    page = (packed / "pack.html").read_text()
    assert [each.id for each in REQUIRED if each.id not in page] == []
    assert page.count("<td></td><td></td><td></td>") == 3
    assert NOT_RUN in page


def test_no_pack_is_overwritten(site: Path, packed: Path):
    answer = alone("site", "validate", site, "--out", packed)
    assert (answer.returncode, "is not empty" in answer.stderr) == (2, True)


def test_a_trail_that_can_be_changed_is_shown(site: Path, tmp_path: Path):
    done("site", "backup", site, tmp_path / "backup.tar")
    done("site", "restore", tmp_path / "backup.tar", tmp_path / "again")
    with closing(sqlite3.connect(tmp_path / "again" / "site.sqlite3")) as database:
        database.execute("DROP TRIGGER audit_event_no_update")
        database.execute("UPDATE audit_event SET reason = 'another' WHERE sequence = 2")
        database.commit()
    (tmp_path / "again" / "site.env").chmod(0o644)
    alone("site", "validate", tmp_path / "again", "--out", tmp_path / "pack")
    evidence = evidence_of(tmp_path / "pack")
    assert "audit_event: changing a row went through" in evidence["change_is_refused"].seen
    assert evidence["trail_unbroken"].seen[0] == "event 2 was changed after it was written"
    assert evidence["files_of_the_owner"].seen[0] == "site.env can be read by others"
    failed = {name for name, each in evidence.items() if each.outcome == Outcome.FAILS}
    assert {"change_is_refused", "trail_unbroken", "records_whole", "backup_restored"} <= failed


# ── What it is made of ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of one package of one file, with its RECORD."""
    about = tmp_path / "immunosep-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: immunosep\nVersion: 1\n")
    (tmp_path / "immunosep").mkdir()
    (tmp_path / "immunosep" / "errors.py").write_text("")
    empty = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"  # SHA-256 of nothing
    (about / "RECORD").write_text(f"immunosep/errors.py,sha256={empty},0\n")
    monkeypatch.setattr(installation, "distributions", lambda: [PathDistribution(about)])
    return tmp_path / "immunosep" / "errors.py"


def test_an_installation_as_it_was_released_holds(installed: Path):
    assert installation.installed_files().outcome == Outcome.HOLDS


def test_a_changed_file_of_the_installation_is_found(installed: Path):
    installed.write_text("print('another')")
    assert installation.installed_files().faults == (
        "immunosep 1: immunosep/errors.py is not as it was released",
    )


def test_a_missing_file_of_the_installation_is_found(installed: Path):
    installed.unlink()
    assert "is missing" in installation.installed_files().faults[0]


def results(tmp_path: Path, *cases: str) -> Path:
    file = tmp_path / "results.xml"
    file.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return file


def case(name: str, inside: str = "") -> str:
    return f'<testcase classname="tests.web.test_x" name="{name}">{inside}</testcase>'


def test_results_are_the_worst_of_a_test_with_parameters(tmp_path: Path):
    cases = [case("test_a[1]"), case("test_a[2]", "<failure/>"), case("test_b", "<skipped/>")]
    assert read_results(results(tmp_path, *cases)) == {
        "tests/web/test_x.py::test_a": "failed",
        "tests/web/test_x.py::test_b": "skipped",
    }


def test_what_is_no_result_is_refused(tmp_path: Path):
    (tmp_path / "results.xml").write_text("all went well")
    with pytest.raises(SourceError, match="pytest --junit-xml"):
        read_results(tmp_path / "results.xml")


def all_holding() -> dict[str, Evidence]:
    return {name: Evidence(check=name, about=name, outcome=Outcome.HOLDS, seen=())
            for name in CHECKS}  # fmt: skip


def test_a_failed_test_outweighs_every_check():
    (first, *others) = matrix(all_holding(), {REQUIRED[0].tests[0]: "failed"})
    assert first.outcome == Outcome.FAILS
    assert {line.outcome for line in others} == {Outcome.HOLDS}


def test_what_could_not_be_tried_is_not_said_to_hold():
    assert Seen(seen=(), untried="no row").outcome == Outcome.NOT_SHOWN
    assert Seen(seen=(), untried="no row", faults=("gone",)).outcome == Outcome.FAILS
