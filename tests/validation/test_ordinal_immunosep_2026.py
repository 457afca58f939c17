"""ImmunoSep's ordered infection outcome, JAMA 2026;335:775: odds ratio 0.59 (0.38 to 0.91), P .018.

Counts by arm as printed; more digits are of a second fit, by statsmodels' OrderedModel.
"""

import numpy as np
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel  # type: ignore[import-untyped]

from immunosep.analysis.ordinal import estimate_common_odds_ratio, fit_ordinal
from tests.validation.golden import bounds

ORDER = ["resolution", "intermediate", "failure", "superinfection"]
OUTCOME = np.repeat(ORDER * 2, [58, 11, 32, 30, 46, 9, 44, 46])
PRECISION = np.repeat([1, 0], [131, 145])


def test_the_odds_ratio_is_the_printed_one():
    found = estimate_common_odds_ratio(OUTCOME, treated=PRECISION, order=ORDER)
    low, value, high = bounds(found.estimate)
    assert (round(value, 4), round(low, 3), round(high, 3)) == (0.5926, 0.384, 0.915)


def test_its_tests_are_the_printed_ones():
    found = estimate_common_odds_ratio(OUTCOME, treated=PRECISION, order=ORDER)
    assert found.wald.p_value == pytest.approx(0.0183, abs=5e-5)
    assert found.likelihood_ratio.p_value == pytest.approx(0.0178, abs=5e-5)


def test_another_order_gives_another_ratio():
    swapped = ["resolution", "intermediate", "superinfection", "failure"]
    found = estimate_common_odds_ratio(OUTCOME, treated=PRECISION, order=swapped)
    assert found.estimate.value == pytest.approx(0.625, abs=5e-4)
    assert found.wald.p_value == pytest.approx(0.034, abs=5e-4)


def test_statsmodels_fits_the_same():
    place = np.array([ORDER.index(each) for each in OUTCOME])
    theirs = OrderedModel(place, PRECISION[:, None], distr="logit").fit(
        method="bfgs", disp=0, gtol=1e-8
    )
    fit = fit_ordinal(OUTCOME, covariates={"precision": PRECISION}, order=ORDER)
    assert fit.coefficients.value("precision") == pytest.approx(theirs.params[0], rel=1e-6)
    assert fit.log_likelihood == pytest.approx(theirs.llf)
    cuts = [theirs.params[1], *np.exp(theirs.params[2:])]
    assert fit.cuts == pytest.approx(np.cumsum(cuts), rel=1e-6)
