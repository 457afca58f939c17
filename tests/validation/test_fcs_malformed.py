"""Every file of the malformed and the synthetic set: read or refused as its table says."""

import csv
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from immunosep.cytometry.fcs import FcsFile, read_fcs
from immunosep.errors import FcsError

MEGABYTE = 1_000_000
WITHOUT_MATRIX = ["spill_bad", "spill_nan"]
NAMES = ("$OP", "$SRC", "$SMNO", "$EXP", "$FIL", "EXPORT USER NAME", "SAMPLE ID", "TUBE NAME")


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    """Where the files are."""
    return shared / "data" / "fcs"


@pytest.fixture(scope="session")
def expected(folder: Path) -> dict[str, dict[str, str]]:
    """What the table says, by file."""
    with (folder / "malformed" / "expected.csv").open(encoding="utf-8") as table:
        return {row["file"]: row for row in csv.DictReader(table)}


def outcome(path: Path) -> dict[str, str]:
    """What was read, in the words of the table."""
    try:
        (read,) = read_fcs(path)
    except FcsError:
        return {"expect": "reject", "events": "", "channels": "", "pe_geomean": ""}
    events, channels = read.events.shape
    brightness = read.values("PE-A")
    positive = brightness[np.isfinite(brightness) & (brightness > 0)]
    mean = f"{10 ** np.log10(positive).mean():.4f}" if len(positive) else ""
    return {
        "expect": "accept",
        "events": str(events),
        "channels": str(channels),
        "pe_geomean": mean,
    }


def readable(path: Path) -> tuple[FcsFile, ...]:
    """The data sets of a file; none of one that is refused."""
    try:
        return read_fcs(path)
    except FcsError:
        return ()


def test_every_malformed_file_is_read_or_refused_as_the_table_says(folder, expected):
    assert sorted(expected) == sorted(path.name for path in (folder / "malformed").glob("*.fcs"))
    found = {name: outcome(folder / "malformed" / name) for name in expected}
    wanted = {name: {key: row[key] for key in found[name]} for name, row in expected.items()}
    assert found == wanted


def test_no_malformed_file_takes_memory(folder, expected):
    tracemalloc.start()
    for name in expected:
        outcome(folder / "malformed" / name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * MEGABYTE


@pytest.mark.parametrize("name", WITHOUT_MATRIX)
def test_a_malformed_spillover_cannot_be_used(folder, name):
    (read,) = read_fcs(folder / "malformed" / f"{name}.fcs")
    assert read.spillover is None
    assert "$SPILLOVER cannot be used" in read.spillover_problem


def test_values_that_are_not_finite_are_counted(folder):
    (read,) = read_fcs(folder / "malformed" / "nan_inf.fcs")
    assert read.warnings == ("61 values are not finite numbers",)


@pytest.mark.parametrize("tube", ["patient", "beads"])
@pytest.mark.parametrize("case", range(1, 13))
def test_a_synthetic_tube_is_read_whole_without_a_warning(folder, case, tube):
    (read,) = read_fcs(folder / "synthetic" / f"s{case:02d}_{tube}.fcs")
    assert read.warnings == ()
    assert [read.channels[read.index(name)].name for name in ("CD45", "HLA-DR", "CD14")] == [
        "FITC-A",
        "PE-A",
        "PerCP-Cy5-5-A",
    ]
    assert read.spillover is not None
    assert read.spillover.matrix[0, 1] == 0.13


def test_no_name_of_a_real_file_is_in_its_messages(folder):
    paths = sorted((folder / "real").glob("*.fcs"))
    shown = " ".join(
        f"{read!r} {read.keywords!r} {read.warnings}" for path in paths for read in readable(path)
    )
    private = {read.keywords.get(key) for path in paths for read in readable(path) for key in NAMES}
    assert len(private - {None}) > 8
    assert [name for name in private if name and name.strip() and name in shown] == []
