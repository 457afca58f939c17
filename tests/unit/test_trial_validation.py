"""A trial that contradicts itself is refused, with everything that is wrong with it."""

from dataclasses import replace
from typing import Any

import ibis
import pytest

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol import (
    AllocationPlan,
    Centre,
    Criterion,
    Endpoint,
    Estimand,
    ImmuneState,
    Rank,
    SampleSize,
    Trial,
)
from immunosep.protocol.endpoints import Death
from tests.unit.small_trial import (
    ADULT,
    HIGH,
    INFUSION,
    INJECTION,
    LOW,
    SALINE,
    VALID,
    cell,
    problem,
    problems,
)


def test_a_valid_trial_is_accepted():
    assert Trial(**VALID).regimen(state="high", arm="placebo").components == (INFUSION, INJECTION)


def test_a_component_knows_its_course():
    assert (INJECTION.doses, INJECTION.dose_days) == (4, (1, 3, 5, 7))


def test_criteria_alone_are_a_trial():
    assert Trial(id="small", title="Small", inclusion=(ADULT,)).criteria == (ADULT,)


def test_a_trial_without_criteria():
    assert "no criterion" in problem(inclusion=())


def test_a_forgotten_comma():
    assert "with the comma" in problem(inclusion=ADULT)


def test_a_rule_in_the_place_of_a_criterion():
    found = problem(inclusion=(snapshot.age_years >= 18,))
    assert found == "`inclusion`, item 1, is BooleanColumn, expected Criterion"


def test_something_else_in_the_place_of_an_allocation_plan():
    assert "expected AllocationPlan" in problem(allocation={"active": 1})


def test_a_rule_that_is_not_true_or_false():
    found = problem(inclusion=(Criterion("age", "Age", snapshot.age_years, source="a paper"),))
    assert found.startswith("criterion 'age': its rule is float64, expected true or false")


def test_a_rule_that_is_no_expression():
    assert "its rule is bool" in problem(exclusion=(Criterion("hiv", "HIV", True),))


def test_a_number_without_a_source():
    found = problem(inclusion=(replace(ADULT, source=""),))
    assert found.startswith("criterion 'adult': its rule has a number but no source")


def test_a_rule_without_numbers_needs_no_source():
    assert Trial(**VALID | {"exclusion": (Criterion("hiv", "HIV", snapshot.hiv),)}).id == "mine"


def test_an_operation_that_engines_answer_differently():
    rule = snapshot.patient_id.hash() > 3
    found = problem(exclusion=(Criterion("odd", "Odd", rule, source="a paper"),))
    assert "rule 'odd' uses Hash" in found


def test_a_column_of_another_table():
    other = ibis.table({"ferritine": "float64"}, name="mine")
    states = (ImmuneState("high", "High", other.ferritine > 1, source="a paper"), LOW)
    assert [p.split(": ", 1)[1][:40] for p in problems(immune_states=states)] == [
        "there is no column 'ferritine' in the sn",
        "its rule reads another table. Write it o",
    ]


def test_an_id_used_twice():
    assert "criterion 'adult' is there more than once" in problem(exclusion=(ADULT,))


def test_states_that_overlap():
    found = problem(immune_states=(HIGH, replace(LOW, rule=snapshot.ferritin_ng_ml <= 1001)))
    assert found.startswith("immune states 'high' and 'low' overlap")


def test_states_that_overlap_on_one_value_only():
    found = problem(immune_states=(HIGH, replace(LOW, rule=snapshot.ferritin_ng_ml == 1000.5)))
    assert "overlap" in found


def test_an_overlap_that_one_state_gives_up():
    low = replace(LOW, rule=snapshot.hla_dr_per_monocyte < 5000, yields_to=("high",))
    assert Trial(**VALID | {"immune_states": (HIGH, low)}).id == "mine"


def test_a_state_that_yields_to_one_after_it():
    found = problem(immune_states=(replace(HIGH, yields_to=("low",)), LOW))
    assert found == "immune state 'high' yields to 'low', which is not before it"


def test_a_state_that_precedence_leaves_empty():
    """The registry's misprint of immunoparalysis: ferritin above the limit in both states."""
    rule = (snapshot.ferritin_ng_ml > 1000) & (snapshot.hla_dr_per_monocyte < 5000)
    found = problem(immune_states=(HIGH, replace(LOW, rule=rule, yields_to=("high",))))
    assert found.startswith("immune state 'low' can be true of nobody")


def test_states_that_cannot_be_tried():
    low = replace(LOW, rule=snapshot.ferritin_ng_ml / 2 <= 500)
    assert "cannot be checked for overlap: a rule uses Divide" in problem(immune_states=(HIGH, low))


