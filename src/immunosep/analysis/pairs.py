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

_AT_ONCE = 1_000_000  # pairs in memory
_NEVER = np.iinfo(np.int32).max  # nobody wins over who has this

Signs = NDArray[np.int8]
Codes = NDArray[np.int32]


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
class _Alike:
    """Participants of one arm by what they are compared on: each kind once, and how many it has."""

    codes: Codes
    which: NDArray[np.intp]
    count: Array


def compare_pairs(outcomes: Sequence[Outcome], *, treated: Mask, among: Mask) -> PairCounts:
    """Compare the treated with the controls, both of those in `among`.

    Participants who are alike in every outcome are compared once: of a hundred thousand most are.
    """
    codes = np.column_stack([_codes(outcome, len(treated)) for outcome in outcomes])
    one, two = _alike(codes[treated & among]), _alike(codes[~treated & among])
    won, lost = np.zeros((len(one.codes), 2)), np.zeros((len(two.codes), 2))
    decided = np.zeros(len(outcomes))
    step = max(1, _AT_ONCE // max(1, len(two.codes)))
    for start in range(0, len(one.codes), step):
        rows = slice(start, start + step)
        signs = np.zeros((len(one.codes[rows]), len(two.codes)), dtype=np.int8)
        for at in range(len(outcomes)):
            told = _signs(one.codes[rows], two.codes, at) * (signs == 0)
            decided[at] += one.count[rows] @ (np.abs(told) @ two.count)
            signs += told
        for column, sign in enumerate((1, -1)):
            those = (signs == sign).astype(np.float32)
            won[rows, column] = those @ two.count
            lost[:, column] += one.count[rows] @ those
    return PairCounts(
        treated=won[one.which],
        control=lost[two.which],
        decided=tuple(int(count) for count in decided),
    )


def _codes(outcome: Outcome, participants: int) -> Codes:
    """Two whole numbers each: one participant wins over another if their first is above the other's
    second.
    """
    match outcome:
        case Later(time=time, event=event):
            until, had = follow_up(time, event)
            place = 2 * np.unique(until, return_inverse=True)[1]
            codes = np.column_stack([place + (had == 0), np.where(had == 1, place, _NEVER)])
        case Higher(value=value, margin=margin):
            own = as_numbers(value)
            ends = np.concatenate([own, own + margin])
            place = np.unique(ends, return_inverse=True)[1].reshape(2, -1)
            known = np.isfinite(own)
            codes = np.column_stack([np.where(known, place[0], -1),
                                     np.where(known, place[1], _NEVER)])  # fmt: skip
    if len(codes) != participants:
        message = f"an outcome has {len(codes)} values; expected one for each of {participants}"
        raise AnalysisError("Comparison of pairs", [message])
    return codes.astype(np.int32)


def _alike(codes: Codes) -> _Alike:
    kinds, which, count = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    return _Alike(codes=kinds, which=which.reshape(-1), count=as_numbers(count))


def _signs(one: Codes, two: Codes, at: int) -> Signs:
    """1 where the treated (row) wins over the control (column) on an outcome, -1 if it loses."""
    mine, theirs = one[:, 2 * at : 2 * at + 2], two[:, 2 * at : 2 * at + 2]
    better: Signs = (mine[:, :1] > theirs[:, 1]).astype(np.int8)
    return better - (theirs[:, 0] > mine[:, 1:])
