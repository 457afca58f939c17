"""Every check of one measurement, in the order a technician would look: sample, pair, cells, beads.

The limits stand in `quality`, those of handling in `handling`, those of the settings in `pairs`.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np

from immunosep.cytometry import quality
from immunosep.cytometry.beads import Beads
from immunosep.cytometry.calibration import Calibration
from immunosep.cytometry.cells import Brightness, measure_drift, second_opinion
from immunosep.cytometry.channels import Roles
from immunosep.cytometry.density import Array
from immunosep.cytometry.fcs import FcsFile
from immunosep.cytometry.gating import Gate
from immunosep.cytometry.lots import Lot
from immunosep.cytometry.pairs import acquired_on
from immunosep.cytometry.quality import Check, Outcome, check
from immunosep.cytometry.tubes import is_compensated

CONSTRUCTED = 1e-5  # real beads never lie on a line so well
NO_MONOCYTES = "No CD14 population stands apart, so there are no monocytes to measure."
DRIFT, CHANCE = 0.10, 0.001


def check_lot(lot: Lot, beads: FcsFile, *, today: date) -> Check:
    """Whether the lot had expired when its beads were run."""
    expired = lot.expires < (acquired_on(beads) or today)
    return Check(
        name="bead lot",
        value="expired" if expired else "in date",
        limit="in date when the beads were run",
        outcome=Outcome.REFUSE if expired else Outcome.PASS,
        says="The bead lot had expired: run a lot that is in date." if expired else "",
    )


def check_values(gate: Gate, beads: Beads) -> Iterator[Check]:
    """Whether the used channels of both tubes hold numbers."""
    says = "Too many events hold no number: export the file again."
    yield check("events without a number", gate.not_finite, quality.NOT_FINITE, says)
    says = "Too many events of the bead tube hold no number: export the file again."
    yield check("beads without a number", beads.not_finite, quality.NOT_FINITE, says)


def check_compensation(patient: FcsFile, roles: Roles) -> Check:
    """Whether the light that other dyes send into PE was taken out."""
    if is_compensated(roles.hla_dr):
        found = (
            "stored compensated",
            Outcome.FLAG,
            "The values were compensated by another program.",
        )
    elif patient.spillover_problem:
        found = "unusable matrix", Outcome.REFUSE, "The file's compensation matrix cannot be used."
    elif patient.spillover is None:
        found = "no matrix", Outcome.FLAG, "The file has no compensation matrix: none was applied."
    elif roles.hla_dr not in patient.spillover.names:
        found = "HLA-DR left out", Outcome.FLAG, "The matrix leaves out the HLA-DR channel."
    elif np.array_equal(patient.spillover.matrix, np.eye(len(patient.spillover.names))):
        found = "matrix of no spill", Outcome.FLAG, "The compensation matrix holds no spill at all."
    else:
        found = "applied", Outcome.PASS, ""
    return Check(
        name="compensation", value=found[0], limit="by the file's matrix", outcome=found[1],
        says=found[2],
    )  # fmt: skip


def check_gate(gate: Gate, count: int) -> Iterator[Check]:
    """Whether there are monocytes, enough of them, and within the detectors' range."""
    if gate.singlets is None:
        yield _noted("doublets", "No height or width of forward scatter: doublets stay in.")
    if gate.leukocytes is None:
        yield _noted("CD45", "No CD45: debris is told by scatter and CD14 alone.")
    if gate.cd14_cut is None:
        yield Check(
            name="CD14 population",
            value="none",
            limit="a valley of CD14 parts it off",
            outcome=Outcome.REFUSE,
            says=NO_MONOCYTES,
        )
    says = "Few monocytes: record more events." if count else NO_MONOCYTES
    yield check("monocytes", count, quality.MONOCYTES, says)
    says = (
        "Monocytes lie at the edge of a detector's range: lower its voltage, run both tubes anew."
    )
    yield check("monocytes at the margin", gate.at_margin, quality.MARGIN, says)


