"""Files as Excel saves them in much of Europe: semicolons, decimal commas, `sep=;`."""

import pytest

from immunosep.errors import SourceError
from immunosep.sources.bedside import Patients, read_patients


def read(folder, content: str) -> Patients:
    path = folder / "patients.csv"
    path.write_bytes(content.encode())
    return read_patients(path)


def refusal(folder, content: str) -> str:
    with pytest.raises(SourceError) as caught:
        read(folder, content)
    return str(caught.value)


def onset(folder, written: str) -> object:
    table = read(folder, f"patient_id;sepsis_onset_at\np1;{written}\n").table
    return table["sepsis_onset_at"].to_pylist()[0]


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize(("raw", "value"), [("1,9", 1.9), ("0,234", 0.234), ("12,3456", 12.3456)])
def test_a_decimal_comma_is_read_and_noted(tmp_path, delimiter, raw, value):
    patients = read(tmp_path, f"patient_id{delimiter}creatinine_mg_dl\np1{delimiter}{raw}\n")
    assert patients.table["creatinine_mg_dl"].to_pylist() == [value]
    assert patients.notes[-1] == "numbers read with a decimal comma"


def test_a_decimal_comma_converts_with_its_unit(tmp_path):
    patients = read(tmp_path, "patient_id;creatinine [umol/L]\np1;106,08\n")
    assert patients.table["creatinine_mg_dl"].to_pylist() == [1.2]


@pytest.mark.parametrize("raw", ["1,234", "-12,345", "999,000"])
def test_a_comma_that_may_separate_thousands_is_refused(tmp_path, raw):
    message = refusal(tmp_path, f"patient_id;ferritin_ng_ml\np1;{raw}\n")
    assert "line 2: ferritin_ng_ml: a comma before three digits" in message
    assert raw not in message


def test_a_point_beside_decimal_commas_is_refused(tmp_path):
    content = "patient_id;age_years;ferritin_ng_ml\np1;64,5;4.421\n"
    assert "ferritin_ng_ml: a decimal point, where other" in refusal(tmp_path, content)


def test_points_and_commas_in_one_number_are_refused(tmp_path):
    assert "holds a comma" in refusal(tmp_path, "patient_id;ferritin_ng_ml\np1;1.234,5\n")


def test_a_comma_is_refused_where_commas_separate(tmp_path):
    assert "holds a comma" in refusal(tmp_path, 'patient_id,age_years\np1,"64,5"\n')


def test_text_keeps_its_comma(tmp_path):
    patients = read(tmp_path, "patient_id;unit;age_years\np1;3,5;64,5\n")
    assert patients.table["unit"].to_pylist() == ["3,5"]


@pytest.mark.parametrize("told", ["sep=;\r\n", '"sep=;"\r\n', "\ufeffsep=;\r\n", "SEP=;\n"])
def test_a_line_that_tells_the_delimiter_is_skipped(tmp_path, told):
    assert read(tmp_path, f"{told}patient_id;age_years\np1;64\n").table.num_rows == 1


def test_lines_count_from_the_line_that_tells_the_delimiter(tmp_path):
    assert "line 3: age_years" in refusal(tmp_path, "sep=;\npatient_id;age_years\np1;old\n")


@pytest.mark.parametrize("written", ["02.03.2026 08:15", "2.3.2026 8:15:00"])
def test_a_time_with_points_has_the_day_first(tmp_path, written):
    assert onset(tmp_path, written) == onset(tmp_path, "2026-03-02T08:15")


@pytest.mark.parametrize("written", ["02/03/2026 08:15", "02.03.26 08:15", "2026.03.02 08:15"])
def test_a_time_whose_day_could_be_its_month_is_refused(tmp_path, written):
    content = f"patient_id;sepsis_onset_at\np1;{written}\n"
    assert "sepsis_onset_at: not a time" in refusal(tmp_path, content)
