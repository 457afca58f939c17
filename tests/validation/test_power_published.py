"""Sample sizes as the trial's protocol and its planning give them, and SciPy's own tests.

ImmunoSep planned 280 participants for 40 % against 20 % responders; its first design compared mean
SOFA, a difference of 1.4 with a standard deviation of 3.21. The powers were computed by enumeration
and by the noncentral t distribution, apart from this code.
"""

import numpy as np
import pytest
from scipy import stats

from immunosep.analysis.means import Summary, Variances, compare_means, compare_summaries
from immunosep.analysis.power import fisher_power, fisher_rejects, t_test_power
from immunosep.errors import AnalysisError
from tests.validation.golden import bounds


@pytest.mark.parametrize(("size", "power"), [(116, 0.8978), (117, 0.9012), (118, 0.9044)])
def test_fisher_power_is_that_of_enumeration(size, power):
    found = fisher_power(treated=size, control=size, risk_treated=0.4, risk_control=0.2)
    assert found == pytest.approx(power, abs=5e-5)


@pytest.mark.parametrize(("size", "power"), [(84, 0.802), (112, 0.901), (117, 0.913)])
def test_t_test_power_is_that_of_the_protocol(size, power):
    found = t_test_power(treated=size, control=size, difference=1.4, deviation=3.21)
    assert found == pytest.approx(power, abs=5e-4)


def test_the_tables_rejected_are_those_of_scipy():
    expected = [
        [stats.fisher_exact(np.array([[a, 12 - a], [b, 9 - b]]))[1] <= 0.05 for b in range(10)]
        for a in range(13)
    ]
    assert fisher_rejects(12, 9).tolist() == expected


def test_fisher_power_without_a_difference_is_below_alpha():
    found = fisher_power(treated=30, control=20, risk_treated=0.3, risk_control=0.3)
    assert 0 < found <= 0.05


def test_power_with_sizes_and_risks_that_cannot_be_says_both():
    with pytest.raises(AnalysisError) as told:
        fisher_power(treated=0, control=5, risk_treated=1.2, risk_control=0.2)
    assert len(told.value.problems) == 2


def test_t_test_power_without_a_spread_is_refused():
    with pytest.raises(AnalysisError, match="not above 0"):
        t_test_power(treated=9, control=9, difference=1, deviation=0)


@pytest.mark.parametrize(("variances", "equal"), [(Variances.EQUAL, True), (Variances.OWN, False)])
def test_means_are_compared_as_scipy_does(variances, equal):
    values = np.random.default_rng(3).normal(9, 4, 60)
    treated = np.arange(60) < 23
    ours = compare_means(values, treated=treated, variances=variances)
    theirs = stats.ttest_ind(values[treated], values[~treated], equal_var=equal)
    low, _, high = bounds(ours.difference)
    assert (low, high) == pytest.approx(tuple(theirs.confidence_interval()))
    found = [ours.test.statistic, ours.test.p_value, ours.test.degrees_of_freedom]
    assert found == pytest.approx([theirs.statistic, theirs.pvalue, theirs.df])


def test_the_printed_p_value_of_provides_apache_is_not_that_of_its_means():
    """Cell Rep Med 2022;3:100817: 18.2 (8.7) of 21 against 30.5 (9.4) of 15, printed P .376."""
    found = compare_summaries(
        treated=Summary(count=15, mean=30.5, deviation=9.4),
        control=Summary(count=21, mean=18.2, deviation=8.7),
        variances=Variances.EQUAL,
    )
    assert found.test.statistic == pytest.approx(4.045, abs=5e-4)
    assert found.test.p_value == pytest.approx(0.0003, abs=5e-5)
