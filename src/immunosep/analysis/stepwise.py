"""Stepwise logistic regression by likelihood-ratio tests (Hosmer & Lemeshow 2013, 4.3).

Forward: of the candidates outside, the one with the smallest P value enters if that is below
`entry`; then whoever inside is at or above `removal` leaves, the largest first. Backward begins
with all and only removes. What is `forced` stays throughout. Such a choice makes P values too small
and intervals too narrow (Harrell 2015, 4.3): it is here because protocols ask for it. statsmodels
0.15 has none. A candidate that separates the outcomes cannot be tested, so it does not enter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from numpy.typing import ArrayLike
from scipy import stats

from immunosep.analysis.generalised_linear import (
    Family,
    GeneralisedLinearFit,
    fit_generalised_linear,
    fit_if_finite,
)
from immunosep.errors import AnalysisError

_SUBJECT = "Stepwise logistic regression"


class Direction(StrEnum):
    """From which model the search sets out."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One covariate that entered or left, and the P value for which it did."""

    name: str
    entered: bool
    p_value: float


@dataclass(frozen=True, kw_only=True, eq=False)
class StepwiseFit:
    """The model the search ends with, and how it came there."""

    fit: GeneralisedLinearFit
    steps: tuple[Step, ...]
    chosen: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Search:
    outcome: ArrayLike
    covariates: Mapping[str, ArrayLike]
    forced: tuple[str, ...]

    def fit(self, names: Iterable[str]) -> GeneralisedLinearFit | None:
        """The model of these covariates, in the order they were given."""
        inside = {*names, *self.forced}
        chosen = {name: self.covariates[name] for name in self.covariates if name in inside}
        return fit_if_finite(self.outcome, covariates=chosen, family=Family.LOGISTIC)


def fit_stepwise(
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike],
    forced: Sequence[str] = (),
    direction: Direction = Direction.FORWARD,
    entry: float = 0.05,
    removal: float = 0.10,
) -> StepwiseFit:
    """Search the covariates; AnalysisError if a limit or a forced name cannot be."""
    problems = _problems(covariates, forced, entry=entry, removal=removal)
    if problems:
        raise AnalysisError(_SUBJECT, problems)
    search = _Search(outcome=outcome, covariates=covariates, forced=tuple(forced))
    free = [name for name in covariates if name not in forced]
    inside = free if direction is Direction.BACKWARD else []
    chosen, steps = _searched(search, inside, direction=direction, entry=entry, removal=removal)
    kept = {name: covariates[name] for name in covariates if name in {*chosen, *forced}}
    return StepwiseFit(
        fit=fit_generalised_linear(outcome, covariates=kept, family=Family.LOGISTIC),
        steps=tuple(steps),
        chosen=tuple(name for name in covariates if name in chosen),
    )


def _searched(
    search: _Search, inside: list[str], *, direction: Direction, entry: float, removal: float
) -> tuple[list[str], list[Step]]:
    steps: list[Step] = []
    while True:
        step = _leaving(search, inside, removal)
        if step is None and direction is Direction.FORWARD:
            step = _entering(search, inside, entry)
        if step is None:
            return inside, steps
        steps.append(step)
        others = [name for name in inside if name != step.name]
        inside = [*others, step.name] if step.entered else others


def _leaving(search: _Search, inside: list[str], removal: float) -> Step | None:
    found = [
        Step(name=name, entered=False, p_value=p)
        for name in inside
        if (p := _p_value(search, [each for each in inside if each != name], inside)) is not None
    ]
    worst = max(found, key=lambda step: step.p_value, default=None)
    return worst if worst is not None and worst.p_value >= removal else None


def _entering(search: _Search, inside: list[str], entry: float) -> Step | None:
    outside = [name for name in search.covariates if name not in {*inside, *search.forced}]
    found = [
        Step(name=name, entered=True, p_value=p)
        for name in outside
        if (p := _p_value(search, inside, [*inside, name])) is not None
    ]
    best = min(found, key=lambda step: step.p_value, default=None)
    return best if best is not None and best.p_value < entry else None


def _p_value(search: _Search, smaller: Iterable[str], larger: Iterable[str]) -> float | None:
    """Of the likelihood-ratio test; None where either model has no finite estimate."""
    small, large = search.fit(smaller), search.fit(larger)
    if small is None or large is None:
        return None
    fall = max(2 * (large.log_likelihood - small.log_likelihood), 0.0)
    return float(stats.chi2.sf(fall, len(large.design.names) - len(small.design.names)))


def _problems(
    covariates: Mapping[str, ArrayLike], forced: Sequence[str], *, entry: float, removal: float
) -> list[str]:
    problems = [
        f"{name} is to stay but is no covariate; expected one of {', '.join(covariates)}"
        for name in forced
        if name not in covariates
    ]
    if not 0 < entry <= removal <= 1:
        problems.append(
            f"entry below {entry:g} and removal from {removal:g}: expected 0 < entry <= removal <= "
            "1, or a covariate could enter and leave for ever"
        )
    return problems
