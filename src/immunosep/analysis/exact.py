"""Exact tests of a two-by-two table: Fisher's, Barnard's, Boschloo's.

| test | conditions on | order of the tables | paper |
|---|---|---|---|
| Fisher | both margins | their probability: the small ones are added up | Fisher 1935; Irwin 1935 |
| Barnard | the sizes of the arms | the pooled z | Barnard Biometrika 1947;34:123; Suissa 1985 |
| Boschloo | the sizes of the arms | Fisher's two-sided P | Boschloo Stat Neerl 1970;24:1 |

Fisher and Barnard are SciPy's. SciPy's two-sided Boschloo doubles a one-sided P, and so may
exceed Fisher's P, which Boschloo's test is meant to improve on; the test here orders by the two-
sided P and never exceeds it. SciPy takes an arm as a column: given as rows, 46/131 and 26/145
have a Barnard P of .0014, which conditions on the events, in place of .0012. Checked against R's
`fisher.test` and, for the other two, against the sum over all tables.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import TestResult

Alternative = Literal["two-sided", "less", "greater"]
MOST_TABLES = 500_000  # as many as an unconditional test looks at: about 700 in each arm
TIE = 1e-7  # probabilities this close, relatively, are alike, as in R's fisher.test
GRID = 512  # shares looked at before the worst of them is refined


def fisher_test(table: TwoByTwo, *, alternative: Alternative = "two-sided") -> TestResult:
    """Fisher's exact test; two-sided, the tables no more probable than this one are added up."""
    a, b, c, d = table.cells
    p_value = stats.fisher_exact(np.array([[a, b], [c, d]]), alternative=alternative).pvalue
    return TestResult(p_value=_at_most_1(p_value), method=f"Fisher exact, {alternative}")


def barnard_test(table: TwoByTwo) -> TestResult | None:
    """Barnard's exact test by the pooled z, two-sided; None beyond `MOST_TABLES`."""
    if _too_large(table):
        return None
    p_value = 1.0
    if table.both_arms:
        a, b, c, d = table.cells
        p_value = stats.barnard_exact([[a, c], [b, d]], pooled=True).pvalue
    return TestResult(p_value=_at_most_1(p_value), method="Barnard exact, two-sided")


def boschloo_test(table: TwoByTwo) -> TestResult | None:
    """Boschloo's exact test by Fisher's two-sided P; None beyond `MOST_TABLES`."""
    if _too_large(table):
        return None
    method = "Boschloo exact, two-sided"
    if not table.both_arms:
        return TestResult(p_value=1.0, method=method)
    all_p = fisher_of_every_table(table.total_1, table.total_2)
    extreme = all_p <= all_p[table.events_1, table.events_2] * (1 + TIE)
    return TestResult(p_value=_at_most_1(largest_probability(extreme)), method=method)


def fisher_of_every_table(total_1: int, total_2: int) -> NDArray[np.float64]:
    """Fisher's two-sided P of x events of `total_1` and y of `total_2`, at [x, y]."""
    found = np.empty((total_1 + 1, total_2 + 1))
    for events in range(total_1 + total_2 + 1):
        first = np.arange(max(0, events - total_2), min(events, total_1) + 1)
        mass = stats.hypergeom.pmf(first, total_1 + total_2, events, total_1)
        in_order = np.sort(mass)
        below = np.searchsorted(in_order, mass * (1 + TIE), side="right")
        found[first, events - first] = np.cumsum(in_order)[below - 1]
    return np.minimum(found, 1.0)


def largest_probability(tables: NDArray[np.bool_]) -> float:
    """The probability that one of `tables` is drawn if both arms share the worst proportion."""
    total_1, total_2 = (size - 1 for size in tables.shape)
    weights = tables.astype(float)

    def probability(angle: float | NDArray[np.float64]) -> NDArray[np.float64]:
        share = np.sin(np.atleast_1d(angle)) ** 2
        first = stats.binom.pmf(np.arange(total_1 + 1)[:, None], total_1, share)
        second = stats.binom.pmf(np.arange(total_2 + 1)[:, None], total_2, share)
        return np.asarray((first * (weights @ second)).sum(axis=0))

    angles = np.linspace(0, np.pi / 2, GRID + 1)  # sin² of even steps: dense near 0 and 1
    found = probability(angles)
    at = int(found.argmax())
    between = angles[max(at - 1, 0)], angles[min(at + 1, GRID)]
    refined = optimize.minimize_scalar(
        lambda angle: -probability(angle)[0], bounds=between, method="bounded"
    )
    return max(float(found[at]), -float(refined.fun))


def _too_large(table: TwoByTwo) -> bool:
    return (table.total_1 + 1) * (table.total_2 + 1) > MOST_TABLES


def _at_most_1(p_value: float) -> float:
    return min(1.0, float(p_value))
