"""Survival where the answer is known by hand, and where there is none."""

import numpy as np
import pytest

from immunosep.analysis.concordance import estimate_concordance
from immunosep.analysis.cox import estimate_hazard_ratio, fit_cox
from immunosep.analysis.cox_robust import robust_coefficients
from immunosep.analysis.kaplan_meier import Interval, estimate_survival
from immunosep.analysis.log_rank import log_rank_test
from immunosep.analysis.partial_likelihood import Ties, likelihood, strata_of
from immunosep.analysis.proportional_hazards import proportional_hazards_test
from immunosep.analysis.restricted_mean import compare_restricted_means, estimate_restricted_mean
from immunosep.errors import AnalysisError

TIME = np.array([2.0, 3, 3, 5, 6, 8, 8, 9])
EVENT = np.array([1, 1, 0, 1, 0, 1, 1, 0])
TREATED = np.array([0, 1, 0, 1, 0, 1, 0, 1])


def test_the_curve_of_four_is_that_of_hand():
    curve = estimate_survival([1, 2, 2, 4], [1, 1, 0, 0])
    assert curve.survival == pytest.approx([3 / 4, 1 / 2, 1 / 2])
    assert list(curve.at_risk) == [4, 3, 1]
    assert list(curve.censored) == [0, 1, 1]
    assert curve.events_until(2) == 2


def test_numbers_at_risk_are_counted_just_before_a_time():
    curve = estimate_survival([1, 2, 2, 4], [1, 1, 0, 0])
    assert curve.at_risk_at([0, 1, 2, 3, 4, 5]) == (4, 4, 3, 1, 1, 0)


def test_nothing_is_said_after_the_last_follow_up():
    curve = estimate_survival([1, 2], [1, 0])
    assert curve.at(2).value == 0.5
    assert not curve.at(3).estimable


def test_survival_is_zero_for_ever_once_everyone_died():
    at = estimate_survival([1, 2], [1, 1]).at(9)
    assert (at.value, at.low, at.high) == (0, None, None)


def test_the_median_of_a_flat_half_is_its_middle():
    assert estimate_survival([1, 2, 3, 4], [1, 1, 1, 1]).median().value == 2.5


def test_the_median_of_a_half_that_never_ends_is_its_start():
    assert estimate_survival([1, 2, 3, 4], [1, 1, 0, 0]).median().value == 2


def test_no_median_where_fewer_than_half_die():
    assert estimate_survival([1, 2, 3], [1, 0, 0]).median().value is None


@pytest.mark.parametrize("interval", Interval)
def test_a_curve_without_events_stays_at_one(interval):
    at = estimate_survival([1, 2, 3], [0, 0, 0], interval=interval).at(2)
    assert (at.value, at.low, at.high) == (1, 1, 1)


def test_nobody_has_no_curve():
    with pytest.raises(AnalysisError, match="nobody is followed"):
        estimate_survival([], [])


def test_all_that_is_wrong_with_times_is_said_at_once():
    with pytest.raises(AnalysisError) as told:
        estimate_survival([-1, np.nan, 3], [1, 0])
    assert len(told.value.problems) == 3


def test_log_rank_has_no_test_without_events():
    found = log_rank_test(TIME, np.zeros(8), group=TREATED)
    assert found.test.p_value is None
    assert list(found.observed) == [0, 0]


def test_log_rank_refuses_one_arm():
    with pytest.raises(AnalysisError, match="1 group"):
        log_rank_test(TIME, EVENT, group=np.ones(8))


def test_log_rank_of_three_groups_has_two_degrees_of_freedom():
    found = log_rank_test(TIME, EVENT, group=["a", "b", "c", "a", "b", "c", "a", "b"])
    assert found.groups == ("a", "b", "c")
    assert found.test.degrees_of_freedom == 2


def test_log_rank_names_other_weights():
    found = log_rank_test(TIME, EVENT, group=TREATED, rho=0.5)
    assert found.test.method == "Fleming-Harrington 0.5"


def test_a_stratum_in_which_nobody_dies_changes_nothing():
    alone = log_rank_test(TIME, EVENT, group=TREATED)
    strata = np.repeat(["a", "b"], [8, 2])
    more = log_rank_test([*TIME, 3, 9], [*EVENT, 0, 0], group=[*TREATED, 0, 1], strata=strata)
    assert more.test.statistic == pytest.approx(alone.test.statistic)


def test_restricted_mean_without_events_is_the_whole_time():
    found = estimate_restricted_mean([28, 28], [0, 0], tau=28)
    assert found is not None
    assert (found.mean, found.standard_error) == (28, 0)
    assert found.estimate().high == 28


def test_restricted_mean_is_unknown_beyond_the_last_follow_up():
    assert estimate_restricted_mean([10, 20], [1, 0], tau=28) is None


def test_restricted_mean_is_known_where_everyone_died_before():
    found = estimate_restricted_mean([10, 20], [1, 1], tau=28)
    assert found is not None
    assert found.mean == 15


