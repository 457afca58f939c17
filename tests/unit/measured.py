"""Pairs of invented tubes, written, read and measured for tests."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from immunosep.cytometry.fcs import FcsFile, read_fcs
from immunosep.cytometry.handling import Anticoagulant, Handling, Lysis
from immunosep.cytometry.hla_dr import Measurement, measure_hla_dr
from immunosep.cytometry.lots import Lot
from immunosep.cytometry.quality import Outcome
from tests import invented_tubes
from tests.invented_tubes import LOT, Drawn

TODAY = date(2026, 1, 1)
LEAFLET = Lot(lot="96597", expires=date(2027, 3, 31), pe_per_bead=LOT)
WELL_HANDLED = Handling(
    hours_to_stain=2, cooled=True, shipped=False, lysis=Lysis.NO_WASH, tube=Anticoagulant.EDTA
)
LOT_TOML = """
lot = "96597"
expires = 2027-03-31
pe_per_bead = [638, 6930, 31008, 67601]
"""


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def blood(**drawn: Any) -> Drawn:
    return invented_tubes.blood(rng(), **drawn)


def beads(**drawn: Any) -> Drawn:
    return invented_tubes.beads(rng(), **drawn)


def read(tube: Drawn, path: Path) -> FcsFile:
    return read_fcs(tube.write(path))[-1]


def measured(folder: Path, patient: Drawn, bead_tube: Drawn, **given: Any) -> Measurement:
    """The measurement of a pair, well handled and of the right lot if nothing else is given."""
    asked: dict[str, Any] = {
        "lot": LEAFLET,
        "limit": 5000,
        "today": TODAY,
        "handling": WELL_HANDLED,
    } | given
    return measure_hla_dr(
        read(patient, folder / "patient.fcs"), read(bead_tube, folder / "beads.fcs"), **asked
    )


def failed(found: Measurement) -> dict[str, str]:
    """The checks that did not pass, with their outcome."""
    return {c.name: c.outcome.value for c in found.checks if c.outcome is not Outcome.PASS}


def number(found: Measurement) -> float:
    assert found.result is not None
    assert found.result.antibodies_bound_per_cell is not None
    return found.result.antibodies_bound_per_cell
