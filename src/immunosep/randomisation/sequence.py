"""Stratified permuted blocks of random sizes: the order in which arms will be given.

One slot is one place of one stratum's sequence. Matts & Lachin, Controlled Clinical Trials
1988;9:327 (permuted blocks); CONSORT 2010, items 8a and 8b. The shuffle is Durstenfeld's,
Communications of the ACM 1964;7:420. Where the numbers come from is an argument: simulation passes
a NumPy generator's, a real list those of `random_stream`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from immunosep.errors import SequenceError
from immunosep.protocol.allocation import AllocationPlan

Draw = Callable[[int], int]
"""A whole number from 0 up to and without the one given, each as likely as the others."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One place of a sequence; positions begin at 1 in each stratum."""

    stratum: str
    position: int
    arm: str


@dataclass(frozen=True, kw_only=True)
class Specification:
    """What a list is made from, all but the chance: `slots` has each stratum's length, in order.

    The order of `ratio` counts, because it is the order of the arms before they are shuffled.
    `stratified_by` says what a stratum's name is made of.
    """

    ratio: Mapping[str, int]
    block_sizes: tuple[int, ...]
    slots: Mapping[str, int]
    stratified_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a specification no list can be made from, saying all that is wrong with it."""
        problems = list(_problems(self))
        if problems:
            raise SequenceError("no randomisation list can be made", problems)

    @property
    def strata(self) -> tuple[str, ...]:
        """The strata, in the order their sequences have in the list."""
        return tuple(self.slots)


def specify(
    plan: AllocationPlan, *, strata: tuple[str, ...], slots_per_stratum: int
) -> Specification:
    """The specification of a trial's list: the plan of its protocol, for these strata."""
    twice = sorted({name for name in strata if strata.count(name) > 1})
    if twice:
        raise SequenceError(
            "no randomisation list can be made",
            [f"stratum {name!r} is named twice, expected once" for name in twice],
        )
    return Specification(
        ratio=dict(plan.ratio),
        block_sizes=plan.block_sizes,
        slots=dict.fromkeys(strata, slots_per_stratum),
        stratified_by=plan.strata,
    )


def draw_sequence(
    specification: Specification, *, draw_for: Callable[[str], Draw]
) -> tuple[Slot, ...]:
    """The whole list, stratum by stratum, each from the numbers that `draw_for` gives it."""
    return tuple(
        Slot(stratum=stratum, position=position, arm=arm)
        for stratum, length in specification.slots.items()
        for position, arm in enumerate(
            islice(draw_arms(specification, draw_for(stratum)), length), start=1
        )
    )


def draw_arms(specification: Specification, draw: Draw) -> Iterator[str]:
    """One stratum's arms, block after block, without end; a list's last block may be cut short."""
    while True:
        yield from draw_block(specification, draw)


def draw_block(specification: Specification, draw: Draw) -> tuple[str, ...]:
    """One permuted block: first its size is drawn, then its order."""
    size = specification.block_sizes[int(draw(len(specification.block_sizes)))]
    copies = size // sum(specification.ratio.values())
    arms = [arm for arm, share in specification.ratio.items() for _ in range(share * copies)]
    for last in range(len(arms) - 1, 0, -1):
        chosen = int(draw(last + 1))
        arms[last], arms[chosen] = arms[chosen], arms[last]
    return tuple(arms)


def _problems(specification: Specification) -> Iterator[str]:
    ratio, total = specification.ratio, sum(specification.ratio.values())
    if len(ratio) < 2 or min(ratio.values(), default=0) < 1:
        yield (
            f"the ratio is {':'.join(map(str, ratio.values())) or 'empty'}, expected a whole "
            "number of 1 or more for each of two arms or more"
        )
    if not specification.block_sizes:
        yield (
            "the allocation plan names no block sizes. Write them into the trial, for example "
            "block_sizes=(4, 6)"
        )
    for size in specification.block_sizes:
        if total > 0 and (size <= 0 or size % total):
            yield f"a block of {size} cannot hold the ratio {':'.join(map(str, ratio.values()))}"
    if not specification.slots:
        yield "there is no stratum, expected one or more"
    for stratum, length in specification.slots.items():
        if not stratum.isprintable() or stratum.strip() != stratum or not stratum:
            yield f"stratum {stratum!r}: expected a name that prints, without blanks at its ends"
        if length < 1:
            yield f"stratum {stratum!r} has {length} slots, expected 1 or more"
