"""Every treated participant compared with every control, on the most important outcome first.

Of an event that is better later, who has it later wins, as far as both were followed: who has it
while the other is known to be free of it loses. Of a number, who has the higher. What does not tell
a pair apart leaves it to the next outcome; what none tells is a tie (Pocock et al., Eur Heart J
2012;33:176).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from immunosep.analysis.design import Array, Mask, as_numbers
from immunosep.analysis.kaplan_meier import follow_up
from immunosep.errors import AnalysisError

_AT_ONCE = 4_000_000  # pairs in memory

Signs = NDArray[np.int8]


@dataclass(frozen=True, kw_only=True, eq=False)
class Later:
    """An event that is better later or never: its time, or until when there was none."""

    time: ArrayLike
    event: ArrayLike


@dataclass(frozen=True, kw_only=True, eq=False)
class Higher:
    """A number that is better higher; NaN tells nothing, nor does a difference up to `margin`."""

    value: ArrayLike
    margin: float = 0.0


Outcome = Later | Higher


@dataclass(frozen=True, kw_only=True, eq=False)
class PairCounts:
    """Of each treated and each control: the pairs the treated of the two wins, and loses.

    Columns are wins and losses. `decided` counts the pairs that each outcome told apart.
    """

    treated: Array
    control: Array
    decided: tuple[int, ...]

    @property
    def participants(self) -> int:
        """How many are compared."""
        return len(self.treated) + len(self.control)

    @property
    def pairs(self) -> int:
        """How many pairs they make."""
        return len(self.treated) * len(self.control)

    @property
    def totals(self) -> Array:
        """All wins, and all losses."""
        summed: Array = self.treated.sum(axis=0)
        return summed


@dataclass(frozen=True, kw_only=True, eq=False)
class _Measured:
    """An outcome in numbers: two columns, times and events, or a value and nothing."""

    outcome: Outcome
    columns: Array


def compare_pairs(outcomes: Sequence[Outcome], *, treated: Mask, among: Mask) -> PairCounts:
    """Compare the treated with the controls, both of those in `among`."""
    measured = [_measured(outcome, len(treated)) for outcome in outcomes]
    one, two = np.flatnonzero(treated & among), np.flatnonzero(~treated & among)
    wins, losses = np.zeros((len(one), 2)), np.zeros((len(two), 2))
    decided = np.zeros(len(outcomes), dtype=np.int64)
    step = max(1, _AT_ONCE // max(1, len(two)))
    for start in range(0, len(one), step):
        rows = slice(start, start + step)
        signs = np.zeros((len(one[rows]), len(two)), dtype=np.int8)
        for at, each in enumerate(measured):
            told = np.count_nonzero(signs)
            signs = np.where(signs == 0, _signs(each, one[rows], two), signs)
            decided[at] += np.count_nonzero(signs) - told
        for column, sign in enumerate((1, -1)):
            wins[rows, column] = (signs == sign).sum(axis=1)
            losses[:, column] += (signs == sign).sum(axis=0)
    return PairCounts(treated=wins, control=losses, decided=tuple(decided.tolist()))


def _measured(outcome: Outcome, participants: int) -> _Measured:
    match outcome:
        case Later(time=time, event=event):
            columns = np.column_stack(follow_up(time, event))
        case Higher(value=value):
            columns = as_numbers(value)[:, None]
    if len(columns) != participants:
        message = f"an outcome has {len(columns)} values; expected one for each of {participants}"
        raise AnalysisError("Comparison of pairs", [message])
    return _Measured(outcome=outcome, columns=columns)


def _signs(measured: _Measured, one: NDArray[np.intp], two: NDArray[np.intp]) -> Signs:
    """1 where the treated (row) wins over the control (column), -1 where it loses, else 0."""
    mine, theirs = measured.columns[one], measured.columns[two]
    match measured.outcome:
        case Later():
            better, worse = _longer(mine, theirs), _longer(theirs, mine).T
        case Higher(margin=margin):
            away = mine - theirs.T
            better, worse = away > margin, away < -margin
    return better.astype(np.int8) - worse.astype(np.int8)


def _longer(mine: Array, theirs: Array) -> Mask:
    """Whether each of mine (row) is known to be free of the event when theirs (column) has it."""
    time, free = mine[:, :1], mine[:, 1:] == 0
    until, event = theirs[:, 0], theirs[:, 1] == 1
    known: Mask = event & ((time > until) | ((time == until) & free))
    return known
