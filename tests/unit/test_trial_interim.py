"""Looks in a trial: what is accepted, and what is refused in one message."""

from typing import Any

import pytest

from immunosep.protocol import Futility, Looks, Spending, Trial
from immunosep.trials import TRIALS
from tests.unit.looked_at import looks
from tests.unit.small_trial import VALID, problem, problems

BETA: dict[str, Any] = {"binding": False, "spending": Spending.LAN_DEMETS_POCOCK, "beta": 0.1}


def refused(**changed: Any) -> str:
    """The one problem of a trial with such looks."""
    return problem(endpoints=(), interim=looks(**changed))


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_no_look_is_published_and_that_is_a_named_choice(trial):
    assert trial.interim is None
    assert trial.choice("interim_looks").taken.startswith("none")


@pytest.mark.parametrize(
    "plan",
    [
        looks(),
        looks(spending=Spending.WANG_TSIATIS, parameter=0.25),
        looks(spending=Spending.HWANG_SHIH_DECANI, parameter=-4),
        looks(futility=Futility(binding=True, z=(0.0, 0.5))),
        looks(futility=Futility(**BETA)),
        looks(information=(1.0,), sided=2, alpha=0.05),
    ],
)
def test_a_plan_that_can_be_followed_is_accepted(plan):
    assert Trial(**VALID | {"endpoints": (), "interim": plan}).interim == plan


def test_looks_test_an_endpoint_of_the_trial():
    endpoints = TRIALS["immunosep"].endpoints
    assert "is no endpoint of the trial" in problem(endpoints=endpoints, interim=looks(tests="age"))
    Trial(**VALID | {"endpoints": endpoints, "interim": looks(tests=endpoints[0].id)})


def test_looks_of_another_type_are_refused():
    assert problem(interim=(0.5, 1.0)) == "`interim` is tuple, expected Looks"


@pytest.mark.parametrize("information", [(), (0.5,), (0.7, 0.5, 1.0), (0.0, 1.0), (0.5, 1.2)])
def test_information_rises_to_1(information):
    assert "`information` must" in refused(information=information)


@pytest.mark.parametrize("information", [0.5, ("a half", 1.0), (True,)])
def test_information_is_numbers(information):
    assert "must be a tuple of numbers" in refused(information=information)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sided": 3}, "sided is 3, expected 1 or 2"),
        ({"alpha": 5}, "alpha is 5, expected a number between 0 and 0.5"),
        ({"source": " "}, "the interim looks have no source"),
        ({"spending": "pocock"}, "spending is 'pocock', expected Spending"),
        ({"parameter": 1.0}, "has no parameter; leave it out"),
        ({"spending": Spending.KIM_DEMETS}, "has the parameter None, expected a number from 0.01"),
        (
            {"spending": Spending.WANG_TSIATIS, "parameter": 7},
            "has the parameter 7, expected a number from -1 to 1",
        ),
        ({"sided": 2, "futility": Futility(binding=False, z=(0.0, 0.0))}, "need a one-sided test"),
        ({"futility": Futility(binding=False)}, "needs either `z` or `spending`"),
        ({"futility": Futility(binding=False, z=(0.0,))}, "1 limits of z for 3 looks"),
        ({"futility": Futility(binding=False, z=(0.0, 0.0), beta=0.1)}, "go with `spending`"),
        (
            {"futility": Futility(**BETA | {"spending": Spending.POCOCK})},
            "spending must be a function of the information",
        ),
        ({"futility": Futility(**BETA | {"beta": None})}, "beta is None, expected a number"),
        (
            {"spending": Spending.POCOCK, "futility": Futility(**BETA | {"binding": True})},
            "alpha must be spent by a function of the information",
        ),
    ],
)
def test_a_plan_without_limits_is_refused(changed, said):
    assert said in refused(**changed)


def test_all_that_is_wrong_with_looks_is_said_at_once():
    wrong = Looks(
        information=(2.0,),
        spending=Spending.KIM_DEMETS,
        alpha=2.0,
        sided=0,
        tests="",
        source="",
        futility=Futility(binding=False),
    )
    assert len(problems(endpoints=(), interim=wrong)) == 7
