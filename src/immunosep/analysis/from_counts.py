"""Each measure of a report worked out from the groups printed beside it.

What a group holds is said in `protocol.published.Measure`. Differences and percentages are per
cent. Methods are those the trials' reports used: Newcombe, Woolf, two-sided Fisher.
"""

from collections.abc import Callable

import numpy as np
from scipy import stats

from immunosep.analysis import association, differences, exact, heterogeneity, ratios, stratified
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import Estimate, TestResult
from immunosep.analysis.number_needed import number_needed
from immunosep.analysis.ordinal import CommonOddsRatio, estimate_common_odds_ratio
from immunosep.protocol.published import Measure

Numbers = tuple[float | None, ...]
Groups = tuple[tuple[float, ...], ...]
PER_CENT = 100


def table_of(groups: Groups) -> TwoByTwo:
    """Two groups as a two-by-two table."""
    (events_1, total_1), (events_2, total_2) = groups
    return TwoByTwo.of((int(events_1), int(total_1)), (int(events_2), int(total_2)))


def strata_of(groups: Groups) -> list[TwoByTwo]:
    """Groups two by two, as the tables of strata."""
    return [table_of(pair) for pair in zip(groups[::2], groups[1::2], strict=True)]


def numbers_of(estimate: Estimate, *, factor: float = 1) -> Numbers:
    """A value and its ends."""
    ends = (estimate.value, estimate.low, estimate.high)
    return tuple(None if number is None else factor * number for number in ends)


def _p(test: TestResult | None) -> Numbers:
    return (test.p_value if test else None,)


def _number_needed(groups: Groups) -> Numbers:
    found = number_needed(differences.estimate_newcombe(table_of(groups)))
    return (found.value, found.low, found.high) if found else (None, None, None)


def _t_test_p(groups: Groups) -> Numbers:
    (mean_1, sd_1, n_1), (mean_2, sd_2, n_2) = groups
    found = stats.ttest_ind_from_stats(mean_1, sd_1, int(n_1), mean_2, sd_2, int(n_2))
    return (float(found.pvalue),)


def _proportional_odds(groups: Groups) -> CommonOddsRatio:
    """Of the first group against the second, above 1 if its outcomes are worse."""
    levels = range(len(groups[0]))
    outcome = [np.repeat(levels, [int(count) for count in group]) for group in groups]
    first = np.repeat([True, False], [len(each) for each in outcome])
    return estimate_common_odds_ratio(np.concatenate(outcome), treated=first, order=levels)


def _inside_and_outside(groups: Groups) -> tuple[TwoByTwo, TwoByTwo]:
    inside, outside = strata_of(groups)
    return inside, outside


MEASURES: dict[Measure, Callable[[Groups], Numbers]] = {
    Measure.SUM: lambda groups: tuple(sum(parts) for parts in groups),
    Measure.PERCENT: lambda groups: tuple(PER_CENT * part / total for part, total in groups),
    Measure.DIFFERENCE: lambda groups: numbers_of(
        differences.estimate_newcombe(table_of(groups)), factor=PER_CENT
    ),
    Measure.ODDS_RATIO: lambda groups: numbers_of(ratios.estimate_woolf(table_of(groups))),
    Measure.RISK_RATIO: lambda groups: numbers_of(ratios.estimate_risk_ratio(table_of(groups))),
    Measure.FISHER_P: lambda groups: _p(exact.fisher_test(table_of(groups))),
    Measure.WALD_P: lambda groups: _p(association.log_odds_test(table_of(groups))),
    Measure.NUMBER_NEEDED: _number_needed,
    Measure.MANTEL_HAENSZEL: lambda groups: numbers_of(
        stratified.estimate_mantel_haenszel_odds_ratio(strata_of(groups))
    ),
    Measure.CMH_P: lambda groups: _p(stratified.cochran_mantel_haenszel_test(strata_of(groups))),
    Measure.BRESLOW_DAY_P: lambda groups: _p(heterogeneity.breslow_day_test(strata_of(groups))),
    Measure.INTERACTION: lambda groups: numbers_of(
        heterogeneity.estimate_ratio_of_odds_ratios(*_inside_and_outside(groups))
    ),
    Measure.INTERACTION_P: lambda groups: _p(
        heterogeneity.interaction_test(*_inside_and_outside(groups))
    ),
    Measure.T_TEST_P: _t_test_p,
    Measure.PROPORTIONAL_ODDS: lambda groups: numbers_of(_proportional_odds(groups).estimate),
    Measure.PROPORTIONAL_ODDS_P: lambda groups: _p(_proportional_odds(groups).wald),
}
