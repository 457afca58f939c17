"""Limits of looks against R: rpact 4.5.0.9315 and gsDesign 3.11.0.9003, R 4.2.2.

`gs_boundaries.csv` holds 264 designs (z, agreeing with rpact to 1.3e-7), `gs_futility.csv` 162 with
limits of futility, fixed or by spending beta, binding or not.
"""

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from immunosep.analysis.interim.boundaries import Boundaries, find_boundaries
from immunosep.protocol.interim import Futility, Looks, Spending

Rows = list[dict[str, str]]

FAMILIES = {
    "OF": Spending.OBRIEN_FLEMING,
    "P": Spending.POCOCK,
    "HP": Spending.HAYBITTLE_PETO,
    "WT": Spending.WANG_TSIATIS,
    "asOF": Spending.LAN_DEMETS_OBRIEN_FLEMING,
    "asP": Spending.LAN_DEMETS_POCOCK,
    "asHSD": Spending.HWANG_SHIH_DECANI,
    "asKD": Spending.KIM_DEMETS,
}
BETA = {"bsOF": "asOF", "bsP": "asP", "bsHSD": "asHSD"}
KINDS = ("fixed_z", *BETA)


def designs(path: Path) -> list[Rows]:
    """The rows of each design, in the order of its looks."""
    found: dict[str, Rows] = defaultdict(list)
    with path.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            found[row["design_id"]].append(row)
    return list(found.values())


def numbers(rows: Rows, name: str) -> tuple[float, ...]:
    return tuple(float(row[name]) for row in rows if row[name] not in ("", "NA"))


def number(text: str) -> float | None:
    return None if text in ("", "NA") else float(text)


def plan(
    rows: Rows,
    *,
    family: str,
    parameter: float | None = None,
    sided: int = 1,
    futility: Futility | None = None,
) -> Looks:
    return Looks(
        information=numbers(rows, "information"),
        spending=FAMILIES[family],
        parameter=parameter,
        alpha=float(rows[0]["alpha"]),
        sided=sided,
        tests="primary",
        source="R",
        futility=futility,
    )


def futility_of(rows: Rows) -> Futility:
    first = rows[0]
    binding = first["binding"] == "TRUE"
    if first["futility"] == "fixed_z":
        return Futility(binding=binding, z=numbers(rows, "z_futility"))
    return Futility(
        binding=binding,
        spending=FAMILIES[BETA[first["futility"]]],
        parameter=number(first["futility_parameter"]),
        beta=float(first["beta"]),
    )


def bounds(rows: Rows) -> Boundaries:
    first = rows[0]
    sided, parameter = int(first["sided"]), number(first["parameter"])
    return find_boundaries(plan(rows, family=first["family"], parameter=parameter, sided=sided))


def bounds_with_futility(rows: Rows) -> Boundaries:
    return find_boundaries(plan(rows, family=rows[0]["efficacy"], futility=futility_of(rows)))


def spent(rows: Rows, name: str) -> Any:
    """R's chances, which it cuts off after the eighth decimal."""
    return pytest.approx(numbers(rows, name), rel=1e-6, abs=1e-7)


def alpha_of(found: Boundaries) -> Any:
    """The type I error spent up to each look; limits of futility count if they bind."""
    crossing = found.crossing(drift=0, obeyed=found.binding)
    return np.cumsum(crossing.upper + (crossing.lower if found.sided == 2 else 0))


@pytest.mark.parametrize("family", FAMILIES)
def test_efficacy_limits_are_those_of_r(family, shared):
    chosen = [
        rows
        for rows in designs(shared / "golden" / "gs_boundaries.csv")
        if rows[0]["family"] == family
    ]
    assert len(chosen) >= 20
    for rows in chosen:
        found = bounds(rows)
        assert found.upper == pytest.approx(numbers(rows, "z"), abs=1e-6)
        assert norm.sf(found.upper) == spent(rows, "stage_level_one_sided")
        assert alpha_of(found) == spent(rows, "cumulative_alpha")


@pytest.mark.parametrize(
    ("family", "futility"),
    [("OF", "fixed_z"), *((family, how) for family in ("asOF", "asP") for how in KINDS)],
)
def test_futility_limits_are_those_of_r(family, futility, shared):
    chosen = [
        rows
        for rows in designs(shared / "golden" / "gs_futility.csv")
        if (rows[0]["efficacy"], rows[0]["futility"]) == (family, futility)
    ]
    assert len(chosen) >= 10
    for rows in chosen:
        found = bounds_with_futility(rows)
        early = numbers(rows, "z_futility")[: len(rows) - 1]
        assert found.lower is not None
        assert found.upper == pytest.approx(numbers(rows, "z_efficacy"), abs=1e-5)
        assert found.lower[:-1] == pytest.approx(early, abs=1e-5)
        assert alpha_of(found) == pytest.approx(numbers(rows, "cumulative_alpha"), abs=1e-6)


@pytest.mark.parametrize("futility", BETA)
def test_drift_with_beta_spent_is_that_of_r(futility, shared):
    chosen = [
        rows
        for rows in designs(shared / "golden" / "gs_futility.csv")
        if rows[0]["futility"] == futility
    ]
    assert len(chosen) >= 20
    for rows in chosen:
        found = bounds_with_futility(rows)
        assert found.drift is not None
        assert found.drift**2 == pytest.approx(float(rows[0]["shift"]), abs=1e-5)
        beta = np.cumsum(found.crossing(drift=found.drift).lower)
        assert beta == pytest.approx(numbers(rows, "cumulative_beta"), abs=1e-6)
        assert found.lower is not None
        assert found.lower[-1] == found.upper[-1]
