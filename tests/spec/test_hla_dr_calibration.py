"""Brightness to molecules: lines that are published, exact, noisy or wrong, and what is said of them.

Lot 96597 of QuantiBRITE PE beads and its line y = 1.022 x + 0.921 are public
(github.com/CStehn/MPNSTCellSurfaceome); the rest is arithmetic on that lot.
"""

import pytest

from immunosep.cytometry.calibration import Calibration, fit_calibration
from immunosep.cytometry.checks import check_line
from immunosep.cytometry.quality import worst
from immunosep.cytometry.uncertainty import (
    Uncertainty,
    estimate_interval,
    is_grey,
    probability_below,
    sampling_error,
)
from tests.invented_tubes import LOT
from tests.spec.drawn import rows

BEADS = {
    "published": (6130.935, 70182.586, 324553.411, 719800.409),
    "exact": (1595, 17325, 77520, 169002.5),
    "noisy": (1626.9, 16978.5, 79845.6, 163932.4),
    "two exchanged": (1595, 17325, 169002.5, 77520),
    "steep": tuple(3 * pe ** (1 / 0.9) for pe in LOT),
    "lowest missed": (17325, 77520, 169002.5, 338005),
}


def line(name: str) -> Calibration:
    return fit_calibration(BEADS[name], pe_per_bead=LOT)


@pytest.mark.parametrize(
    "row",
    rows("""
    | beads         | slope    | intercept | r_squared |
    |---------------|----------|-----------|-----------|
    | published     | 1.022000 |  0.921000 |  1.000000 |
    | exact         | 1.000000 |  0.397940 |  1.000000 |
    | noisy         | 0.994314 |  0.420497 |  0.999825 |
    | two exchanged | -        |         - |    0.9062 |
    | steep         |    1.111 |         - |  1.000000 |
    | lowest missed |    0.620 |         - |    0.9952 |
    """),
    ids=lambda row: row["beads"],
)
def test_line_of_the_beads(row):
    found, digits = line(row["beads"]).line, 6 if row["intercept"] is not None else 3
    assert row["slope"] is None or found.slope == pytest.approx(row["slope"], abs=10**-digits)
    assert row["intercept"] is None or found.intercept == pytest.approx(row["intercept"], abs=1e-6)
    assert found.r_squared == pytest.approx(row["r_squared"], abs=5e-5 if digits == 3 else 1e-6)


@pytest.mark.parametrize(
    "row",
    rows("""
    | beads         | mfi    | molecules |
    |---------------|--------|-----------|
    | published     |  16439 |   1674.74 |
    | published     | 215754 |  20795.23 |
    | published     |  16315 |   1662.38 |
    | published     | 212164 |  20456.60 |
    | exact         |   2500 |   1000.00 |
    | exact         |  12500 |   5000.00 |
    | exact         |  20000 |   8000.00 |
    | exact         |  37500 |  15000.00 |
    | noisy         |  12500 |   4982.39 |
    """),
)
def test_molecules_of_a_brightness(row):
    assert line(row["beads"]).pe(row["mfi"]) == pytest.approx(row["molecules"], abs=0.006)


def test_molecules_divided_by_those_of_an_antibody():
    found = [line("published").pe(mfi) / 1.445 for mfi in (16439, 215754)]
    assert found == pytest.approx([1158.99, 14391.16], abs=0.006)


def test_brightness_of_the_limit():
    assert line("published").mfi_of(5000) == pytest.approx(50274.45, abs=0.01)


def test_noisy_beads_the_other_way_round():
    found = line("noisy").inverse
    assert found.slope == pytest.approx(1.005542, abs=1e-6)
    assert found.intercept == pytest.approx(-0.422127, abs=1e-6)
    assert found.deviation == pytest.approx(0.014461, abs=1e-6)
    assert found.residuals == pytest.approx([-0.00221, 0.00952, -0.01582, 0.00851], abs=1e-5)


@pytest.mark.parametrize(
    "row",
    rows("""
    | mfi   | molecules | low    | high   |
    |-------|-----------|--------|--------|
    |  2500 |    987.75 |  878.7 | 1110.4 |
    | 12500 |   4982.98 | 4615.3 | 5380.0 |
    | 20000 |   7993.57 | 7437.5 | 8591.3 |
    """),
)
def test_interval_the_beads_alone_leave(row):
    found = line("noisy").estimate_pe(row["mfi"])
    assert found == pytest.approx((row["molecules"], row["low"], row["high"]), abs=0.06)


def test_parts_of_the_uncertainty_add_up():
    value = line("noisy").estimate_pe(12500)[0]
    found = Uncertainty(
        beads=line("noisy").relative_error(12500), sampling=sampling_error(0.20, 700), assay=0.05
    )
    assert (found.beads, found.sampling) == pytest.approx((0.0391, 0.0174), abs=5e-5)
    assert found.total == pytest.approx(0.0658, abs=5e-5)
    assert estimate_interval(value, found) == pytest.approx((4380, 5669), abs=0.6)
    assert probability_below(value, 5000, found) == pytest.approx(0.521, abs=5e-4)
    assert is_grey(value, 5000, found)


@pytest.mark.parametrize(
    "row",
    rows("""
    | beads         | slope  | r_squared | residual | together |
    |---------------|--------|-----------|----------|----------|
    | noisy         | pass   | pass      | pass     | pass     |
    | exact         | pass   | pass      | flag     | flag     |
    | published     | pass   | pass      | flag     | flag     |
    | two exchanged | pass   | refuse    | refuse   | refuse   |
    | steep         | refuse | pass      | flag     | refuse   |
    | lowest missed | refuse | flag      | refuse   | refuse   |
    """),
    ids=lambda row: row["beads"],
)
def test_verdict_on_the_line(row):
    checks = list(check_line(line(row["beads"])))
    found = [check.outcome for check in checks]
    assert found == [row["slope"], row["r_squared"], row["residual"]]
    assert worst(checks) == row["together"]


def test_levels_too_straight_to_be_measured_are_flagged():
    said = {check.name: check.says for check in check_line(line("exact"))}
    assert "too well to be measured" in said["residual, largest"]
