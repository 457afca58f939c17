"""Imputation and tipping points: what is filled, what is left, what tips, and what cannot be."""

from typing import Any

import numpy as np
import pytest

from immunosep.analysis.coefficients import Coefficients
from immunosep.analysis.design import Array, Mask
from immunosep.analysis.imputation import Death, Imputed, Scale, impute_daily
from immunosep.analysis.rubin import pool, pool_coefficients
from immunosep.analysis.tipping_point import (
    ArmCounts,
    pool_risk_difference,
    tip_responders,
    tip_scores,
)
from immunosep.errors import AnalysisError

SOFA = Scale(lowest=0, highest=24)
ARM = np.arange(80) % 2 == 1


def daily(lost: float = 0.15) -> Array:
    """Scores of 80 participants on 9 days, falling faster in the odd ones; some are lost."""
    rng = np.random.default_rng(4)
    own = rng.normal(9, 3, 80)[:, None] - np.where(ARM, 0.6, 0.2)[:, None] * np.arange(9)
    scores = SOFA.hold(own + rng.normal(0, 1, (80, 9)))
    scores[rng.random((80, 9)) < lost] = np.nan
    return scores


def responded(table: Array) -> Mask:
    """ImmunoSep's responder: the first day less the mean of the others, above 1.4."""
    found: Mask = table[:, 0] - table[:, 1:].mean(axis=1) > 1.4
    return found


def imputed(**options: Any) -> Imputed:
    return impute_daily(
        daily(), rng=np.random.default_rng(5), by=ARM, scale=SOFA, imputations=5, **options
    )


def test_what_was_seen_is_kept_and_the_rest_is_filled():
    found, scores = imputed(), daily()
    seen = ~np.isnan(scores)
    assert (found.filled == ~seen).all()
    assert all((each[seen] == scores[seen]).all() for each in found.sets)
    assert np.isfinite(found.sets).all()


def test_what_is_filled_is_a_possible_score_and_differs_between_sets():
    found = imputed()
    values = found.sets[:, found.filled]
    assert ((values >= 0) & (values <= 24) & (values == np.rint(values))).all()
    assert values.std(axis=0).max() > 0


def test_without_a_scale_scores_are_as_drawn():
    found = impute_daily(daily(), rng=np.random.default_rng(5), imputations=2)
    assert (found.sets != np.rint(found.sets)).any()
    shifted = found.shift(np.ones(80))
    assert (shifted.sets - found.sets)[:, found.filled] == pytest.approx(1)


def test_the_same_generator_fills_in_the_same():
    assert (imputed().sets == imputed().sets).all()


def test_nothing_missing_is_nothing_filled():
    scores = daily(lost=0)
    found = impute_daily(scores, rng=np.random.default_rng(5), imputations=2)
    assert not found.filled.any()
    assert (found.sets == scores).all()


def test_covariates_inform_what_is_filled():
    rng = np.random.default_rng(6)
    state = rng.integers(0, 2, 200)
    scores = np.column_stack([rng.normal(size=200), 10.0 * state + rng.normal(size=200)])
    lost = rng.random(200) < 0.3
    scores[lost, 1] = np.nan
    found = impute_daily(scores, rng=rng, covariates={"state": state}, imputations=5, rounds=2)
    filled = found.sets[:, lost, 1].mean(axis=0)
    assert filled[state[lost] == 1].mean() - filled[state[lost] == 0].mean() > 8


def test_a_covariate_that_is_the_same_for_a_group_is_its_intercept():
    found = imputed(covariates={"arm": ARM})
    assert np.isfinite(found.sets).all()


def test_days_from_death_on_hold_the_trials_score():
    dead = np.zeros((80, 9), dtype=bool)
    dead[:10, 5:] = True
    found = imputed(death=Death(days=dead, score=24))
    assert (found.sets[:, dead] == 24).all()
    assert not found.filled[dead].any()


def test_the_dead_do_not_drag_the_living():
    rng = np.random.default_rng(7)
    truth, scores = daily(lost=0), daily()
    died = np.where(rng.random(80) < 0.25, rng.integers(2, 9, 80), 9)
    dead = np.arange(9) >= died[:, None]
    apart = impute_daily(scores, rng=rng, death=Death(days=dead, score=24), scale=SOFA)
    mixed = impute_daily(np.where(dead, 24.0, scores), rng=rng, scale=SOFA)
    living = apart.filled & ~dead
    away = [((found.sets - truth)[:, living] ** 2).mean() for found in (apart, mixed)]
    assert away[0] < away[1] / 2


