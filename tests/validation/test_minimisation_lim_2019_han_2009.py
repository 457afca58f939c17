"""Minimisation against others' numbers and others' forms of the formulas.

Lim & In, Korean J Anesthesiol 2019;72:221, table 4: a worked example with three factors.
Han, Enas & McEntegart, Stat Med 2009;28:3329: the probabilities of biased-coin minimisation, in the
paper's form.
"""

from fractions import Fraction
from itertools import product
from statistics import variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep.errors import SequenceError
from immunosep.randomisation.minimisation import (
    Allocated,
    Imbalance,
    Minimisation,
    choose_arm,
    counts_of,
    draw_arm,
    imbalances,
    preferred_arms,
    probabilities,
)
from immunosep.randomisation.random_stream import seeded_draw

EVEN = {"control": 1, "treatment": 1}
FACTORS = {"site": 1, "sex": 1, "age": 1}
RULE = Minimisation(ratio=EVEN, weights=FACTORS, p=Fraction(4, 5))

LIM_IN_TABLE_4 = {  # those who share the level of the fifteenth patient: site 2, female, 65 or more
    "site": {"control": 3, "treatment": 5},
    "sex": {"control": 3, "treatment": 3},
    "age": {"control": 3, "treatment": 3},
}


def test_the_published_example_has_its_imbalances():
    assert imbalances(RULE, LIM_IN_TABLE_4) == {"control": 3, "treatment": 5}


def test_the_published_example_prefers_its_arm():
    assert preferred_arms(RULE, LIM_IN_TABLE_4) == ("control",)


def test_the_published_example_counts_from_its_patients():
    history = [
        *[Allocated(levels={"site": "2", "sex": "f", "age": "65"}, arm="control")] * 3,
        *[Allocated(levels={"site": "2", "sex": "f", "age": "65"}, arm="treatment")] * 3,
        *[Allocated(levels={"site": "2", "sex": "m", "age": "20"}, arm="treatment")] * 2,
        *[Allocated(levels={"site": "1", "sex": "m", "age": "20"}, arm="control")] * 4,
    ]
    assert counts_of(RULE, history, levels={"site": "2", "sex": "f", "age": "65"}) == LIM_IN_TABLE_4


def han_high(shares: list[int], at: int, p: Fraction) -> Fraction:
    """The paper's probability of a preferred arm, the shares in ascending order."""
    others = sum(shares) - shares[at]
    return 1 - Fraction(others, sum(shares[1:])) * (1 - p)


def han_low(shares: list[int], at: int, preferred: int, p: Fraction) -> Fraction:
    """The paper's probability of an arm while another is preferred."""
    others = sum(shares) - shares[preferred]
    return Fraction(shares[at], others) * (1 - han_high(shares, preferred, p))


@pytest.mark.parametrize("shares", [[1, 1], [1, 2], [1, 2, 3], [2, 2, 3, 5]])
def test_probabilities_are_those_of_han(shares):
    p = Fraction(9, 10)
    ratio = {str(at): share for at, share in enumerate(shares)}
    rule = Minimisation(ratio=ratio, weights=FACTORS, p=p)
    for at, preferred in product(range(len(shares)), repeat=2):
        found = probabilities(rule, str(preferred))[str(at)]
        of_han = han_high(shares, at, p) if at == preferred else han_low(shares, at, preferred, p)
        assert found == of_han


RATIOS = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(
    lambda shares: {f"arm {at}": share for at, share in enumerate(shares)}
)


@given(RATIOS, st.fractions("0.81", 1))
def test_the_ratio_is_kept_where_every_arm_ties(ratio, p):
    rule = Minimisation(ratio=ratio, weights=FACTORS, p=p)
    total = sum(ratio.values())
    for arm, share in ratio.items():
        given_ = sum(
            Fraction(ratio[preferred], total) * probabilities(rule, preferred)[arm]
            for preferred in ratio
        )
        assert given_ == Fraction(share, total)


@given(RATIOS, st.sampled_from(Imbalance), st.data())
def test_imbalance_is_that_of_plain_arithmetic(ratio, imbalance, data):
    weights: dict[str, Fraction | int] = {"site": 2, "sex": Fraction(1, 2)}
    counts = {name: {arm: data.draw(st.integers(0, 30)) for arm in ratio} for name in weights}
    rule = Minimisation(ratio=ratio, weights=weights, p=Fraction(1), imbalance=imbalance)
    for arm, found in imbalances(rule, counts).items():
        levels = [
            [(counts[name][each] + (each == arm)) / ratio[each] for each in ratio]
            for name in weights
        ]
        spread = [
            max(of) - min(of) if imbalance is Imbalance.RANGE else variance(of) for of in levels
        ]
        assert float(found) == pytest.approx(2 * spread[0] + spread[1] / 2)


def test_the_preferred_arm_is_given_as_often_as_the_coin_says():
    draw = seeded_draw(bytes(16), "coin")
    given_ = [draw_arm(RULE, LIM_IN_TABLE_4, draw=draw) for _ in range(4000)]
    assert abs(given_.count("control") / 4000 - 0.8) < 3.29 * np.sqrt(0.8 * 0.2 / 4000)


def test_an_unequal_ratio_is_reached_and_factors_are_even():
    rule = Minimisation(ratio={"placebo": 1, "active": 2}, weights={"sex": 1}, p=Fraction(4, 5))
    rng = np.random.default_rng(7)
    history: list[Allocated] = []
    for _ in range(600):
        levels = {"sex": str(rng.choice(["f", "m"]))}
        arm = choose_arm(rule, history, levels=levels, draw=lambda below: int(rng.integers(below)))
        history.append(Allocated(levels=levels, arm=arm))
    women = [each.arm for each in history if each.levels["sex"] == "f"]
    arms = [each.arm for each in history]
    assert arms.count("active") / 600 == pytest.approx(2 / 3, abs=0.02)
    assert women.count("active") / len(women) == pytest.approx(2 / 3, abs=0.02)


def test_the_first_patient_is_given_an_arm_by_chance():
    levels = {"site": "1", "sex": "f", "age": "20"}
    draw = seeded_draw(bytes(16), "first")
    first = [choose_arm(RULE, [], levels=levels, draw=draw) for _ in range(1000)]
    assert abs(first.count("control") - 500) < 3.29 * np.sqrt(250)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ratio": {"one": 1}}, "fewer than two arms"),
        ({"ratio": {"one": 1, "two": 0}}, "a share below 1"),
        ({"p": Fraction(1, 2)}, "p is 1/2, expected more than 1/2"),
        ({"p": Fraction(3, 2)}, "p is 3/2"),
        ({"weights": {}}, "there is no factor"),
        ({"weights": {"sex": 0}}, "one of weight 0 or less"),
    ],
)
def test_rules_that_cannot_work_are_refused(changes, problem):
    with pytest.raises(SequenceError, match=problem):
        Minimisation(**{"ratio": EVEN, "weights": FACTORS, "p": Fraction(4, 5), **changes})
