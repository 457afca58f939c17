"""Rubin's rules against R 4.2.2, package mice 3.15.0, and imputation against likelihood theory.

mice's five completed data sets and its pooled model are those of ../shared/golden/regression.json
and its README. For monotone normal data the likelihood estimate is known in closed form
(Anderson, J Am Stat Assoc 1957;52:200), and many imputations must come to it.
"""

import numpy as np
import pytest

from immunosep.analysis.imputation import impute_daily
from immunosep.analysis.linear import fit_linear
from immunosep.analysis.rubin import pool, pool_coefficients
from tests.validation.golden import answers, bounds, columns, near


@pytest.fixture
def r(shared):
    return answers(shared, "regression")["mi_nhanes"]


@pytest.fixture
def pooled(shared):
    data = columns(shared, "data/mi_nhanes5.csv")
    sets = [data[".imp"] == number for number in np.unique(data[".imp"])]
    fits = [
        fit_linear(data["chl"][at], covariates={name: data[name][at] for name in ("age", "bmi")})
        for at in sets
    ]
    return pool_coefficients([fit.coefficients for fit in fits])


def test_pooled_estimates_are_those_of_mice(pooled, r):
    found = [pooled[name] for name in r["terms"]]
    ends = [bounds(each.estimate()) for each in found]
    assert [each.value for each in found] == near(r["estimate"])
    assert [each.standard_error for each in found] == near(r["se"])
    assert [low for low, _, _ in ends] == near(r["lower"])
    assert [high for _, _, high in ends] == near(r["upper"])


def test_pooled_tests_are_those_of_mice(pooled, r):
    found = [pooled[name] for name in r["terms"]]
    assert [each.degrees_of_freedom for each in found] == near(r["df"])
    assert [each.test().p_value for each in found] == near(r["p"])


def test_variances_are_those_of_mice(pooled, r):
    found = [pooled[name] for name in r["terms"]]
    assert [each.within for each in found] == near(r["ubar"])
    assert [each.between for each in found] == near(r["b"])
    assert [each.variance for each in found] == near(r["t"])
    assert [each.due_to_missing for each in found] == near(r["lambda"])
    assert [each.missing_information for each in found] == near(r["fmi"])
    riv = [each.due_to_missing / (1 - each.due_to_missing) for each in found]
    assert riv == near(r["riv"])


def monotone(rng: np.random.Generator, size: int = 200):
    """Two days, the second lacking for most of those who are ill on the first."""
    first = rng.normal(9, 3, size)
    second = 1 + 0.7 * first + rng.normal(0, 1.5, size)
    lost = rng.random(size) < np.where(first > 10, 0.7, 0.1)
    return np.column_stack([first, np.where(lost, np.nan, second)])


def test_many_imputations_come_to_the_likelihood_estimate():
    scores = monotone(np.random.default_rng(1))
    known = ~np.isnan(scores[:, 1])
    slope = np.polyfit(scores[known, 0], scores[known, 1], 1)[0]
    expected = scores[known, 1].mean() + slope * (scores[:, 0].mean() - scores[known, 0].mean())
    found = impute_daily(scores, rng=np.random.default_rng(2), imputations=400, rounds=1)
    means = found.sets[:, :, 1].mean(axis=1)
    assert means.mean() == pytest.approx(expected, abs=3.29 * means.std(ddof=1) / 400**0.5)


def test_the_pooled_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(3)
    truth, hits, trials = 1 + 0.7 * 9, 0, 300
    for _ in range(trials):
        sets = impute_daily(monotone(rng), rng=rng, imputations=10, rounds=1).sets[:, :, 1]
        found = pool(sets.mean(axis=1), sets.var(axis=1, ddof=1) / 200)
        low, _, high = bounds(found.estimate())
        hits += low <= truth <= high
    assert hits / trials == pytest.approx(0.95, abs=3.29 * (0.95 * 0.05 / trials) ** 0.5)


def test_complete_cases_would_not_have_come_to_it():
    scores = monotone(np.random.default_rng(1), size=5000)
    assert abs(np.nanmean(scores[:, 1]) - 7.3) > 0.5
    found = impute_daily(scores, rng=np.random.default_rng(2), imputations=5, rounds=1)
    assert found.sets[:, :, 1].mean() == pytest.approx(7.3, abs=0.15)
