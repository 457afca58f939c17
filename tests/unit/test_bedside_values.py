"""How one cell is read, and why it may be refused."""

from typing import Any

import pytest

from immunosep.errors import SourceError
from immunosep.sources.bedside import patients_of


def value_of(column: str, raw: Any) -> Any:
    return patients_of([{"patient_id": "p1", column: raw}]).table[column].to_pylist()[0]


def refusal_of(column: str, raw: Any) -> str:
    with pytest.raises(SourceError) as caught:
        patients_of([{"patient_id": "p1", column: raw}])
    problem: str = caught.value.problems[0]
    return problem


@pytest.mark.parametrize(
    "raw",
    ["", " ", "NA", "n/a", "null", "Unknown", ".", "-", None, {"value": None, "unit": "kg"}],
    ids=repr,
)
def test_missing_is_written_in_many_ways(raw):
    assert value_of("weight_kg", raw) is None


@pytest.mark.parametrize("raw", ["yes", "Y", "TRUE", "1", True, 1, 1.0], ids=repr)
def test_yes_is_written_in_many_ways(raw):
    assert value_of("hiv", raw) is True


@pytest.mark.parametrize("raw", ["no", "N", "False", "0", False, 0], ids=repr)
def test_no_is_written_in_many_ways(raw):
    assert value_of("hiv", raw) is False


@pytest.mark.parametrize("raw", ["maybe", "2", 2, -1, "yess"], ids=repr)
def test_anything_but_yes_or_no_is_refused(raw):
    assert "not yes or no" in refusal_of("hiv", raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("64", 64), ("64.5", 64.5), (" 64 ", 64), ("6.4e1", 64), ("+64", 64), (".5", 0.5), (64, 64)],
    ids=repr,
)
def test_numbers_are_read(raw, value):
    assert value_of("age_years", raw) == value


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("1,5", "holds a comma"),
        ("4,420", "holds a comma"),
        ("<5", "a limit"),
        (">40000", "a limit"),
        ("NaN", "not a finite number"),
        ("-inf", "not a finite number"),
        (float("nan"), "not a finite number"),
        (float("inf"), "not a finite number"),
        (10**400, "not a finite number"),
        ("#DIV/0!", "not a finite number"),
        ("33 umol/L", "text beside the number"),
        ("=1+1", "a spreadsheet formula"),
        ("high", "not a number"),
        ("1_000", "text beside the number"),
        ("٣", "not a number"),
        (True, "not a number"),
        ([1.2], "a list or an object"),
        ({"value": 1}, "a list or an object"),
        ({"value": 1, "units": "umol/L"}, 'write {"value": …, "unit": "…"}'),
        ({"value": 1, "unit": "furlong"}, "is not known"),
        (-1, "outside the possible"),
        (1e9, "outside the possible"),
    ],
    ids=lambda part: repr(part)[:20],
)
def test_numbers_are_refused_with_what_to_do(raw, said):
    assert said in refusal_of("creatinine_mg_dl", raw)


@pytest.mark.parametrize("raw", [13.5, "13.5"], ids=repr)
def test_a_score_is_a_whole_number(raw):
    assert "not a whole number" in refusal_of("gcs", raw)


def test_possible_limits_are_named_and_the_value_is_not():
    said = refusal_of("gcs", 73)
    assert said == "patient 1: gcs: outside the possible 3 to 15; check the value and its unit"


def test_limits_are_included():
    assert value_of("gcs", 3) == 3
    assert value_of("gcs", "15") == 15


@pytest.mark.parametrize(
    ("raw", "sex"),
    [("F", "female"), ("f", "female"), ("Female", "female"), ("M", "male"), ("m", "male")],
)
def test_sex_may_be_one_letter(raw, sex):
    assert value_of("sex", raw) == sex


@pytest.mark.parametrize(
    ("column", "raw"), [("creatinine", 100), ("creatinine_mg_dl", "33 umol/L")]
)
def test_a_unit_of_json_is_asked_for_beside_the_value(column, raw):
    said = refusal_of(column, raw)
    assert 'give {"value": …, "unit": "…"}' in said
    assert "header" not in said


@pytest.mark.parametrize("raw", ["Community acquired pneumonia", "community-acquired_pneumonia"])
def test_categories_are_read_however_they_are_spaced(raw):
    assert value_of("infection", raw) == "community_acquired_pneumonia"


def test_an_unknown_category_suggests_the_nearest():
    assert "the nearest is meningitis" in refusal_of("infection", "meningits")


@pytest.mark.parametrize("raw", ["=cmd()", "+1", "-1", "@SUM(A1)"])
@pytest.mark.parametrize("column", ["unit", "patient_id"])
def test_formulas_in_text_are_refused(column, raw):
    assert "formula" in refusal_of(column, raw)


@pytest.mark.parametrize("raw", ["a\nb", "a\x1b[31m", "a\u202eb"])
def test_control_characters_in_text_are_refused(raw):
    assert "control character" in refusal_of("unit", raw)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("2026-03-02", "give the time too"),
        ("2.3.2026", "give the time too"),
        ("2026-13-45", "no such day or time"),
        ("31.02.2026 08:15", "no such day or time"),
        ("02/03/2026 08:15", "write it as 2026-01-31T14:05"),
        ("2026-02-30T08:15", "no such day or time"),
        ("2026-03-02T25:00", "no such day or time"),
        ("2026-03-02T08:15+19:00", "offset from UTC is outside"),
        ("0026-03-02T08:15", "the year is outside"),
        (1772439300, "not a time"),
        ("=NOW()", "not a time"),
    ],
)
def test_times_are_refused_with_what_to_do(raw, said):
    assert said in refusal_of("sepsis_onset_at", raw)
