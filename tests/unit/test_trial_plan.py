"""A plan of analysis that cannot be followed is refused with the trial it belongs to."""

from typing import Any

import pytest

from immunosep.errors import TrialError
from immunosep.protocol import AnalysisPlan, ImputationPlan, Subgroup, Trial
from immunosep.trials.immunosep import IMMUNOSEP
from tests.unit.small_trial import VALID

NO_NUMBERS: Any = ("1",)


def subgroup(**changed: Any) -> Subgroup:
    told: dict[str, Any] = {
        "id": "old",
        "label": "Old",
        "other": "Young",
        "column": "age_years",
        "at_least": 65,
    }
    return Subgroup(**told | {"source": "me"} | changed)


def refused(**told: Any) -> str:
    with pytest.raises(TrialError) as error:
        Trial(**VALID | {"plan": AnalysisPlan(**{"source": "me"} | told)})
    return str(error.value)


def test_a_plan_that_can_be_followed_is_taken():
    plan = AnalysisPlan(
        subgroups=(subgroup(),),
        large_centre_share=0.1,
        imputation=ImputationPlan(imputations=5, seed=1, shifts=(0, 1)),
        source="me",
    )
    assert Trial(**VALID | {"plan": plan}).plan is plan


def test_immunosep_names_its_subgroups():
    assert IMMUNOSEP.plan is not None
    assert [one.id for one in IMMUNOSEP.plan.subgroups] == ["apache_ii_25", "charlson_5", "sofa_10"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"source": " "}, "has no source"),
        ({"subgroups": subgroup()}, "must be a tuple of Subgroup"),
        ({"hierarchy": "death"}, "must be a tuple of str"),
        ({"hierarchy": 3}, "must be a tuple of str"),
        ({"imputation": 20}, "must be ImputationPlan"),
        ({"subgroups": (subgroup(), subgroup())}, "two subgroups are called 'old'"),
        ({"subgroups": (subgroup(column="age_year"),)}, "expected age_years"),
        ({"subgroups": (subgroup(column="%"),)}, "is no number of a participant"),
        ({"subgroups": (subgroup(at_least="65"),)}, "at_least is '65'"),
        ({"large_centre_share": 8}, "large_centre_share is 8"),
        ({"imputation": ImputationPlan(imputations=1, seed=1)}, "imputations is 1"),
        ({"imputation": ImputationPlan(imputations=5, seed=-1)}, "the seed"),
        ({"imputation": ImputationPlan(imputations=5, seed=1, shifts=NO_NUMBERS)}, "shifts"),
        ({"hierarchy": ("death_day_28",)}, "this trial has none"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(told, said):
    assert said in refused(**told)
