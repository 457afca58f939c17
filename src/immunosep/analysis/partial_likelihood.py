"""Cox's partial likelihood: its value, slope and curvature at given coefficients.

Ties are counted as Efron (J Am Stat Assoc 1977;72:557), Breslow (Biometrics 1974;30:89) or exactly,
as the conditional likelihood of which of those at risk died (Cox 1972), by the recursion of Gail,
Lubin & Rubinstein (Biometrika 1981;68:703). One row of `Moments` per death: what is expected of the
covariates of the one who dies, among those at risk, the tied deaths before it partly taken out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from immunosep.analysis.design import Array
from immunosep.errors import AnalysisError

_MOST_TIED, _MOST_ROWS = 500, 200_000  # of the exact recursion: no overflow, within a minute


class Ties(StrEnum):
    """How deaths at the same time are counted."""

    EFRON = "Efron"
    BRESLOW = "Breslow"
    EXACT = "exact"


@dataclass(frozen=True, kw_only=True, eq=False)
class Stratum:
    """Participants of one stratum by time, the latest first, and where each death time's rows end.

    `last` is the end of the risk set of a death time, `deaths` the rows that die at it.
    """

    rows: NDArray[np.intp]
    times: Array
    last: NDArray[np.intp]
    deaths: tuple[NDArray[np.intp], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Likelihood:
    """The log partial likelihood with its first and (negative) second derivatives."""

    value: float
    score: Array
    information: Array

    def plus(self, other: "Likelihood") -> "Likelihood":
        """The sum over two strata."""
        return Likelihood(
            value=self.value + other.value,
            score=self.score + other.score,
            information=self.information + other.information,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """One row per death: `at` is its time's place, `total` the risk, then means and variances."""

    at: NDArray[np.intp]
    share: Array
    total: Array
    mean: Array
    variance: Array


def strata_of(times: Array, events: Array, strata: NDArray[np.generic]) -> list[Stratum]:
    """The strata in which somebody dies, each in the order the sums are taken."""
    by = np.lexsort((-times, strata))
    borders = np.flatnonzero(np.diff(np.unique(strata, return_inverse=True)[1][by])) + 1
    parts = (_stratum(rows, times[rows], events[rows]) for rows in np.split(by, borders))
    return [part for part in parts if part.deaths]


def _stratum(rows: NDArray[np.intp], times: Array, events: Array) -> Stratum:
    died = np.flatnonzero(events > 0)
    moments, first = np.unique(-times[died], return_index=True)
    return Stratum(
        rows=rows,
        times=-moments,
        last=np.searchsorted(-times, moments, side="right"),
        deaths=tuple(np.split(died, first[1:])) if len(died) else (),
    )


def likelihood(
    x: Array, beta: Array, strata: Sequence[Stratum], *, ties: Ties = Ties.EFRON
) -> Likelihood:
    """The partial likelihood of all strata together at `beta`."""
    count = len(beta)
    found = Likelihood(value=0.0, score=np.zeros(count), information=np.zeros((count, count)))
    for stratum in strata:
        of = _exact if ties is Ties.EXACT else _approximate
        found = found.plus(of(x[stratum.rows], beta, stratum, ties))
    return found


def moments_of(x: Array, beta: Array, stratum: Stratum, *, ties: Ties) -> Moments:
    """Efron's or Breslow's moments at each death; `x` in the stratum's own order."""
    risk = np.exp(x @ beta - (x @ beta).max())
    products = np.einsum("i,ij,ik->ijk", risk, x, x)
    at, share = _shares(stratum, ties)
    sums = [
        _until(part, stratum)[at] - _times(share, _among(part, stratum)[at])
        for part in (risk, risk[:, None] * x, products)
    ]
    total = sums[0]
    mean = sums[1] / total[:, None]
    variance = sums[2] / total[:, None, None] - np.einsum("ij,ik->ijk", mean, mean)
    return Moments(at=at, share=share, total=total, mean=mean, variance=variance)


