"""What surrounds an arm does not tell it: a learner is no better than chance (gate 4 of blinding).

The short form has few participants, so that only a plain leak shows; a leak that was put there on
purpose does. The long form has 12,000, and its gate is 2 points. A learner that chooses among 120
columns of noise is off by 0.63 points (its standard deviation), by more than a coin's 0.46; of
6,000 participants it is off by 0.89, so that one run in forty would pass the gate by chance alone.
"""

import math
from datetime import timedelta

import numpy as np
import pytest
from django.db.models import F

from immunosep.web.enrolment.models import Allocation
from immunosep.web.supply.models import Preparation
from tests.web.curious import Guessed, guess, long_list, play, seen_of
from tests.web.people import SLOTS, Cast, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
FEW, MANY = 30, 12_000
FOUR_ERRORS = 0.5 + 4 * 0.5 / math.sqrt(FEW)
GATE = 0.02


@pytest.fixture
def arms(cast: Cast) -> list[str]:
    """The arms of a few participants who were randomised and prepared for."""
    assert FEW <= SLOTS
    return play(cast, FEW)


def guessed(arms: list[str]) -> Guessed:
    return guess(seen_of(len(arms)), arms, rng=np.random.default_rng(1))


def test_a_few_are_guessed_no_better_than_by_chance(arms: list[str]) -> None:
    found = guessed(arms)
    assert max(found.ridge, found.threshold) < FOUR_ERRORS


def test_a_leak_is_guessed(arms: list[str]) -> None:
    """Doses of one arm may be used a minute longer, as if that hung on the product."""
    told = [a.pk for a, arm in zip(Allocation.objects.order_by("pk"), arms, strict=True)
            if arm == arms[0]]  # fmt: skip
    leaking = Preparation.objects.filter(order__slot__allocation__in=told)
    leaking.update(use_before=F("use_before") + timedelta(minutes=1))
    found = guessed(arms)
    assert min(found.threshold, found.same_arm) > 0.95
    assert found.ridge > 0.75


@pytest.mark.slow
def test_many_are_guessed_within_two_points_of_chance() -> None:
    found = guessed(play(make_site(long_list(MANY)), MANY))
    assert abs(found.ridge - 0.5) < GATE
    assert abs(found.threshold - 0.5) < GATE
    assert abs(found.same_arm - 0.5) < GATE
