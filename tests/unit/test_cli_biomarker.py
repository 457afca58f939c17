"""`immunosep biomarker`: a marker studied, a claim checked."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.unit.test_cli import run

CLAIM = ("biomarker", "claim", "--prevalence", "4%", "--sensitivity", "97.1%", "--npv", "98%")


@pytest.fixture(scope="module")
def markers(tmp_path_factory):
    """900 invented people, 150 of them of the confirmation cohort, one without a marker."""
    path = tmp_path_factory.mktemp("markers") / "markers.csv"
    rng = np.random.default_rng(2)
    ill = rng.random(900) < 0.2
    ferritin, crp = np.exp(rng.normal(6 + 1.5 * ill)), np.exp(rng.normal(4 + 0.3 * ill))
    lines = [
        f"{f:.0f},{c:.0f},{y:d},{'confirmation' if at >= 750 else ''}"
        for at, (f, c, y) in enumerate(zip(ferritin, crp, ill, strict=True))
    ]
    path.write_text("\n".join(["ferritin,crp,mals,cohort", *lines, ",1,0,"]) + "\n")
    return path


def asked(markers: Path, *more: object) -> tuple[object, ...]:
    return ("biomarker", markers, "--marker", "ferritin", "--outcome", "mals", *more)


def test_a_file_is_studied_without_the_word(markers):
    plain, named = run(*asked(markers)), run("biomarker", "study", *asked(markers)[1:])
    assert plain.stdout == named.stdout
    assert "for mals" in plain.stdout
    assert "Youden's index" in plain.stdout
    assert "note: 1 rows without a marker" in plain.stderr


def test_json_holds_every_figure(markers):
    more = ("--marker", "crp", "--cohort", "cohort", "--prevalence", "0.04", "--limit", "0.2")
    found = json.loads(run(*asked(markers, *more, "--log", "--format", "json")).stdout)
    assert [part["cohort"] for part in found["cohorts"]] == ["test", "validation", "confirmation"]
    confirmed = found["cohorts"][2]
    assert confirmed["people"] == 150
    assert confirmed["predictive_values"][0]["prevalence"] == 0.04
    assert confirmed["area"]["low"] < confirmed["area"]["value"] < confirmed["area"]["high"]
    assert confirmed["comparisons"][0]["added"]["categorical"]["method"].startswith("categorical")
    assert (found["seed"], found["left_out"]) == (1, 1)


def test_csv_has_a_row_for_each_cohort(markers):
    answer = run(*asked(markers, "--prevalence", "0.04", "--format", "csv")).stdout
    rows = list(csv.DictReader(io.StringIO(answer)))
    assert [row["cohort"] for row in rows] == ["test", "validation"]
    assert 0 < float(rows[0]["ppv_at_0.04_low"]) < float(rows[0]["ppv_at_0.04"])


def test_another_seed_is_another_split(markers):
    first, again, other = (
        run(*asked(markers, "--format", "csv", "--seed", seed)).stdout for seed in (1, 1, 2)
    )
    assert first == again != other


def test_page_says_how_the_cut_off_was_found(markers):
    more = ("--cut-off", "specificity=0.95", "--marker", "crp", "--cohort", "cohort")
    page = run(*asked(markers, *more, "--prevalence", "0.04")).stdout
    assert "that of the test cohort by specificity of at least 95 %" in page
    assert "crp beside ferritin" in page
    assert "Decision curve, confirmation cohort" in page
    assert "PPV at 4 %" in page


def test_a_cut_off_may_be_given_and_low_values_may_mark_the_condition(markers):
    page = run(*asked(markers, "--cut-off", "300", "--low")).stdout
    assert page.startswith("ferritin below 300 for mals\nThe cut-off is as given.")


def test_a_marker_that_tells_all_apart_says_what_is_not_estimable(tmp_path):
    rows = "\n".join(f"{at},{int(at > 20)},{at % 7}" for at in range(40))
    (tmp_path / "m.csv").write_text(f"m,ill,other\n{rows}\n")
    page = run("biomarker", tmp_path / "m.csv", "--marker", "m", "--marker", "other",
               "--outcome", "ill").stdout  # fmt: skip
    assert "not estimable" in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--cut-off", "best"), "expected youden"),
        (("--cut-off", "specificity=much"), "expected youden"),
        (("--limit", "0.2"), "give a second --marker"),
        (("--prevalence", "4"), "the prevalence is 4, expected a proportion"),
        (("--share", "0"), "the share of the test cohort is 0"),
        (("--marker", "feritin"), "the nearest is 'ferritin'"),
        (("--cut-off", "sensitivity=2"), "expected a proportion above 0"),
    ],
)
def test_what_cannot_be_done_is_one_clear_error(markers, more, said):
    answer = run(*asked(markers, *more), exit_code=2)
    assert said in " ".join(answer.stderr.split())
    assert answer.stdout == ""


def test_claim_of_the_registry_page_is_impossible():
    page = run(*CLAIM).stdout
    assert page.startswith("✗ impossible for a test of any use")
    assert "Specificity                5.92 %" in page
    assert "if the sensitivity was printed for the specificity" in page


def test_claim_as_json_has_every_range():
    found = json.loads(run(*CLAIM, "--format", "json").stdout)
    assert found["verdict"].startswith("impossible")
    assert found["implied"]["specificity"] == pytest.approx([0.0592, 0.0592], abs=5e-5)
    assert found["instead"][0]["means"] == "specificity"


def test_claim_as_csv_has_a_row_for_each_figure():
    rows = list(csv.DictReader(io.StringIO(run(*CLAIM, "--format", "csv").stdout)))
    assert [row["figure"] for row in rows][-1] == "positive"
    assert float(rows[4]["stated_low"]) == 0.98
    assert rows[2]["stated_low"] == ""


def test_claims_that_can_be_and_that_cannot_be_say_so():
    true = run("biomarker", "claim", "--prevalence", "4%", "--specificity", "97.1%", "--npv", "98%")
    false = run(*CLAIM, "--specificity", "97.1%")
    assert true.stdout.startswith("✓ possible")
    assert false.stdout.startswith("✗ impossible: no table")


def test_every_figure_that_is_none_is_named():
    answer = run("biomarker", "claim", "--npv", "x", "--ppv", "7", exit_code=2)
    assert "claim: 2 problems" in answer.stderr


def test_without_its_packages_it_names_them(monkeypatch):
    monkeypatch.setattr("immunosep.cli.biomarker.find_spec", lambda name: None)
    answer = run(*CLAIM, exit_code=2)
    assert "biomarker needs scipy and statsmodels; install with" in answer.stderr


def test_help_does_not_wait_for_scipy():
    asked = (
        "import sys, immunosep.cli.app; print(sorted({'scipy', 'statsmodels'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
