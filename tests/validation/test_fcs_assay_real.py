"""Real tubes: Dako beads of an LSR II, healthy blood of a FACSCanto II, marrow of an FC500.

The bead peaks are those FlowCal 1.3.1 finds (a mixture of Gaussians, another method altogether).
The blood's hand gate also uses CD15 and CD3, which the gate here does not see.
"""

from pathlib import Path

import numpy as np
import pytest

from immunosep.cytometry.beads import Beads, find_beads
from immunosep.cytometry.calibration import fit_calibration
from immunosep.cytometry.channels import Roles
from immunosep.cytometry.fcs import read_fcs
from immunosep.cytometry.gating import gate_monocytes
from immunosep.cytometry.tubes import Tube

DAKO_PE = (1500.0, 4400.0, 14500.0, 43800.0, 131200.0)
FLOWCAL_PEAKS = (2.718, 3.178, 3.667, 4.115, 4.610)  # log10


@pytest.fixture(scope="module")
def dako(shared: Path) -> Beads:
    path = shared / "data" / "fcs" / "real" / "flowbeads_beads1_lsr2_20080121.fcs"
    roles = Roles(hla_dr="PE-A", cd14="PE-A", fsc="FSC-A", ssc="SSC-A")
    return find_beads(Tube(file=read_fcs(path)[-1]), roles, pe_per_bead=DAKO_PE)


def test_peaks_of_dako_beads_are_flowcals(dako):
    assert np.log10(dako.mfi) == pytest.approx(FLOWCAL_PEAKS, abs=0.01)


def test_levels_of_dako_beads_are_whole_and_narrow(dako):
    assert [level.count for level in dako.levels] == pytest.approx(
        [766, 626, 795, 669, 689], abs=10
    )
    cvs = [100 * level.cv for level in dako.levels]
    assert cvs == pytest.approx([15.9, 7.7, 4.3, 2.6, 1.9], abs=0.3)


def test_line_of_dako_beads(dako):
    found = fit_calibration(dako.mfi, pe_per_bead=DAKO_PE)
    assert found.inverse.slope == pytest.approx(1.0321, abs=0.005)
    assert found.inverse.intercept == pytest.approx(0.3739, abs=0.01)
    assert found.line.slope == pytest.approx(0.969, abs=0.005)
    assert found.line.r_squared == pytest.approx(0.99968, abs=5e-5)
    percent = 100 * (10**-found.inverse.residuals - 1)
    assert sorted(np.abs(percent)) == pytest.approx([0.4, 0.8, 2.6, 3.2, 4.8], abs=0.3)


def test_another_lots_values_do_not_fit_dako_beads(shared):
    path = shared / "data" / "fcs" / "real" / "flowbeads_beads1_lsr2_20080121.fcs"
    roles = Roles(hla_dr="PE-A", cd14="PE-A", fsc="FSC-A", ssc="SSC-A")
    quantibrite = (638.0, 6930.0, 31008.0, 67601.0)
    found = find_beads(Tube(file=read_fcs(path)[-1]), roles, pe_per_bead=quantibrite)
    assert min(level.count for level in found.levels) < 100 or found.comb_ratio < 1.2


def test_gate_of_real_blood_is_that_by_hand(shared):
    path = shared / "data" / "fcs" / "real" / "immunoclust_wb_leukocytes_cd14_cantoii.fcs"
    tube = Tube(file=read_fcs(path)[-1])
    roles = Roles(hla_dr="PE-A", cd14="FITC-A", fsc="FSC-A", ssc="SSC-A", fsc_area="FSC-A")
    cd14, ssc = tube.values("FITC-A"), tube.values("SSC-A")
    by_hand = (cd14 > 5000) & (ssc > 30_000) & (ssc < 110_000)
    by_hand &= (tube.values("APC-A") < 1000) & (tube.values("Pacific Blue-A") < 1000)
    found = gate_monocytes(tube, roles).monocytes
    assert (found & by_hand).sum() / (found | by_hand).sum() > 0.9
    brightness = [np.log10(cd14[mask]).mean() for mask in (found, by_hand)]
    assert brightness[0] == pytest.approx(brightness[1], abs=0.015)


def test_marrow_without_a_cd14_population_is_refused(shared):
    path = shared / "data" / "fcs" / "real" / "flowfp_fs1_tube005_fc500.fcs"
    roles = Roles(
        hla_dr="FL2 Log", cd14="FL1 Log", cd45="FL3 Log", fsc="FS Lin", ssc="SS Log",
        fsc_area="FS Lin",
    )  # fmt: skip
    gate = gate_monocytes(Tube(file=read_fcs(path)[-1]), roles)
    assert gate.cd14_cut is None
    assert not gate.monocytes.any()
