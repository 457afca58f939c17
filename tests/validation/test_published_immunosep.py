"""The report of ImmunoSep (JAMA 2026;335:775) and of PROVIDE, rebuilt from their counts.

Our values are those of an independent recomputation from the printed counts, to its last digit.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from immunosep.analysis.printed import Agreement
from immunosep.analysis.published import compare_published, intervals_tried, p_values_tried
from immunosep.protocol.published import Measure
from immunosep.simulation.published import CENTRES_IN_REPORT, SCREENED
from immunosep.trials import find_trial
from immunosep.trials.published import PUBLISHED, find_published

IMMUNOSEP, PROVIDE = (
    {(value.row, value.measure): value for value in compare_published(rows)}
    for rows in PUBLISHED.values()
)
DAY_9, DAY_15, DEATH = "SOFA response, day 9", "SOFA response, day 15", "death by day"
OUTCOMES = [
    (f"{DAY_9} (primary)", (17.18, 6.79, 27.24), (2.477, 1.421, 4.317), 0.00152),
    (f"{DAY_9}, MALS", (30.61, 3.91, 51.84), (4.385, 1.156, 16.636), 0.0339),
    (f"{DAY_9}, immunoparalysis", (14.04, 2.81, 25.08), (2.147, 1.159, 3.974), 0.0202),
    (
        f"{DAY_9}, without carried-forward scores",
        (17.01, 6.69, 27.07),
        (2.723, 1.466, 5.058),
        0.00149,
    ),
    (DAY_15, (16.25, 5.28, 26.79), (2.149, 1.278, 3.613), 0.00420),
    (f"{DAY_15}, MALS", (26.26, -0.75, 48.35), (3.323, 0.939, 11.760), 0.0750),
    (f"{DAY_15}, immunoparalysis", (13.97, 1.99, 25.58), (1.944, 1.096, 3.446), 0.0298),
    (f"{DEATH} 28", (-6.14, -17.62, 5.58), (0.781, 0.486, 1.255), 0.3349),
    (f"{DEATH} 90", (1.12, -9.85, 11.94), (1.053, 0.634, 1.748), 0.8973),
    (
        "reversal of the immune state, day 28",
        (29.48, 12.58, 44.00),
        (3.760, 1.719, 8.221),
        0.00084,
    ),
]


@pytest.mark.parametrize(("row", "difference", "odds_ratio", "p_value"), OUTCOMES)
def test_outcomes_follow_from_their_counts(row, difference, odds_ratio, p_value):
    assert IMMUNOSEP[row, Measure.DIFFERENCE].ours == pytest.approx(difference, abs=0.0051)
    assert IMMUNOSEP[row, Measure.ODDS_RATIO].ours == pytest.approx(odds_ratio, abs=0.0006)
    assert IMMUNOSEP[row, Measure.FISHER_P].ours == pytest.approx((p_value,), rel=0.006)


@pytest.mark.parametrize(
    ("row", "measure", "ours"),
    [
        ("over both immune states", Measure.MANTEL_HAENSZEL, (2.448, 1.404, 4.268)),
        ("over both immune states", Measure.CMH_P, (0.0014,)),
        ("over both immune states", Measure.BRESLOW_DAY_P, (0.338,)),
        ("univariate logistic model", Measure.WALD_P, (0.0014,)),
        ("univariate logistic model", Measure.NUMBER_NEEDED, (5.8, 3.7, 14.7)),
    ],
)
def test_day_9_beside_its_table(row, measure, ours):
    digits = max(len(str(number).partition(".")[2]) for number in ours)
    found = IMMUNOSEP[f"{DAY_9}, {row}", measure].ours
    assert found == pytest.approx(ours, abs=0.51 * 10**-digits)


def test_day_15_over_strata():
    row = f"{DAY_15}, over both immune states"
    found = IMMUNOSEP[row, Measure.MANTEL_HAENSZEL].ours
    assert found == pytest.approx((2.135, 1.270, 3.591), abs=0.00051)
    assert IMMUNOSEP[row, Measure.BRESLOW_DAY_P].ours == pytest.approx((0.448,), abs=0.00051)


def test_infection_outcome_is_ordered_as_superinfection_worst():
    row = "outcome of the infection, day 15, worse"
    found = IMMUNOSEP[row, Measure.PROPORTIONAL_ODDS]
    assert found.ours == pytest.approx((0.5926, 0.384, 0.915), abs=0.00051)
    assert IMMUNOSEP[row, Measure.PROPORTIONAL_ODDS_P].ours == pytest.approx((0.0183,), abs=5.1e-5)


@pytest.mark.parametrize(
    ("row", "ratio", "p_value"),
    [
        (f"{DAY_9}: Charlson index 5 or more", (4.32, 1.32, 14.2), 0.016),
        (f"{DAY_9}: SOFA 10 or more", (1.53, 0.50, 4.68), 0.46),
        (f"{DAY_9}: APACHE II 25 or more", (0.66, 0.19, 2.26), 0.51),
        (f"{DEATH} 28: Charlson index 5 or more", (0.26, 0.10, 0.70), 0.007),
        (f"{DEATH} 28: SOFA 10 or more", (0.39, 0.15, 1.07), 0.068),
        (f"{DEATH} 28: APACHE II 25 or more", (0.82, 0.28, 2.44), 0.72),
    ],
)
def test_interactions_are_ratios_of_odds_ratios(row, ratio, p_value):
    full = f"{row} against below"
    assert IMMUNOSEP[full, Measure.INTERACTION].ours == pytest.approx(ratio, rel=0.004, abs=0.0052)
    assert IMMUNOSEP[full, Measure.INTERACTION_P].ours == pytest.approx((p_value,), rel=0.06)


@pytest.mark.parametrize(
    ("row", "measure", "reason"),
    [
        (f"{DAY_15}, in the text", Measure.PERCENT, ""),
        (f"{DAY_15}, in the text", Measure.FISHER_P, ""),
        (f"{DEATH} 28", Measure.DIFFERENCE, "the sign is reversed"),
        ("serious adverse events, in the abstract", Measure.PERCENT, ""),
        (f"{DAY_15}, immunoparalysis", Measure.ODDS_RATIO, "lower end: cut off, not rounded"),
        (f"{DAY_9}, Charlson index 5 or more", Measure.ODDS_RATIO, "the counts give 2.234"),
        (f"{DEATH} 90, APACHE II 25 or more (eFigure 9B)", Measure.ODDS_RATIO, ""),
    ],
)
def test_print_that_contradicts_its_counts(row, measure, reason):
    found = IMMUNOSEP[row, measure]
    assert found.agreement is Agreement.CONTRADICTS
    assert reason in found.reason
    assert found.note


@pytest.mark.parametrize(
    ("row", "measure", "reason"),
    [
        (DAY_15, Measure.DIFFERENCE, "is the difference of the rounded percentages"),
        (
            f"{DAY_15}, immunoparalysis",
            Measure.DIFFERENCE,
            "is the difference of the rounded percentages; lower end: cut off, not rounded",
        ),
        (f"{DEATH} 90", Measure.DIFFERENCE, "lower end: cut off, not rounded"),
        (f"{DEATH} 28", Measure.FISHER_P, "rounded twice"),
    ],
)
def test_print_that_differs_by_rounding(row, measure, reason):
    found = IMMUNOSEP[row, measure]
    assert (found.agreement, found.reason) == (Agreement.ROUNDING, reason)


def test_nothing_else_contradicts_itself():
    contradicting = {
        value.row for value in IMMUNOSEP.values() if value.agreement is Agreement.CONTRADICTS
    }
    assert len(contradicting) == 6


def test_interval_of_the_report_is_newcombes():
    hits = {tried.method: tried.hits for tried in intervals_tried(find_published("immunosep"))}
    assert hits == {
        "Newcombe": 10,
        "Agresti-Caffo": 6,
        "Wald, pooled variance": 3,
        "Miettinen-Nurminen": 2,
        "Mee": 2,
        "Wald": 1,
        "Wald, continuity-corrected": 0,
        "Newcombe, continuity-corrected": 0,
    }


def test_test_of_the_report_is_fishers():
    first, second, *_ = p_values_tried(find_published("immunosep"))
    assert (first.method, first.hits, first.of) == ("Fisher", 8, 9)
    assert second.hits < 5


@pytest.mark.parametrize(
    ("row", "measure", "ours"),
    [
        ("alive on day 7 with a lower SOFA", Measure.FISHER_P, (0.0423,)),
        ("alive on day 7 with a lower SOFA", Measure.DIFFERENCE, (32.86, 3.44, 58.45)),
        ("alive on day 7 with a lower SOFA", Measure.ODDS_RATIO, (6.75, 1.11, 41.0)),
        ("death by day 28 (primary)", Measure.DIFFERENCE, (7.6, -17.3, 28.7)),
        ("death by day 28 (primary)", Measure.FISHER_P, (0.626,)),
        ("HLA-DR below 5,000 against above, without MALS", Measure.RISK_RATIO, (1.61, 1.22, 2.13)),
        ("HLA-DR below 5,000 against above, without MALS", Measure.ODDS_RATIO, (2.85, 1.58, 5.14)),
        ("APACHE II", Measure.T_TEST_P, (0.000285,)),
    ],
)
def test_provide_follows_from_its_counts(row, measure, ours):
    assert PROVIDE[row, measure].ours == pytest.approx(ours, rel=0.005)


@pytest.mark.parametrize(
    ("row", "measure", "agreement"),
    [
        ("septic shock, by immune state", Measure.SUM, Agreement.CONTRADICTS),
        ("APACHE II", Measure.T_TEST_P, Agreement.CONTRADICTS),
        (
            "HLA-DR below 5,000 against above, without MALS",
            Measure.RISK_RATIO,
            Agreement.CONTRADICTS,
        ),
        (
            "MALS, immunoparalysis, intermediate: by day 28",
            Measure.PERCENT,
            Agreement.ROUNDING,
        ),
    ],
)
def test_provide_contradicts_itself(row, measure, agreement):
    assert PROVIDE[row, measure].agreement is agreement


def read_by_others(shared: Path) -> dict[str, Any]:
    text = (shared / "golden" / "published_immunosep.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def groups(row: str) -> list[list[float]]:
    (published,) = (each for each in find_published("immunosep") if each.row == row)
    return [list(group) for group in published.groups]


def test_the_flow_is_that_of_the_shared_reading(shared):
    theirs = read_by_others(shared)
    flow, days = theirs["flow"], theirs["day9_sofa_availability"]
    assert groups("excluded, by reason") == [flow["exclusion_counts"]]
    assert groups("screened: excluded and randomised") == [[flow["excluded"], flow["randomised"]]]
    assert flow["excluded"] + flow["randomised"] == flow["screened"] == SCREENED
    for arm in ("precision", "placebo"):
        parts = [flow[f"analysed_{arm}"], flow[f"withdrew_data_{arm}"]]
        assert groups(f"{arm}: analysed and data withdrawn") == [parts]
        assert sum(parts) == flow[f"randomised_{arm}"]
        told = [days[arm][name] for name in ("measured", "dead", "locf")]
        assert groups(f"{arm}, day 9: measured, dead, carried forward") == [told]
    assert groups("analysed, by arm") == [[flow["analysed_precision"], flow["analysed_placebo"]]]
    assert flow["sites"] == CENTRES_IN_REPORT


def test_the_baseline_is_that_of_the_shared_reading(shared):
    theirs = read_by_others(shared)
    states, baseline = theirs["strata"], theirs["baseline"]
    arms, sizes = ("precision", "placebo"), baseline["n"]
    assert groups("immune states: MALS and immunoparalysis") == [
        [states["MALS"][arm], states["SII"][arm]] for arm in arms
    ]
    for row, name in (
        ("mechanical ventilation", "mechanical_ventilation"),
        ("Charlson index 5 or more", "cci_ge_5"),
    ):
        assert groups(row) == [list(pair) for pair in zip(baseline[name], sizes, strict=True)]
    assert [women for _, women in groups("men and women")] == baseline["female"]
    high = groups(f"{DAY_9}: SOFA 10 or more against below")[:2]
    assert [of for _, of in high] == baseline["sofa_ge_10"]
    high = groups(f"{DAY_9}: APACHE II 25 or more against below")[:2]
    assert [of for _, of in high] == baseline["apache_ge_25"]


def test_deaths_and_the_plan_are_those_of_the_shared_reading(shared):
    theirs = read_by_others(shared)
    deaths, plan = theirs["deaths_by_baseline_sofa_day28"], theirs["sample_size_assumptions"]
    assert groups(f"{DEATH} 28: SOFA 10 or more against below") == [
        deaths[arm][part] for part in ("ge10", "lt10") for arm in ("precision", "placebo")
    ]
    ours = find_trial("immunosep").sample_size
    assert ours is not None
    assert plan["p_active"] == ours.responders_intervention
    assert plan["p_placebo"] == ours.responders_control
    assert plan["alpha_two_sided"] == ours.alpha_two_sided
    assert (plan["power"], plan["per_arm"], plan["total"]) == (
        ours.power, ours.per_arm, ours.total,
    )  # fmt: skip


def test_counts_are_those_of_the_shared_reading(shared):
    """Of the same report, read by others: the endpoints' counts and print."""
    rows = {
        "day9_responder": f"{DAY_9} (primary)",
        "day15_responder": DAY_15,
        "death_day28": f"{DEATH} 28",
        "death_day90": f"{DEATH} 90",
        "sidf_reversal_day28": "reversal of the immune state, day 28",
        "day9_responder_MALS": f"{DAY_9}, MALS",
        "day9_responder_SII": f"{DAY_9}, immunoparalysis",
    }
    for theirs in read_by_others(shared)["end_points"]:
        ours = IMMUNOSEP[rows[theirs["id"]], Measure.ODDS_RATIO]
        assert [list(group) for group in ours.groups] == [theirs["precision"], theirs["placebo"]]
        printed = theirs.get("printed_or", [float(text) for text in ours.printed])
        assert [float(text) for text in ours.printed] == printed
