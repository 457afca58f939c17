"""`immunosep sofa --source mimic-iv --hourly`: every hour of a stay, printed or written."""

import csv
import errno
import io
import json
import os
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from immunosep.cli.app import app
from immunosep.sources.extract import WRITERS
from tests.unit.test_mimic_iv_events import KEY, write
from tests.unit.test_mimic_iv_events import folder as folder

PUBLISHED = [
    "stay_id",
    "hr",
    "respiration_24hours",
    "coagulation_24hours",
    "liver_24hours",
    "cardiovascular_24hours",
    "cns_24hours",
    "renal_24hours",
    "sofa_24hours",
]


def hourly(folder: Path, *more: object, exit_code: int = 0) -> Result:
    arguments = ["sofa", "--source", "mimic-iv", folder, "--hourly", *more]
    result = CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "100"})
    assert result.exit_code == exit_code, result.stderr
    return result


def low_platelets(folder: Path) -> None:
    write(
        folder,
        "labevents",
        KEY
        | {
            "itemid": 51265,
            "charttime": "2170-01-01 10:30:00",
            "valuenum": 40,
            "valueuom": "K/uL",
        },
    )


@pytest.mark.parametrize("profile", ["trial", "mimic-code"])
def test_hours_are_written_with_the_published_columns(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, profile: str
) -> None:
    low_platelets(folder)
    out = tmp_path_factory.mktemp("out") / "sofa.parquet"
    hourly(folder, "--profile", profile, "--out", out)
    hours = pq.read_table(out)
    assert [name for name in hours.column_names if name in PUBLISHED] == PUBLISHED
    assert hours.schema.field("starttime").type.tz is None


def test_hours_are_printed_as_json_with_the_worst_of_the_day(folder: Path) -> None:
    low_platelets(folder)
    hours = json.loads(hourly(folder, "--format", "json").stdout)
    assert [hour["coagulation_24hours"] for hour in hours][:4] == [None, None, 3, 3]
    assert hours[0]["starttime"] == "2170-01-01T08:00:00"


def test_hours_are_printed_as_csv(folder: Path) -> None:
    low_platelets(folder)
    rows = list(csv.DictReader(io.StringIO(hourly(folder, "--format", "csv").stdout)))
    assert [row["hr"] for row in rows] == [str(hr) for hr in range(24)]


def test_a_summary_counts_what_is_missing(folder: Path) -> None:
    low_platelets(folder)
    page = hourly(folder).stdout
    assert "24  hours, scored by the profile trial" in page
    assert "2  hours without coagulation" in page


def test_a_file_of_another_kind_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    message = hourly(tmp_path / "absent", "--out", "sofa.xlsx", exit_code=2).stderr
    assert ".parquet or .csv" in message


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
@pytest.mark.parametrize("name", ["sofa.parquet", "sofa.csv"])
def test_hours_that_find_no_room_leave_one_message(
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
) -> None:
    def full(*_: object) -> None:
        raise duckdb.IOException(f'{{"exception_message":"no","errno":"{number}"}}')

    monkeypatch.setitem(WRITERS, Path(name).suffix, full)
    out = tmp_path_factory.mktemp("out") / name
    message = hourly(folder, "--out", out, exit_code=2).stderr
    assert message.startswith(f"error: cannot write {out}: {os.strerror(number)}. ")
    assert list(out.parent.iterdir()) == []
