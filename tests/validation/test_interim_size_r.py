"""Sample size and power of looks against rpact 4.5.0.9315, R 4.2.2: `gs_sample_size_power.csv`."""

import csv
from pathlib import Path

import pytest

from immunosep.analysis.interim.boundaries import Boundaries, find_boundaries
from immunosep.analysis.interim.size import TwoRates, find_power, find_size
from immunosep.protocol.interim import Futility, Looks, Spending

HALVES, THIRDS, QUARTERS = (0.5, 1.0), (1 / 3, 2 / 3, 1.0), (0.25, 0.5, 0.75, 1.0)
OF, LAN_DEMETS = Spending.OBRIEN_FLEMING, Spending.LAN_DEMETS_OBRIEN_FLEMING


def design(
    information: tuple[float, ...],
    spending: Spending,
    parameter: float | None = None,
    futility: Futility | None = None,
) -> Boundaries:
    return find_boundaries(
        Looks(
            information=information,
            spending=spending,
            parameter=parameter,
            futility=futility,
            alpha=0.025,
            sided=1,
            tests="primary",
            source="R",
        )
    )


DESIGNS = {
    "fixed": design((1.0,), Spending.POCOCK),
    "OF2": design(HALVES, OF),
    "OF3": design(THIRDS, OF),
    "P2": design(HALVES, Spending.POCOCK),
    "P3": design(THIRDS, Spending.POCOCK),
    "HP3": design(THIRDS, Spending.HAYBITTLE_PETO, 3.0),
    "HSDm4_3": design(THIRDS, Spending.HWANG_SHIH_DECANI, -4.0),
    "asOF2": design(HALVES, LAN_DEMETS),
    "asP3": design(THIRDS, Spending.LAN_DEMETS_POCOCK),
    "asOF4": design(QUARTERS, LAN_DEMETS),
    "asOF3u": design((0.3, 0.7, 1.0), LAN_DEMETS),
    "asOF2fut0": design(HALVES, LAN_DEMETS, futility=Futility(binding=False, z=(0.0,))),
    "asOF2fut0b": design(HALVES, LAN_DEMETS, futility=Futility(binding=True, z=(0.0,))),
    "asOF3fut": design(THIRDS, LAN_DEMETS, futility=Futility(binding=False, z=(0.0, 0.5))),
}

LOOKED_AT = [name for name in DESIGNS if name != "fixed"]


def rows_of(shared: Path, kind: str, name: str) -> list[dict[str, str]]:
    with (shared / "golden" / "gs_sample_size_power.csv").open(encoding="utf-8") as rows:
        found = [
            row for row in csv.DictReader(rows) if (row["kind"], row["design"]) == (kind, name)
        ]
    assert len(found) >= 10
    return found


def rates_of(row: dict[str, str]) -> TwoRates:
    return TwoRates(treated=float(row["pi1"]), control=float(row["pi2"]))


def told(row: dict[str, str], *names: str) -> list[float]:
    return [float(row[name]) for name in names]


@pytest.mark.parametrize("name", DESIGNS)
def test_sample_size_is_that_of_rpact(name, shared):
    for row in rows_of(shared, "sample_size", name):
        size = find_size(DESIGNS[name], rates_of(row), power=1 - float(row["beta"]))
        assert [size.largest, size.expected_effect] == pytest.approx(
            told(row, "max_n", "EN_H1"), rel=1e-6
        )


def test_every_row_is_compared(shared):
    with (shared / "golden" / "gs_sample_size_power.csv").open(encoding="utf-8") as rows:
        found = [(row["kind"], row["design"]) for row in csv.DictReader(rows)]
    asked = {("sample_size", name) for name in DESIGNS} | {("power", name) for name in LOOKED_AT}
    assert (set(found), len(found)) == (asked, 400)


def test_size_without_looks_is_that_of_gsdesign(shared):
    for row in rows_of(shared, "sample_size", "fixed"):
        size = find_size(DESIGNS["fixed"], rates_of(row), power=1 - float(row["beta"]))
        assert size.largest == pytest.approx(float(row["n_gsDesign_fixed"]), rel=1e-4)


@pytest.mark.parametrize("name", LOOKED_AT)
def test_size_expected_under_less_effect_is_that_of_rpact(name, shared):
    for row in rows_of(shared, "sample_size", name):
        size = find_size(DESIGNS[name], rates_of(row), power=1 - float(row["beta"]))
        assert [size.expected_no_effect, size.expected_midway] == pytest.approx(
            told(row, "EN_H0", "EN_H01"), rel=1e-6
        )


@pytest.mark.parametrize("name", LOOKED_AT)
def test_power_is_that_of_rpact(name, shared):
    for row in rows_of(shared, "power", name):
        power = find_power(DESIGNS[name], rates_of(row), total=float(row["n"]))
        assert [power.power, power.early_stop, power.expected] == pytest.approx(
            told(row, "power", "early_stop", "EN_H1"), rel=1e-6
        )
