"""How likely a list is, and whether it repeats itself."""

from itertools import permutations

import pytest

from immunosep.randomisation.blocks import (
    first_misfit,
    is_out_of_ratio,
    most_likely,
    repeats_a_pattern,
)

EVEN = {"a": 1, "p": 1}


def test_a_block_is_as_likely_as_its_orders_are_few():
    orders = {arms for arms in permutations("aapp")}
    assert most_likely(4, ratio=EVEN, block_sizes=(4,)) == pytest.approx(1 / len(orders))
    assert most_likely(8, ratio=EVEN, block_sizes=(4,)) == pytest.approx(1 / len(orders) ** 2)


def test_blocks_of_three_arms_have_their_multinomial_orders():
    orders = {arms for arms in permutations("abbcc")}
    ratio = {"a": 1, "b": 2, "c": 2}
    assert most_likely(5, ratio=ratio, block_sizes=(5,)) == pytest.approx(1 / len(orders))


def test_mixed_blocks_count_every_way_to_divide_a_list():
    six = (1 / 6 + 1 / 20) / 2  # a block of 4 and what is left, or one of 6
    assert most_likely(6, ratio=EVEN, block_sizes=(4, 6)) == pytest.approx(six)
    twelve = (most_likely(8, ratio=EVEN, block_sizes=(4, 6)) / 6 + six / 20) / 2
    assert most_likely(12, ratio=EVEN, block_sizes=(4, 6)) == pytest.approx(twelve)


@pytest.mark.parametrize(("pattern", "length"), [("ap", 2), ("aapp", 4), ("apappa", 6)])
def test_a_pattern_is_found_up_to_the_longest_block(pattern, length):
    found = repeats_a_pattern(pattern * 20, ratio=EVEN, block_sizes=(4, 6))
    assert found == length


def test_a_pattern_longer_than_a_block_is_left_to_chance():
    assert repeats_a_pattern("aappapap" * 10, ratio=EVEN, block_sizes=(4, 6)) is None


def test_arms_are_out_of_ratio_only_beyond_what_one_block_can_do():
    assert not is_out_of_ratio("aaa", ratio=EVEN, block_sizes=(4, 6))
    assert is_out_of_ratio("aaaa", ratio=EVEN, block_sizes=(4, 6))


@pytest.mark.parametrize(
    ("arms", "misfit"),
    [
        ("aapp", None),
        ("aaapppap", None),  # 6 and the beginning of a block
        ("aappaaa", None),  # 4 and the beginning of 6
        ("aaaa", 3),
        ("aappaaaa", 7),
        ("aax", 2),
    ],
)
def test_blocks_are_found_whatever_their_order(arms, misfit):
    assert first_misfit(arms, ratio=EVEN, block_sizes=(4, 6)) == misfit
