"""Minimisation with a random element: the arm that evens out the factors best is the likeliest.

Pocock & Simon, Biometrics 1975;31:103: for each arm, as if the patient were given it, the imbalance
among those who share the patient's level of a factor, summed over the factors with their weights.
Unequal ratios: Han, Enas & McEntegart, Stat Med 2009;28:3329, biased-coin minimisation: counts are
divided by the arm's share, and the probabilities keep the ratio at every step. The arm preferred is
given with probability

    1 - (R - r) c, each other arm with s c, where c = (1 - p) / (R - smallest share),

R being the sum of the shares, r the preferred arm's, s the other's, and p the probability with
which an arm of the smallest share is given when preferred. At 1:1 that is p, as Efron's coin.

All arithmetic is exact, so that a tie is a tie on every machine.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from math import lcm

from immunosep.errors import SequenceError
from immunosep.randomisation.sequence import Draw

Counts = Mapping[str, Mapping[str, int]]
"""By factor, how many of those who share the new patient's level each arm already has."""


class Imbalance(StrEnum):
    """How uneven the arms are within one level of one factor (Pocock & Simon 1975)."""

    RANGE = "range"
    VARIANCE = "variance"


@dataclass(frozen=True, kw_only=True)
class Minimisation:
    """The rule: `weights` has every factor, `p` how likely the preferred arm is, 1 for certain."""

    ratio: Mapping[str, int]
    weights: Mapping[str, Fraction | int]
    p: Fraction
    imbalance: Imbalance = Imbalance.RANGE

    def __post_init__(self) -> None:
        """Refuse a rule that cannot work, saying all that is wrong with it."""
        problems = list(_problems(self))
        if problems:
            raise SequenceError("these rules of minimisation cannot be used", problems)


@dataclass(frozen=True, kw_only=True)
class Allocated:
    """One earlier participant: the level of each factor, and the arm."""

    levels: Mapping[str, str]
    arm: str


def choose_arm(
    rule: Minimisation, history: Iterable[Allocated], *, levels: Mapping[str, str], draw: Draw
) -> str:
    """The next patient's arm, from all who came before and one or two drawn numbers."""
    return draw_arm(rule, counts_of(rule, history, levels=levels), draw=draw)


def counts_of(
    rule: Minimisation, history: Iterable[Allocated], *, levels: Mapping[str, str]
) -> Counts:
    """The counts that matter to a patient with these levels."""
    counts = {factor: dict.fromkeys(rule.ratio, 0) for factor in rule.weights}
    for earlier in history:
        for factor in rule.weights:
            counts[factor][earlier.arm] += earlier.levels[factor] == levels[factor]
    return counts


def imbalances(rule: Minimisation, counts: Counts) -> dict[str, Fraction]:
    """By arm, the weighted imbalance there would be if the patient were given it."""
    return {
        arm: sum(
            (
                Fraction(weight) * _imbalance_with(rule, counts[factor], arm)
                for factor, weight in rule.weights.items()
            ),
            Fraction(0),
        )
        for arm in rule.ratio
    }


def preferred_arms(rule: Minimisation, counts: Counts) -> tuple[str, ...]:
    """The arm with the least imbalance; several where they tie."""
    by_arm = imbalances(rule, counts)
    return tuple(arm for arm, value in by_arm.items() if value == min(by_arm.values()))


def probabilities(rule: Minimisation, preferred: str) -> dict[str, Fraction]:
    """How likely each arm is once one is preferred; they sum to 1."""
    total = sum(rule.ratio.values())
    each = (1 - rule.p) / (total - min(rule.ratio.values()))
    return {
        arm: 1 - (total - share) * each if arm == preferred else share * each
        for arm, share in rule.ratio.items()
    }


def draw_arm(rule: Minimisation, counts: Counts, *, draw: Draw) -> str:
    """An arm: a tie is broken by the ratio, then the biased coin is thrown."""
    tied = preferred_arms(rule, counts)
    shares = {arm: Fraction(rule.ratio[arm]) for arm in tied}
    preferred = tied[0] if len(tied) == 1 else _draw_weighted(shares, draw)
    return _draw_weighted(probabilities(rule, preferred), draw)


def _imbalance_with(rule: Minimisation, counts: Mapping[str, int], given: str) -> Fraction:
    levels = [Fraction(counts[arm] + (arm == given), share) for arm, share in rule.ratio.items()]
    match rule.imbalance:
        case Imbalance.RANGE:
            return max(levels) - min(levels)
        case Imbalance.VARIANCE:
            mean = sum(levels, Fraction(0)) / len(levels)
            return sum(((level - mean) ** 2 for level in levels), Fraction(0)) / (len(levels) - 1)


def _draw_weighted(weights: Mapping[str, Fraction], draw: Draw) -> str:
    scale = lcm(*(weight.denominator for weight in weights.values()))
    ends = list(accumulate(int(weight * scale) for weight in weights.values()))
    return list(weights)[bisect_right(ends, int(draw(ends[-1])))]


def _problems(rule: Minimisation) -> Iterator[str]:
    if len(rule.ratio) < 2 or min(rule.ratio.values(), default=0) < 1:
        yield "the ratio has fewer than two arms, or a share below 1"
        return
    fair = Fraction(min(rule.ratio.values()), sum(rule.ratio.values()))
    if not fair < rule.p <= 1:
        yield f"p is {rule.p}, expected more than {fair}, which is plain chance, and at most 1"
    if not rule.weights or any(weight <= 0 for weight in rule.weights.values()):
        yield "there is no factor, or one of weight 0 or less"
