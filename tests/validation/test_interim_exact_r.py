"""Exact operating characteristics against an enumeration in R 4.2.2: `exact_binomial_oc.csv`."""

import csv

import pytest

from immunosep.analysis.interim.exact import ExactDesign, find_exact

NAMES = ["fixed", "OF2", "P2", "asOF2", "OF4", "asP4", "asOF5", "HP4"]


def numbers(text: str) -> tuple[float, ...]:
    return tuple(float(number) for number in text.split(";"))


@pytest.mark.parametrize("name", NAMES)
def test_exact_characteristics_are_those_of_r(name, shared):
    with (shared / "golden" / "exact_binomial_oc.csv").open(encoding="utf-8") as rows:
        chosen = [row for row in csv.DictReader(rows) if row["design"] == name]
    assert len(chosen) == 15
    for row in chosen:
        looks = tuple(int(number) for number in numbers(row["per_arm_cumulative"]))
        plan = ExactDesign(per_arm=looks, upper=numbers(row["critical_values"]))
        found = find_exact(plan, treated=float(row["p_active"]), control=float(row["p_control"]))
        assert found.reject == pytest.approx(float(row["reject"]), abs=1e-9)
        assert found.expected_total == pytest.approx(float(row["expected_n"]), abs=1e-9)
        assert found.reject_by_look == pytest.approx(numbers(row["reject_by_look"]), abs=1e-9)
