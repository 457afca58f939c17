"""The command `immunosep analyse DATA --out DIR`, through the interface its user sees."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from immunosep.cli.app import app
from immunosep.report.trial import written
from immunosep.simulation.courses import draw_trial
from immunosep.sources.records import Arms, write_records
from tests.recorded import manifest, participant, tables_of

FILES = {"report.html", "report.docx", "report.pdf", "results.json"}


def analyse(*arguments: str | Path) -> Result:
    plain = {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    return CliRunner().invoke(app, ["analyse", *map(str, arguments)], env=plain)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    tables = draw_trial(np.random.default_rng(2), participants=40)
    write_records(tables, folder, manifest=manifest())
    return folder


@pytest.fixture
def two(tmp_path, monkeypatch):
    """Records of two participants, and no time spent on setting type."""
    monkeypatch.setattr(written, "pdf_file", lambda page: b"%PDF-")
    people = [participant("a", arm="precision"), participant("b", arm="placebo")]
    write_records(
        tables_of({"participants": people}), tmp_path / "in", manifest=manifest(locked_s=None)
    )
    return tmp_path / "in"


def test_records_become_a_report(data, tmp_path):
    done = analyse(data, "--out", tmp_path / "report")
    assert done.exit_code == 0, done.output
    assert {file.name for file in (tmp_path / "report").iterdir()} <= FILES
    assert "Wrote" in done.output


def test_unlocked_records_are_refused_unless_asked_for(two, tmp_path):
    refused = analyse(two, "--out", tmp_path / "report")
    assert refused.exit_code != 0
    assert not (tmp_path / "report").exists()
    done = analyse(two, "--out", tmp_path / "report", "--unlocked")
    assert "DRAFT" in done.output
    assert "DRAFT" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_dummy_arms_are_said_to_be(two, tmp_path):
    people = [participant("a", arm="precision"), participant("b", arm="placebo")]
    write_records(tables_of({"participants": people}), two, manifest=manifest(arms=Arms.DUMMY))
    assert "DUMMY ARMS" in analyse(two, "--out", tmp_path / "report").output


@pytest.mark.parametrize("committee", ["open", "closed"])
def test_a_committee_has_reports_of_its_own(two, tmp_path, committee):
    done = analyse(two, "--out", tmp_path / "report", "--unlocked", "--committee", committee)
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
    assert told["report"] == committee


def test_records_are_not_written_over(two):
    done = analyse(two, "--out", two, "--unlocked")
    assert done.exit_code != 0
    assert not (two / "report.html").exists()


def test_a_folder_that_is_none_is_one_message(tmp_path):
    done = analyse(tmp_path / "absent", "--out", tmp_path / "report")
    assert done.exit_code != 0
    assert "there is no manifest.json" in f"{done.output}{done.exception}"
