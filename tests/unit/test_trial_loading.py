"""A user's own trial, from a Python file: loaded, or refused with every problem it has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from immunosep.errors import TrialError
from immunosep.trials import TRIALS, find_trial

HEAD = """
from immunosep.concepts.snapshot import snapshot
from immunosep.protocol import (
    Arm, Component, Criterion, ImmuneState, Intervention, Regimen, Route, Trial,
)
"""

SMALL = """
TRIAL = Trial(
    id="small", title="Small",
    inclusion=(Criterion("adult", "Adult", snapshot.age_years >= 18, source="a paper"),),
)
"""

FOUR_FAULTS = """
DRUG = Intervention(id="drug", label="Drug", active=True)
SALINE = Intervention(id="saline", label="Saline", active=False)

def by(route, what, **more):
    return Component(
        intervention=what, route=route, every_hours=8, days=7, looks="clear", source="me", **more
    )

IV, SC = Route.INTRAVENOUS, Route.SUBCUTANEOUS
MG = {"dose": 1, "unit": "mg"}
BOTH = (by(IV, SALINE), by(SC, SALINE))
TRIAL = Trial(
    id="faulty", title="Faulty",
    inclusion=(
        Criterion("adult", "Adult", snapshot.age_yeers >= 18, source="a paper"),
        Criterion("awake", "Awake", snapshot.gcs >= 9),
    ),
    exclusion=(
        Criterion("either", "Either", snapshot.hiv | (snapshot.lactat > 2), source="a paper"),
    ),
    immune_states=(
        ImmuneState("high", "High", snapshot.ferritin_ng_ml > 1000, source="a paper"),
        ImmuneState("low", "Low", snapshot.hla_dr_per_monocyte < 5000, source="a paper"),
    ),
    interventions=(DRUG, SALINE),
    arms=(Arm(id="active", label="Active"), Arm(id="placebo", label="Placebo", control=True)),
    regimens=(
        Regimen(state="high", arm="active", components=(by(IV, DRUG, **MG), by(SC, SALINE))),
        Regimen(state="high", arm="placebo", components=BOTH),
        Regimen(state="low", arm="active", components=(by(SC, DRUG, **MG),)),
        Regimen(state="low", arm="placebo", components=BOTH),
    ),
)
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "mine.py") -> Path:
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


def refusal(file: Path | str) -> TrialError:
    with pytest.raises(TrialError) as refused:
        find_trial(file)
    return refused.value


def test_a_trial_of_ones_own_is_found_by_its_path(write):
    assert find_trial(write(HEAD + SMALL)).title == "Small"


@pytest.mark.parametrize("name", ["immunosep", "ImmunoSep", "provide"])
def test_a_shipped_trial_is_found_by_its_id(name):
    assert find_trial(name) is TRIALS[name.lower()]


def test_a_trial_with_every_fault_lists_them_all(write):
    beginnings = [problem[:45] for problem in refusal(write(HEAD + FOUR_FAULTS)).problems]
    assert beginnings == [
        "there is no column 'age_yeers' in the snapshot. The nearest"[:45],
        "there is no column 'lactat' in the snapshot. The nearest is"[:45],
        "criterion 'awake': its rule has a number but no source"[:45],
        "immune states 'high' and 'low' overlap: a patient"[:45],
        "cell low x active has no iv component, expected one"[:45],
    ]


def test_a_misspelt_column_alone_is_enough_to_refuse(write):
    error = refusal(write(HEAD + SMALL.replace("age_years", "age_yeers")))
    assert str(error) == (
        "mine.py is not a valid trial: 1 problem\n"
        "  - there is no column 'age_yeers' in the snapshot. The nearest is age_years."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = (\n", "line 1: this is not Python"),
        ("\n1 / 0\n", "line 2: ZeroDivisionError"),
        ("def f():\n    raise ValueError('no')\nf()\n", "line 2: ValueError: no"),
        ("import nothing_of_that_name\n", "line 1: ModuleNotFoundError"),
        ("raise SystemExit(3)\n", "line 1: SystemExit"),
        ("trial = 1\n", "it defines no TRIAL"),
        ("", "it defines no TRIAL"),
        ("TRIAL = 3\n", "its TRIAL is int, expected Trial"),
        (b"\xff\xfe\x00", "this is not Python"),
        (HEAD + "x = snapshot.infection > 3\n", "line 6: IbisTypeError"),
        (HEAD + "TRIAL = Trial(title='x')\n", "line 6: Trial lacks `id`"),
        (HEAD + "x = snapshot.hiv and snapshot.pregnant\n", "line 6: a rule is joined by `and`"),
        (HEAD + "x = not snapshot.hiv\n", "Write & for and, | for or, ~ for not"),
        (HEAD + "x = 18 <= snapshot.age_years < 60\n", "compared twice"),
        (HEAD + "x = snapshot.sex in ('male',)\n", "column.isin([...]) for in"),
        (HEAD + "x = snapshot.hiv & snapshot.gcs > 3\n", "line 6: `&` stands beside something"),
        (
            HEAD + "x = snapshot.age_years > 3 | snapshot.age_years < 5\n",
            "`|` stands beside something",
        ),
        (HEAD + "x = ~snapshot.age_years > 3\n", "`~` stands beside something"),
        (
            HEAD + "x = snapshot.gcs > 3 & snapshot.hiv\n",
            "line 6: a column is compared with a rule",
        ),
        (
            HEAD + "Criterion('a', 'A', 1, sourc='')\n",
            "line 6: Criterion has no `sourc`. The nearest is `source`",
        ),
        (
            HEAD + "\n\nTrial(\n    titel='x',\n)\n",
            "line 8: Trial has no `titel`. The nearest is `title`",
        ),
        (HEAD + "Arm('a', 'b')\n", "line 6: Arm takes only values with a name"),
        ("def f(): ...\nf(a=1)\n", "line 2: f has no `a`. Look at its definition"),
    ],
)
def test_a_file_that_fails_is_refused_with_its_line(write, text, said):
    (problem,) = refusal(write(text)).problems
    assert said in problem


def test_an_operation_engines_disagree_on_is_refused(write):
    rule = "from immunosep.concepts.operations import check_operations\n"
    rule += "check_operations(snapshot.patient_id.hash() > 1, name='mine')\n"
    (problem,) = refusal(write(HEAD + rule)).problems
    assert problem.startswith("line 7: rule 'mine' uses Hash")


def test_a_file_of_another_kind(write):
    assert "does not end in .py" in str(refusal(write("", name="trial.json")))


def test_a_file_that_is_not_there(tmp_path):
    assert "there is no such file" in str(refusal(tmp_path / "none.py"))


def test_a_folder(tmp_path):
    folder = tmp_path / "trial.py"
    folder.mkdir()
    assert "it is a folder" in str(refusal(folder))


def test_a_name_that_is_no_trial():
    assert refusal("provid").problems[0] == "the nearest is provide"
    assert "expected immunosep, provide, or the path" in str(refusal("zzz"))


def test_a_refusal_leaves_misspelt_columns_an_error_elsewhere(write):
    from immunosep.concepts.snapshot import snapshot

    refusal(write(HEAD + FOUR_FAULTS))
    with pytest.raises(AttributeError, match="age_yeers"):
        _ = snapshot.age_yeers
