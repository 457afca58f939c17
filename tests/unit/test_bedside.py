"""Patients as files and forms give them, turned into the table of patients."""

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from immunosep.concepts.snapshot import PATIENTS
from immunosep.errors import SourceError
from immunosep.sources.bedside import patients_of, read_patients

ONE = "patient_id,age_years,sex\np1,64,male\n"


def written(folder: Path, content: str, name: str = "patients.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def first(path: Path) -> dict[str, object]:
    row = read_patients(path).table.to_pylist()[0]
    return {name: value for name, value in row.items() if value is not None}


def test_table_has_the_schema_of_patients(tmp_path):
    table = read_patients(written(tmp_path, ONE)).table
    assert table.schema == PATIENTS.schema().to_pyarrow()


def test_columns_left_out_are_null(tmp_path):
    assert first(written(tmp_path, ONE)) == {"patient_id": "p1", "age_years": 64.0, "sex": "male"}


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_read_and_noted(tmp_path, delimiter):
    patients = read_patients(written(tmp_path, ONE.replace(",", delimiter)))
    assert patients.table["age_years"].to_pylist() == [64.0]
    assert "separated by" in patients.notes[0]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_of_every_system_are_read(tmp_path, ending):
    path = tmp_path / "patients.csv"
    path.write_bytes(ONE.replace("\n", ending).encode())
    assert first(path)["age_years"] == 64.0


def test_byte_order_mark_is_accepted(tmp_path):
    assert first(written(tmp_path, f"\ufeff{ONE}"))["patient_id"] == "p1"


def test_blank_lines_are_left_out_and_lines_still_count(tmp_path):
    with pytest.raises(SourceError, match="line 4: age_years"):
        read_patients(written(tmp_path, "patient_id,age_years\n\np1,64\np2,old\n"))


def test_quoted_cells_may_hold_the_delimiter(tmp_path):
    path = written(tmp_path, 'patient_id,unit\np1,"Ward 3, east"\n')
    assert first(path)["unit"] == "Ward 3, east"


def test_unnamed_empty_columns_are_dropped(tmp_path):
    assert first(written(tmp_path, "patient_id,age_years,\np1,64,\n"))["age_years"] == 64.0


def test_gzip_is_opened(tmp_path):
    path = tmp_path / "patients.csv.gz"
    path.write_bytes(gzip.compress(ONE.encode()))
    assert first(path)["age_years"] == 64.0


SHAPES = {
    "one object": '{"patient_id": "p1", "age_years": 64}',
    "a list": '[{"patient_id": "p1", "age_years": 64}]',
    "under patients": '{"patients": [{"patient_id": "p1", "age_years": 64}]}',
    "one to a line": '{"patient_id": "p1", "age_years": 64}\n{"patient_id": "p2"}\n',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_json_of_every_shape_is_read(tmp_path, shape):
    assert first(written(tmp_path, SHAPES[shape], "patients.json"))["age_years"] == 64.0


def test_parquet_is_read(tmp_path):
    pq.write_table(
        pa.table({"patient_id": ["p1"], "age_years": [64], "hiv": [False]}),
        tmp_path / "patients.parquet",
    )
    assert first(tmp_path / "patients.parquet") == {
        "patient_id": "p1",
        "age_years": 64.0,
        "hiv": False,
    }


def test_parquet_written_from_patients_reads_back_the_same(tmp_path):
    patients = patients_of([{"patient_id": "p1", "sepsis_onset_at": "2026-03-02T08:15+02:00"}])
    pq.write_table(patients.table, tmp_path / "again.parquet")
    assert read_patients(tmp_path / "again.parquet").table == patients.table


@pytest.mark.parametrize(
    ("header", "value", "column", "converted"),
    [
        ("creatinine [umol/L]", "106.08", "creatinine_mg_dl", 1.2),
        ("creatinine_mg_dl [umol/L]", "106.08", "creatinine_mg_dl", 1.2),
        ("Creatinine (µmol/l)", "171", "creatinine_mg_dl", 1.93438914027),
        ("bilirubin [umol/L]", "20.52", "bilirubin_mg_dl", 1.2),
        ("ferritin [ug/L]", "4420", "ferritin_ng_ml", 4420.0),
        ("fio2 [%]", "40", "fio2", 0.4),
        ("pao2 [kPa]", "8", "pao2_mmhg", 60.00496),
        ("neutrophils [10^9/L]", "1.5", "neutrophils_per_mm3", 1500.0),
        ("dopamine [ug/kg/min]", "5", "dopamine_ug_kg_min", 5.0),
    ],
)
def test_units_in_headers_convert(tmp_path, header, value, column, converted):
    assert first(written(tmp_path, f"patient_id,{header}\np1,{value}\n"))[column] == converted


def test_units_in_json_values_convert():
    row = patients_of([{"patient_id": "p1", "creatinine": {"value": 106.08, "unit": "umol/L"}}])
    assert row.table["creatinine_mg_dl"].to_pylist() == [1.2]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("ferritin", "no unit; name it ferritin_ng_ml"),
        ("creatinin_mg_dl", "the nearest is creatinine_mg_dl"),
        ("Age (yrs)", "unit 'yrs' is not known"),
        ("creatinine [mmHg]", "measures pressure"),
        ("sex [kg]", "sex takes none"),
        ("sofa_total", "name an entered total sofa"),
        ("sofa_liver", "derived from other columns"),
        ("zzzzqqq", "`immunosep variables` lists the names"),
        ("creatinine_umol_l", "write it as creatinine [umol/L]"),
        ("neutrophils_percent", "measures fraction, expected number concentration"),
        ("SpO2", "is not read: no rule asks for it; leave it out"),
        ("lactate_mmol_l", "is not read: no rule asks for it; leave it out"),
    ],
)
def test_headers_that_cannot_be_used_say_what_to_do(tmp_path, header, said):
    with pytest.raises(SourceError) as caught:
        read_patients(written(tmp_path, f"patient_id,{header}\np1,7\n"))
    assert said in str(caught.value)


