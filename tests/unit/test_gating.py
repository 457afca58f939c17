"""Monocytes told from the rest: dim or bright, many or few, whatever HLA-DR is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from immunosep.cytometry.channels import find_roles
from immunosep.cytometry.density import estimate_density
from immunosep.cytometry.ellipse import find_ellipse
from immunosep.cytometry.gating import Gate, gate_monocytes, move_cut
from immunosep.cytometry.tubes import Tube
from tests.invented_tubes import Drawn
from tests.unit.measured import blood, read, rng


def gated(tmp_path: Path, tube: Drawn) -> Gate:
    file = read(tube, tmp_path / "patient.fcs")
    return gate_monocytes(Tube(file=file), find_roles(file))


def found(tmp_path: Path, tube: Drawn) -> int:
    return int(gated(tmp_path, tube).monocytes.sum())


@pytest.mark.parametrize("decades", [0.0, -0.5, -0.8, -1.0])
def test_dim_monocytes_are_found(tmp_path, decades):
    assert found(tmp_path, blood(cd14_decades=decades)) == pytest.approx(2000, rel=0.03)


@pytest.mark.parametrize("count", [300, 1000, 4000])
def test_few_and_many_monocytes_are_found(tmp_path, count):
    assert found(tmp_path, blood(monocytes=count)) == pytest.approx(count, rel=0.03)


@pytest.mark.parametrize("granulocytes", [0, 200, 1000, 40_000])
def test_blood_with_few_granulocytes_or_many(tmp_path, granulocytes):
    assert found(tmp_path, blood(granulocytes=granulocytes)) == pytest.approx(2000, rel=0.03)


def test_debris_is_left_out(tmp_path):
    assert found(tmp_path, blood(debris=20_000)) == pytest.approx(2000, rel=0.03)


def test_no_monocytes_are_made_up(tmp_path):
    gate = gated(tmp_path, blood(monocytes=0))
    assert (gate.cd14_cut, gate.ellipse) == (None, None)
    assert not gate.monocytes.any()


def test_hla_dr_does_not_move_the_gate(tmp_path):
    tube = blood()
    turned = replace(tube, columns={**tube.columns, "PE-A": tube.columns["PE-A"][::-1]})
    same = replace(turned, spill=np.eye(3))
    expected = gated(tmp_path, replace(tube, spill=np.eye(3))).monocytes
    assert np.array_equal(gated(tmp_path, same).monocytes, expected)


def test_doublets_are_left_out(tmp_path):
    gate = gated(tmp_path, blood(doublets=0.1))
    assert gate.singlets is not None
    assert gate.singlets.sum() < 0.97 * len(gate.singlets)


def test_width_tells_doublets_where_there_is_no_height(tmp_path):
    tube = blood(doublets=0.1)
    width = tube.columns["FSC-A"] / tube.columns["FSC-H"] * 60_000
    columns = {"FSC-W" if n == "FSC-H" else n: c for n, c in tube.columns.items()}
    gate = gated(tmp_path, replace(tube, columns=columns | {"FSC-W": width}))
    assert gate.singlets is not None
    assert gate.singlets.sum() < 0.97 * len(gate.singlets)


def test_a_higher_cut_takes_no_more_cells(tmp_path):
    gate = gated(tmp_path, blood())
    assert gate.cd14_cut is not None
    assert move_cut(gate, 0.9).sum() < gate.monocytes.sum()


def test_an_empty_tube_has_no_gate(tmp_path):
    tube = blood()
    empty = replace(tube, columns={name: column[:0] for name, column in tube.columns.items()})
    assert gated(tmp_path, empty).ellipse is None


def test_peaks_stand_apart_or_are_one():
    values = np.concatenate([rng().normal(0, 1, 5000), rng().normal(2.5, 1, 4000)])
    density = estimate_density(values, bandwidth=0.5)
    assert len(density.peaks(share=0.01, dip=0.7)) == 1
    apart = estimate_density(np.where(values > 1.25, values + 4, values), bandwidth=0.5)
    assert len(apart.valleys(apart.peaks(share=0.01, dip=0.7))) == 1


def test_ellipse_holds_its_share():
    points = rng().normal(0, [1.0, 0.2], (20_000, 2))
    ellipse = find_ellipse(points, start=np.array([0.2, 0.0]))
    assert ellipse is not None
    assert ellipse.holds(points).mean() == pytest.approx(0.99, abs=0.002)


def test_ellipse_around_too_few_is_none():
    assert find_ellipse(np.zeros((3, 2)), start=np.zeros(2)) is None
    far = find_ellipse(rng().normal(50, 1, (100, 2)), start=np.array([0.0, 0.0]))
    assert far is None or far.centre == pytest.approx([50, 50], abs=1)
