"""Areas under ROC curves on the data of DeLong, DeLong & Clarke-Pearson (Biometrics 1988;44:837).

The data and the printed numbers are those of the SAS/STAT user's guide, PROC LOGISTIC, "Comparing
Receiver Operating Characteristic Curves": 43 patients with ovarian cancer, of whom 31 were helped
by surgery; albumin, total protein and 10 less the K-G score.
"""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep.analysis.biomarker.roc import compare_areas, estimate_area, place

PATIENTS = """
3.0 5.8 10 0   3.2 6.3  5 1   3.9 6.8  3 1   2.8 4.8  6 0   3.2 5.8  3 1   0.9 4.0  5 0
2.5 5.7  8 0   1.6 5.6  5 1   3.8 5.7  5 1   3.7 6.7  6 1   3.2 5.4  4 1   3.8 6.6  6 1
4.1 6.6  5 1   3.6 5.7  5 1   4.3 7.0  4 1   3.6 6.7  4 0   2.3 4.4  6 1   4.2 7.6  4 0
4.0 6.6  6 0   3.5 5.8  6 1   3.8 6.8  7 1   3.0 4.7  8 0   4.5 7.4  5 1   3.7 7.4  5 1
3.1 6.6  6 1   4.1 8.2  6 1   4.3 7.0  5 1   4.3 6.5  4 1   3.2 5.1  5 1   2.6 4.7  6 1
3.3 6.8  6 0   1.7 4.0  7 0   3.7 6.1  5 1   3.3 6.3  7 1   4.2 7.7  6 1   3.5 6.2  5 1
2.9 5.7  9 0   2.1 4.8  7 1   2.8 6.2  8 0   4.0 7.0  7 1   3.3 5.7  6 1   3.7 6.9  5 1
3.6 6.6  5 1
"""
ALBUMIN, PROTEIN, SCORE, HELPED = np.array(PATIENTS.split(), dtype=float).reshape(43, 4).T
KG = 10 - SCORE
PRINTED = 5e-5  # half a unit of the last digit


@pytest.mark.parametrize(
    ("marker", "area", "error", "low", "high"),
    [
        (ALBUMIN, 0.7366, 0.0927, 0.5549, 0.9182),
        (KG, 0.7258, 0.1028, 0.5243, 0.9273),
        (PROTEIN, 0.6478, 0.1000, 0.4518, 0.8439),
    ],
)
def test_areas_are_those_printed_by_sas(marker, area, error, low, high):
    found = estimate_area(marker, HELPED)
    assert (found.value, found.low, found.high) == pytest.approx((area, low, high), abs=PRINTED)
    assert sqrt(place([marker], HELPED).covariance()[0, 0]) == pytest.approx(error, abs=PRINTED)


@pytest.mark.parametrize(
    ("marker", "difference", "low", "high", "chi_squared", "p_value"),
    [
        (ALBUMIN, 0.0108, -0.1761, 0.1976, 0.0127, 0.9102),
        (PROTEIN, -0.0780, -0.2830, 0.1271, 0.5554, 0.4561),
    ],
)
def test_differences_are_those_printed_by_sas(marker, difference, low, high, chi_squared, p_value):
    found = compare_areas(marker, KG, HELPED)
    estimate = found.difference
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
        (difference, low, high), abs=PRINTED
    )
    assert found.test.statistic is not None
    assert found.test.statistic**2 == pytest.approx(chi_squared, abs=PRINTED)
    assert found.test.p_value == pytest.approx(p_value, abs=PRINTED)


def test_all_three_together_are_compared_as_sas_does():
    found = place([ALBUMIN, KG, PROTEIN], HELPED)
    contrasts = np.array([[1.0, -1.0, 0.0], [0.0, -1.0, 1.0]])
    apart = contrasts @ found.areas
    spread = contrasts @ found.covariance() @ contrasts.T
    assert apart @ np.linalg.solve(spread, apart) == pytest.approx(2.5340, abs=PRINTED)


def u_statistic(cases: Any, controls: Any) -> tuple[float, float]:
    """The area and its variance, by the definition: every pair of a case and a control."""
    above = np.array([[(a > b) + 0.5 * (a == b) for b in controls] for a in cases], dtype=float)
    of_cases, of_controls = above.mean(axis=1), above.mean(axis=0)
    variance = of_cases.var(ddof=1) / len(cases) + of_controls.var(ddof=1) / len(controls)
    return float(above.mean()), float(variance)


GRADES = st.lists(st.integers(0, 9), min_size=2, max_size=30)


@given(cases=GRADES, controls=GRADES)
def test_ranks_give_what_every_pair_gives(cases, controls):
    found = place([np.array(cases + controls, float)], [1] * len(cases) + [0] * len(controls))
    area, variance = u_statistic(cases, controls)
    assert found.areas[0] == pytest.approx(area)
    assert found.covariance()[0, 0] == pytest.approx(variance, abs=1e-12)
