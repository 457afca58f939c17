"""One two-by-two table by every method: what `immunosep analyse two-by-two` answers.

The difference, risk ratio and odds ratios are of the first arm against the second. Fractions are
fractions, not per cent.
"""

from dataclasses import dataclass
from math import inf
from typing import Any

from immunosep.analysis import association, differences, exact, proportions, ratios, scores
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.number_needed import NumberNeeded, number_needed
from immunosep.errors import AnalysisError

UNBOUNDED = "infinity"  # how JSON, which has no such number, says that a ratio has no upper end


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Every estimate and test of one table, by the name of its method."""

    table: TwoByTwo
    level: float
    proportions: tuple[Estimate, Estimate]
    intervals: dict[str, Estimate]
    p: dict[str, TestResult | None]
    odds_ratio: dict[str, Estimate]
    risk_ratio: dict[str, Estimate]
    number_needed: NumberNeeded | None

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON knows values; None is not estimable."""
        return {
            "arms": [
                {"events": events, "participants": total, **estimate_as_json(estimate)}
                for (events, total), estimate in zip(self._arms, self.proportions, strict=True)
            ],
            "level": self.level,
            "difference": self.table.difference,
            "intervals": {name: _ends(found) for name, found in self.intervals.items()},
            "p": {name: found and found.p_value for name, found in self.p.items()},
            "odds_ratio": {name: estimate_as_json(e) for name, e in self.odds_ratio.items()},
            "risk_ratio": estimate_as_json(self.risk_ratio["log"]),
            "risk_ratio_score": estimate_as_json(self.risk_ratio["score"]),
            "number_needed": _number_needed_as_json(self.number_needed),
        }

    @property
    def _arms(self) -> tuple[tuple[int, int], tuple[int, int]]:
        table = self.table
        return (table.events_1, table.total_1), (table.events_2, table.total_2)


def compare(table: TwoByTwo, *, level: float = LEVEL) -> Comparison:
    """Compare the two arms by every method; an arm of nobody is refused."""
    problems = [
        f"the {name} arm has no participants; expected at least 1"
        for name, total in (("first", table.total_1), ("second", table.total_2))
        if total == 0
    ]
    if problems:
        raise AnalysisError("a comparison of two arms", problems)
    newcombe = differences.estimate_newcombe(table, level=level)
    return Comparison(
        table=table,
        level=level,
        proportions=(
            proportions.estimate_wilson(table.events_1, table.total_1, level=level),
            proportions.estimate_wilson(table.events_2, table.total_2, level=level),
        ),
        intervals={"newcombe": newcombe, **_other_intervals(table, level)},
        p=_tests(table),
        odds_ratio={
            "woolf": ratios.estimate_woolf(table, level=level),
            "conditional_mle": ratios.estimate_conditional_odds_ratio(table, level=level),
            "score": scores.estimate_odds_ratio_score(table, level=level),
        },
        risk_ratio={
            "log": ratios.estimate_risk_ratio(table, level=level),
            "score": scores.estimate_risk_ratio_score(table, level=level),
        },
        number_needed=number_needed(newcombe),
    )


def estimate_as_json(estimate: Estimate) -> dict[str, Any]:
    """An estimate as its value and ends; an end without limit is "infinity"."""
    return {name: _finite(getattr(estimate, name)) for name in ("value", "low", "high")}


def _other_intervals(table: TwoByTwo, level: float) -> dict[str, Estimate]:
    return {
        "miettinen_nurminen": scores.estimate_miettinen_nurminen(table, level=level),
        "agresti_caffo": differences.estimate_agresti_caffo(table, level=level),
        "wald": differences.estimate_wald(table, level=level),
        "mee": scores.estimate_mee(table, level=level),
        "newcombe_continuity": differences.estimate_newcombe(table, level=level, continuity=True),
        "wald_continuity": differences.estimate_wald(table, level=level, continuity=True),
        "wald_pooled": differences.estimate_pooled_wald(table, level=level),
    }


def _tests(table: TwoByTwo) -> dict[str, TestResult | None]:
    return {
        "fisher": exact.fisher_test(table),
        "boschloo": exact.boschloo_test(table),
        "barnard": exact.barnard_test(table),
        "chi_squared": association.chi_squared_test(table),
        "chi_squared_yates": association.yates_test(table),
        "chi_squared_n_minus_1": association.n_minus_1_test(table),
    }


def _ends(estimate: Estimate) -> list[Any]:
    return [_finite(estimate.low), _finite(estimate.high)]


def _finite(number: float | None) -> float | str | None:
    return UNBOUNDED if number == inf else number


def _number_needed_as_json(found: NumberNeeded | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "through_infinity": found.through_infinity,
    }
