"""P value, estimate and interval of a trial that stopped at a look."""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from immunosep.analysis.interim.adjusted import Stopped, chance_of_more, estimate_adjusted
from immunosep.errors import AnalysisError
from immunosep.protocol.interim import Futility, Spending
from tests.unit.looked_at import limits

BOUNDS = limits(information=(0.5, 1.0))
INFORMATION = (20.0, 40.0)


def ended(*z: float, information: tuple[float, ...] = INFORMATION) -> Stopped:
    return Stopped(z=z, information=information[: len(z)])


def test_first_look_is_analysed_as_if_it_were_the_only_one():
    found = estimate_adjusted(BOUNDS, ended(3.1))
    half = norm.isf(0.025) / sqrt(20)
    assert found.p_value.p_value == pytest.approx(norm.sf(3.1))
    assert found.estimate.value == pytest.approx(found.naive)
    assert found.estimate.low == pytest.approx(found.naive - half)
    assert found.estimate.high == pytest.approx(found.naive + half)


def test_p_value_at_the_last_limit_is_all_of_alpha():
    assert estimate_adjusted(BOUNDS, ended(1.0, BOUNDS.upper[1])).p_value.p_value == pytest.approx(
        0.025
    )


def test_two_sided_p_value_at_the_last_limit_is_all_of_alpha():
    bounds = limits(information=(0.5, 1.0), sided=2, alpha=0.05)
    stopped = ended(1.0, -bounds.upper[1])
    assert estimate_adjusted(bounds, stopped).p_value.p_value == pytest.approx(0.05)


def test_p_value_is_that_of_the_multivariate_normal():
    stopped, correlation = ended(1.0, 2.4), sqrt(0.5)
    apart = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]])
    expected = 1 - apart.cdf([BOUNDS.upper[0], 2.4], rng=np.random.default_rng(1))
    assert estimate_adjusted(BOUNDS, stopped).p_value.p_value == pytest.approx(expected, abs=1e-5)


def test_estimate_at_the_last_look_is_below_the_naive_one():
    """Those with large effects would have stopped before."""
    found = estimate_adjusted(BOUNDS, ended(2.0, 2.6))
    assert found.estimate.value is not None
    assert found.estimate.value < found.naive


def test_larger_information_makes_a_smaller_effect_of_the_same_z():
    near, far = (
        estimate_adjusted(BOUNDS, ended(1.0, 2.5, information=information)).estimate
        for information in ((20.0, 40.0), (2000.0, 4000.0))
    )
    assert near.value is not None
    assert far.value == pytest.approx(near.value / 10)


def test_mirrored_two_sided_result_mirrors_the_estimate():
    bounds = limits(information=(0.5, 1.0), spending=Spending.POCOCK, sided=2, alpha=0.05)
    up, down = (estimate_adjusted(bounds, ended(sign * 0.9, sign * 2.3)) for sign in (1, -1))
    assert down.estimate.value is not None
    assert (down.estimate.value, down.estimate.low) == pytest.approx(
        (-(up.estimate.value or 0), -(up.estimate.high or 0))
    )
    assert down.p_value.p_value == pytest.approx(up.p_value.p_value)


def test_binding_futility_counts_and_another_does_not():
    stopped = ended(0.5, 2.0)
    binding, other = (
        limits(information=(0.5, 1.0), futility=Futility(binding=binding, z=(0.3,)))
        for binding in (True, False)
    )
    with_limit = chance_of_more(binding, stopped, effect=0.0)
    without = chance_of_more(other, stopped, effect=0.0)
    assert with_limit < without
    assert without == chance_of_more(BOUNDS, stopped, effect=0.0)


def test_stopping_as_hopeless_gives_a_large_p_value():
    bounds = limits(information=(0.5, 1.0), futility=Futility(binding=True, z=(0.0,)))
    assert estimate_adjusted(bounds, ended(-0.4)).p_value.p_value == pytest.approx(norm.sf(-0.4))


def test_interval_holds_the_effect_as_often_as_it_says():
    """1000 trials of a Pocock design that often stops early; 95 % +- 3 standard errors."""
    bounds, effect, rng = limits(spending=Spending.POCOCK), 0.4, np.random.default_rng(20)
    information = np.array([10.0, 20.0, 30.0])
    steps = rng.normal(effect * 10, sqrt(10), size=(1000, 3))
    z = np.cumsum(steps, axis=1) / np.sqrt(information)
    crossed = z >= np.array(bounds.upper)
    ends = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 2)
    below = [
        chance_of_more(
            bounds,
            Stopped(z=tuple(row[: end + 1]), information=tuple(information[: end + 1])),
            effect=effect,
        )
        for row, end in zip(z, ends, strict=True)
    ]
    held = np.mean([0.025 < chance < 0.975 for chance in below])
    assert held == pytest.approx(0.95, abs=0.021)
    assert np.mean(np.array(below) < 0.5) == pytest.approx(0.5, abs=0.048)


@pytest.mark.parametrize(
    ("z", "information", "problem"),
    [
        ((3.5, 2.0), (20.0, 40.0), "crossed a limit already"),
        ((1.0, 2.0), (40.0, 20.0), "must rise"),
        ((1.0,), (20.0, 40.0), "expected one of each"),
        ((1.0, 1.0, 1.0), (1.0, 2.0, 3.0), "of 2 planned"),
    ],
)
def test_results_that_cannot_be_are_refused(z, information, problem):
    with pytest.raises(AnalysisError, match=problem):
        estimate_adjusted(BOUNDS, Stopped(z=z, information=information))
