"""Tests whether two proportions differ, by a normal or a chi-squared distribution.

Pearson's chi-squared (1900), plain, with Yates' correction (J R Stat Soc Suppl 1934;1:217) and
times (N-1)/N (Campbell Stat Med 2007;26:3661); the z test on the pooled proportion, whose square
is the first. Where everybody or nobody has the event, or an arm is empty, there is nothing to
test: None. SciPy's `chi2_contingency` refuses such a table. Checked against R's `chisq.test`.
"""

from math import log, sqrt

from scipy import stats

from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.differences import pooled_standard_error
from immunosep.analysis.estimates import TestResult


def chi_squared_test(table: TwoByTwo) -> TestResult | None:
    """Pearson's chi-squared test, without a correction."""
    return _chi_squared(table, method="chi-squared")


def yates_test(table: TwoByTwo) -> TestResult | None:
    """The chi-squared test with Yates' correction for continuity."""
    return _chi_squared(table, method="chi-squared, Yates", correction=0.5)


def n_minus_1_test(table: TwoByTwo) -> TestResult | None:
    """The chi-squared test with N-1 in place of N."""
    return _chi_squared(
        table, method="chi-squared, N-1", factor=1 - 1 / table.total if table.total else 1
    )


def pooled_z_test(table: TwoByTwo) -> TestResult | None:
    """The z test of the difference on the pooled proportion, two-sided."""
    if not _testable(table):
        return None
    statistic = table.difference / pooled_standard_error(table)
    return TestResult(
        p_value=2 * float(stats.norm.sf(abs(statistic))),
        statistic=statistic,
        method="pooled z",
    )


def log_odds_test(table: TwoByTwo) -> TestResult | None:
    """Wald's test of the log odds ratio, as of a logistic model; None where a cell is 0."""
    if not all(table.cells):
        return None
    a, b, c, d = table.cells
    statistic = log(a * d / (b * c)) / sqrt(sum(1 / count for count in table.cells))
    return TestResult(
        p_value=2 * float(stats.norm.sf(abs(statistic))),
        statistic=statistic,
        method="Wald test of the log odds ratio",
    )


def _chi_squared(
    table: TwoByTwo, *, method: str, correction: float = 0.0, factor: float = 1.0
) -> TestResult | None:
    if not _testable(table):
        return None
    a, b, c, d = table.cells
    # |ad - bc| / N is how far each cell is from what is expected of it; no correction beyond it.
    distance = abs(a * d - b * c) / table.total
    distance -= min(correction, distance)
    margins = table.total_1 * table.total_2 * table.events * (b + d)
    statistic = factor * distance**2 * table.total**3 / margins
    return TestResult(
        p_value=float(stats.chi2.sf(statistic, 1)),
        statistic=statistic,
        degrees_of_freedom=1,
        method=method,
    )


def _testable(table: TwoByTwo) -> bool:
    return table.both_arms and 0 < table.events < table.total
