"""Conditional and predictive power, against closed forms and SciPy's multivariate normal."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal, norm

from immunosep.analysis.interim.boundaries import Boundaries
from immunosep.analysis.interim.conditional import (
    Interim,
    NormalPrior,
    Responders,
    find_conditional_power,
    find_predictive_power,
    find_predictive_power_of_rates,
    success_given,
)
from immunosep.errors import AnalysisError
from immunosep.protocol.interim import Futility, Spending
from tests.unit.looked_at import limits

FIXED = Boundaries(information=(1.0,), upper=(1.96,), lower=None, alpha=0.025, sided=1)
HALFWAY = Interim(z=1.5, information=0.5)


def test_conditional_power_with_one_look_left_is_that_of_lan_and_wittes():
    powers = find_conditional_power(FIXED, HALFWAY, planned_drift=3.24)
    b_value, rest = 1.5 * sqrt(0.5), sqrt(0.5)
    expected = {
        drift: norm.sf((1.96 - b_value - drift * 0.5) / rest) for drift in (3.24, 1.5 * sqrt(2), 0)
    }
    assert [powers.design, powers.trend, powers.null] == pytest.approx(list(expected.values()))


def test_conditional_power_with_two_looks_left_counts_both():
    bounds, drift = limits(), 2.5
    interim = Interim(z=0.8, information=1 / 3)
    score, steps = 0.8 * sqrt(1 / 3), (1 / 3, 2 / 3)
    mean = [score + drift * step for step in steps]
    covariance = [[steps[0], steps[0]], [steps[0], steps[1]]]
    ends = [bounds.upper[1] * sqrt(2 / 3), bounds.upper[2]]
    neither = multivariate_normal(mean, covariance).cdf(ends, rng=np.random.default_rng(1))
    assert success_given(bounds, interim, drift=drift) == pytest.approx(1 - neither, abs=1e-5)


def test_conditional_power_without_a_planned_effect_leaves_it_out():
    assert find_conditional_power(limits(), HALFWAY).design is None


def test_conditional_power_takes_the_effect_that_beta_was_spent_for():
    beta = Futility(binding=False, spending=Spending.LAN_DEMETS_POCOCK, beta=0.1)
    bounds = limits(futility=beta)
    assert bounds.drift is not None
    found = find_conditional_power(bounds, HALFWAY)
    assert found.design == success_given(bounds, HALFWAY, drift=bounds.drift)


def test_futility_to_come_takes_from_conditional_power():
    stopping = limits(futility=Futility(binding=False, z=(0.0, 1.0)))
    early = Interim(z=0.5, information=1 / 3)
    assert success_given(stopping, early, drift=1.0) < success_given(limits(), early, drift=1.0)


def test_predictive_power_after_a_flat_prior_has_a_closed_form():
    """Spiegelhalter, Freedman & Blackburn 1986: z sqrt(1/t), critical z, variance 1/t - 1."""
    expected = norm.cdf((1.5 * sqrt(1 / 0.5) - 1.96) / sqrt(1 / 0.5 - 1))
    assert find_predictive_power(FIXED, HALFWAY) == pytest.approx(expected, abs=1e-9)


def test_predictive_power_after_a_sure_prior_is_conditional_power():
    sure = NormalPrior(mean=3.0, deviation=1e-5)
    expected = success_given(FIXED, HALFWAY, drift=3.0)
    assert find_predictive_power(FIXED, HALFWAY, prior=sure) == pytest.approx(expected, abs=1e-6)


def test_predictive_power_after_a_wide_prior_is_that_after_a_flat_one():
    wide = NormalPrior(mean=-5.0, deviation=1e5)
    expected = find_predictive_power(limits(), HALFWAY)
    assert find_predictive_power(limits(), HALFWAY, prior=wide) == pytest.approx(expected)


def test_two_sided_success_is_the_upper_limit():
    better = success_given(limits(sided=2), HALFWAY, drift=2.0)
    worse = success_given(limits(sided=2), Interim(z=-1.5, information=0.5), drift=2.0)
    assert better > worse


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_conditional_power_needs_a_look_still_to_come(share):
    with pytest.raises(AnalysisError, match="expected more than 0 and less than 1"):
        success_given(FIXED, Interim(z=1.0, information=share), drift=0.0)


def arm(responders: int, seen: int = 70, planned: int = 140, **prior: Any) -> Responders:
    return Responders(responders=responders, seen=seen, planned=planned, **prior)


def test_predictive_power_of_rates_with_known_rates_is_binomial():
    """A prior that knows the rates leaves binomial counts to come."""
    sure: dict[str, Any] = {"prior_responders": 3.5e6, "prior_others": 6.5e6}
    found = find_predictive_power_of_rates(
        arm(30, planned=90, **sure), arm(15, planned=90, **sure), alpha=0.025
    )
    more = binom.pmf(np.arange(21), 20, 0.35)
    pairs = [
        (more[a] * more[b], (a + 15 - b) / 90, (45 + a + b) / 180)
        for a in range(21)
        for b in range(21)
    ]
    wins = [
        p for p, gap, both in pairs if gap / sqrt(both * (1 - both) * 2 / 90) >= norm.isf(0.025)
    ]
    assert found == pytest.approx(sum(wins), abs=1e-5)


def test_predictive_power_of_rates_at_the_end_is_certain():
    won, lost = (arm(count, seen=140) for count in (60, 30))
    assert find_predictive_power_of_rates(won, lost, alpha=0.025) == pytest.approx(1)
    assert find_predictive_power_of_rates(lost, won, alpha=0.025) == pytest.approx(0)
    assert find_predictive_power_of_rates(lost, won, alpha=0.05, sided=2) == pytest.approx(1)


def test_predictive_power_of_rates_lists_what_cannot_be():
    with pytest.raises(AnalysisError) as raised:
        find_predictive_power_of_rates(arm(80), arm(10, seen=150, planned=120), alpha=0.025)
    assert len(raised.value.problems) == 3
