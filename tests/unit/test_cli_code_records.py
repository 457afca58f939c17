"""`immunosep code records`: true arms in the place of invented ones, and nothing else changed."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from immunosep.cli.app import app
from immunosep.randomisation.code_files import code_text
from immunosep.sources.records import Arms, Manifest, read_files, write_records
from immunosep.tables.records import RECORDS
from tests.unit.sealed_list import SLOTS, code, keys

PLACES = [(slot.stratum, slot.position) for slot in SLOTS[:6]]


def person(at: int, place: tuple[str, int]) -> dict[str, Any]:
    return {
        "participant": f"01-{at:04d}", "centre": place[0], "stratum": place[0],
        "position": place[1], "immune_state": "mals", "arm": "placebo", "randomised_s": 0,
        "data_withdrawn": False, "in_error": False, "trial_digest": "d1", "locked": True,
        "signed": True,
    }  # fmt: skip


def written(folder: Path, *, trial: str = "mine", places: list[tuple[str, int]] = PLACES) -> Path:
    """Records as a site writes them, every arm a dummy."""
    rows = {"participants": [person(at, place) for at, place in enumerate(places)]}
    tables = {
        name: pa.Table.from_pylist(rows.get(name, []), schema=table.schema().to_pyarrow())
        for name, table in RECORDS.items()
    }
    manifest = Manifest(
        trial=trial, trial_version="1", trial_digest="d1", arms=Arms.DUMMY, written_s=1,
        locked_s=1, software="0",
    )  # fmt: skip
    write_records(tables, folder, manifest=manifest)
    return folder


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code.json").write_text(code_text(code()))
    (tmp_path / "key.pem").write_bytes(keys().private_pem)
    return tmp_path


def run(records: Path) -> Any:
    return CliRunner().invoke(
        app, ["code", "records", str(records), "code.json", "--key", "key.pem", "--out", "true"]
    )


def test_each_participant_has_the_arm_of_their_place(desk: Path) -> None:
    answer = run(written(desk / "records"))
    assert answer.exit_code == 0, answer.output
    manifest, tables = read_files(desk / "true")
    assert manifest.arms is Arms.REAL
    assert tables["participants"]["arm"].to_pylist() == [slot.arm for slot in SLOTS[:6]]


def test_nothing_but_the_arms_changes(desk: Path) -> None:
    run(written(desk / "records"))
    before, after = read_files(desk / "records")[1], read_files(desk / "true")[1]
    left = [name for name in before["participants"].column_names if name != "arm"]
    assert after["participants"].select(left).equals(before["participants"].select(left))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"trial": "another"}, "are of trial 'another'"),
        ({"places": [("north", 999)]}, "1 participants have a place that the code does not have"),
    ],
)
def test_records_of_another_code_are_refused(
    desk: Path, changed: dict[str, Any], problem: str
) -> None:
    answer = run(written(desk / "records", **changed))
    assert answer.exit_code != 0
    assert problem in " ".join(answer.output.split())
    assert not (desk / "true").exists()


def test_a_folder_in_use_is_left_alone(desk: Path) -> None:
    (desk / "true").mkdir()
    (desk / "true" / "mine").write_text("x")
    answer = run(written(desk / "records"))
    assert answer.exit_code != 0
    assert [path.name for path in (desk / "true").iterdir()] == ["mine"]
