"""Grades that other pages support: by the centre's own limits, never from what is hidden."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from immunosep.errors import SettingsError
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.followup.grading import graded_columns, suggestions_of
from immunosep.web.followup.ranges import Normal, normal_of, read_ranges
from tests.web.conftest import LogIn
from tests.web.followed import DAY, at, patient, sofa
from tests.web.people import NOW, Cast
from tests.web.supplied import treated

HEADER = "centre,column,sex,low,high,unit\n"
RANGES = (
    HEADER
    + "01_jena,creatinine_mg_dl,male,62,106,umol/L\n"
    + "01_jena,creatinine_mg_dl,,0.5,1.1,\n"
    + "*,platelets_10e3_ul,,150,400,\n"
    + "*,bilirubin_mg_dl,,,1.0,\n"
)


@pytest.fixture(autouse=True)
def on_day_10() -> Iterator[None]:
    with time_machine.travel(NOW + 9 * DAY, tick=False):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "ranges.csv"
    made.write_text(RANGES, encoding="utf-8")
    return made


@pytest.fixture
def number(cast: Cast, settings: Any, keyed: None) -> str:
    made = str(treated(cast).pk)
    settings.ROOT_URLCONF = "immunosep.web.urls"
    return made


def words(number: str, **event: Any) -> list[str]:
    return [each.words for each in suggestions_of(patient(number), event)]


def test_a_limit_is_in_the_columns_unit(file: Path) -> None:
    found = normal_of(read_ranges(str(file)), "creatinine_mg_dl", centre="01_jena", sex="male")
    assert (found.low, found.high) == pytest.approx((62 / 88.4, 106 / 88.4))


def test_a_centres_own_row_comes_before_that_of_every_centre(file: Path) -> None:
    ranges = read_ranges(str(file))
    assert normal_of(ranges, "creatinine_mg_dl", centre="01_jena", sex="female").high == 1.1
    assert normal_of(ranges, "creatinine_mg_dl", centre="02_attikon") == Normal()
    assert normal_of(ranges, "platelets_10e3_ul", centre="02_attikon").low == 150


def test_without_a_file_nothing_is_known_to_be_normal() -> None:
    assert read_ranges("") == {}


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="names no file"):
        read_ranges(str(tmp_path / "nowhere.csv"))


def test_another_header_is_refused(file: Path) -> None:
    file.write_text("centre,column\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="another header"):
        read_ranges(str(file))


def test_every_fault_of_a_file_is_told_at_once(file: Path) -> None:
    file.write_text(
        HEADER
        + ",platelets,man,1,2,\n"  # no centre, no column, no sex
        + "*,gcs\n"
        + "*,platelets_10e3_ul,,9,3,\n"
        + "*,bilirubin_mg_dl,,,,\n"
        + "*,bilirubin_mg_dl,,x,,\n"
        + "*,creatinine_mg_dl,,,1.2,kPa\n"
        + "*,urine_ml_day,,,1,\n*,urine_ml_day,,,1,\n",
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as caught:
        read_ranges(str(file))
    told = str(caught.value)
    for line, fault in (
        (2, "no centre"), (2, "neither female nor male"), (2, "no column of the casebook"),
        (3, "2 cells, expected 6"), (4, "low is not below high"), (5, "one of them is given"),
        (6, "with a decimal point"), (7, "measures pressure"), (9, "a second time"),
    ):  # fmt: skip
        assert f"line {line}: " in told
        assert fault in told


def test_nothing_that_a_form_hides_is_graded() -> None:
    assert graded_columns(IMMUNOSEP) == ["platelets_10e3_ul", "bilirubin_mg_dl", "creatinine_mg_dl"]


def test_a_grade_by_absolute_limits_needs_no_range(cast: Cast, number: str) -> None:
    sofa(cast, number, 2, day_status="present", platelets_10e3_ul=40)
    sofa(cast, number, 3, day_status="present", platelets_10e3_ul=60, bilirubin_mg_dl=30)
    assert words(number) == ["Platelet count decreased, grade 3: platelets 40 ×10³/µL (day 2)"]


def test_a_grade_by_the_centres_limits(cast: Cast, number: str, settings: Any, file: Path) -> None:
    settings.REFERENCE_RANGES = str(file)
    said: dict[str, Any] = {"bilirubin_mg_dl": {"value": 60, "unit": "umol/L"}}
    sofa(cast, number, 2, day_status="present", creatinine_mg_dl=2.0, **said)
    assert words(number) == [
        "Blood bilirubin increased, grade 3: total bilirubin 60 µmol/L (day 2)",
        "Creatinine increased, grade 2: creatinine 2.0 mg/dL (day 2)",
    ]


def test_only_the_days_of_the_event_count(cast: Cast, number: str) -> None:
    sofa(cast, number, 2, day_status="present", platelets_10e3_ul=20)
    sofa(cast, number, 5, day_status="present", platelets_10e3_ul=40)
    began, ended = (NOW + 3 * DAY).isoformat(), (NOW + 5 * DAY).isoformat()
    assert "grade 3" in words(number, event_from=began)[0]
    assert "grade 3" in words(number, event_from=began, event_until=ended)[0]
    assert words(number, event_from=ended) == []


def test_a_suggestion_stands_beside_the_event_and_enters_nothing(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    sofa(cast, number, 2, day_status="present", platelets_10e3_ul=20)
    page = log_in(cast.consultant).get(at("new_page", number, "adverse_event")).content.decode()
    assert "Platelet count decreased, grade 4" in page
    assert 'name="event_grade" value=""' in page