def test_two_headers_for_one_column_are_refused(tmp_path):
    content = "patient_id,creatinine [umol/L],creatinine_mg_dl\np1,100,1.1\n"
    with pytest.raises(SourceError, match="both give creatinine_mg_dl"):
        read_patients(written(tmp_path, content))


def test_same_header_twice_is_refused(tmp_path):
    with pytest.raises(SourceError, match="both give age_years"):
        read_patients(written(tmp_path, "patient_id,age_years,age_years\np1,64,64\n"))


def test_patient_id_is_needed(tmp_path):
    with pytest.raises(SourceError, match="no column patient_id"):
        read_patients(written(tmp_path, "age_years\n64\n"))


def test_empty_patient_id_is_refused(tmp_path):
    with pytest.raises(SourceError, match="line 3: patient_id: empty"):
        read_patients(written(tmp_path, "patient_id,age_years\np1,64\n,65\n"))


def test_every_problem_is_listed_at_once(tmp_path):
    content = "patient_id,agee,sex,gcs\np1,1,man,2\np1,1,male,9.5\n"
    with pytest.raises(SourceError) as caught:
        read_patients(written(tmp_path, content))
    assert len(caught.value.problems) == 5


def test_one_problem_in_many_rows_is_said_once():
    rows = [{"patient_id": f"p{n}", "age_years": "old"} for n in range(100)]
    with pytest.raises(SourceError) as caught:
        patients_of(rows)
    assert caught.value.problems == (
        "patients 1, 2, 3, 4, 5 and 95 more: age_years: not a number; leave it empty where it is "
        "missing",
    )


def test_listing_of_problems_is_capped(tmp_path):
    headers = ",".join(f"nonsense{n}" for n in range(30))
    with pytest.raises(SourceError) as caught:
        read_patients(written(tmp_path, f"patient_id,{headers}\np1,{',' * 29}\n"))
    assert str(caught.value).endswith("and 10 more")
    assert len(caught.value.problems) == 30


