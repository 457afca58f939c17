"""Permuted blocks of random sizes: what every list has, and what thousands of them have together.

The limits are those of 99.9 %; what is expected is enumerated here, from the blocks alone. Seeds are
fixed, so that a list that passes passes for ever.
"""

from collections import Counter
from functools import cache
from itertools import pairwise, permutations
from math import sqrt
from statistics import NormalDist, fmean, stdev

import pytest

from immunosep.errors import SequenceError
from immunosep.randomisation.blocks import first_misfit
from immunosep.randomisation.random_stream import seeded_draw, streams_of
from immunosep.randomisation.sequence import Specification, draw_block, draw_sequence, specify
from tests.unit.sealed_list import PLAN

LENGTH = 60
STRATA = ("north", "south", "west")
SPECIFICATION = specify(PLAN, strata=STRATA, slots_per_stratum=LENGTH)
Z = NormalDist().inv_cdf(0.9995)
CHI_SQUARE_13 = 34.528  # its 99.9 % point for 13 degrees of freedom, from the printed tables

MANY = pytest.mark.parametrize(
    "count", [300, pytest.param(10_000, marks=pytest.mark.slow)], ids=lambda count: f"{count} lists"
)


@cache
def lists(count: int) -> tuple[dict[str, str], ...]:
    """Of each list, every stratum's sequence: a for active, p for placebo."""
    return tuple(_sequences(number) for number in range(count))


def _sequences(number: int) -> dict[str, str]:
    slots = draw_sequence(SPECIFICATION, draw_for=streams_of(b"list" + number.to_bytes(12, "big")))
    return {name: "".join(slot.arm[0] for slot in slots if slot.stratum == name) for name in STRATA}


def block_orders(size: int) -> set[str]:
    return {"".join(order) for order in permutations("a" * (size // 2) + "p" * (size // 2))}


@cache
def boundary(at: int) -> float:
    """How likely a block begins at an index."""
    return 1.0 if at == 0 else sum(boundary(at - size) / 2 for size in (4, 6) if size <= at)


def changes(at: int) -> float:
    """How likely the arm at an index is not the arm at the next."""
    within = sum(
        boundary(start) / 2 * size / (2 * (size - 1))
        for size in (4, 6)
        for start in range(max(0, at + 2 - size), at + 1)
    )
    return within + boundary(at + 1) / 2


@MANY
def test_arms_are_level_at_the_end_of_every_block(count):
    ends = [
        first_misfit(arms, ratio={"a": 1, "p": 1}, block_sizes=(4, 6))
        for sequences in lists(count)
        for arms in sequences.values()
    ]
    assert set(ends) == {None}


@MANY
def test_arms_are_never_further_apart_than_half_a_block(count):
    apart = {
        abs(2 * arms[:at].count("a") - at)
        for sequences in lists(count)
        for arms in sequences.values()
        for at in range(LENGTH + 1)
    }
    assert apart == {0, 1, 2, 3}


@MANY
@pytest.mark.parametrize("stratum", STRATA)
def test_every_order_of_a_first_block_comes_as_often_as_it_should(count, stratum):
    begins = Counter(sequences[stratum][:4] for sequences in lists(count))
    orders = [
        (order[:4], len(block_orders(size))) for size in (4, 6) for order in block_orders(size)
    ]
    expected = {
        begin: sum(count / 2 / among for order, among in orders if order == begin)
        for begin, _ in orders
    }
    assert set(begins) <= set(expected)
    assert len(expected) == 14
    chi_square = sum((begins[each] - often) ** 2 / often for each, often in expected.items())
    assert chi_square < CHI_SQUARE_13


@MANY
@pytest.mark.parametrize("stratum", STRATA)
def test_each_arm_comes_at_each_position_as_often_as_it_should(count, stratum):
    active = [
        sum(sequences[stratum][at] == "a" for sequences in lists(count)) for at in range(LENGTH)
    ]
    worst = max(abs(number - count / 2) / sqrt(count / 4) for number in active)
    assert worst < NormalDist().inv_cdf(1 - 0.0005 / LENGTH)


@MANY
@pytest.mark.parametrize("stratum", STRATA)
def test_runs_are_as_many_as_blocks_make(count, stratum):
    runs = [
        1 + sum(one != other for one, other in pairwise(sequences[stratum]))
        for sequences in lists(count)
    ]
    expected = 1 + sum(changes(at) for at in range(LENGTH - 1))
    assert abs(fmean(runs) - expected) < Z * stdev(runs) / sqrt(count)


@MANY
def test_strata_know_nothing_of_each_other(count):
    alike = [
        sum(one == other for one, other in zip(each["north"], each["south"], strict=True))
        for each in lists(count)
    ]
    assert abs(fmean(alike) - LENGTH / 2) < Z * stdev(alike) / sqrt(count)


def test_a_block_holds_the_ratio_of_three_arms():
    specification = Specification(
        ratio={"low": 1, "high": 2, "placebo": 2}, block_sizes=(5, 10), slots={"all": 5}
    )
    draw = seeded_draw(bytes(16), "three arms")
    blocks = [Counter(draw_block(specification, draw)) for _ in range(20)]
    assert {tuple(block[arm] for arm in specification.ratio) for block in blocks} == {
        (1, 2, 2),
        (2, 4, 4),
    }


def test_the_last_block_is_cut_where_the_sequence_ends():
    slots = draw_sequence(
        specify(PLAN, strata=("one",), slots_per_stratum=7), draw_for=streams_of(bytes(16))
    )
    assert [slot.position for slot in slots] == list(range(1, 8))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ratio": {"active": 1}}, "the ratio is 1, expected a whole number of 1 or more for each"),
        ({"ratio": {"active": 1, "placebo": 0}}, "the ratio is 1:0"),
        ({"ratio": {}}, "the ratio is empty"),
        ({"block_sizes": ()}, "the allocation plan names no block sizes"),
        ({"block_sizes": (4, 5)}, "a block of 5 cannot hold the ratio 1:1"),
        ({"block_sizes": (0,)}, "a block of 0 cannot hold the ratio 1:1"),
        ({"slots": {}}, "there is no stratum"),
        ({"slots": {"north": 0}}, "stratum 'north' has 0 slots"),
        ({"slots": {" north": 4}}, "stratum ' north': expected a name that prints"),
        ({"slots": {"": 4}}, "stratum '': expected a name that prints"),
    ],
)
def test_a_specification_no_list_can_be_made_from_is_refused(changes, problem):
    valid = {"ratio": {"active": 1, "placebo": 1}, "block_sizes": (4,), "slots": {"north": 4}}
    with pytest.raises(SequenceError) as refused:
        Specification(**{**valid, **changes})
    assert any(each.startswith(problem) for each in refused.value.problems)


def test_a_stratum_named_twice_is_refused():
    with pytest.raises(SequenceError, match="stratum 'north' is named twice"):
        specify(PLAN, strata=("north", "south", "north"), slots_per_stratum=4)
