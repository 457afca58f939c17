"""Intervals against print: Newcombe Stat Med 1998;17:873 (table II) and the report of ImmunoSep."""

import pytest

from immunosep.analysis import scores
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.differences import estimate_newcombe
from immunosep.analysis.estimates import Estimate
from immunosep.analysis.exact import fisher_test
from immunosep.analysis.proportions import estimate_clopper_pearson, estimate_wilson
from immunosep.analysis.ratios import estimate_risk_ratio
from immunosep.analysis.two_by_two import compare

PRIMARY = TwoByTwo.of((46, 131), (26, 145))


def ends(estimate: Estimate) -> tuple[float | None, float | None]:
    return estimate.low, estimate.high


@pytest.mark.parametrize(
    ("arms", "newcombe", "mee", "miettinen_nurminen"),
    [
        (((56, 70), (48, 80)), (0.0524, 0.3339), (0.0533, 0.3377), (0.0528, 0.3382)),
        (((9, 10), (3, 10)), (0.1705, 0.8090), (0.1821, 0.8370), (0.1700, 0.8406)),
        (((10, 10), (0, 20)), (0.6791, 1.0000), (0.7225, 1.0000), (0.7156, 1.0000)),
    ],
)
def test_score_intervals_as_newcombe_printed(arms, newcombe, mee, miettinen_nurminen):
    table = TwoByTwo.of(*arms)
    assert ends(estimate_newcombe(table)) == pytest.approx(newcombe, abs=5.1e-5)
    assert ends(scores.estimate_mee(table)) == pytest.approx(mee, abs=5.1e-5)
    found = ends(scores.estimate_miettinen_nurminen(table))
    assert found == pytest.approx(miettinen_nurminen, abs=5.1e-5)


@pytest.mark.parametrize(
    ("events", "total", "wilson", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0000, 0.1611), (0.0000, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_one_proportion_as_newcombe_printed(events, total, wilson, exact):
    """Newcombe Stat Med 1998;17:857, table I, methods 3 and 5."""
    assert ends(estimate_wilson(events, total)) == pytest.approx(wilson, abs=5.1e-5)
    assert ends(estimate_clopper_pearson(events, total)) == pytest.approx(exact, abs=5.1e-5)


@pytest.mark.parametrize(
    ("events", "total", "percent"),
    [(245, 276, (84.5, 92.0)), (5, 276, (0.8, 4.2))],
)
def test_wilson_of_the_harms(events, total, percent):
    found = ends(estimate_wilson(events, total))
    assert found == pytest.approx([end / 100 for end in percent], abs=0.0005)


@pytest.mark.parametrize(
    ("method", "percent"),
    [
        ("newcombe", (6.79, 27.24)),
        ("miettinen_nurminen", (6.83, 27.43)),
        ("mee", (6.85, 27.41)),
        ("wald", (6.90, 27.47)),
        ("agresti_caffo", (6.72, 27.23)),
        ("wald_pooled", (6.81, 27.56)),
        ("wald_continuity", (6.17, 28.20)),
        ("newcombe_continuity", (6.27, 27.73)),
    ],
)
def test_intervals_of_the_primary_endpoint(method, percent):
    found = ends(compare(PRIMARY).intervals[method])
    assert found == pytest.approx([end / 100 for end in percent], abs=0.00005)


@pytest.mark.parametrize(
    ("test", "p_value", "digits"),
    [
        ("fisher", 0.001518, 5e-7),
        ("boschloo", 0.0012, 5e-5),
        ("chi_squared", 0.00117, 5e-6),
        ("chi_squared_yates", 0.00188, 5e-6),
        ("chi_squared_n_minus_1", 0.0012, 5e-5),
        # .0014 comes of arms given to SciPy as rows; test_exact.py sums over all tables.
        ("barnard", 0.001223, 5e-7),
    ],
)
def test_p_values_of_the_primary_endpoint(test, p_value, digits):
    found = compare(PRIMARY).p[test]
    assert found is not None
    assert found.p_value == pytest.approx(p_value, abs=digits)


def test_ratios_of_the_primary_endpoint():
    found = compare(PRIMARY)
    woolf, conditional = found.odds_ratio["woolf"], found.odds_ratio["conditional_mle"]
    assert woolf.value == pytest.approx(2.4769, abs=5e-5)
    assert ends(woolf) == pytest.approx((1.4210, 4.3174), abs=5e-5)
    assert conditional.value == pytest.approx(2.4686, abs=5e-5)
    assert ends(conditional) == pytest.approx((1.3738, 4.5096), abs=5e-5)
    assert found.risk_ratio["log"].value == pytest.approx(1.958, abs=5e-4)
    assert ends(estimate_risk_ratio(PRIMARY)) == pytest.approx((1.288, 2.977), abs=5e-4)


@pytest.mark.parametrize(
    ("arms", "p_value"),
    [
        (((6, 14), (2, 20)), 0.0423),
        (((17, 26), (6, 17)), 0.0677),
        (((69, 103), (37, 89)), 0.00048),
        (((54, 131), (76, 145)), 0.071),
        (((8, 131), (3, 145)), 0.12),
    ],
)
def test_fisher_of_other_tables(arms, p_value):
    digits = len(f"{p_value}".partition(".")[2])
    assert fisher_test(TwoByTwo.of(*arms)).p_value == pytest.approx(p_value, abs=0.51 * 10**-digits)
