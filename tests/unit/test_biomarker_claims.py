"""Whether printed accuracies can be true together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immunosep.analysis.biomarker.claims import (
    Claim,
    Figure,
    Range,
    Verdict,
    check_claim,
    parse_figure,
)
from immunosep.errors import AnalysisError


def claim(*, least: float = 0.1, **figures: str) -> Claim:
    stated = {Figure(name): parse_figure(text, name=name) for name, text in figures.items()}
    return check_claim(stated, least=least)


def ends(found: Range) -> tuple[float, float]:
    return found.low, found.high


def test_npv_follows_from_sensitivity_specificity_and_prevalence():
    """At 4 %, 97.1 % and 97.1 % give 99.876 %, not the 98 % that a registry prints."""
    found = claim(prevalence="0.04", sensitivity="0.971", specificity="0.971")
    assert found.reading.verdict is Verdict.POSSIBLE
    assert ends(found.reading.at_face["npv"]) == pytest.approx((0.99876, 0.99876), abs=5e-6)


@pytest.mark.parametrize("prevalence", ["3.7%", "4%", "4.3%", "3.7-4.3%"])
def test_sensitivity_of_97_with_npv_of_98_is_impossible_at_4_per_cent(prevalence):
    found = claim(prevalence=prevalence, sensitivity="97.1%", npv="98%")
    assert found.reading.verdict is Verdict.USELESS
    assert ends(found.expected[Figure.NPV])[0] > 0.985


@pytest.mark.parametrize(("prevalence", "specificity"), [("3.7%", 0.0546), ("4.3%", 0.0639)])
def test_the_specificity_it_would_need_is_5_to_6_per_cent(prevalence, specificity):
    found = claim(prevalence=prevalence, sensitivity="97.1%", npv="98%")
    low, high = ends(found.reading.at_face["specificity"])
    assert low == pytest.approx(high)
    assert low == pytest.approx(specificity, abs=1e-4)


def test_read_as_a_specificity_it_is_possible():
    """As published: Karakike & Giamarellos-Bourboulis Front Immunol 2019;10:55."""
    printed = claim(prevalence="3.7-4.3%", sensitivity="97.1%", npv="98%")
    meant = claim(prevalence="3.7-4.3%", specificity="97.1%", npv="98%")
    reading = printed.instead[Figure.SENSITIVITY, Figure.SPECIFICITY]
    assert reading == meant.reading
    assert ends(meant.reading.at_face["sensitivity"]) == pytest.approx((0.48, 0.56), abs=5e-3)
    assert ends(meant.reading.at_face["ppv"]) == pytest.approx((0.39, 0.46), abs=5e-3)


def test_four_figures_that_contradict_each_other_are_impossible_outright():
    found = claim(prevalence="4%", sensitivity="97.1%", specificity="97.1%", npv="98%")
    assert found.reading.verdict is Verdict.IMPOSSIBLE
    assert found.reading.implied == {}
    assert ends(found.expected[Figure.NPV]) == pytest.approx((0.9986, 0.999), abs=5e-4)


def test_rounding_may_save_a_claim_that_fails_at_face_value():
    """1 in 3 with the condition, all found, two in three of the others called rightly."""
    found = claim(prevalence="0.33", sensitivity="1.00", specificity="0.67", ppv="0.6")
    assert found.reading.verdict is Verdict.POSSIBLE
    assert found.reading.at_face == {}


def test_no_least_of_use_lets_a_useless_test_pass():
    found = claim(prevalence="4%", sensitivity="97.1%", npv="98%", least=0.0)
    assert found.reading.verdict is Verdict.POSSIBLE


CELLS = st.tuples(*[st.integers(20, 400)] * 4)


@settings(max_examples=10)  # 16 linear programmes each
@given(CELLS)
def test_what_a_table_gives_is_always_possible(cells):
    tp, fn, fp, tn = cells
    figures = {
        "prevalence": (tp + fn) / sum(cells),
        "sensitivity": tp / (tp + fn),
        "specificity": tn / (tn + fp),
        "ppv": tp / (tp + fp),
        "npv": tn / (tn + fn),
    }
    found = claim(least=0.0, **{name: f"{value:.3f}" for name, value in figures.items()})
    assert found.reading.verdict is Verdict.POSSIBLE
    assert all(
        found.reading.implied[name].low - 1e-6 <= value <= found.reading.implied[name].high + 1e-6
        for name, value in figures.items()
    )


@settings(max_examples=10)  # 16 linear programmes each
@given(CELLS)
def test_three_figures_fix_the_others(cells):
    tp, fn, fp, tn = cells
    stated = {
        "prevalence": (tp + fn) / sum(cells),
        "sensitivity": tp / (tp + fn),
        "npv": tn / (tn + fn),
    }
    found = claim(least=0.0, **{name: f"{value:.12f}" for name, value in stated.items()})
    specificity = found.reading.at_face["specificity"]
    assert ends(specificity) == pytest.approx((tn / (tn + fp),) * 2, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "face", "rounded"),
    [
        ("0.971", (0.971, 0.971), (0.9705, 0.9715)),
        ("97.1%", (0.971, 0.971), (0.9705, 0.9715)),
        ("98 %", (0.98, 0.98), (0.975, 0.985)),
        (".5", (0.5, 0.5), (0.45, 0.55)),
        ("3.7-4.3%", (0.037, 0.043), (0.0365, 0.0435)),
        ("3.7% to 4.3%", (0.037, 0.043), (0.0365, 0.0435)),
        ("100%", (1.0, 1.0), (0.995, 1.0)),
    ],
)
def test_a_figure_is_read_as_it_is_printed(text, face, rounded):
    found = parse_figure(text, name="npv")
    assert ends(found.face) == pytest.approx(face)
    assert ends(found.rounded) == pytest.approx(rounded)


@pytest.mark.parametrize("text", ["", "ninety", "7", "5-3%", "120%", "-0.1"])
def test_a_figure_that_is_none_is_refused(text):
    with pytest.raises(AnalysisError, match="npv is"):
        parse_figure(text, name="npv")


def test_one_figure_cannot_contradict_itself():
    with pytest.raises(AnalysisError) as raised:
        claim(npv="98%", least=0.7)
    assert len(raised.value.problems) == 2
