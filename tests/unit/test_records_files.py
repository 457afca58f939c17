"""Records as files: what is written is read back, and what was changed since is refused."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from immunosep.errors import SourceError
from immunosep.simulation.courses import draw_trial
from immunosep.sources.records import read_files, write_records
from tests.recorded import manifest, participant, tables_of

DRAWN = draw_trial(np.random.default_rng(3), participants=20)


@pytest.fixture
def folder(tmp_path):
    write_records(DRAWN, tmp_path, manifest=manifest())
    return tmp_path


def _problems(folder: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_files(folder)
    return "\n".join(caught.value.problems)


def test_records_come_back_as_written(folder):
    told, tables = read_files(folder)
    assert told.trial == "immunosep"
    assert all(tables[name].equals(rows) for name, rows in DRAWN.items())


def test_the_same_records_make_the_same_files(folder, tmp_path_factory):
    again = tmp_path_factory.mktemp("again")
    write_records(DRAWN, again, manifest=manifest())
    assert all(file.read_bytes() == (again / file.name).read_bytes() for file in folder.iterdir())


def test_a_file_that_was_changed_is_refused(folder):
    pq.write_table(DRAWN["days"].slice(1), folder / "days.parquet")
    assert "days.parquet is not the file that was exported" in _problems(folder)


def test_every_file_at_fault_is_named_at_once(folder):
    (folder / "days.parquet").unlink()
    (folder / "events.parquet").write_bytes(b"nothing")
    assert "days.parquet is absent" in _problems(folder)
    assert "events.parquet is not the file" in _problems(folder)


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    assert "there is no manifest.json" in _problems(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "is of format 99"),
        ({"arms": "perhaps"}, "says nothing known of the arms"),
        ({"locked_s": "yesterday"}, "'locked_s'"),
        ({"files": {"days": {}}}, "sha256 and rows of 'days'"),
        ({"files": {}}, "does not list days.parquet"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(folder, change, said):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert said in _problems(folder)


def test_a_manifest_that_is_no_json_is_refused(folder):
    (folder / "manifest.json").write_text("{")
    assert "is not JSON" in _problems(folder)


def test_a_column_of_another_type_is_refused(tmp_path):
    tables = tables_of({"participants": [participant("a")]})
    write_records(tables, tmp_path, manifest=manifest())
    people = tables["participants"]
    wrong = people.set_column(
        people.schema.get_field_index("position"), "position", pa.array(["one"])
    ).drop_columns(["centre"])
    _replace(tmp_path, "participants", wrong)
    found = _problems(tmp_path)
    assert "column position: string came; expected int64" in found
    assert "column centre: absent" in found


def test_a_required_value_that_is_empty_is_refused(tmp_path):
    tables = tables_of({"participants": [participant("a")]})
    write_records(tables, tmp_path, manifest=manifest())
    people = tables["participants"]
    empty = people.set_column(
        people.schema.get_field_index("position"), "position", pa.array([None], pa.int64())
    )
    _replace(tmp_path, "participants", empty)
    assert "column position: empty in 1 rows" in _problems(tmp_path)


def test_a_table_that_was_not_given_is_refused(tmp_path):
    with pytest.raises(SourceError, match="table days was not given"):
        write_records({k: v for k, v in DRAWN.items() if k != "days"}, tmp_path,
                      manifest=manifest())  # fmt: skip


def _replace(folder: Path, name: str, rows: pa.Table) -> None:
    """Put another table in place, and have the manifest agree with it."""
    pq.write_table(rows, folder / f"{name}.parquet")
    path = folder / "manifest.json"
    told = json.loads(path.read_text())
    told["files"][name] = {
        "sha256": sha256((folder / f"{name}.parquet").read_bytes()).hexdigest(),
        "rows": rows.num_rows,
    }
    path.write_text(json.dumps(told))
