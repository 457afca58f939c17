"""Families of P values, against R 4.2.2's `p.adjust` and the rules of the papers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep.analysis.multiplicity import Adjustment, adjust_p_values
from immunosep.errors import AnalysisError

P_VALUES = [0.010, 0.013, 0.014, 0.190, 0.350, 0.500, 0.630, 0.670, 0.750, 0.810]
FAMILIES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("adjustment", "expected"),
    [
        (Adjustment.HOLM, [0.10, 0.117, 0.117, *[1.0] * 7]),
        (Adjustment.HOCHBERG, [0.10, 0.112, 0.112, *[0.81] * 7]),
        (
            Adjustment.BENJAMINI_HOCHBERG,
            [*[0.04666667] * 3, 0.475, 0.7, *[0.81] * 5],
        ),
    ],
)
def test_family_is_adjusted_as_in_r(adjustment, expected):
    found = adjust_p_values(P_VALUES, adjustment=adjustment)
    assert found == pytest.approx(expected, abs=5e-8)


def hochberg(family: list[float], alpha: float) -> set[int]:
    """The step-up rule as the paper words it: what is claimed at `alpha`."""
    order = sorted(range(len(family)), key=lambda at: family[at])
    passing = [i for i, at in enumerate(order) if family[at] <= alpha / (len(family) - i)]
    return set(order[: max(passing) + 1]) if passing else set()


def benjamini_hochberg(family: list[float], alpha: float) -> set[int]:
    order = sorted(range(len(family)), key=lambda at: family[at])
    passing = [i for i, at in enumerate(order) if family[at] <= alpha * (i + 1) / len(family)]
    return {
        at for at in range(len(family)) if passing and family[at] <= family[order[max(passing)]]
    }


def claimed(family: list[float], adjustment: Adjustment, alpha: float) -> set[int]:
    adjusted = adjust_p_values(family, adjustment=adjustment)
    return {at for at, p in enumerate(adjusted) if p is not None and p <= alpha}


@given(FAMILIES)
def test_adjusted_values_claim_what_the_step_up_rules_claim(family):
    alpha = 0.0503  # no multiple of it is likely to be a P value
    assert hochberg(family, alpha) <= claimed(family, Adjustment.HOCHBERG, alpha)
    assert benjamini_hochberg(family, alpha) == claimed(
        family, Adjustment.BENJAMINI_HOCHBERG, alpha
    )


@given(FAMILIES)
def test_holm_claims_least_and_benjamini_hochberg_most(family):
    holm, hochberg_, bh = (
        [p or 0.0 for p in adjust_p_values(family, adjustment=adjustment)]
        for adjustment in Adjustment
    )
    assert all(
        single <= least + 1e-12 and middle <= most + 1e-12 and least <= middle + 1e-12
        for single, least, middle, most in zip(family, bh, hochberg_, holm, strict=True)
    )


@given(st.permutations(P_VALUES))
def test_order_does_not_matter(shuffled):
    adjusted = dict(
        zip(P_VALUES, adjust_p_values(P_VALUES, adjustment=Adjustment.HOLM), strict=True)
    )
    found = adjust_p_values(shuffled, adjustment=Adjustment.HOLM)
    assert found == tuple(adjusted[p] for p in shuffled)


def test_test_that_was_not_made_takes_no_part():
    found = adjust_p_values([0.01, None, 0.04], adjustment=Adjustment.HOLM)
    assert found[1] is None
    assert found[::2] == pytest.approx((0.02, 0.04))
    assert adjust_p_values([None], adjustment=Adjustment.HOLM) == (None,)


def test_what_is_no_p_value_is_refused():
    with pytest.raises(AnalysisError, match="2 are not between 0 and 1"):
        adjust_p_values([0.1, 1.2, -0.1], adjustment=Adjustment.HOLM)