def check_cells(
    cells: Brightness, hla_dr: Array, time: Array | None, gate: Gate
) -> Iterator[Check]:
    """Whether the monocytes' brightness is steady and theirs alone; arrays hold every event."""
    says = "Too many monocytes have no HLA-DR signal above zero: look at the compensation."
    yield check("monocytes not above zero", cells.not_positive, quality.NOT_POSITIVE, says)
    says = "The mean lies away from the median: other cells may be in the gate."
    yield check("mean against median", cells.median_apart, quality.MEDIAN_APART, says)
    says = "The result depends on where CD14 is cut: repeat it."
    yield check("another CD14 cut", second_opinion(hla_dr, gate), quality.SECOND_GATE, says)
    yield _drift(hla_dr, time, gate)


def check_beads(beads: Beads) -> Iterator[Check]:
    """Whether all levels of the lot were found, and found well."""
    fewest = min(level.count for level in beads.levels)
    says = "A bead level is missing or thin: check the lot's values, run the beads anew."
    yield check("beads in a level, fewest", fewest, quality.BEADS_PER_LEVEL, says)
    says = "Many beads lie in no level: the lot's values may be another lot's."
    yield check("beads in the levels", beads.in_levels, quality.BEADS_IN_LEVELS, says)
    says = "A bead level is spread wide: run fresh beads."
    widest = max(level.cv for level in beads.levels)
    yield check("CV of a level, widest", widest, quality.LEVEL_CV, says)
    says = "The levels fit the beads in more than one way: check the lot's values."
    yield check("fit over the next fit", beads.comb_ratio, quality.COMB, says)
    says = "The brightest beads lie at the edge of the range: lower the voltage, run both anew."
    yield check("beads at the margin", beads.at_margin, quality.MARGIN, says)


def check_line(calibration: Calibration) -> Iterator[Check]:
    """Whether the levels lie on a straight line of slope 1."""
    says = "The detector is not linear, or the lot's values are another lot's."
    yield check("slope of the line", calibration.line.slope, quality.SLOPE, says)
    says = "The bead levels do not lie on a line: check the lot's values."
    yield check("R² of the line", calibration.line.r_squared, quality.R_SQUARED, says)
    residual = calibration.largest_residual
    if residual < CONSTRUCTED:
        yield Check(
            name="residual, largest", value=residual, limit="some: real beads scatter",
            outcome=Outcome.FLAG, says="The bead levels lie on the line too well to be measured.",
            share=True,
        )  # fmt: skip
    else:
        says = "A bead level lies off the line: run the beads anew."
        yield check("residual, largest", residual, quality.RESIDUAL, says)


def check_at_result(calibration: Calibration, mfi: float) -> Check:
    """How far the answer would move if the detector were taken as linear."""
    apart = abs(calibration.pe(mfi) / calibration.pe_at_slope_one(mfi) - 1)
    says = "The answer depends on the line's slope: run the beads anew."
    return check("against a line of slope 1", apart, quality.SLOPE_ONE, says)


def _drift(hla_dr: Array, time: Array | None, gate: Gate) -> Check:
    name, limit = "drift of HLA-DR", "10 % or less, or p 0.001 or more"
    drift = None
    if time is not None:
        drift = measure_drift(hla_dr[gate.monocytes], time[gate.monocytes])
    if drift is None:
        return Check(
            name=name, value=None, limit=limit, outcome=Outcome.FLAG,
            says="The file keeps no time, so a drift would not be seen.",
        )  # fmt: skip
    drifted = abs(drift.change) > DRIFT and drift.p_value < CHANCE
    return Check(
        name=name,
        value=drift.change,
        share=True,
        limit=limit,
        outcome=Outcome.REFUSE if drifted else Outcome.PASS,
        says="HLA-DR drifts during the run: check the fluidics, run both tubes anew."
        if drifted
        else "",
    )


def _noted(name: str, says: str) -> Check:
    return Check(name=name, value="not measured", limit="measured", outcome=Outcome.FLAG, says=says)
