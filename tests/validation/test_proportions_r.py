"""Proportions, their differences and ratios, against R 4.2.2.

Base R's formulas and tests, ratesci 1.1.0 and gsDesign 3.11.0; `lower_ref` and `upper_ref` are
score intervals solved to the last digit. gsDesign's `ciBinomial` solves to about 5e-5. R's
`fisher.test` solves a ratio r or 1/r to 1.2e-4, ratesci its angle to 1e-10: theirs are compared
as r / (1 + r), and ours with the exact probabilities of the tails in
`test_conditional_odds_ratio_cuts_off_its_tails`.
"""

import csv
from fractions import Fraction
from math import comb, inf, isclose
from typing import Any

import pytest

from immunosep.analysis import association, differences, exact, ratios, scores
from immunosep.analysis.counts import TwoByTwo

ESTIMATES: dict[str, Any] = {
    "RD_wald": differences.estimate_wald,
    "RD_wald_cc": lambda table, level: differences.estimate_wald(
        table, level=level, continuity=True
    ),
    "RD_agresti_caffo": differences.estimate_agresti_caffo,
    "RD_newcombe": differences.estimate_newcombe,
    "RD_miettinen_nurminen": scores.estimate_miettinen_nurminen,
    "RD_mee_farrington_manning": scores.estimate_mee,
    "RR_miettinen_nurminen": scores.estimate_risk_ratio_score,
    "OR_miettinen_nurminen": lambda table, level: scores.estimate_odds_ratio_score(
        table, level=level, bias_corrected=True
    ),
    "RR_log_wald": ratios.estimate_risk_ratio,
    "OR_woolf": ratios.estimate_woolf,
    "OR_fisher_conditional": ratios.estimate_conditional_odds_ratio,
}
TESTS: dict[str, Any] = {
    "chisq_pearson": association.chi_squared_test,
    "chisq_yates": association.yates_test,
    "z_pooled": association.pooled_z_test,
    "fisher_less": lambda table: exact.fisher_test(table, alternative="less"),
    "fisher_greater": lambda table: exact.fisher_test(table, alternative="greater"),
}
TOLERANCES = {"gsDesign::ciBinomial": 5e-5, "stats::fisher.test": 1.3e-4, "ratesci::scoreci": 1e-9}
SOLVED_AS_SHARES = ("RR_miettinen_nurminen", "OR_miettinen_nurminen", "OR_fisher_conditional")


@pytest.fixture(scope="module")
def rows(shared):
    with (shared / "golden" / "proportions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _table(row: dict[str, str]) -> TwoByTwo:
    return TwoByTwo.of((int(row["x1"]), int(row["n1"])), (int(row["x2"]), int(row["n2"])))


def _number(text: str) -> float | None:
    return None if text in ("", "NA") else float(text)


def _close(ours: float | None, theirs: float | None, tolerance: float) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return ours == theirs or isclose(ours, theirs, rel_tol=tolerance, abs_tol=tolerance)


def _as_solved(row: dict[str, str], value: float | None) -> float | None:
    if value is None or row["measure_method"] not in SOLVED_AS_SHARES:
        return value
    return value / (1 + value) if value < inf else 1.0


def _agrees(row: dict[str, str], ours: float | None, column: str) -> bool:
    theirs = _number(row[column])
    tolerance = TOLERANCES.get(row["source"], 1e-8)
    return _close(_as_solved(row, ours), _as_solved(row, theirs), tolerance)


def _estimated(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["measure_method"] in ESTIMATES]


def _found(row: dict[str, str]) -> Any:
    return ESTIMATES[row["measure_method"]](_table(row), level=float(row["conf"]))


def test_every_row_is_compared(rows):
    assert {row["measure_method"] for row in rows} == ESTIMATES.keys() | TESTS.keys()
    assert len(rows) == 652


def test_intervals_as_in_r(rows):
    differing = [
        (row["table_id"], row["measure_method"], row["conf"], found.low, found.high)
        for row in _estimated(rows)
        for found in [_found(row)]
        if not (_agrees(row, found.low, "lower") and _agrees(row, found.high, "upper"))
    ]
    assert differing == []


def test_score_intervals_as_solved_to_the_last_digit(rows):
    solved = [row for row in rows if row["lower_ref"]]
    differing = [
        (row["table_id"], row["measure_method"], row["conf"])
        for row in solved
        for found in [_found(row)]
        if abs(found.low - float(row["lower_ref"])) > 1e-9
        or abs(found.high - float(row["upper_ref"])) > 1e-9
    ]
    assert len(solved) == 174
    assert differing == []


def _middle(found: Any) -> Any:
    return (found.low + found.high) / 2


def test_estimates_as_in_r(rows):
    """R prints as Agresti and Caffo's estimate the middle of their interval."""
    differing = [
        (row["table_id"], row["measure_method"], value)
        for row in _estimated(rows)
        for found in [_found(row)]
        for value in [_middle(found) if "agresti" in row["measure_method"] else found.value]
        if not _agrees(row, value, "estimate") and not _degenerate(row)
    ]
    assert differing == []


def _degenerate(row: dict[str, str]) -> bool:
    """R's `fisher.test` says 0 where a margin is 0 and every odds ratio is as likely."""
    table = _table(row)
    return row["measure_method"] == "OR_fisher_conditional" and table.events in (0, table.total)


def test_p_values_and_statistics_as_in_r(rows):
    differing = [
        (row["table_id"], row["measure_method"], found.p_value)
        for row in rows
        if row["measure_method"] in TESTS
        for found in [TESTS[row["measure_method"]](_table(row))]
        if not _close(found and found.p_value, _number(row["p_value"]), 1e-8)
        or not _close(found and found.statistic, _number(row["statistic"]), 1e-8)
    ]
    assert differing == []


def test_two_sided_fisher_as_in_r(rows):
    differing = [
        row["table_id"]
        for row in rows
        if row["source"] == "stats::fisher.test" and row["measure_method"].startswith("OR")
        if not isclose(
            exact.fisher_test(_table(row)).p_value or 0, float(row["p_value"]), rel_tol=1e-8
        )
    ]
    assert differing == []


@pytest.mark.parametrize("arms", [((46, 131), (26, 145)), ((6, 14), (1, 10)), ((2, 3), (1, 3))])
def test_conditional_odds_ratio_cuts_off_its_tails(arms):
    table = TwoByTwo.of(*arms)
    found = ratios.estimate_conditional_odds_ratio(table)
    assert _probability(table, found.low, range(table.events_1)) == pytest.approx(0.975, abs=1e-12)
    up_to = range(table.events_1 + 1)
    assert _probability(table, found.high, up_to) == pytest.approx(0.025, abs=1e-12)


def _probability(table: TwoByTwo, odds_ratio: Any, first_events: range) -> float:
    """Of that many events in the first arm, both margins given, in exact fractions."""
    possible = range(max(0, table.events - table.total_2), min(table.events, table.total_1) + 1)
    weight = {
        k: comb(table.total_1, k)
        * comb(table.total_2, table.events - k)
        * Fraction(odds_ratio) ** k
        for k in possible
    }
    return float(sum(weight.get(k, 0) for k in first_events) / sum(weight.values()))


def test_infinite_ends_are_infinite(rows):
    unbounded = [row for row in _estimated(rows) if row["upper"] == "Inf"]
    assert len(unbounded) > 20
    assert {_found(row).high for row in unbounded} == {inf}
