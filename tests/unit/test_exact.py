"""Exact tests of a two-by-two table, against the sum over all tables."""

import numpy as np
import pytest
from scipy import stats

from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.exact import (
    barnard_test,
    boschloo_test,
    fisher_of_every_table,
    fisher_test,
    largest_probability,
)

ARMS = [((46, 131), (26, 145)), ((12, 25), (4, 23)), ((6, 14), (2, 20)), ((3, 8), (0, 5))]


def every_pooled_z(total_1: int, total_2: int) -> np.ndarray:
    first, second = np.ogrid[: total_1 + 1, : total_2 + 1]
    share = (first + second) / (total_1 + total_2)
    variance = share * (1 - share) * (1 / total_1 + 1 / total_2)
    difference = first / total_1 - second / total_2
    return np.divide(difference, np.sqrt(variance), where=variance > 0, out=0 * difference)


def worst_share(extreme: np.ndarray) -> float:
    """The largest probability over a fine grid of shares, one by one."""
    total_1, total_2 = (size - 1 for size in extreme.shape)
    first, second = np.arange(total_1 + 1), np.arange(total_2 + 1)
    return max(
        float(
            stats.binom.pmf(first, total_1, share)
            @ extreme
            @ stats.binom.pmf(second, total_2, share)
        )
        for share in np.linspace(0.001, 0.999, 999)
    )


@pytest.mark.parametrize(("first", "second"), ARMS)
def test_barnard_is_the_worst_sum_over_all_tables(first, second):
    z = np.abs(every_pooled_z(first[1], second[1]))
    expected = worst_share(z >= z[first[0], second[0]] - 1e-10)
    found = barnard_test(TwoByTwo.of(first, second))
    assert found is not None
    assert found.p_value == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(("first", "second"), ARMS)
def test_boschloo_is_the_worst_sum_over_all_tables(first, second):
    p = fisher_of_every_table(first[1], second[1])
    expected = worst_share(p <= p[first[0], second[0]] * (1 + 1e-7))
    found = boschloo_test(TwoByTwo.of(first, second))
    assert found is not None
    assert found.p_value == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(("events", "of_second"), [(0, 0), (3, 1), (8, 5), (5, 5), (0, 5)])
def test_fisher_of_every_table_is_fishers(events, of_second):
    table = TwoByTwo.of((events, 8), (of_second, 5))
    expected = fisher_test(table).p_value
    assert fisher_of_every_table(8, 5)[events, of_second] == pytest.approx(expected, rel=1e-9)


def test_all_tables_have_probability_1():
    assert largest_probability(np.ones((6, 4), dtype=bool)) == pytest.approx(1)


@pytest.mark.parametrize("test", [fisher_test, barnard_test, boschloo_test])
@pytest.mark.parametrize("arms", [((0, 9), (0, 7)), ((9, 9), (7, 7)), ((0, 0), (3, 7))])
def test_nothing_to_tell_has_a_p_of_1(test, arms):
    assert test(TwoByTwo.of(*arms)).p_value == 1


@pytest.mark.parametrize("test", [barnard_test, boschloo_test])
def test_unconditional_tests_leave_large_arms(test):
    assert test(TwoByTwo.of((10, 1000), (20, 1000))) is None


@pytest.mark.parametrize(("alternative", "p_value"), [("less", 0.9998), ("greater", 0.0009)])
def test_fisher_one_sided_adds_up_one_tail(alternative, p_value):
    found = fisher_test(TwoByTwo.of((46, 131), (26, 145)), alternative=alternative)
    assert found.p_value == pytest.approx(p_value, abs=5e-4)
