"""Supply: how treatment reaches a participant, and plans that fail or would tell the arm."""

from dataclasses import replace
from typing import Any

import pytest

from immunosep.protocol import Route, SupplyModel, SupplyPlan, Trial
from immunosep.trials import TRIALS
from tests.unit.small_trial import INFUSION, INJECTION, VALID, problem, problems

IV, SC = Route.INTRAVENOUS, Route.SUBCUTANEOUS
STORED: dict[str, Any] = {
    "storage_low_c": 2,
    "storage_high_c": 8,
    "excursion_low_c": 0,
    "excursion_high_c": 10,
    "excursion_days_allowed": 3,
    "label_lines": ("For clinical trial use only", "Drug or saline"),
    "second_check": True,
    "source": "a paper",
}
PREPARED = SupplyPlan(
    model=SupplyModel.PREPARED,
    prepared_shelf_life_hours={IV: 24, SC: 24},
    doses_per_order={IV: 3, SC: 1},
    **STORED,
)
KITS = SupplyPlan(model=SupplyModel.KITS, kits_per_component=2, **STORED)


@pytest.mark.parametrize("plan", [PREPARED, KITS])
def test_a_plan_that_can_be_followed(plan):
    assert Trial(**VALID | {"supply": plan}).supply == plan


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (replace(PREPARED, source=""), "the supply plan has no source"),
        (replace(PREPARED, storage_low_c="2"), "storage_low_c must be numbers"),  # type: ignore[arg-type]
        (replace(PREPARED, storage_low_c=9), "expected the first range within the second"),
        (replace(PREPARED, excursion_low_c=3), "expected the first range within the second"),
        (replace(PREPARED, excursion_days_allowed=-1), "excursion_days_allowed is -1"),
        (replace(PREPARED, model="boxes"), "model is 'boxes', expected SupplyModel"),  # type: ignore[arg-type]
        (replace(PREPARED, kits_per_component=1), "supply is prepared, but has kits"),
        (replace(PREPARED, doses_per_order={IV: 3}), "doses_per_order is of iv, the regimens"),
        (replace(PREPARED, doses_per_order={}), "is of no route, the regimens are of iv, sc"),
        (replace(PREPARED, doses_per_order=3), "is int, expected a number for each Route"),  # type: ignore[arg-type]
        (replace(PREPARED, doses_per_order={IV: 1.5, SC: 1}), "iv is 1.5, expected a whole"),  # type: ignore[dict-item]
        (
            replace(PREPARED, prepared_shelf_life_hours={IV: 0, SC: 24}),
            "prepared_shelf_life_hours of iv is 0, expected a number above 0",
        ),
        (
            replace(PREPARED, doses_per_order={IV: 4, SC: 1}),
            "of 4 iv doses made up together the last is due after 24 h, but they keep for 24 h",
        ),
        (replace(KITS, doses_per_order={IV: 1}), "in kits, but has doses_per_order"),
        (replace(KITS, kits_per_component=0), "kits_per_component is 0, expected a whole"),
        (replace(KITS, spare_kits_per_component=-1), "spare_kits_per_component is -1"),
        (replace(KITS, kits_per_component=5), "5 kits for 4 sc doses; some would be empty"),
        (replace(KITS, label_lines=("",)), "the label has no lines"),
        (replace(KITS, label_lines="Drug or saline"), "`label_lines` is str, expected a tuple"),  # type: ignore[arg-type]
    ],
)
def test_a_plan_that_cannot_be_followed(plan, said):
    assert said in problem(supply=plan)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Drug", "the label names an intervention but not saline"),
        ("SALINE, 20 mL", "the label names an intervention but not drug"),
        ("Arm: active", "the label names the arm 'active'"),
        ("For patients with high ferritin", "the label names the immune state 'high'"),
    ],
)
def test_a_label_that_would_tell(line, said):
    assert said in problem(supply=replace(KITS, label_lines=(line,)))


def test_a_label_of_an_open_trial_may_name_the_content():
    plan = replace(KITS, label_lines=("Drug",))
    assert Trial(**VALID | {"supply": plan, "double_blind": False}).supply == plan


def test_everything_wrong_with_a_plan_is_said_at_once():
    plan = replace(PREPARED, source="", excursion_low_c=5, label_lines=(), doses_per_order={})
    assert len(problems(supply=plan)) == 4


@pytest.mark.parametrize(("kits", "doses"), [(1, 21), (2, 11), (7, 3), (21, 1)])
def test_a_kit_holds_its_share_of_a_course(kits, doses):
    assert replace(KITS, kits_per_component=kits).doses_per_kit(INFUSION) == doses


def test_a_kit_may_hold_the_whole_course():
    assert replace(KITS, kits_per_component=1).doses_per_kit(INJECTION) == INJECTION.doses


def test_immunosep_is_made_up_by_a_pharmacist_and_kept_at_2_to_8_degrees():
    plan = TRIALS["immunosep"].supply
    assert plan is not None
    assert (plan.model, plan.storage_low_c, plan.storage_high_c) == (SupplyModel.PREPARED, 2, 8)
    limits = (plan.excursion_low_c, plan.excursion_high_c, plan.excursion_days_allowed)
    assert limits == (0, 10, 3)


def test_provide_comes_in_kits():
    plan = TRIALS["provide"].supply
    assert plan is not None
    assert (plan.model, plan.kits_per_component) == (SupplyModel.KITS, 1)
    assert "kits" in TRIALS["provide"].choice("supply_model").taken


UNPUBLISHED = [
    ("immunosep", "prepared_shelf_life"),
    ("immunosep", "doses_per_order"),
    ("immunosep", "second_check"),
    ("immunosep", "deferred_consent"),
    ("provide", "supply_model"),
    ("provide", "kit_size"),
    ("provide", "storage"),
]


@pytest.mark.parametrize(("trial", "choice"), UNPUBLISHED)
def test_what_is_not_published_is_a_named_choice(trial, choice):
    assert TRIALS[trial].choice(choice).alternatives
