"""The commands besides `screen`, and the command line as a whole."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from immunosep import __version__
from immunosep.cli.app import app
from immunosep.cli.options import complete_trial
from immunosep.tables.dictionary import BEDSIDE
from immunosep.trials import TRIALS

PATIENTS = Path(__file__).resolve().parents[2] / "examples" / "patients.csv"

VALID = """
from immunosep.concepts.snapshot import snapshot
from immunosep.protocol.criteria import Criterion
from immunosep.protocol.trial import Trial

TRIAL = Trial(
    id="mine",
    title="Mine",
    inclusion=(
        Criterion("adult", "Adult", snapshot.age_years >= 18, limit="18 or more", source="me"),
    ),
)
"""
COMMANDS: tuple[list[str], ...] = (
    [],
    ["screen"],
    ["sofa"],
    ["variables"],
    ["trial"],
    ["trial", "list"],
    ["trial", "show"],
    ["trial", "check"],
    ["hla-dr"],
)


def run(*arguments: object, given: str | None = None, exit_code: int = 0) -> Result:
    answer = CliRunner().invoke(app, [str(part) for part in arguments], input=given)
    assert answer.exit_code == exit_code, answer.stderr
    return answer


def test_version_is_printed():
    assert run("--version").stdout == f"immunosep {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command):
    assert "Usage" in run(*command, "--help").stdout


def test_help_loads_no_engine():
    asked = "import sys, immunosep.cli.app; print(sorted({'ibis', 'duckdb'} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"


def test_a_missing_extra_is_named():
    asked = "import sys; sys.modules['typer'] = None\nimport immunosep.cli\nimmunosep.cli.main()"
    answer = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "immunosep[cli]" in answer.stderr


def test_trial_ids_complete():
    assert complete_trial("imm") == ["immunosep"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_has_a_script_for_the_shell(shell, monkeypatch):
    monkeypatch.setattr("shellingham.detect_shell", lambda *_: (shell, shell))
    assert "_IMMUNOSEP_COMPLETE" in CliRunner().invoke(
        app, ["--show-completion"], prog_name="immunosep"
    ).stdout  # fmt: skip


def test_sofa_of_a_file_has_its_parts_and_bounds():
    scores = json.loads(run("sofa", PATIENTS, "--format", "json").stdout)
    bounded = {score["patient_id"]: score for score in scores}["sofa-undecided"]
    assert bounded == {
        "patient_id": "sofa-undecided",
        "respiration": None,
        "coagulation": 0,
        "liver": None,
        "cardiovascular": 0,
        "cns": 0,
        "renal": 0,
        "total": 0,
        "lowest": 0,
        "highest": 8,
        "missing": ["respiration", "liver"],
    }


def test_sofa_as_csv_has_a_line_for_each_patient():
    rows = list(csv.DictReader(io.StringIO(run("sofa", PATIENTS, "--format", "csv").stdout)))
    assert len(rows) == 50
    assert rows[0]["missing"] == ""


def test_sofa_as_a_table_bounds_what_is_missing():
    page = run("sofa", PATIENTS).stdout
    assert "7 to 15" in page


def test_hours_need_a_hospital():
    assert "--source" in run("sofa", PATIENTS, "--hourly", exit_code=2).stderr


def test_a_hospital_is_scored_by_the_hour_only(tmp_path):
    assert "--hourly" in run("sofa", "--source", "mimic-iv", tmp_path, exit_code=2).stderr


def test_hours_are_written_to_parquet_or_csv_only(tmp_path):
    arguments = ["sofa", "--source", "mimic-iv", tmp_path, "--hourly", "--out", "hours.xlsx"]
    assert "expected a name in .parquet" in " ".join(run(*arguments, exit_code=2).stderr.split())


def test_hours_are_not_written_into_what_is_read(tmp_path):
    out = tmp_path / "icu" / "hours.parquet"
    arguments = ["sofa", "--source", "mimic-iv", tmp_path, "--hourly", "--out", out]
    assert "part of what is read" in run(*arguments, exit_code=2).stderr


def test_hours_that_cannot_be_written_leave_nothing(shared, tmp_path):
    demo = shared / "data" / "mimic-iv-demo-2.2"
    out = tmp_path / "absent" / "hours.parquet"
    message = run(
        "sofa", "--source", "mimic-iv", demo, "--hourly", "--out", out, exit_code=2
    ).stderr
    assert f"cannot write {out}: No such file or directory" in message
    assert list(tmp_path.iterdir()) == []


def test_hours_have_the_published_columns(shared, tmp_path):
    import pyarrow.parquet as pq

    out = tmp_path / "hours.parquet"
    demo = shared / "data" / "mimic-iv-demo-2.2"
    run("sofa", "--source", "mimic-iv", demo, "--hourly", "--profile", "mimic-code", "--out", out)
    assert {"stay_id", "hr", "respiration_24hours", "sofa_24hours"} <= set(
        pq.read_schema(out).names
    )


def test_a_hospital_that_is_not_one_is_refused(tmp_path):
    answer = run("screen", "--source", "mimic-iv", tmp_path, exit_code=2)
    assert answer.stderr.startswith("error: ")


def test_variables_list_the_data_dictionary():
    listed = json.loads(run("variables", "--format", "json").stdout)
    assert [column["name"] for column in listed] == [column.name for column in BEDSIDE]
    assert listed[1]["possible"] == {"low": 0, "high": 125, "low_included": True}


def test_variables_as_csv_and_table_name_every_column():
    rows = list(csv.DictReader(io.StringIO(run("variables", "--format", "csv").stdout)))
    page = run("variables").stdout
    assert [row["name"] for row in rows] == [column.name for column in BEDSIDE]
    assert all(row["name"] in page for row in rows)


def test_template_has_the_columns_a_trial_is_decided_on():
    template = run("variables", "--template", "--trial", "provide").stdout
    assert template.startswith("patient_id,age_years,sex,")
    assert {"ferritin_ng_ml", "septic_shock"} < set(template.strip().split(","))
    assert "map_mmhg" in run("variables", "--template").stdout


def test_template_filled_in_is_a_patient_file():
    template = run("variables", "--template").stdout
    given = template + "p1" + "," * template.count(",") + "\n"
    (patient,) = json.loads(run("screen", "-", "--format", "json", given=given).stdout)
    assert patient["verdict"] == "undetermined"


def test_a_trial_is_for_the_template_only():
    message = run("variables", "--trial", "provide", exit_code=2).stderr
    assert "--trial goes with --template" in message


def test_trials_are_listed():
    assert [row["id"] for row in json.loads(run("trial", "list", "--format", "json").stdout)] == [
        *TRIALS
    ]
    assert "NCT04990232" in run("trial", "list").stdout
    assert run("trial", "list", "--format", "csv").stdout.startswith("id,")


@pytest.mark.parametrize("trial", TRIALS)
def test_a_trial_is_shown_with_every_criterion_and_choice(trial):
    page = run("trial", "show", trial).stdout
    named = [c.id for c in TRIALS[trial].criteria] + [c.id for c in TRIALS[trial].choices]
    assert [id_ for id_ in named if id_ not in page] == []


def test_a_trial_is_shown_with_the_source_of_every_criterion():
    page = " ".join(run("trial", "show").stdout.split())
    assert page.count("source: ") == len(TRIALS["immunosep"].criteria) + 2


@pytest.mark.parametrize("trial", TRIALS)
def test_a_trial_is_shown_with_its_forms_and_its_digest(trial):
    page = run("trial", "show", trial).stdout
    named = [form.id for form in TRIALS[trial].forms] + [TRIALS[trial].digest]
    assert [word for word in named if word not in page] == []


def test_a_trial_is_shown_with_how_its_treatment_is_supplied():
    page = run("trial", "show").stdout
    assert "IV 3, SC 1" in page
    assert "IV 24 h, SC 24 h" in page
    assert "1 of each component, 1 spare" in run("trial", "show", "provide").stdout


def test_deferred_consent_is_shown_with_where_and_how_long(tmp_path):
    plan = (
        'ConsentPlan(given_by=(ConsentBy.DEFERRED,), relatives="", source="me", '
        'deferred_countries=("Germany", "Switzerland"), deferred_within_hours=72)'
    )
    file = tmp_path / "mine.py"
    imported = "from immunosep.protocol import ConsentBy, ConsentPlan\n"
    file.write_text(imported + VALID.replace('title="', f'consent={plan}, title="'))
    assert "in Germany, Switzerland, within 72 h" in run("trial", "show", file).stdout


def test_centres_are_counted_by_country():
    page = run("trial", "show").stdout
    assert "Centres: 36 entries" in page
    assert ["Greece", "30"] in [line.split() for line in page.splitlines()]
    assert "Alexandroupolis" not in page


def test_centres_are_listed_with_their_flags():
    page = run("trial", "show", "--centres").stdout
    assert page.count("⚑") == sum(bool(c.flags) for c in TRIALS["immunosep"].centres)
    assert "Alexandroupolis, Greece" in page


def test_a_trial_of_ones_own_is_shown_without_what_it_does_not_say(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(VALID.replace('limit="18 or more", source="me"', 'source="me"'))
    page = run("trial", "show", file).stdout
    lines = [line.strip() for line in page.splitlines()]
    assert lines[-3:] == ["-  Adult", "adult", "source: me"]
    assert "Centres" not in page


def test_a_trial_as_json_says_what_each_rule_reads():
    shown = json.loads(run("trial", "show", "--format", "json").stdout)
    assert shown["inclusion"][0]["reads"] == ["age_years"]
    assert len(shown["centres"]) == 36
    assert shown["supply"]["doses_per_order"] == {"iv": 3, "sc": 1}
    assert shown["digest"] == TRIALS["immunosep"].digest


def test_a_trial_as_csv_has_a_line_for_each_criterion():
    rows = list(csv.DictReader(io.StringIO(run("trial", "show", "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == [c.id for c in TRIALS["immunosep"].criteria]


def test_a_valid_trial_is_said_to_be_valid(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(VALID)
    assert run("trial", "check", file).stdout.startswith("mine is valid: 1 inclusion")


def test_a_trial_that_is_not_valid_has_every_problem_listed(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(VALID.replace("age_years", "age_yeers").replace('source="me"', ""))
    message = run("trial", "check", file, exit_code=2).stderr
    assert "age_yeers" in message
    assert "Traceback" not in message


def test_a_trial_of_ones_own_screens(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(VALID)
    answer = run("screen", PATIENTS, "--trial", file, "--format", "json")
    assert list(json.loads(answer.stdout)[0]["criteria"]) == ["adult"]
