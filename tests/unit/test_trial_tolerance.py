"""Quality tolerance limits and the training that a trial asks for: what is refused, and why."""

from typing import Any

import pytest

from immunosep.protocol import Measure, ToleranceLimit, Trial
from immunosep.trials.immunosep import IMMUNOSEP
from tests.unit.small_trial import VALID, problem


def limit(**changed: Any) -> ToleranceLimit:
    said: dict[str, Any] = {
        "id": "unblinded",
        "label": "Unblinded",
        "measure": Measure.UNBLINDED,
        "limit": 0.02,
        "why": "the sponsor's risk assessment",
    }
    return ToleranceLimit(**said | changed)


def test_a_limit_is_a_share_of_something() -> None:
    assert Trial(**VALID, tolerance_limits=(limit(),)).tolerance_limits[0].limit == 0.02


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"measure": "unblinded"}, "expected Measure"),
        ({"limit": 1}, "expected a share"),
        ({"limit": -0.1}, "expected a share"),
        ({"limit": True}, "expected a share"),
        ({"limit": "5 %"}, "expected a share"),
        ({"limit": float("nan")}, "expected a share"),
        ({"label": " "}, "has no `label`"),
        ({"why": ""}, "has no `why`"),
    ],
)
def test_a_limit_that_cannot_be(changed: dict[str, Any], says: str) -> None:
    assert says in problem(tolerance_limits=(limit(**changed),))


def test_two_limits_of_one_name() -> None:
    assert "there more than once" in problem(tolerance_limits=(limit(), limit(limit=0.1)))


@pytest.mark.parametrize(
    ("training", "says"),
    [
        (("",), "is empty"),
        (("GCP", "GCP"), "twice"),
        ("GCP", "expected a tuple"),
        ((7,), "expected str"),
    ],
)
def test_training_that_cannot_be(training: Any, says: str) -> None:
    assert says in problem(training_required=training)


def test_a_trial_asks_for_no_training_by_itself() -> None:
    assert Trial(**VALID).training_required == IMMUNOSEP.training_required == ()


def test_immunoseps_limits_are_choices() -> None:
    taken = IMMUNOSEP.choice("tolerance_limits").taken
    for each in IMMUNOSEP.tolerance_limits:
        assert each.why == "choice `tolerance_limits`"
        assert f"{100 * each.limit:.0f} %" in taken
    assert {each.measure for each in IMMUNOSEP.tolerance_limits} == set(Measure)