def test_a_window_that_no_criterion_has():
    assert "no criterion compares hours_since_sepsis" in problem(window_hours=72)


def test_a_cell_without_a_regimen():
    assert problem(regimens=VALID["regimens"][:3]) == "cell low x placebo has no regimen"


def test_a_regimen_that_is_of_no_cell():
    found = problem(regimens=(*VALID["regimens"], cell("middle", "active")))
    assert found.startswith("cell middle x active is not a cell of the trial")


def test_a_cell_without_a_dummy():
    regimens = (*VALID["regimens"][:3], cell("low", "placebo", INJECTION))
    found = problem(regimens=regimens)
    assert found.startswith("cell low x placebo has no iv component, expected one")


def test_a_cell_with_two_components_by_one_route():
    regimens = (*VALID["regimens"][:3], cell("low", "placebo", INFUSION, INFUSION, INJECTION))
    assert "has 2 iv components" in problem(regimens=regimens)


@pytest.mark.parametrize(
    "difference", [{"volume_ml": 10}, {"looks": "cloudy"}, {"every_hours": 12}, {"days": 3}]
)
def test_components_that_do_not_look_alike(difference):
    odd = replace(INFUSION, **difference)
    regimens = (*VALID["regimens"][:3], cell("low", "placebo", odd, INJECTION))
    assert problem(regimens=regimens).startswith("the iv components do not look alike")


def test_an_open_trial_needs_no_dummies():
    regimens = (*VALID["regimens"][:3], cell("low", "placebo", INJECTION))
    assert Trial(**VALID | {"regimens": regimens, "double_blind": False}).id == "mine"


def test_a_drug_that_is_not_listed():
    assert "'drug' is not among" in problems(interventions=(SALINE,))[0]


def test_a_dose_without_a_source():
    regimens = (
        *VALID["regimens"][:3],
        cell("low", "placebo", replace(INFUSION, source=""), INJECTION),
    )
    assert problem(regimens=regimens) == "cell low x placebo: the iv dose of 'saline' has no source"


def test_a_sample_size_without_a_source():
    assert problem(sample_size=SampleSize(total=10, source="")) == "the sample size has no source"


def test_a_sample_size_too_small_for_its_arms():
    size = SampleSize(total=200, per_arm=100, drop_out=0.1, source="a paper")
    assert "leaves 180 for the analysis" in problem(sample_size=size)


def plan(**changes: Any) -> AllocationPlan:
    usual: dict[str, Any] = {
        "ratio": {"active": 1, "placebo": 1},
        "block_sizes": (4,),
        "source": "a paper",
    }
    nobody: dict[str, Any] = {"strata": (), "generated_by": "", "blinded": (), "unblinded": ()}
    return AllocationPlan(**nobody | usual | changes)


def test_an_allocation_without_a_source():
    assert "has no source" in problem(allocation=plan(source=""))


def test_an_allocation_to_other_arms():
    assert "allocation ratio names" in problem(allocation=plan(ratio={"active": 1, "sham": 1}))


def test_a_block_that_cannot_hold_the_ratio():
    assert "a block of 3 cannot hold the ratio 1:1" in problem(allocation=plan(block_sizes=(3,)))


@pytest.mark.parametrize("strata", [(), ("centre",), ("centre", "immune_state"), ("sex", "hiv")])
def test_strata_that_can_be_told(strata):
    assert Trial(**VALID | {"allocation": plan(strata=strata)}).allocation


@pytest.mark.parametrize(
    ("strata", "said"),
    [
        (("center",), "strata: there is no column 'center' in the snapshot."),
        (("settin",), "The nearest is setting. Or write centre or immune_state"),
        (("age_years",), "'age_years' has too many values to keep a list for each"),
        (("sofa_liver",), "'sofa_liver' has too many values"),
        ("centre", "allocation: `strata` is str, expected a tuple"),
    ],
)
def test_strata_that_cannot_be_told(strata, said):
    assert said in problem(allocation=plan(strata=strata))


def test_an_endpoint_without_a_source():
    nothing = Estimand(treatment="", population="", variable="", intercurrent_events=(), summary="")
    endpoint = Endpoint(
        id="death",
        label="Death",
        rank=Rank.PRIMARY,
        estimand=nothing,
        analysis="",
        source="",
        definition=Death(day=28),
    )
    assert "endpoint 'death' has no source" in problem(endpoints=(endpoint,))


def test_a_centre_that_is_not_on_earth():
    nowhere = Centre(id="x", name="X", city="", country="", latitude=91, longitude=0)
    assert "not on Earth" in problem(centres=(nowhere,))