def test_a_day_nobody_of_a_group_has_is_an_error():
    scores = daily()
    scores[ARM, 3] = np.nan
    with pytest.raises(AnalysisError, match="on column 4 nobody of one group"):
        impute_daily(scores, rng=np.random.default_rng(5), by=ARM)


def test_a_shift_moves_only_what_was_filled_and_stays_on_the_scale():
    found = imputed()
    moved = found.shift(np.full(80, 30.0))
    assert (moved.sets[:, found.filled] == 24).all()
    assert (moved.sets[:, ~found.filled] == found.sets[:, ~found.filled]).all()


def test_no_spread_between_sets_leaves_the_complete_degrees_of_freedom():
    found = pool([2, 2, 2], [1, 1, 1], complete_degrees_of_freedom=30)
    assert found.degrees_of_freedom == pytest.approx(31 / 33 * 30)
    assert (found.due_to_missing, found.standard_error) == (0, 1)


def test_no_spread_between_sets_of_a_large_study_is_a_normal_interval():
    found = pool([2, 2], [1, 1])
    assert found.degrees_of_freedom is None
    assert found.missing_information == 0
    assert found.estimate().high == pytest.approx(3.959964)


def test_no_variance_at_all_has_no_test():
    found = pool([0, 0], [0, 0])
    assert (found.test().p_value, found.due_to_missing) == (None, 0)


def test_one_data_set_cannot_be_pooled():
    with pytest.raises(AnalysisError, match="expected two or more"):
        pool([1], [1])


def test_models_with_other_covariates_cannot_be_pooled():
    fits = [
        Coefficients(names=(name,), values=np.ones(1), covariance=np.eye(1), method="A model")
        for name in "ab"
    ]
    with pytest.raises(AnalysisError, match="the models differ"):
        pool_coefficients(fits)


def test_the_risk_difference_of_complete_data_is_that_of_the_table():
    scores = daily(lost=0)
    found = pool_risk_difference(
        impute_daily(scores, rng=np.random.default_rng(5), imputations=3),
        respond=responded,
        treated=ARM,
    )
    one, two = responded(scores[ARM]).mean(), responded(scores[~ARM]).mean()
    assert found.value == pytest.approx(one - two)
    assert found.variance == pytest.approx((one * (1 - one) + two * (1 - two)) / 40)


def test_no_risk_difference_of_one_arm():
    with pytest.raises(AnalysisError, match="an arm is empty"):
        pool_risk_difference(imputed(), respond=responded, treated=np.ones(80))


def test_worse_scores_where_missing_lower_the_risk_difference():
    found = tip_scores(
        imputed(),
        respond=responded,
        treated=ARM,
        shifts_treated=[0, 2, 4, 8],
        shifts_control=[0, 8],
    )
    assert [(each.treated, each.control) for each in found[:3]] == [(0, 0), (0, 8), (2, 0)]
    values = [each.pooled.value for each in found if each.control == 0]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]


def test_a_shift_of_nothing_is_the_analysis_itself():
    (found,) = tip_scores(imputed(), respond=responded, treated=ARM, shifts_treated=[0])
    assert found.pooled == pool_risk_difference(imputed(), respond=responded, treated=ARM)


TREATED = ArmCounts(responders=38, known=121, missing=10)
CONTROL = ArmCounts(responders=19, known=132, missing=13)
"""ImmunoSep without those carried forward (JAMA 2026;335:775); with them 46/131 against 26/145."""


def test_the_grid_holds_the_trials_own_answer():
    grid = tip_responders(treated=TREATED, control=CONTROL)
    assert grid.difference.shape == (11, 14)
    assert grid.difference[8, 7] == pytest.approx(46 / 131 - 26 / 145)
    assert grid.p_value[8, 7] == pytest.approx(0.001518, abs=5e-7)


def test_the_edge_is_where_the_trials_conclusion_tips():
    grid = tip_responders(treated=TREATED, control=CONTROL)
    assert grid.edge[7] is not None
    fewest = grid.edge[7]
    assert grid.significant[fewest, 7]
    assert fewest == 0 or not grid.significant[fewest - 1, 7]


def test_no_number_of_responders_makes_a_worse_arm_better():
    worse = ArmCounts(responders=5, known=100, missing=2)
    grid = tip_responders(treated=worse, control=ArmCounts(responders=30, known=100, missing=1))
    assert grid.edge == (None, None)
    assert grid.significant.all()


def test_counts_that_cannot_be_are_all_said():
    wrong = ArmCounts(responders=9, known=5, missing=-1)
    with pytest.raises(AnalysisError) as told:
        tip_responders(treated=wrong, control=wrong)
    assert len(told.value.problems) == 2
