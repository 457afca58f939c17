"""HLA-DR on monocytes, from a patient tube and a bead tube: antibodies bound per cell, how sure.

One measurement is one pair of tubes. The protocol's rule compares the number itself with its limit;
the interval says when that answer could as well have been the other (grey), and asks for a repeat.
A tube that is refused gives no number, only the reasons. Beyond the beads nothing is extrapolated:
the answer is then below the dimmest or above the brightest level.

"Molecules", "receptors" and "antibodies bound per cell" name the same count here; one antibody can
hold one molecule of HLA-DR, or two. Method: Döcke Clin Chem 2005;51:2341.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from immunosep.cytometry.beads import Beads, find_beads
from immunosep.cytometry.calibration import Calibration, fit_calibration
from immunosep.cytometry.cells import Brightness, measure_brightness
from immunosep.cytometry.channels import Roles, find_roles, shown
from immunosep.cytometry.checks import (
    check_at_result,
    check_beads,
    check_cells,
    check_compensation,
    check_gate,
    check_line,
    check_lot,
    check_values,
)
from immunosep.cytometry.fcs import FcsFile
from immunosep.cytometry.gating import Gate, gate_monocytes
from immunosep.cytometry.handling import UNKNOWN_CV, Handling, check_handling
from immunosep.cytometry.lots import Lot
from immunosep.cytometry.pairs import check_pair
from immunosep.cytometry.quality import Check, Outcome, Verdict, verdict_of
from immunosep.cytometry.tubes import Tube, is_compensated
from immunosep.cytometry.uncertainty import (
    Uncertainty,
    estimate_interval,
    is_grey,
    probability_below,
    sampling_error,
)
from immunosep.errors import SourceError


class Beyond(StrEnum):
    """On which side of the beads a result lies that they cannot tell."""

    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, kw_only=True)
class Result:
    """The number and how sure it is; beyond the beads only the bound is known."""

    antibodies_bound_per_cell: float | None
    median: float | None
    interval_95: tuple[float, float] | None
    probability_below: float | None
    grey: bool
    uncertainty: Uncertainty
    beyond: Beyond | None
    bound: float | None

    @property
    def value(self) -> float:
        """The number to compare with a limit: beyond the beads, their last level."""
        found = self.antibodies_bound_per_cell if self.beyond is None else self.bound
        assert found is not None
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Measurement:
    """One pair of tubes: what was found, every check, and what the report draws."""

    limit: float
    lot: Lot
    verdict: Verdict
    checks: tuple[Check, ...]
    result: Result | None
    monocytes: int
    brightness: Brightness | None
    calibration: Calibration | None
    patient: Tube
    roles: Roles
    gate: Gate
    beads: Beads
    notes: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """What did not pass, in sentences, what refuses first."""
        failed = [check for check in self.checks if check.outcome is not Outcome.PASS]
        failed.sort(key=lambda check: check.outcome is not Outcome.REFUSE)
        return tuple(dict.fromkeys(check.says for check in failed))

    def as_json(self) -> dict[str, Any]:
        """The answer as plain values."""
        found, line = self.result, self.calibration.line if self.calibration else None
        return {
            "antibodies_bound_per_cell": found.antibodies_bound_per_cell if found else None,
            "interval_95": list(found.interval_95) if found and found.interval_95 else None,
            f"probability_below_{self.limit:g}": found.probability_below if found else None,
            "grey": found.grey if found else None,
            "verdict": self.verdict.value,
            "checks": [check.as_json() for check in self.checks],
            "monocytes": self.monocytes,
            "line": {
                "slope": line.slope,
                "intercept": line.intercept,
                "r_squared": line.r_squared,
            }
            if line
            else None,
            "median": found.median if found else None,
            "beyond": found.beyond.value if found and found.beyond else None,
            "hla_dr_per_monocyte": found.value if found else None,
            "lot": self.lot.lot,
            "reasons": list(self.reasons),
            "notes": list(self.notes),
        }


def measure_hla_dr(
    patient: FcsFile,
    beads: FcsFile,
    *,
    lot: Lot,
    limit: float,
    today: date,
    channels: Mapping[str, str] | None = None,
    handling: Handling | None = None,
) -> Measurement:
    """Measure one pair of tubes; `limit` is where the trial parts low from high.

    `today` dates a bead tube that does not tell its day. A SourceError says which channel cannot be
    told; whatever else is wrong is a check that refuses.
    """
    roles = find_roles(patient, channels)
    _check_bead_channels(beads, roles)
    tube = Tube(file=patient, compensate=not is_compensated(roles.hla_dr))
    levels = find_beads(Tube(file=beads, compensate=False), roles, pe_per_bead=lot.pe_per_bead)
    gate = gate_monocytes(tube, roles)
    hla_dr = tube.values(roles.hla_dr)
    time = None if roles.time is None else tube.stored(roles.time)
    cells = measure_brightness(hla_dr[gate.monocytes])
    calibration = _calibrate(levels, lot)
    checks = [
        *check_handling(handling),
        check_lot(lot, beads, today=today),
        *check_pair(patient, beads, channel=roles.hla_dr),
        *check_values(gate, levels),
        check_compensation(patient, roles),
        *check_gate(gate, cells.count if cells else 0),
        *(check_cells(cells, hla_dr, time, gate) if cells else ()),
        *check_beads(levels),
        *(check_line(calibration) if calibration else ()),
    ]
    if cells and calibration:
        checks.append(check_at_result(calibration, cells.geometric_mean))
    verdict = verdict_of(checks)
    result = None
    if verdict is not Verdict.REFUSE and cells and calibration:
        assay = handling.assay_error if handling else UNKNOWN_CV
        result = estimate_result(cells, calibration, lot=lot, limit=limit, assay=assay)
    return Measurement(
        limit=limit,
        lot=lot,
        verdict=verdict,
        checks=tuple(checks),
        result=result,
        monocytes=cells.count if cells else 0,
        brightness=cells,
        calibration=calibration,
        patient=tube,
        roles=roles,
        gate=gate,
        beads=levels,
        notes=tuple(dict.fromkeys((*patient.warnings, *beads.warnings))),
    )


def estimate_result(
    cells: Brightness, calibration: Calibration, *, lot: Lot, limit: float, assay: float
) -> Result:
    """Antibodies bound per cell of this brightness, with its interval."""
    uncertainty = Uncertainty(
        beads=calibration.relative_error(cells.geometric_mean),
        sampling=sampling_error(cells.log10_deviation, cells.count),
        assay=assay,
    )
    pe = calibration.pe(cells.geometric_mean)
    lowest, highest = calibration.pe_per_bead[0], calibration.pe_per_bead[-1]
    if not lowest <= pe <= highest:
        low = pe < lowest
        return Result(
            antibodies_bound_per_cell=None, median=None, interval_95=None, probability_below=None,
            grey=False, uncertainty=uncertainty, beyond=Beyond.BELOW if low else Beyond.ABOVE,
            bound=(lowest if low else highest) / lot.pe_per_antibody,
        )  # fmt: skip
    value = pe / lot.pe_per_antibody
    return Result(
        antibodies_bound_per_cell=value,
        median=calibration.pe(cells.median) / lot.pe_per_antibody,
        interval_95=estimate_interval(value, uncertainty),
        probability_below=probability_below(value, limit, uncertainty),
        grey=is_grey(value, limit, uncertainty),
        uncertainty=uncertainty,
        beyond=None,
        bound=None,
    )


def _calibrate(beads: Beads, lot: Lot) -> Calibration | None:
    if any(level.count == 0 for level in beads.levels):
        return None
    return fit_calibration(beads.mfi, pe_per_bead=lot.pe_per_bead)


def _check_bead_channels(beads: FcsFile, roles: Roles) -> None:
    present = {channel.name for channel in beads.channels}
    missing = [name for name in (roles.hla_dr, roles.fsc, roles.ssc) if name not in present]
    if missing:
        raise SourceError(
            "the channels of the bead tube",
            [
                f"no channel {shown(name)}, as the patient tube has; expected the same detectors "
                "in both tubes: run the beads with the samples' settings"
                for name in missing
            ],
        )
