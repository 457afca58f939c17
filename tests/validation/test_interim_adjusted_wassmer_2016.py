"""P value, estimate and interval after a look against a textbook's worked example.

Wassmer & Brannath, Group Sequential and Confirmatory Adaptive Designs in Clinical Trials (2016),
section 4.1, pages 87 to 88: four looks, two-sided at 5 %, after every 22 observations of standard
deviation 1; z was 1 at the first look and 3 at the second, which both designs stop at. The R
package DelayedGSD repeats it in its tests, with further digits of the P values.
"""

import pytest

from immunosep.analysis.interim.adjusted import Stopped, estimate_adjusted
from immunosep.analysis.interim.boundaries import find_boundaries
from immunosep.protocol.interim import Looks, Spending


@pytest.mark.parametrize(
    ("spending", "first", "one_sided", "low", "value", "high"),
    [
        (Spending.OBRIEN_FLEMING, 4.049, 0.001362486, 0.157, 0.452, 0.748),
        (Spending.POCOCK, 2.361, 0.009819342, 0.074, 0.419, 0.729),
    ],
)
def test_result_of_a_stopped_trial_is_that_of_the_textbook(
    spending, first, one_sided, low, value, high
):
    looks = Looks(
        information=(0.25, 0.5, 0.75, 1.0),
        spending=spending,
        alpha=0.05,
        sided=2,
        tests="primary",
        source="a textbook",
    )
    bounds = find_boundaries(looks)
    found = estimate_adjusted(bounds, Stopped(z=(1.0, 3.0), information=(22.0, 44.0)))
    estimate = found.estimate
    assert bounds.upper[0] == pytest.approx(first, abs=5e-4)
    assert found.p_value.p_value == pytest.approx(2 * one_sided, rel=2e-3)  # limits of 4 figures
    assert (estimate.low, estimate.value, estimate.high) == pytest.approx(
        (low, value, high), abs=1e-3
    )
