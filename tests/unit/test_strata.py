"""What strata are called, and which a trial has."""

from dataclasses import replace

import pytest

from immunosep.errors import SequenceError
from immunosep.protocol import Trial
from immunosep.randomisation.strata import plan_of, strata_of, stratum_of
from tests.unit.sealed_list import PLAN
from tests.unit.small_trial import VALID
from tests.unit.test_envelopes import NORTH

SOUTH = replace(NORTH, id="south")


def trial(*strata: str, **changes: object) -> Trial:
    plan = replace(PLAN, strata=strata)
    return Trial(**VALID | {"centres": (NORTH, SOUTH), "allocation": plan} | changes)


def test_strata_are_the_centres_in_their_order():
    assert strata_of(trial("centre")) == ("north", "south")


def test_strata_join_what_the_plan_stratifies_by():
    assert strata_of(trial("centre", "immune_state")) == (
        "north/high",
        "north/low",
        "south/high",
        "south/low",
    )


def test_a_plan_without_strata_has_one():
    assert strata_of(trial()) == ("all",)
    assert stratum_of(replace(PLAN, strata=()), {}) == "all"


def test_a_stratum_is_found_from_a_participants_values():
    plan = replace(PLAN, strata=("immune_state", "centre"))
    assert stratum_of(plan, {"centre": "north", "immune_state": "low"}) == "low/north"


def test_strata_that_cannot_be_listed_are_refused():
    with pytest.raises(SequenceError, match="stratifies by 'sex', whose values cannot be listed"):
        strata_of(trial("sex"))


def test_a_trial_without_centres_cannot_be_stratified_by_them():
    with pytest.raises(SequenceError, match="stratifies by centre, and the trial has none"):
        strata_of(trial("centre", centres=()))


def test_a_trial_without_a_plan_cannot_be_randomised():
    with pytest.raises(SequenceError, match="has no allocation plan"):
        plan_of(trial(allocation=None))
