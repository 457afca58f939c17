"""The mixed model against R 4.2.2, package lme4 1.1-31, on its data of sleep and reaction times.

The values and the data are those of ../shared/golden/regression.json and its README; both programs
search for the variances, hence 1e-4 (and better for what does not depend on them).
"""

import numpy as np
import pytest

from immunosep.analysis.mixed import difference_on, fit_daily, fit_mixed
from immunosep.errors import AnalysisError
from tests.validation.golden import answers, bounds, columns, near, width

DAY = np.tile(np.arange(1.0, 11), 60)
PARTICIPANT = np.repeat(np.arange(60), 10)
TREATED = PARTICIPANT % 2


@pytest.fixture
def sleep(shared):
    data = columns(shared, "data/sleepstudy.csv")
    return fit_mixed(
        data["Reaction"],
        covariates={"Days": data["Days"]},
        participant=data["Subject"],
        slope=data["Days"],
    )


@pytest.fixture
def r(shared):
    return answers(shared, "regression")["sleep_reml"]


def test_fixed_effects_are_those_of_lme4(sleep, r):
    errors = [sleep.coefficients.standard_error(name) for name in r["fixed_terms"]]
    assert sleep.coefficients.values == near(r["fixed"])
    assert errors == near(r["fixed_se"], rel=1e-4)


def test_variances_are_those_of_lme4(sleep, r):
    intercept, slope, both, residual = (row["vcov"] for row in r["var"])
    assert np.diag(sleep.random_covariance) == near([intercept, slope], rel=1e-4)
    assert sleep.random_covariance[0, 1] == near(both, rel=1e-4)
    assert sleep.residual_variance == near(residual, rel=1e-4)
    assert not sleep.singular


def test_the_restricted_likelihood_is_that_of_lme4(sleep, r):
    assert sleep.log_likelihood == near(r["loglik"])


def drawn(slope_deviation: float = 0.3):
    """Daily scores that fall by 0.4 a day, by 0.2 more when treated."""
    rng = np.random.default_rng(11)
    own = rng.normal(12, 3, 60)[PARTICIPANT]
    slope = rng.normal(-0.4, slope_deviation, 60)[PARTICIPANT] - 0.2 * TREATED
    return own + slope * DAY + rng.normal(0, 1, 600)


def test_daily_scores_give_back_the_difference_they_were_drawn_with():
    fit = fit_daily(drawn(), day=DAY, treated=TREATED, participant=PARTICIPANT)
    low, value, high = bounds(fit.coefficients.estimate("treated:day"))
    assert low < -0.2 < high
    assert value == pytest.approx(-0.2, abs=0.25)
    assert fit.participants == 60


def test_the_difference_on_a_day_is_that_of_arm_and_slope():
    fit = fit_daily(drawn(), day=DAY, treated=TREATED, participant=PARTICIPANT)
    arm, slope = (fit.coefficients.value(name) for name in ("treated", "treated:day"))
    assert bounds(difference_on(fit, 9))[1] == pytest.approx(arm + 9 * slope)
    shifted = fit_daily(drawn(), day=DAY - 9, treated=TREATED, participant=PARTICIPANT)
    at_zero = shifted.coefficients.estimate("treated")
    assert width(difference_on(fit, 9)) == pytest.approx(width(at_zero), rel=1e-4)


def test_with_all_days_the_slopes_are_compared_as_means_of_each_participants_own():
    """A balanced design: the fixed slope is the mean of least-squares slopes, whatever varies."""
    score = drawn()
    fit = fit_daily(score, day=DAY, treated=TREATED, participant=PARTICIPANT)
    slopes = np.array([np.polyfit(DAY[:10], part, 1)[0] for part in score.reshape(60, 10)])
    arm = np.arange(60) % 2 == 1
    difference = slopes[arm].mean() - slopes[~arm].mean()
    assert fit.coefficients.value("treated:day") == pytest.approx(difference)
    spread = (slopes[arm].var(ddof=1) + slopes[~arm].var(ddof=1)) / 30
    assert fit.coefficients.standard_error("treated:day") == pytest.approx(spread**0.5, rel=1e-4)


def test_slopes_that_do_not_vary_are_said_to_be_singular():
    fit = fit_daily(drawn(0.0), day=DAY, treated=TREATED, participant=PARTICIPANT)
    assert fit.singular
    assert np.isfinite(fit.coefficients.covariance).all()


def test_an_intercept_alone_is_a_one_way_analysis_of_variance():
    score = drawn()
    fit = fit_mixed(score, covariates={}, participant=PARTICIPANT)
    table = score.reshape(60, 10)
    within = table.var(axis=1, ddof=1).mean()
    between = table.mean(axis=1).var(ddof=1) - within / 10
    assert fit.residual_variance == pytest.approx(within, rel=1e-4)
    assert fit.random_covariance[0, 0] == pytest.approx(between, rel=1e-4)


def test_missing_days_are_left_out_not_filled_in():
    kept = np.random.default_rng(12).random(600) < 0.8
    fit = fit_daily(
        drawn()[kept], day=DAY[kept], treated=TREATED[kept], participant=PARTICIPANT[kept]
    )
    assert fit.coefficients.value("day") == pytest.approx(-0.4, abs=0.2)


def test_a_missing_score_is_an_error():
    with pytest.raises(AnalysisError, match="600 outcomes are missing"):
        fit_daily(np.full(600, np.nan), day=DAY, treated=TREATED, participant=PARTICIPANT)


def test_an_empty_arm_is_named():
    with pytest.raises(AnalysisError, match="treated says nothing"):
        fit_daily(drawn(), day=DAY, treated=np.ones(600), participant=PARTICIPANT)


@pytest.mark.parametrize(
    ("score", "participant"), [(np.arange(600.0), np.arange(600)), (np.ones(600), PARTICIPANT)]
)
def test_without_spread_within_participants_there_is_no_model(score, participant):
    with pytest.raises(AnalysisError, match="no spread to model"):
        fit_daily(score, day=DAY, treated=TREATED, participant=participant)
