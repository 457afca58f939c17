"""`immunosep hla-dr`: one pair, a folder of pairs, and what cannot be measured."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.invented_tubes import main as write_pair
from tests.unit.measured import LOT_TOML, beads, blood
from tests.unit.test_cli import VALID, run

EXAMPLES = ROOT / "examples" / "hla-dr"
BED7 = (
    "hla-dr", EXAMPLES / "bed7_patient.fcs", "--beads", EXAMPLES / "bed7_beads.fcs",
    "--lot", EXAMPLES / "lot.toml", "--handling", EXAMPLES / "bed7_handling.toml",
)  # fmt: skip
SECRETS = {
    "$OP": "ZELDA SECRET",
    "$SRC": "SECRETSON, ZELDA",
    "$SMNO": "SECRET-0042",
    "$EXP": "secret study",
    "$PROJ": "secret project",
    "$FIL": "Zelda Secret.fcs",
    "$CYTSN": "SECRET123",
    "$INST": "Secret Hospital",
    "$COM": "phone Zelda Secret",
    "@SAMPLEID1": "secret sample",
    "EXPORT USER NAME": "ZeldaSecret",
    "NAME": "Secretson",
    "PATIENT ID": "secret-77",
    "SAMPLE ID": "secret-78",
}


@pytest.fixture
def tubes(tmp_path):
    """A folder with a good pair, one without monocytes, one that is no FCS file, and the lot."""
    folder = tmp_path / "tubes"
    folder.mkdir()
    for name, tube in (("good", blood(abc=2000)), ("bare", blood(monocytes=0))):
        tube.write(folder / f"{name}_patient.fcs")
        beads().write(folder / f"{name}_beads.fcs")
    (folder / "torn_patient.fcs").write_bytes(b"FCS3.1 and no more")
    beads().write(folder / "torn_beads.fcs")
    (tmp_path / "lot.toml").write_text(LOT_TOML)
    return folder


def lot(tubes: Path) -> tuple[str, Path]:
    return "--lot", tubes.parent / "lot.toml"


def one(tubes: Path, name: str = "good") -> tuple[object, ...]:
    pair = tubes / f"{name}_patient.fcs", "--beads", tubes / f"{name}_beads.fcs"
    return ("hla-dr", *pair, *lot(tubes))


def test_examples_are_what_their_script_writes(tmp_path):
    write_pair(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (EXAMPLES / path.name).read_bytes()


def test_one_pair_as_json():
    found = json.loads(run(*BED7, "--format", "json").stdout)
    assert found["verdict"] == "report"
    assert found["antibodies_bound_per_cell"] == pytest.approx(3150, rel=0.02)
    assert found["interval_95"][0] < found["antibodies_bound_per_cell"] < found["interval_95"][1]
    assert found["probability_below_5000"] > 0.99
    assert (found["grey"], found["state_if_ferritin_low"]) == (False, "immunoparalysis")
    assert found["hla_dr_per_monocyte"] == found["antibodies_bound_per_cell"]


def test_one_pair_as_a_table():
    page = run(*BED7).stdout
    assert "✓ report" in page
    assert "3,160 (95 % interval" in page
    assert "Sepsis-induced immunoparalysis" in page


def test_one_pair_as_csv():
    rows = list(csv.DictReader(io.StringIO(run(*BED7, "--format", "csv").stdout)))
    assert [row["pair"] for row in rows] == ["bed7_patient"]
    assert float(rows[0]["interval_95_low"]) < 3160 < float(rows[0]["interval_95_high"])


def test_flagged_pair_says_why(tubes):
    page = run(*one(tubes)).stdout
    assert "! flag" in page
    assert "Sample handling is not given" in page


def test_refused_pair_gives_no_number(tubes):
    found = json.loads(run(*one(tubes, "bare"), "--format", "json").stdout)
    assert (found["verdict"], found["antibodies_bound_per_cell"]) == ("refuse", None)
    assert (found["interval_95"], found["grey"]) == (None, None)
    assert found["state_if_ferritin_low"] == "undetermined"
    assert "no number" in run(*one(tubes, "bare")).stdout


def test_unreadable_tube_ends_with_a_message(tubes):
    answer = run(*one(tubes, "torn"), exit_code=2)
    assert answer.stderr.startswith("error: cannot read torn_patient.fcs")


def test_a_tube_needs_beads_and_lot(tubes):
    patient = tubes / "good_patient.fcs"
    assert "--beads" in run("hla-dr", patient, exit_code=2).stderr


def test_a_lot_that_cannot_be_is_refused(tubes):
    (tubes.parent / "lot.toml").write_text("lot = 1")
    answer = run(*one(tubes), exit_code=2)
    assert "expires is missing" in answer.stderr
    assert "pe_per_bead is missing" in answer.stderr


def test_channels_may_be_mapped(tubes):
    mapping = tubes.parent / "map.toml"
    mapping.write_text('cd14 = "PerCP-Cy5-5-A"\nhla_dr = "PE-A"')
    assert "! flag" in run(*one(tubes), "--channels", mapping).stdout
    mapping.write_text('cd14 = "FL9"')
    assert "FL9" in run(*one(tubes), "--channels", mapping, exit_code=2).stderr


def test_limit_is_that_of_the_trial(tubes):
    found = json.loads(run(*one(tubes), "--trial", "provide", "--format", "json").stdout)
    assert "probability_below_5000" in found


def test_a_trial_without_a_limit_is_refused(tubes, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text(VALID)
    answer = run(*one(tubes), "--trial", mine, exit_code=2)
    assert "sets no limit on hla_dr_per_monocyte" in answer.stderr


@pytest.mark.parametrize(("abc", "state"), [(400, "immunoparalysis"), (80_000, "undetermined")])
def test_beyond_the_beads_the_bound_decides(tubes, abc, state):
    blood(abc=abc).write(tubes / "good_patient.fcs")
    found = json.loads(run(*one(tubes), "--format", "json").stdout)
    assert found["state_if_ferritin_low"] == state


def test_high_hla_dr_is_unclassified(tubes):
    blood(abc=12_000).write(tubes / "good_patient.fcs")
    found = json.loads(run(*one(tubes), "--format", "json").stdout)
    assert found["state_if_ferritin_low"] == "unclassified"


def test_folder_of_pairs_as_json(tubes):
    found = json.loads(run("hla-dr", tubes, *lot(tubes), "--format", "json").stdout)
    said = {answer["pair"]: answer["verdict"] for answer in found}
    assert said == {"bare": "refuse", "good": "flag", "torn": "refuse"}
    assert any("torn_patient.fcs" in reason for reason in found[2]["reasons"])


def test_folder_of_pairs_as_csv(tubes):
    text = run("hla-dr", tubes, *lot(tubes), "--format", "csv").stdout
    assert [row["pair"] for row in csv.DictReader(io.StringIO(text))] == ["bare", "good", "torn"]


def test_folder_of_pairs_ends_with_a_summary(tubes):
    page = run("hla-dr", tubes, *lot(tubes)).stdout
    assert "3 pairs: 1 with a number, 2 refused." in page


def test_summary_says_each_reason_once_with_its_pairs(tubes):
    page = " ".join(run("hla-dr", tubes, *lot(tubes)).stdout.split())
    assert "Sample handling is not given: check age and lysis. (bare, good)" in page
    assert page.index("No CD14 population") < page.index("Sample handling")


def test_result_beyond_the_beads_in_the_summary(tubes):
    blood(abc=400).write(tubes / "good_patient.fcs")
    assert "< 638" in run("hla-dr", tubes, *lot(tubes)).stdout


def test_one_bead_tube_may_serve_a_folder(tubes):
    for path in tubes.glob("[bt]*"):
        path.unlink()
    served = tubes / "good_beads.fcs"
    found = json.loads(
        run("hla-dr", tubes, "--beads", served, *lot(tubes), "--format", "json").stdout
    )
    assert [answer["pair"] for answer in found] == ["good_patient"]


def test_a_pair_may_have_forms_of_its_own(tubes):
    (tubes / "good_lot.toml").write_text(LOT_TOML.replace("96597", "own"))
    (tubes / "good_handling.toml").write_text("hours_to_stain = 30")
    (tubes / "bare_lot.toml").write_text("lot = 1")
    found = json.loads(run("hla-dr", tubes, *lot(tubes), "--format", "json").stdout)
    assert found[1]["lot"] == "own"
    assert found[1]["verdict"] == "refuse"
    assert any("bare_lot.toml" in reason for reason in found[0]["reasons"])


def test_a_folder_without_a_lot_is_refused(tubes):
    assert "3 pairs have no lot" in run("hla-dr", tubes, exit_code=2).stderr


def test_tubes_without_another_half_are_listed(tubes):
    (tubes / "good_beads.fcs").unlink()
    beads().write(tubes / "bare-BEADS.fcs")
    beads().write(tubes / "other.fcs")
    said = run("hla-dr", tubes, *lot(tubes), exit_code=2).stderr
    assert "good_patient.fcs has no other half" in said
    assert "is the second tube of its kind" in said
    assert "other.fcs ends in neither" in said


def test_a_folder_without_tubes_is_refused(tmp_path):
    (tmp_path / "lot.toml").write_text(LOT_TOML)
    said = run("hla-dr", tmp_path, "--lot", tmp_path / "lot.toml", exit_code=2).stderr
    assert "no pair of tubes" in said


def test_names_in_keywords_are_never_shown(tubes):
    for name in ("good", "bare"):
        drawn = blood(monocytes=1500 if name == "good" else 0), beads().said(CYT="SECRET CYTOMETER")
        for kind, tube in zip(("patient", "beads"), drawn, strict=True):
            named = replace(tube, keywords=tube.keywords | SECRETS)
            named.write(tubes / f"{name}_{kind}.fcs")
    (tubes / "torn_patient.fcs").write_bytes((tubes / "good_patient.fcs").read_bytes()[:-9])
    said = ""
    for form in ("table", "json", "csv"):
        answer = run(
            "hla-dr", tubes, *lot(tubes), "--format", form, "--report", tubes.parent / "out"
        )
        said += answer.stdout + answer.stderr
    said += "".join(path.read_text() for path in (tubes.parent / "out").glob("*.html"))
    assert not re.search("secret|zelda", said, re.IGNORECASE)


def test_report_of_a_pair_is_one_small_page(tmp_path):
    report = tmp_path / "bed7.html"
    run(*BED7, "--report", report)
    assert report.stat().st_size < 500_000


def test_reports_of_a_folder_are_a_page_each(tubes, tmp_path):
    run("hla-dr", tubes, *lot(tubes), "--report", tmp_path / "pages")
    assert sorted(p.name for p in (tmp_path / "pages").iterdir()) == ["bare.html", "good.html"]


@pytest.mark.parametrize("name", ["report.pdf", "none/report.html", "tubes/good_beads.fcs"])
def test_report_that_cannot_be_written(tubes, name):
    run(*one(tubes), "--report", tubes.parent / name, exit_code=2)


def test_a_bead_tube_for_all_must_be_there(tubes):
    said = run("hla-dr", tubes, "--beads", tubes / "none.fcs", *lot(tubes), exit_code=2).stderr
    assert "none.fcs" in said


@pytest.mark.parametrize("name", ["pages.html", "tubes/pages", "tubes", "file"])
def test_reports_of_a_folder_that_cannot_be_written(tubes, name):
    (tubes.parent / "file").touch()
    run("hla-dr", tubes, *lot(tubes), "--report", tubes.parent / name, exit_code=2)


def test_a_pair_without_a_name_takes_the_folders(tubes):
    folder = tubes.parent / "bed 9"
    folder.mkdir()
    for kind in ("patient", "beads"):
        (tubes / f"good_{kind}.fcs").rename(folder / f"{kind}.fcs")
    found = json.loads(run("hla-dr", folder, *lot(tubes), "--format", "json").stdout)
    assert [answer["pair"] for answer in found] == ["bed 9"]


def test_hidden_files_are_no_tubes(tubes):
    (tubes / "._good_patient.fcs").write_bytes(b"Mac OS X")
    found = json.loads(run("hla-dr", tubes, *lot(tubes), "--format", "json").stdout)
    assert [answer["pair"] for answer in found] == ["bare", "good", "torn"]
