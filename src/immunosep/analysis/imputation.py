"""Daily scores filled in several times, by chained equations.

Van Buuren (Flexible Imputation of Missing Data, 2018, 4.5). Each day with missing scores is
regressed on all other days and on the covariates, by Bayesian linear regression: residual variance
and coefficients are drawn from their posterior, then a score for each who lacks one (Rubin 1987,
5.3); the days are gone through ten times. Arms are best filled apart (`by`), so that no effect of
treatment is imputed or lost (Sullivan et al., Stat Methods Med Res 2018;27:2610). It assumes
missing at random, given what was seen; `shift` says what if not.

Days from death on hold a score of the trial's choosing, and none that was seen: while days are
filled they count as missing, so that the dead do not drag the living. statsmodels' MICE 0.15 takes
a formula for each column and draws by matching alone; own code, checked against the likelihood
estimate for monotone data (Anderson, J Am Stat Assoc 1957;52:200) and by its coverage.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from immunosep.analysis.design import INTERCEPT, Array, Design, Mask, as_mask, as_numbers, design_of
from immunosep.errors import AnalysisError

_SUBJECT = "Imputation"
_RIDGE = 1e-5  # of each column's own square: van Buuren 2018, 3.2; days may repeat one another


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What a score can be: whole numbers from `lowest` to `highest`."""

    lowest: float
    highest: float

    def hold(self, values: Array) -> Array:
        """The nearest possible scores."""
        held: Array = np.clip(np.rint(values), self.lowest, self.highest) + 0.0  # no minus zero
        return held


@dataclass(frozen=True, kw_only=True, eq=False)
class Imputed:
    """`sets` by data set, participant, day; `filled` says which scores were lacking."""

    sets: Array
    filled: Mask
    scale: Scale | None

    def shift(self, by: ArrayLike) -> "Imputed":
        """The same with what was filled in moved by an amount for each participant."""
        moved = self.sets + self.filled * as_numbers(by)[:, None]
        held = moved if self.scale is None else self.scale.hold(moved)
        return Imputed(
            sets=np.where(self.filled, held, self.sets), filled=self.filled, scale=self.scale
        )


@dataclass(frozen=True, kw_only=True)
class Death:
    """Which participant-days are from death on, and the score they count as."""

    days: ArrayLike
    score: float


def impute_daily(
    scores: ArrayLike,
    *,
    rng: np.random.Generator,
    covariates: Mapping[str, ArrayLike] | None = None,
    by: ArrayLike | None = None,
    death: Death | None = None,
    scale: Scale | None = None,
    imputations: int = 20,
    rounds: int = 10,
) -> Imputed:
    """Fill in scores, one row per participant and one column per day, NaN where not known."""
    table = as_numbers(scores)
    dead = np.zeros(table.shape, dtype=np.bool_) if death is None else as_mask(death.days)
    lacking = np.isnan(table) | dead
    groups = np.zeros(len(table)) if by is None else np.asarray(by)
    sets = np.repeat(np.where(dead, np.nan, table)[None], imputations, axis=0)
    _check(lacking, groups)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        x = _covariates(covariates or {}, rows, len(table))
        for at in range(imputations):
            sets[at, rows] = _completed(sets[at, rows], x, rng=rng, rounds=rounds)
    filled = lacking & ~dead
    if scale is not None:
        sets = np.where(filled, scale.hold(sets), sets)
    if death is not None:
        sets = np.where(dead, death.score, sets)
    return Imputed(sets=sets, filled=filled, scale=scale)


def _check(lacking: Mask, groups: NDArray[np.generic]) -> None:
    problems = [
        f"on column {day + 1} nobody of one group has a score: leave the day out, or do not split"
        for day in range(lacking.shape[1])
        if any(lacking[groups == group, day].all() for group in np.unique(groups))
    ]
    if problems:
        raise AnalysisError(_SUBJECT, problems)


def _covariates(
    covariates: Mapping[str, ArrayLike], rows: NDArray[np.intp], participants: int
) -> Array:
    whole: Design = design_of(covariates, rows=participants, subject=_SUBJECT)
    within = whole.matrix[rows]
    # What is the same for all of a group (such as the arm it is split by) is the intercept's.
    told = np.array([bool((column != column[0]).any()) for column in within.T])
    told[whole.names.index(INTERCEPT)] = True
    return as_numbers(within[:, told])


def _completed(table: Array, x: Array, *, rng: np.random.Generator, rounds: int) -> Array:
    """One group's scores, the days filled in one after the other, several times over.

    Each regression needs the cross products of who has a score that day: those of all, less those
    of the few who lack it. So a hundred thousand participants take seconds.
    """
    lacking = np.isnan(table)
    counts = np.count_nonzero(lacking, axis=0)
    days = [int(day) for day in np.argsort(counts, kind="stable") if counts[day]]
    who = {day: np.flatnonzero(lacking[:, day]) for day in days}
    whole, first = np.column_stack([x, table]), x.shape[1]
    for day in days:
        known = table[~lacking[:, day], day]
        whole[who[day], first + day] = rng.choice(known, size=counts[day])
    for _ in range(rounds):
        products = whole.T @ whole
        for day in days:
            theirs, at = whole[who[day]], first + day
            before = theirs.T @ theirs
            theirs[:, at] = draw_scores(
                theirs, at, products=products - before, seen=len(table) - len(theirs), rng=rng
            )
            whole[who[day], at] = theirs[:, at]
            products += theirs.T @ theirs - before
    filled: Array = whole[:, first:]
    return filled


def draw_scores(
    rows: Array, at: int, *, products: Array, seen: int, rng: np.random.Generator
) -> Array:
    """Column `at` of these rows, from a linear regression on the others drawn from its posterior.

    `products` are the cross products of all columns over those `seen`.
    """
    others = np.delete(np.arange(rows.shape[1]), at)
    cross, told = products[np.ix_(others, others)], products[others, at]
    inverse = np.linalg.inv(cross + np.diag(np.diag(cross) * _RIDGE + np.finfo(float).tiny))
    best = inverse @ told
    left = max(float(products[at, at] - 2 * best @ told + best @ cross @ best), 0.0)
    deviation = np.sqrt(left / rng.chisquare(max(seen - len(others), 1)))
    slopes = best + deviation * np.linalg.cholesky(inverse) @ rng.standard_normal(len(best))
    noise = rng.standard_normal(len(rows))
    drawn: Array = rows[:, others] @ slopes + deviation * noise
    return drawn
