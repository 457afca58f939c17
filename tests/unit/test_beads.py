"""Bead levels found as a comb: there, missing, doubled, thin, or another lot's."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from immunosep.cytometry.beads import Beads, find_beads
from immunosep.cytometry.channels import find_roles
from immunosep.cytometry.tubes import Tube
from tests.invented_tubes import GAIN, LOT, Drawn
from tests.unit.measured import beads, read, rng


def levels(tmp_path: Path, tube: Drawn, lot: tuple[float, ...] = LOT) -> Beads:
    file = read(tube, tmp_path / "beads.fcs")
    return find_beads(Tube(file=file, compensate=False), find_roles(file), pe_per_bead=lot)


def test_levels_are_found(tmp_path):
    found = levels(tmp_path, beads())
    assert found.mfi == pytest.approx([GAIN * pe for pe in LOT], rel=0.01)
    assert [level.count for level in found.levels] == pytest.approx([1200] * 4, rel=0.05)
    assert found.comb_ratio > 5
    assert found.in_levels > 0.95


@pytest.mark.parametrize("slope", [0.85, 1.0, 1.15])
def test_levels_of_a_detector_that_is_not_linear_are_found(tmp_path, slope):
    found = levels(tmp_path, beads(slope=slope))
    expected = np.log10(GAIN) + slope * np.log10(LOT) + (1 - slope) * 4
    assert np.log10(found.mfi) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("missing", [0, 1, 2, 3])
def test_a_missing_level_has_no_beads_or_no_line(tmp_path, missing):
    there = tuple(pe for at, pe in enumerate(LOT) if at != missing)
    found = levels(tmp_path, beads(lot=there))
    assert min(level.count for level in found.levels) < 100


def test_doublets_of_beads_are_no_level(tmp_path):
    tube = beads()
    doubled = {n: np.concatenate([c, 2 * c[:600]]) for n, c in tube.columns.items()}
    found = levels(tmp_path, replace(tube, columns=doubled))
    assert found.mfi == pytest.approx([GAIN * pe for pe in LOT], rel=0.01)
    assert found.singlets[-600:].mean() < 0.05


def test_debris_among_beads_lowers_their_share(tmp_path):
    tube = beads()
    noise = 10 ** rng(2).uniform(1, 5, len(tube.columns["PE-A"]))
    mixed = {n: np.concatenate([c, c]) for n, c in tube.columns.items()}
    mixed["PE-A"] = np.concatenate([tube.columns["PE-A"], noise])
    assert levels(tmp_path, replace(tube, columns=mixed)).in_levels < 0.75


def test_beads_at_the_edge_are_counted(tmp_path):
    found = levels(
        tmp_path, beads(lot=(638.0, 6930.0, 31008.0, 104_000.0)), (638, 6930, 31008, 104000)
    )
    assert found.at_margin > 0.1


def test_an_empty_tube_has_no_levels(tmp_path):
    tube = beads()
    empty = replace(tube, columns={name: column[:0] for name, column in tube.columns.items()})
    found = levels(tmp_path, empty)
    assert [level.count for level in found.levels] == [0, 0, 0, 0]
    assert found.comb_ratio == 0
