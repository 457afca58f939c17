"""Harrell's concordance (JAMA 1982;247:2543): how often who is at higher risk has the event first.

A pair counts where it is known who had the event first: one has it, the other is followed for
longer (or until the same time without it). Pairs alike in risk count one half. The standard error
is the infinitesimal jackknife: how much the share moves with each participant's weight (Therneau &
Watson 2017, Mayo Clinic technical report 85). lifelines 0.30 answers no standard error; own code,
checked against R's survival.
"""

from collections.abc import Iterator
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from immunosep.analysis.coefficients import normal_interval, not_estimable
from immunosep.analysis.design import Array, as_numbers
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.kaplan_meier import follow_up

_ROWS = 256  # of the table of pairs at once: a few megabytes


def estimate_concordance(
    time: ArrayLike, event: ArrayLike, *, risk: ArrayLike, level: float = LEVEL
) -> Estimate:
    """The concordance of a predicted risk; not estimable where no pair can be told apart."""
    times, events = follow_up(time, event)
    pairs, agreeing = np.zeros(len(times)), np.zeros(len(times))
    for first, known, agreed in _pairs(times, events, as_numbers(risk)):
        pairs[first] += known.sum(axis=1)
        agreeing[first] += agreed.sum(axis=1)
        pairs += known.sum(axis=0)
        agreeing += agreed.sum(axis=0)
    total = float(pairs.sum()) / 2
    if total == 0:
        return not_estimable("Concordance", level=level)
    value = float(agreeing.sum()) / 2 / total
    moves = (agreeing - value * pairs) / total
    return normal_interval(value, sqrt(float(moves @ moves)), method="Concordance", level=level)


def _pairs(
    times: Array, events: Array, risk: Array
) -> Iterator[tuple[NDArray[np.intp], Array, Array]]:
    """Some of those with the event; whether each of the others is known to come later; how well
    the risks agree with that.
    """
    died = np.flatnonzero(events)
    for start in range(0, len(died), _ROWS):
        first = died[start : start + _ROWS]
        mine, my_risk = times[first, None], risk[first, None]
        known = ((times > mine) | ((times == mine) & (events == 0))).astype(np.float64)
        agreed = known * ((my_risk > risk) + 0.5 * (my_risk == risk))
        yield first, known, agreed
