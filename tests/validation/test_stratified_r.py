"""Strata of two-by-two tables, against R 4.2.2: base R, metafor 3.8-1 and ratesci 1.1.0."""

import json
from math import exp, log
from typing import Any

import pytest
from scipy.stats import norm

from immunosep.analysis import heterogeneity, stratified, stratified_exact, stratified_scores
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.stratified_scores import Weights

TABLES = [
    "ucb_admissions",
    "immunosep_day9",
    "sim_6_strata",
    "sim_40_sparse",
    "sim_1_stratum",
    "sim_3_zero_cells",
]
CLOSE: dict[str, Any] = {"rel": 1e-8, "abs": 1e-10}
RATESCI: dict[str, Any] = {"abs": 1e-9}  # printed to nine digits
UNIROOT: dict[str, Any] = {"abs": 1.3e-4}  # what R solves an exact interval to, as r / (1 + r)


@pytest.fixture(scope="module")
def golden(shared):
    text = (shared / "golden" / "cmh.json").read_text(encoding="utf-8")
    return {table["id"]: table for table in json.loads(text)}


@pytest.fixture(params=TABLES)
def table(request, golden):
    return golden[request.param]


@pytest.fixture
def strata(table):
    return [TwoByTwo.of((s["x1"], s["n1"]), (s["x2"], s["n2"])) for s in table["strata"]]


def test_every_table_is_compared(golden):
    assert sorted(golden) == sorted(TABLES)


def _needs(table: dict[str, Any], key: str) -> Any:
    if key not in table:
        pytest.skip(f"R has no {key} of one stratum")
    return table[key]


def _numbers(found: Any) -> list[Any]:
    return [found.value, found.low, found.high]


def _wald(value: float, low: float, high: float) -> list[float]:
    """Standard error, z and P of an estimate whose interval is z around it."""
    error = (high - low) / (2 * norm.isf(0.025))
    return [error, value / error, 2 * norm.sf(abs(value / error))]


def test_cochran_mantel_haenszel_as_in_r(table, strata):
    r = table["cmh_formula"]
    found: Any = stratified.cochran_mantel_haenszel_test(strata)
    assert [found.statistic, found.p_value] == pytest.approx(
        [r["statistic"], r["p_value"]], **CLOSE
    )
    assert found.statistic == pytest.approx(r["z"] ** 2, **CLOSE)


@pytest.mark.parametrize(
    ("key", "continuity"), [("cmh_uncorrected", False), ("cmh_corrected", True)]
)
def test_mantelhaen_test_as_in_r(table, strata, key, continuity):
    r = _needs(table, key)
    found: Any = stratified.cochran_mantel_haenszel_test(strata, continuity=continuity)
    assert found.degrees_of_freedom == r["df"]
    assert [found.statistic, found.p_value] == pytest.approx(
        [r["statistic"], r["p_value"]], **CLOSE
    )


def test_mantel_haenszel_odds_ratio_as_in_r(table, strata):
    r = _needs(table, "mh_odds_ratio")
    found = stratified.estimate_mantel_haenszel_odds_ratio(strata)
    assert _numbers(found) == pytest.approx([r["estimate"], r["lower"], r["upper"]], **CLOSE)


def test_exact_conditional_as_in_r(table, strata):
    r = _needs(table, "exact_conditional")
    found = stratified_exact.estimate_exact_odds_ratio(strata)
    shares = [value / (1 + value) for value in _numbers(found)]
    theirs = [r[key] / (1 + r[key]) for key in ("estimate", "lower", "upper")]
    assert shares == pytest.approx(theirs, **UNIROOT)
    p_value = stratified_exact.exact_stratified_test(strata).p_value
    assert p_value == pytest.approx(r["p_value"], **CLOSE)


@pytest.mark.parametrize(
    ("key", "estimate"),
    [
        ("rma_mh_OR", stratified.estimate_mantel_haenszel_odds_ratio),
        ("rma_mh_RR", stratified.estimate_mantel_haenszel_risk_ratio),
    ],
)
def test_mantel_haenszel_ratios_as_in_metafor(table, strata, key, estimate):
    r = table[key]
    found = estimate(strata)
    theirs = [exp(r[name]) for name in ("estimate", "lower", "upper")]
    assert _numbers(found) == pytest.approx(theirs, **CLOSE)
    logs = [log(value) for value in _numbers(found)]
    assert _wald(*logs) == pytest.approx([r["se"], r["z"], r["p_value"]], **CLOSE)


def test_mantel_haenszel_difference_as_in_metafor(table, strata):
    r = table["rma_mh_RD"]
    found = stratified.estimate_mantel_haenszel_difference(strata)
    assert _numbers(found) == pytest.approx([r["estimate"], r["lower"], r["upper"]], **CLOSE)
    assert _wald(*_numbers(found)) == pytest.approx([r["se"], r["z"], r["p_value"]], **CLOSE)


@pytest.mark.parametrize(
    ("key", "test"),
    [
        ("rma_mh_OR", heterogeneity.odds_ratio_q_test),
        ("rma_mh_RR", heterogeneity.risk_ratio_q_test),
        ("rma_mh_RD", heterogeneity.difference_q_test),
    ],
)
def test_cochran_q_as_in_metafor(table, strata, key, test):
    """A stratum without variance makes R's Q infinite; ours is not estimable."""
    r, found = table[key], test(strata)
    if r["Q"] is None or len(strata) == 1:
        assert found is None
    else:
        assert [found.statistic, found.p_value] == pytest.approx([r["Q"], r["Q_p"]], **CLOSE)


@pytest.mark.parametrize(("key", "tarone"), [("breslow_day", False), ("tarone", True)])
def test_breslow_day_as_in_metafor(table, strata, key, tarone):
    r = table["rma_mh_OR"]
    found: Any = heterogeneity.breslow_day_test(strata, tarone=tarone)
    if r[f"{key}_p"] is None:
        assert found is None
    else:
        assert found.statistic == pytest.approx(r[key], **CLOSE)
        assert found.p_value == pytest.approx(r[f"{key}_p"], **CLOSE)


@pytest.mark.parametrize(
    ("key", "weights"),
    [
        ("MH", Weights.MANTEL_HAENSZEL),
        ("IVS", Weights.INVERSE_VARIANCE),
        ("INV", Weights.INVERSE_PLAIN_VARIANCE),
    ],
)
def test_stratified_miettinen_nurminen_as_in_ratesci(table, strata, key, weights):
    r = table[f"stratified_mn_RD_{key}"]
    found = stratified_scores.estimate_stratified_miettinen_nurminen(strata, weights=weights)
    assert _numbers(found) == pytest.approx([r["est"], r["lower"], r["upper"]], **RATESCI)


def test_standardised_difference_as_in_r(table, strata):
    r = table["standardised_RD_wald"]
    found = stratified.estimate_standardised_difference(strata)
    assert _numbers(found) == pytest.approx([r["estimate"], r["lower"], r["upper"]], **CLOSE)