def test_restricted_means_are_not_compared_with_an_empty_arm():
    found = compare_restricted_means(TIME, EVENT, treated=np.ones(8), tau=8)
    assert (found.control, found.difference.value, found.ratio.value) == (None, None, None)


def test_no_ratio_to_a_restricted_mean_of_nothing():
    found = compare_restricted_means([0, 0, 5, 9], [1, 1, 0, 0], treated=[0, 0, 1, 1], tau=5)
    assert found.difference.value == 5
    assert found.ratio.value is None


@pytest.mark.parametrize("ties", Ties)
def test_no_hazard_ratio_where_an_arm_has_no_events(ties):
    found = estimate_hazard_ratio([1, 2, 3, 4], [1, 1, 0, 0], treated=[0, 0, 1, 1], ties=ties)
    assert found.value is None


@pytest.mark.parametrize("treated", [np.zeros(8), np.ones(8)])
def test_no_hazard_ratio_of_one_arm(treated):
    assert estimate_hazard_ratio(TIME, EVENT, treated=treated).value is None


def test_no_hazard_ratio_where_nobody_dies():
    assert estimate_hazard_ratio(TIME, np.zeros(8), treated=TREATED).value is None


def test_a_hazard_ratio_where_everyone_dies():
    assert estimate_hazard_ratio(TIME, np.ones(8), treated=TREATED).value is not None


def test_times_that_cannot_be_are_an_error_not_an_absent_hazard_ratio():
    with pytest.raises(AnalysisError, match="below 0"):
        estimate_hazard_ratio([-1, 2], [1, 1], treated=[0, 1])


def test_a_covariate_everyone_shares_is_named():
    with pytest.raises(AnalysisError, match="ward says nothing"):
        fit_cox(TIME, EVENT, covariates={"arm": TREATED, "ward": np.full(8, 3)})


def test_a_covariate_without_spread_within_strata_has_no_coefficient():
    with pytest.raises(AnalysisError, match="no finite coefficient"):
        fit_cox(TIME, EVENT, covariates={"arm": TREATED}, strata=TREATED)


def test_a_participant_far_from_all_others_is_fitted():
    size = [0.2, 0.3, 0, 221.2, 31, 0.4, 10.2, 2.3, 0.2, 18.8, 0.4, 0.4, 0.1]
    time = [3, 8, 4, 2, 6, 8, 8, 7, 6, 4, 4, 1, 2]
    event = [1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1]
    fit = fit_cox(time, event, covariates={"size": size})
    beta = fit.coefficients.value("size")
    x = np.array([size]).T
    strata = strata_of(np.array(time, float), np.array(event, float), np.zeros(13))
    assert likelihood(x, np.array([beta]), strata).score == pytest.approx(0, abs=1e-6)


def test_every_participant_a_cluster_is_the_plain_robust_variance():
    fit = fit_cox(TIME, EVENT, covariates={"arm": TREATED})
    plain, own = robust_coefficients(fit), robust_coefficients(fit, clusters=np.arange(8))
    assert own.covariance == pytest.approx(plain.covariance)


def test_one_cluster_of_all_has_a_robust_variance_of_nothing():
    fit = fit_cox(TIME, EVENT, covariates={"arm": TREATED})
    assert robust_coefficients(fit, clusters=np.zeros(8)).covariance == pytest.approx(0)


@pytest.mark.parametrize("ask", [robust_coefficients, proportional_hazards_test])
def test_exact_ties_have_no_residuals(ask):
    fit = fit_cox(TIME, EVENT, covariates={"arm": TREATED}, ties=Ties.EXACT)
    with pytest.raises(AnalysisError, match="Efron"):
        ask(fit)


def test_too_many_exact_ties_are_refused():
    time, arm = np.repeat([1.0, 2.0], 600), np.tile([0, 1], 600)
    with pytest.raises(AnalysisError, match="too many deaths at the same times"):
        fit_cox(time, time == 1, covariates={"arm": arm}, ties=Ties.EXACT)


def test_without_ties_all_three_agree():
    time = np.arange(8.0)
    fits = [fit_cox(time, EVENT, covariates={"arm": TREATED}, ties=ties) for ties in Ties]
    values = [fit.coefficients.value("arm") for fit in fits]
    assert values == pytest.approx([values[0]] * 3)


def test_concordance_of_a_perfect_prediction_is_one():
    assert estimate_concordance([1, 2, 3], [1, 1, 0], risk=[3, 2, 1]).value == 1


def test_no_concordance_without_a_pair():
    assert estimate_concordance([1, 2], [0, 0], risk=[1, 2]).value is None


@pytest.mark.slow
def test_a_hundred_thousand_participants_are_fitted():
    rng = np.random.default_rng(4)
    arm = rng.integers(0, 2, 100_000)
    time = np.ceil(rng.exponential(30 / np.exp(-0.2 * arm)))
    fit = fit_cox(np.minimum(time, 28), time <= 28, covariates={"arm": arm})
    error = fit.coefficients.standard_error("arm")
    assert fit.coefficients.value("arm") == pytest.approx(-0.2, abs=3.29 * error + 0.01)
