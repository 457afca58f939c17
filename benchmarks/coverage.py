"""How often does each interval hold the truth? Prints a Markdown table for each size of trial.

No simulation: every table that two arms of this size can give is analysed once, and its
probability is added up where the interval holds the true value, over a grid of true proportions.
Coverage is the mean over the grid; the lowest is the worst point of it. An interval of 95 % should
cover 95 %.

    python benchmarks/coverage.py [N1 N2]
"""

import sys
from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from immunosep.analysis import differences, proportions, ratios, scores
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import Estimate

Array = NDArray[np.float64]
Method = Callable[[TwoByTwo], Estimate]
ROUNDING = 1e-9  # an end that is the truth but for rounding holds it
GRID = np.linspace(0.02, 0.98, 49)
# MALS, samples for reversal, and all that were analysed in ImmunoSep (JAMA 2026;335:775).
SIZES = ((25, 23), (59, 66), (131, 145))

DIFFERENCES: dict[str, Method] = {
    "Newcombe": differences.estimate_newcombe,
    "Miettinen-Nurminen": scores.estimate_miettinen_nurminen,
    "Mee": scores.estimate_mee,
    "Agresti-Caffo": differences.estimate_agresti_caffo,
    "Wald": differences.estimate_wald,
    "Wald, pooled variance": differences.estimate_pooled_wald,
    "Newcombe, continuity-corrected": lambda table: differences.estimate_newcombe(
        table, continuity=True
    ),
    "Wald, continuity-corrected": lambda table: differences.estimate_wald(table, continuity=True),
}
ODDS_RATIOS: dict[str, Method] = {
    "Woolf": ratios.estimate_woolf,
    "conditional, exact": ratios.estimate_conditional_odds_ratio,
    "score": scores.estimate_odds_ratio_score,
}
RISK_RATIOS: dict[str, Method] = {
    "logarithm": ratios.estimate_risk_ratio,
    "score": scores.estimate_risk_ratio_score,
}
ONE: dict[str, Callable[[int, int], Estimate]] = {
    "Wilson": proportions.estimate_wilson,
    "Clopper-Pearson": proportions.estimate_clopper_pearson,
}


def main(sizes: tuple[tuple[int, int], ...]) -> None:
    """Print a table for each size."""
    for total_1, total_2 in sizes:
        print(f"\n{total_1} against {total_2} participants\n")
        print("| interval | mean coverage, % | lowest, % | mean width |\n|---|---|---|---|")
        truths = {
            "difference": (DIFFERENCES, lambda p1, p2: p1 - p2),
            "odds ratio": (ODDS_RATIOS, lambda p1, p2: p1 * (1 - p2) / (p2 * (1 - p1))),
            "risk ratio": (RISK_RATIOS, lambda p1, p2: p1 / p2),
        }
        for measure, (methods, truth) in truths.items():
            for name, method in methods.items():
                _print(f"{measure}: {name}", *_two_arms(method, truth, total_1, total_2))
        for name, one in ONE.items():
            _print(f"one proportion of {total_1}: {name}", *_one_arm(one, total_1))


def _print(name: str, coverage: Array, width: float | None) -> None:
    shown = "" if width is None else f"{width:.3f}"
    print(f"| {name} | {100 * coverage.mean():.1f} | {100 * coverage.min():.1f} | {shown} |")


def _two_arms(
    method: Method, truth: Callable[[Array, Array], Array], total_1: int, total_2: int
) -> tuple[Array, float | None]:
    ends = np.empty((2, total_1 + 1, total_2 + 1))
    for first, second in product(range(total_1 + 1), range(total_2 + 1)):
        found = method(TwoByTwo.of((first, total_1), (second, total_2)))
        # No interval at all misleads nobody: it counts as one without ends.
        ends[:, first, second] = (
            -np.inf if found.low is None else found.low,
            np.inf if found.high is None else found.high,
        )
    of_first, of_second = _probabilities(total_1), _probabilities(total_2)
    coverage = np.array(
        [
            [
                of_first[:, i] @ _holding(ends, truth(p1, p2)) @ of_second[:, j]
                for j, p2 in enumerate(GRID)
            ]
            for i, p1 in enumerate(GRID)
        ]
    )
    width = (of_first.T @ (ends[1] - ends[0]) @ of_second).mean()
    return coverage, float(width) if np.isfinite(width) else None


def _one_arm(method: Callable[[int, int], Estimate], total: int) -> tuple[Array, float]:
    found = [method(events, total) for events in range(total + 1)]
    ends = np.array([[estimate.low, estimate.high] for estimate in found], dtype=float).T
    weights = _probabilities(total)
    coverage = np.array([weights[:, i] @ _holding(ends, p) for i, p in enumerate(GRID)])
    return coverage, float((weights.T @ (ends[1] - ends[0])).mean())


def _holding(ends: Array, truth: Array) -> Array:
    return np.asarray((ends[0] <= truth + ROUNDING) & (truth - ROUNDING <= ends[1]), dtype=float)


def _probabilities(total: int) -> Array:
    """Of each number of events (down), under each true proportion (across)."""
    return np.asarray(binom.pmf(np.arange(total + 1)[:, None], total, GRID))


if __name__ == "__main__":
    asked = tuple(int(word) for word in sys.argv[1:3])
    main(((asked[0], asked[1]),) if len(asked) == 2 else SIZES)
