"""`immunosep screen`: what is printed, what is written, what is refused."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from immunosep.cli.app import app
from immunosep.cli.output import answer_written
from immunosep.cli.pages.counted import counted_page
from immunosep.screening.assess import assess
from immunosep.screening.feasibility import count_feasibility
from immunosep.sources.bedside import patients_of
from immunosep.trials import TRIALS, find_trial

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENTS = EXAMPLES / "patients.csv"
ONE = EXAMPLES / "patients.json"

KEYS = {
    "assessed_at",
    "trial",
    "trial_version",
    "patient_id",
    "verdict",
    "immune_state",
    "criteria",
    "sofa",
    "unknown",
    "reasons",
    "warnings",
    "window_closes_at",
}
SOFA_KEYS = {
    "respiration",
    "coagulation",
    "liver",
    "cardiovascular",
    "cns",
    "renal",
    "total",
    "lowest",
    "highest",
    "missing",
}


def run(*arguments: object, given: str | None = None, exit_code: int = 0) -> Result:
    answer = CliRunner().invoke(app, [str(part) for part in arguments], input=given)
    assert answer.exit_code == exit_code, answer.stderr
    return answer


@pytest.fixture(scope="module")
def screened():
    return json.loads(run("screen", PATIENTS, "--format", "json").stdout)


def test_json_of_each_patient_has_the_published_shape(screened):
    assert {frozenset(patient) for patient in screened} == {frozenset(KEYS)}
    assert {frozenset(patient["sofa"]) for patient in screened} == {frozenset(SOFA_KEYS)}
    assert {v for p in screened for v in p["criteria"].values()} == {"met", "not_met", "unknown"}
    assert {patient["verdict"] for patient in screened} == {
        "eligible",
        "ineligible",
        "undetermined",
    }


def test_json_of_one_patient_is_a_list():
    (patient,) = json.loads(run("screen", ONE, "--format", "json").stdout)
    assert patient["verdict"] == "eligible"
    assert patient["immune_state"] == "immunoparalysis"
    assert patient["window_closes_at"] == "2026-03-05T21:40:00+02:00"


def test_criteria_are_those_of_the_protocol_in_its_order(screened):
    assert list(screened[0]["criteria"]) == [c.id for c in TRIALS["immunosep"].criteria]


@pytest.mark.parametrize("criterion", [c.id for c in TRIALS["immunosep"].criteria])
def test_examples_show_every_answer_of_every_criterion(screened, criterion):
    answers = {patient["criteria"][criterion] for patient in screened}
    assert answers == {"met", "not_met", "unknown"}


def test_csv_has_a_line_for_each_patient(screened):
    rows = list(csv.DictReader(io.StringIO(run("screen", PATIENTS, "--format", "csv").stdout)))
    assert [row["patient_id"] for row in rows] == [p["patient_id"] for p in screened]
    assert rows[0]["sofa_total"] == str(screened[0]["sofa"]["total"])
    assert rows[0]["immune_state"] == "mals"
    assert rows[0]["criterion_immune_state"] == "met"


def test_table_of_several_patients_ends_with_totals():
    page = run("screen", PATIENTS).stdout
    assert "✓ eligible" in page
    assert "50 patients, ImmunoSep" in page


def test_table_of_one_patient_goes_criterion_by_criterion():
    page = run("screen", ONE).stdout
    assert page.count("✓ met") == 8
    assert page.count("✓ does not apply") == 15
    assert [line for line in page.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("columns", ["80", "120"])
def test_tables_fit_the_terminal(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    lines = run("screen", PATIENTS).stdout.splitlines()
    assert max(map(len, lines)) <= int(columns)


def test_standard_input_is_read():
    given = '{"patient_id": "p1", "age_years": 17}'
    (patient,) = json.loads(run("screen", "-", "--format", "json", given=given).stdout)
    assert patient["criteria"]["adult"] == "not_met"


def test_a_moment_of_assessment_may_be_given():
    given = "patient_id,sepsis_onset_at\np1,2026-03-02T08:00\n"
    late = run("screen", "-", "--format", "json", "--at", "2026-03-05T08:00", given=given)
    assert json.loads(late.stdout)[0]["criteria"]["window"] == "not_met"


def test_now_is_a_moment_of_assessment():
    given = "patient_id,sepsis_onset_at\np1,2026-03-02T08:00Z\n"
    answer = run("screen", "-", "--format", "json", "--at", "now", given=given)
    assert json.loads(answer.stdout)[0]["criteria"]["window"] in {"met", "not_met"}


def test_now_is_said_to_be_the_computers_clock_where_times_have_no_offset():
    given = "patient_id,sepsis_onset_at\np1,2026-03-02T08:00\n"
    said = run("screen", "-", "--at", "now", given=given).stderr
    assert re.match(r"note: now is the computer's clock: \d\d:\d\d; ", said)


def test_a_moment_that_is_not_used_is_said():
    assert "note: --at has no effect" in run("screen", ONE, "--at", "now").stderr


def test_a_moment_is_not_used_on_a_hospital(shared):
    demo = shared / "data" / "mimic-iv-demo-2.2"
    said = run("screen", "--source", "mimic-iv", demo, "--at", "now").stderr
    assert "note: --at has no effect" in said


def test_a_moment_of_another_clock_than_the_times_is_refused():
    given = "patient_id,sepsis_onset_at\np1,2026-03-02T08:00\n"
    said = run("screen", "-", "--at", "2026-03-02T10:00Z", given=given, exit_code=2).stderr
    assert said.startswith("error: the time of assessment has an offset")


def test_a_moment_that_is_no_time_is_refused():
    assert "not a time" in run("screen", ONE, "--at", "soon", exit_code=2).stderr


def test_warnings_of_the_source_reach_the_patient(screened):
    (patient,) = [p for p in screened if p["patient_id"] == "look-again"]
    assert "Age is outside the plausible" in patient["warnings"][0]


def test_patients_may_be_counted_criterion_by_criterion():
    counts = json.loads(run("screen", PATIENTS, "--count", "--format", "json").stdout)
    assert counts["screened"] == 50
    assert [step["criterion"] for step in counts["attrition"]] == [
        c.id for c in TRIALS["immunosep"].criteria
    ]


def test_counts_as_csv_have_a_line_for_each_criterion():
    rows = run("screen", PATIENTS, "--count", "--format", "csv").stdout.splitlines()
    assert len(rows) == 1 + len(TRIALS["immunosep"].criteria)


def test_another_trial_may_be_asked():
    (patient,) = json.loads(run("screen", ONE, "--trial", "provide", "--format", "json").stdout)
    assert list(patient["criteria"]) == [c.id for c in TRIALS["provide"].criteria]


def test_an_unknown_trial_is_refused():
    assert "there is no trial" in run("screen", ONE, "--trial", "imunosep", exit_code=2).stderr


def test_an_unknown_format_is_a_usage_error():
    assert "--format" in run("screen", ONE, "--format", "xml", exit_code=2).stderr


def test_a_report_is_written(tmp_path):
    report = tmp_path / "report.html"
    run("screen", ONE, "--report", report)
    assert "one-as-a-laboratory-sends" in report.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [report]


def test_a_report_does_not_overwrite_what_is_read(tmp_path):
    given = tmp_path / "patients.json"
    given.write_text(ONE.read_text())
    assert "part of what is read" in run("screen", given, "--report", given, exit_code=2).stderr
    assert given.read_text() == ONE.read_text()


@pytest.mark.parametrize("name", ["report.pdf", "report"])
def test_a_report_is_a_page_of_html_only(tmp_path, name):
    message = run("screen", ONE, "--report", tmp_path / name, exit_code=2).stderr
    assert "expected a name in .html" in " ".join(message.split())


def test_a_report_needs_its_folder_before_the_work_starts(tmp_path):
    report = tmp_path / "absent" / "report.html"
    answer = run("screen", ONE, "--report", report, exit_code=2)
    assert f"cannot write {report}: " in answer.stderr
    assert answer.stdout == ""


def test_a_report_says_which_extra_it_needs(monkeypatch, tmp_path):
    monkeypatch.setattr("immunosep.cli.output.REPORT_EXTRAS", ("no_such_package",))
    message = run("screen", ONE, "--report", tmp_path / "r.html", exit_code=2).stderr
    assert "immunosep[report]" in message


@pytest.mark.parametrize("name", ["=1+1", "@x", "+x"])
def test_a_cell_of_the_answer_never_begins_a_formula(name):
    from immunosep.cli.output import _cell

    assert _cell(name) == f"'{name}"


def test_a_hospital_is_counted(shared):
    page = run("screen", "--source", "mimic-iv", shared / "data" / "mimic-iv-demo-2.2").stdout
    assert "100 patients screened" in page
    assert re.search(r"^2015 +51 +\d+", page, re.MULTILINE)


def test_years_to_come_are_not_counted_by():
    trial = find_trial("immunosep")
    patients = patients_of([{"patient_id": "p", "assessed_at": "2150-01-01T00:00"}]).table
    counts = count_feasibility(trial, assess(trial, patients), patients)
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(counted_page(trial, counts, this_year=2026))
    page = console.export_text()
    assert "1 patient screened" in page
    assert "have been moved" in page
    assert "2150" not in page


def command(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "immunosep", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
    )


def test_a_process_ends_with_2_and_no_traceback_on_bad_input(tmp_path):
    answer = command("screen", tmp_path / "absent.csv")
    assert answer.returncode == 2
    assert answer.stderr == "error: cannot read absent.csv: 1 problem\n" + (
        "  - there is no such file; check the path\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full: Linux")
@pytest.mark.parametrize("format_", ["csv", "table"])
def test_an_answer_that_finds_no_room_is_one_message(format_):
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            [sys.executable, "-m", "immunosep", "variables", "--format", format_],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert answer.returncode == 2
    assert answer.stderr == "error: cannot write the answer: No space left on device\n"


def test_an_error_of_a_file_is_not_one_of_the_answer():
    with pytest.raises(FileNotFoundError), answer_written():
        Path("absent").read_text()


def test_a_closed_pipe_leaves_no_traceback():
    process = subprocess.Popen(
        [sys.executable, "-m", "immunosep", "variables"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait()


def test_a_terminal_without_signs_still_gets_an_answer():
    answer = subprocess.run(
        [sys.executable, "-m", "immunosep", "screen", str(ONE)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert answer.returncode == 0
    assert b"? eligible" in answer.stdout
