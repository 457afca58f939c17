"""The command `immunosep analyse`, through the interface its user sees."""

import json
import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from immunosep.cli.analyse import RECORDS, AnalyseGroup, analyse, complete_published
from immunosep.cli.app import app

PRIMARY = ("46", "131", "26", "145")


def run(*arguments: str) -> Any:
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    return CliRunner().invoke(app, ["analyse", *arguments], env=plain)


def answer(*arguments: str) -> Any:
    done = run(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_two_by_two_answers_by_every_method():
    found = answer("two-by-two", *PRIMARY)
    assert found["difference"] == pytest.approx(0.17183, abs=1e-5)
    assert {"newcombe", "miettinen_nurminen", "agresti_caffo", "wald"} <= found["intervals"].keys()
    assert found["intervals"]["newcombe"] == pytest.approx([0.0679, 0.2724], abs=5e-5)
    assert {"fisher", "boschloo", "barnard", "chi_squared"} <= found["p"].keys()
    assert found["p"]["fisher"] == pytest.approx(0.001518, abs=5e-7)
    assert found["odds_ratio"]["woolf"]["value"] == pytest.approx(2.4769, abs=5e-5)
    assert found["odds_ratio"]["conditional_mle"]["high"] == pytest.approx(4.5096, abs=5e-5)
    assert found["risk_ratio"]["low"] == pytest.approx(1.288, abs=5e-4)


def test_two_by_two_widens_with_the_level():
    narrow = answer("two-by-two", *PRIMARY, "--level", "0.9")["intervals"]["newcombe"]
    wide = answer("two-by-two", *PRIMARY)["intervals"]["newcombe"]
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_two_by_two_says_infinity_and_null_in_json():
    found = answer("two-by-two", "5", "5", "0", "5")
    assert found["odds_ratio"]["conditional_mle"]["high"] == "infinity"
    assert found["odds_ratio"]["woolf"] == {"value": "infinity", "low": None, "high": None}


def test_two_by_two_reads_for_people():
    done = run("two-by-two", *PRIMARY)
    assert "46 of 131: 35.1 % (27.5 to 43.6, Wilson)" in done.stdout
    assert "Newcombe                        6.8 to 27.2" in done.stdout
    assert "5.8 for one more (3.7 to 14.7)" in done.stdout


def test_two_by_two_without_events_is_not_estimable():
    done = run("two-by-two", "0", "10", "0", "12")
    assert "not estimable (0.00 to infinity)" in done.stdout
    assert "not estimable: the difference is 0" in done.stdout
    assert "nothing to test" in done.stdout


def test_two_by_two_tells_harm_from_benefit_through_infinity():
    done = run("two-by-two", "57", "131", "72", "145")
    said = " ".join(done.stdout.split())
    assert "16.3 for one fewer (5.7 for one fewer, through infinity, to 17.9 for one more)" in said


def test_two_by_two_of_large_arms_leaves_out_what_takes_too_long():
    found = answer("two-by-two", "400", "20000", "500", "20000")
    assert found["p"]["barnard"] is None
    assert found["p"]["fisher"] < 0.001
    assert "the arms are too large" in run("two-by-two", "400", "20000", "500", "20000").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("12", "10", "3", "4"), "12 of 10 in the first arm"),
        (("-3", "10", "3", "4"), "-3 events in the first arm"),
        (("4.5", "10", "x", "4"), "2 problems"),
        (("0", "0", "1", "4"), "the first arm has no participants"),
        ((*PRIMARY, "--level", "95"), "expected a fraction between 0 and 1"),
    ],
)
def test_two_by_two_refuses_what_cannot_be(arguments, said):
    done = run("two-by-two", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_published_rebuilds_immunosep():
    found = answer("--published", "immunosep")
    primary = next(row for row in found["rows"] if row["row"] == "SOFA response, day 9 (primary)")
    assert primary["printed"] == ["17.2", "6.8", "27.2"]
    assert primary["ours"] == pytest.approx([17.183, 6.788, 27.242], abs=5e-4)
    assert primary["agreement"] == "agrees"
    assert found["intervals_tried"][0] == {"method": "Newcombe", "hits": 10, "of": 12}
    assert found["tests_tried"][0] == {"method": "Fisher", "hits": 8, "of": 9}


@pytest.mark.parametrize("trial", ["immunosep", "provide"])
def test_published_fits_a_terminal(trial):
    done = CliRunner().invoke(app, ["analyse", "--published", trial], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "✗ contradicts" in done.stdout
    assert "…" not in done.stdout


def test_published_knows_no_other_trial():
    done = run("--published", "another")
    assert done.exit_code == 2
    assert "expected immunosep or provide" in done.stderr


def test_published_is_completed():
    assert complete_published("pro") == ["provide"]


def test_published_stands_alone():
    assert run("--published", "immunosep", "two-by-two", *PRIMARY).exit_code == 2
    assert run("--format", "json").exit_code == 2


def test_word_that_is_no_command_is_a_folder_of_records():
    assert "Missing option '--out'" in run("exported").stderr


def _with_records() -> typer.Typer:
    group = typer.Typer(cls=AnalyseGroup, invoke_without_command=True)
    group.callback()(analyse)

    @group.command(RECORDS)
    def records(data: str, out: str = "") -> None:
        typer.echo(f"{data} into {out}")

    @group.command("two-by-two")
    def two_by_two() -> None:
        typer.echo("two by two")

    return group


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["data/", "--out", "report"], "data/ into report"),
        (["--out=report", "data/"], "data/ into report"),
        (["two-by-two"], "two by two"),
    ],
)
def test_first_argument_that_is_no_command_is_data(arguments, said):
    done = CliRunner().invoke(_with_records(), arguments)
    assert done.output.strip() == said


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setattr("immunosep.cli.analyse.find_spec", lambda name: None)
    done = run("two-by-two", *PRIMARY)
    assert done.exit_code == 2
    assert "needs scipy and statsmodels; install with" in done.stderr


def test_help_loads_no_statistics():
    code = (
        "import sys; sys.argv = ['immunosep', '--help']\n"
        "from immunosep.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'scipy', 'statsmodels', 'pandas'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
