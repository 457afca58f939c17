"""Whether a list could have come from permuted blocks, and whether it looks like chance at all.

A list made elsewhere can be wrong in ways its rows do not show: sorted by arm, made with other
blocks or another ratio, one pattern over and over, one stratum's list used for another (Yelland,
Trials 2025, lists such failures of published trials).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from math import factorial, prod

MOST_BY_CHANCE = 1e-5  # a list less likely than this was not drawn


def first_misfit(
    arms: Sequence[str], *, ratio: Mapping[str, int], block_sizes: tuple[int, ...]
) -> int | None:
    """The index at which no blocks of these sizes go on; None where the list fits.

    Only the last block may be cut short.
    """
    starts, furthest = [0], 0
    reached = {0}
    while starts:
        start = starts.pop()
        for size in block_sizes:
            fitting = _fitting(arms[start : start + size], ratio, size)
            furthest = max(furthest, start + fitting)
            if furthest == len(arms):
                return None
            if fitting == size and start + size not in reached:
                reached.add(start + size)
                starts.append(start + size)
    return furthest


def is_out_of_ratio(
    arms: Sequence[str], *, ratio: Mapping[str, int], block_sizes: tuple[int, ...]
) -> bool:
    """Whether the arms are further from their ratio than one block could take them."""
    counted = Counter(arms)
    shares = [counted[arm] / share for arm, share in ratio.items()]
    return max(shares) - min(shares) > max(block_sizes) // sum(ratio.values())


def repeats_a_pattern(
    arms: Sequence[str], *, ratio: Mapping[str, int], block_sizes: tuple[int, ...]
) -> int | None:
    """The length of the pattern a list repeats to its end, if chance would hardly do so."""
    longest = max(block_sizes)
    patterns = len(ratio) ** (longest + 1)
    if patterns * most_likely(len(arms), ratio=ratio, block_sizes=block_sizes) > MOST_BY_CHANCE:
        return None
    lengths = range(1, longest + 1)
    return next((each for each in lengths if list(arms[each:]) == list(arms[:-each])), None)


def most_likely(length: int, *, ratio: Mapping[str, int], block_sizes: tuple[int, ...]) -> float:
    """No list of a length is likelier than this: every way to divide it into blocks counts."""
    orders = {size: _orders(ratio, size) for size in block_sizes}

    @cache
    def chance(left: int) -> float:
        if left < max(block_sizes):
            return 1.0
        return sum(chance(left - size) / orders[size] for size in block_sizes) / len(block_sizes)

    return chance(length)


def _fitting(arms: Sequence[str], ratio: Mapping[str, int], size: int) -> int:
    """How many of the arms fit into one block, from its beginning."""
    room = {arm: share * size // sum(ratio.values()) for arm, share in ratio.items()}
    for at, arm in enumerate(arms):
        if room.get(arm, 0) == 0:
            return at
        room[arm] -= 1
    return len(arms)


def _orders(ratio: Mapping[str, int], size: int) -> int:
    copies = size // sum(ratio.values())
    return factorial(size) // prod(factorial(share * copies) for share in ratio.values())