def _shares(stratum: Stratum, ties: Ties) -> tuple[NDArray[np.intp], Array]:
    """Each death's time, and which share of the deaths at that time is out of the risk set."""
    sizes = np.array([len(rows) for rows in stratum.deaths])
    at = np.repeat(np.arange(len(sizes)), sizes)
    before = np.arange(len(at)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    share = before / sizes[at] if ties is Ties.EFRON else np.zeros(len(at))
    return at, share


def _until(part: Array, stratum: Stratum) -> Array:
    summed: Array = np.cumsum(part, axis=0)[stratum.last - 1]
    return summed


def _among(part: Array, stratum: Stratum) -> Array:
    died = np.concatenate(stratum.deaths)
    starts = np.cumsum([0, *(len(rows) for rows in stratum.deaths[:-1])])
    summed: Array = np.add.reduceat(part[died], starts, axis=0)
    return summed


def _times(share: Array, part: Array) -> Array:
    product: Array = share.reshape(-1, *[1] * (part.ndim - 1)) * part
    return product


def _approximate(x: Array, beta: Array, stratum: Stratum, ties: Ties) -> Likelihood:
    moments = moments_of(x, beta, stratum, ties=ties)
    died = np.concatenate(stratum.deaths)
    predicted = x @ beta
    return Likelihood(
        value=float((predicted[died] - predicted.max()).sum() - np.log(moments.total).sum()),
        score=(x[died] - moments.mean).sum(axis=0),
        information=moments.variance.sum(axis=0),
    )


def _exact(x: Array, beta: Array, stratum: Stratum, ties: Ties) -> Likelihood:
    del ties
    tied = [at for at, rows in enumerate(stratum.deaths) if len(rows) > 1]
    most = max(len(rows) for rows in stratum.deaths)
    if most > _MOST_TIED or stratum.last[tied].sum() > _MOST_ROWS:
        message = "there are too many deaths at the same times to count them exactly: use Efron's"
        raise AnalysisError("Cox regression", [message])
    parts = list(_exact_parts(x, beta, stratum))
    return Likelihood(
        value=sum(part.value for part in parts),
        score=np.sum([part.score for part in parts], axis=0),
        information=np.sum([part.information for part in parts], axis=0),
    )


def _exact_parts(x: Array, beta: Array, stratum: Stratum) -> Iterator[Likelihood]:
    for last, rows in zip(stratum.last, stratum.deaths, strict=True):
        log, mean, square = _which_died(x[:last], beta, deaths=len(rows))
        died = x[rows].sum(axis=0)
        yield Likelihood(
            value=float(died @ beta) - log,
            score=died - mean,
            information=square - np.outer(mean, mean),
        )


def _which_died(x: Array, beta: Array, *, deaths: int) -> tuple[float, Array, Array]:
    """Of all sets of so many at risk: the log of their summed risks, and the mean and mean square
    of their summed covariates, each set weighted by its risk.
    """
    predicted = x @ beta
    top = float(predicted.max())
    risk = np.exp(predicted - top)
    scale = deaths / float(risk.sum())  # keeps the sums over all sets within e to the deaths
    if deaths == 1:
        one = risk * scale
        return -np.log(scale) + top, one @ x, (x.T * one) @ x
    total, mean, square = _recursion(x, risk * scale, deaths)
    return float(np.log(total)) + deaths * (top - float(np.log(scale))), mean, square


def _recursion(x: Array, risk: Array, deaths: int) -> tuple[float, Array, Array]:
    """Row k of the sums is about all sets of k of the participants met so far."""
    count = x.shape[1]
    zero, one = np.zeros(deaths + 1), np.zeros((deaths + 1, count))
    two = np.zeros((deaths + 1, count, count))
    zero[0] = 1.0
    for row, weight in zip(x, risk, strict=True):
        mixed = one[:-1, :, None] * row
        square = zero[:-1, None, None] * (row[:, None] * row)
        two[1:] += weight * (two[:-1] + mixed + mixed.transpose(0, 2, 1) + square)
        one[1:] += weight * (one[:-1] + zero[:-1, None] * row)
        zero[1:] += weight * zero[:-1]
    return float(zero[-1]), one[-1] / zero[-1], two[-1] / zero[-1]