def test_implausible_values_warn_by_row():
    patients = patients_of([{"patient_id": "p1"}, {"patient_id": "p2", "age_years": 110}])
    assert list(patients.warnings) == [1]
    assert "Age is outside the plausible 0 to 105 years" in patients.warnings[1][0]
    assert "110" not in patients.warnings[1][0]


def test_pregnancy_of_a_man_warns():
    patients = patients_of([{"patient_id": "p1", "sex": "male", "pregnant": True}])
    assert "check both" in patients.warnings[0][0]


def test_a_dose_before_sepsis_warns():
    patients = patients_of(
        [
            {
                "patient_id": "p1",
                "sepsis_onset_at": "2026-03-02T08:00",
                "first_dose_at": "2026-03-02T07:00",
            }
        ]
    )
    assert "before sepsis" in patients.warnings[0][0]


def test_json_may_hold_text_where_a_form_sends_text():
    row = patients_of([json.loads('{"patient_id": 12, "age_years": "64", "hiv": "no"}')])
    assert row.table.select(["patient_id", "age_years", "hiv"]).to_pylist() == [
        {"patient_id": "12", "age_years": 64.0, "hiv": False}
    ]


def parquet(folder: Path, **columns: Any) -> Path:
    path = folder / "typed.parquet"
    pq.write_table(pa.table({"patient_id": ["p1"], **columns}), path)
    return path


def test_parquet_timestamps_are_times(tmp_path):
    naive = pa.array([datetime(2026, 3, 2, 12)], pa.timestamp("ns"))  # noqa: DTZ001 the case tested
    assert first(parquet(tmp_path, sepsis_onset_at=naive))["sepsis_onset_at"] == 1772452800


def test_parquet_timestamps_with_a_zone_keep_its_offset(tmp_path):
    zoned = pa.array([datetime(2026, 3, 2, 12, tzinfo=UTC)], pa.timestamp("s", tz="+02:00"))
    row = first(parquet(tmp_path, sepsis_onset_at=zoned))
    assert (row["sepsis_onset_at"], row["utc_offset_minutes"]) == (1772452800, 120)


def test_parquet_decimals_are_numbers(tmp_path):
    path = parquet(tmp_path, gcs=pa.array([Decimal("14.0")], pa.decimal128(3, 1)))
    assert first(path)["gcs"] == 14


def test_parquet_of_lists_is_refused(tmp_path):
    with pytest.raises(SourceError, match="a list or an object"):
        read_patients(parquet(tmp_path, gcs=[[14]]))


def test_parquet_of_dates_is_refused(tmp_path):
    with pytest.raises(SourceError, match="give the time too"):
        read_patients(parquet(tmp_path, sepsis_onset_at=[date(2026, 3, 2)]))


@pytest.mark.parametrize("line", ['{"patient_id": ', '{"patient_id": 1' + "0" * 5000 + "}"])
def test_json_lines_name_the_line_that_is_wrong(tmp_path, line):
    with pytest.raises(SourceError, match="line 2"):
        read_patients(written(tmp_path, f'{{"patient_id": "p1"}}\n{line}\n'))


def test_an_unnamed_column_with_values_is_refused(tmp_path):
    with pytest.raises(SourceError, match="has no header"):
        read_patients(written(tmp_path, "patient_id,\np1,64\n"))


def test_text_that_is_too_long_is_refused():
    with pytest.raises(SourceError, match="longer than 200"):
        patients_of([{"patient_id": "p" * 201}])


@pytest.mark.parametrize("name", [True, 1.5])
def test_a_name_that_is_not_text_is_refused(name):
    with pytest.raises(SourceError, match="give it as text"):
        patients_of([{"patient_id": name}])


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    with pytest.raises(SourceError, match="File name too long"):
        read_patients(tmp_path / ("p" * 300))
