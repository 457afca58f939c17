"""`immunosep interim`: limits, power and forecasts, as text and as JSON, and what it refuses."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from immunosep.cli.app import app

TRIAL = """
from immunosep.concepts.snapshot import snapshot
from immunosep.protocol import Criterion, Futility, Looks, Spending, Trial

TRIAL = Trial(
    id="looked_at", title="A trial with looks",
    inclusion=(Criterion("adult", "Adult", snapshot.age_years >= 18, limit="18", source="me"),),
    interim=Looks(information=(1 / 3, 2 / 3, 1.0), spending=Spending.LAN_DEMETS_OBRIEN_FLEMING,
                  alpha=0.025, sided=1, tests="response", source="me",
                  futility=Futility(binding=False, z=(0.0, 0.5))),
)
"""
CENTRES = "centre,opened,enrolled\na,2026-01-02,10\nb,2026-02-01,20\n"
WATCHED = "days,event,under_observation\n3,yes,no\n5,no,yes\n28,no,no\n"


def interim(*arguments: Any) -> Result:
    plain = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
    return CliRunner().invoke(app, ["interim", *map(str, arguments)], env=plain)


def told(*arguments: Any) -> Any:
    done = interim(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def file(tmp_path):
    def write(name: str, text: str) -> Any:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def trial(file):
    return file("looked_at.py", TRIAL)


def test_the_limits_of_a_plan(trial):
    found = told("limits", "--trial", trial)
    assert found["upper"] == pytest.approx([3.7103, 2.5114, 1.9930], abs=1e-4)
    assert found["lower"][:2] == [0.0, 0.5]
    assert "Hopeless below z" in interim("limits", "--trial", trial).output


def test_the_limit_at_a_look_that_came_late(trial):
    assert told("limits", "--trial", trial, "--at", 0.4)["upper"] == pytest.approx([3.35687], 1e-5)


def test_the_last_look_spends_what_is_left(trial):
    final = told("limits", "--trial", trial, "--at", 0.5, "--at", 0.9, "--final")
    assert (
        final["upper"][1] < told("limits", "--trial", trial, "--at", 0.5, "--at", 0.9)["upper"][1]
    )


def test_a_trial_without_looks_has_one_test_and_it_is_said():
    done = interim("limits")
    assert "1.960" in done.stdout
    assert "plans no look" in done.stderr


def test_power_by_the_sample_size_or_a_drift_of_ones_own():
    planned = told("power", "--z", 1.2, "--information", 0.4)
    assert planned["planned_drift"] == pytest.approx(3.372, abs=1e-3)
    own = told("power", "--z", 1.2, "--information", 0.4, "--drift", 1)
    assert own["conditional_power"]["design"] < planned["conditional_power"]["design"]
    assert own["predictive_power"] == planned["predictive_power"]


def test_a_prior_moves_predictive_power(trial):
    asked = ("power", "--trial", trial, "--z", 1.2, "--information", 0.4)
    assert told(*asked, "--prior", 3, 0.5)["predictive_power"] > told(*asked)["predictive_power"]
    assert "no effect is planned" in interim(*asked).output


def test_a_z_below_0_is_taken():
    assert "z -1.2 at 40 %" in interim("power", "--z", "-1.2", "--information", "0.4").output


def test_participants_to_come(file):
    asked = ("recruitment", file("centres.csv", CENTRES), "--target", 60, "--as-of", "2026-07-01")
    found = told(*asked, "--on", "2026-12-31")
    assert found["enrolled"] == 30
    assert found["on"][0]["low"] < found["on"][0]["expected"] < found["on"][0]["high"]
    assert found["reached"]["early"] < found["reached"]["late"]
    assert "60 are there on" in interim(*asked).output


def test_events_to_come(file):
    asked = ("events", file("watched.csv", WATCHED), "--watched", 28, "--ahead", 30)
    found = told(*asked, "--target", 2)
    assert found["events"] == 1
    assert found["ahead"][0]["high"] == 2
    assert "2 are there in" in interim(*asked, "--target", 2).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("limits", "--final"), "--final is about looks that were made"),
        (("power", "--z", "nan", "--information", "0.4"), "z is no finite number"),
        (("power", "--z", "1", "--information", "1.2"), "a share above 0 and below 1"),
        (("power", "--z", "1", "--information", "0.5", "--prior", "1", "0"), "deviation above 0"),
        (("recruitment", "x", "--target", "9", "--as-of", "soon"), "'soon' is no day"),
    ],
)
def test_what_cannot_be_is_refused(arguments, said):
    done = interim(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_trial_with_neither_looks_nor_sample_size_is_refused(file):
    bare = file("bare.py", TRIAL.split("    interim=")[0] + ")\n")
    assert "it plans no look" in interim("limits", "--trial", bare).stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("centre,opened\na,2026-01-02\n", "there is no column 'enrolled'"),
        ("centre,opened,enrolled\na,soon,-1\n", "enrolled: is no count"),
        ("centre,opened,enrolled\na,,1\n", "opened: is empty"),
    ],
)
def test_a_file_of_centres_that_is_none_is_refused(file, text, said):
    path = file("centres.csv", text)
    done = interim("recruitment", path, "--target", 60, "--as-of", "2026-07-01")
    assert said in done.stderr
