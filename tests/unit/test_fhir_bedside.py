"""A FHIR Bundle as a bedside file: `immunosep screen bundle.json`."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from immunosep.cli.app import app
from immunosep.errors import SourceError
from immunosep.sources.bedside import Patients, read_patients
from tests.unit.bundled import AT, PATIENT, bundle, loinc, observation, quantity

ONE = {**PATIENT, "identifier": [{"system": "urn:oid:1.2.3", "value": "hospital-17"}]}


def of_one(**changed: Any) -> dict[str, Any]:
    """An Observation of a patient with one identifier, contained in it."""
    inside = {"contained": [{**ONE, "id": "one"}], "subject": {"reference": "#one"}}
    return observation(**(inside | changed))


def patients(folder: Path, *resources: Any) -> Patients:
    file = folder / "bundle.json"
    file.write_text(bundle(*resources), encoding="utf-8")
    return read_patients(file)


def test_a_bundle_is_a_row_for_each_patient(tmp_path: Path) -> None:
    creatinine = of_one(code=loinc("14682-9"), valueQuantity=quantity(106.08, "umol/L"))
    read = patients(tmp_path, of_one(), creatinine)
    row = {k: v for k, v in read.table.to_pylist()[0].items() if v is not None}
    assert row == {
        "patient_id": "hospital-17",
        "sex": "male",
        "age_years": 64,  # 65 the day after the result
        "ferritin_ng_ml": 800,
        "creatinine_mg_dl": 1.2,
    }


def test_what_the_patient_does_not_say_is_unknown(tmp_path: Path) -> None:
    quiet = {**ONE, "id": "one", "gender": "unknown", "birthDate": "1961"}
    read = patients(tmp_path, of_one(contained=[quiet]))
    row = read.table.to_pylist()[0]
    assert (row["sex"], row["age_years"], row["ferritin_ng_ml"]) == (None, None, 800)
    wrong = {**quiet, "birthDate": "1961-02-30"}
    assert patients(tmp_path, of_one(contained=[wrong])).table.num_rows == 1


def test_what_nobody_asked_for_is_noted(tmp_path: Path) -> None:
    pulse = of_one(code=loinc("8867-4"), valueQuantity=quantity(90, "/min"))
    read = patients(tmp_path, of_one(), pulse, of_one(status="preliminary"))
    assert read.notes == ("2 values not taken: of no column, not final, or sent twice",)


def test_several_results_of_a_column_are_not_chosen_from(tmp_path: Path) -> None:
    later = of_one(effectiveDateTime=AT.replace("T10", "T11"))
    with pytest.raises(SourceError, match="entry 2, entry 3: ferritin_ng_ml: several results"):
        patients(tmp_path, of_one(), later)


def test_every_fault_is_told_and_no_value(tmp_path: Path) -> None:
    limit = of_one(valueQuantity=quantity(987654, comparator=">"))
    with pytest.raises(SourceError) as told:
        patients(tmp_path, limit, observation(), of_one(valueQuantity={"value": 987654}))
    assert [p.partition(":")[0] for p in told.value.problems] == ["entry 2", "entry 3", "entry 4"]
    assert "987654" not in str(told.value)


def test_whoever_has_several_identifiers_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="identifier, or several"):
        patients(tmp_path, of_one(), observation())


def test_a_bundle_without_a_result_holds_no_patient(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no patient"):
        patients(tmp_path, of_one(status="registered"))


def test_a_bundle_is_screened(tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_text(bundle(of_one()), encoding="utf-8")
    said = CliRunner().invoke(app, ["screen", str(file)])
    assert said.exit_code == 0, said.output
    assert "hospital-17" in said.output
