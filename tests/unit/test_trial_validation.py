"""A trial that contradicts itself is refused, with everything that is wrong with it."""

from dataclasses import replace
from typing import Any

import ibis
import pytest

from immunosep.concepts.bounds import Bounds
from immunosep.concepts.snapshot import snapshot
from immunosep.errors import TrialError
from immunosep.protocol import (
    AllocationPlan,
    Arm,
    Centre,
    Component,
    Criterion,
    Endpoint,
    Estimand,
    ImmuneState,
    Intervention,
    Rank,
    Regimen,
    Route,
    SampleSize,
    Trial,
)
from immunosep.protocol.endpoints import Death

DRUG = Intervention(id="drug", label="Drug", active=True)
SALINE = Intervention(id="saline", label="Saline", active=False)


def component(intervention: Intervention = SALINE, **more: Any) -> Component:
    given: dict[str, Any] = {
        "route": Route.INTRAVENOUS,
        "every_hours": 8,
        "days": 7,
        "volume_ml": 20,
        "looks": "clear",
    }
    return Component(intervention=intervention, source="a paper", **given | more)


INFUSION = component()
INJECTION = component(route=Route.SUBCUTANEOUS, every_hours=48, volume_ml=1)

TREATED = replace(INFUSION, intervention=DRUG, dose=1, unit="mg")

HIGH = ImmuneState("high", "High", snapshot.ferritin_ng_ml > 1000, source="a paper")
LOW = ImmuneState("low", "Low", snapshot.ferritin_ng_ml <= 1000, source="a paper")
ADULT = Criterion("adult", "Adult", snapshot.age_years >= 18, source="a paper")


def cell(state: str, arm: str, *components: Component) -> Regimen:
    return Regimen(state=state, arm=arm, components=components or (INFUSION, INJECTION))


VALID: dict[str, Any] = {
    "id": "mine",
    "title": "Mine",
    "inclusion": (ADULT,),
    "immune_states": (HIGH, LOW),
    "interventions": (DRUG, SALINE),
    "arms": (Arm(id="active", label="Active"), Arm(id="placebo", label="Placebo", control=True)),
    "regimens": (
        cell("high", "active", TREATED, INJECTION),
        cell("high", "placebo"),
        cell("low", "active", TREATED, INJECTION),
        cell("low", "placebo"),
    ),
}


def problems(**changes: Any) -> tuple[str, ...]:
    with pytest.raises(TrialError) as refused:
        Trial(**VALID | changes)
    return refused.value.problems


def problem(**changes: Any) -> str:
    (only,) = problems(**changes)
    return only


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


NOBODYS = [
    (snapshot.infection == "pneumonia", "infection with 'pneumonia'"),
    (snapshot.infection != "pneumonia", "community_acquired_pneumonia, hospital_acquired"),
    (snapshot.infection.isin(["skin", "menigitis"]), "The nearest: meningitis"),
    (snapshot.sex == "woman", "expected one of female, male"),
    (snapshot.sex == "Female", "The nearest: female"),
    ((snapshot.sex == "man") & snapshot.hiv, "The nearest: male"),
    (snapshot.age_years >= 180, "age_years with 180, expected 0 to 125 years"),
    (snapshot.age_years.between(18, 180), "age_years with 180"),
    (snapshot.gcs.isin([1, 15]), "gcs with 1, expected 3 to 15"),
    (~(snapshot.sofa_lowest < 25), "sofa_lowest with 25, expected 0 to 24"),
    (snapshot.sofa_liver >= 5, "sofa_liver with 5, expected 0 to 4"),
    (Bounds(snapshot.sofa_lowest, snapshot.sofa_highest).at_least(40), "sofa_lowest with 40"),
]


@pytest.mark.parametrize(("rule", "said"), NOBODYS)
def test_a_rule_on_what_no_patient_can_have(rule, said):
    found = problems(exclusion=(Criterion("odd", "Odd", rule, source="a paper"),))
    assert found[0].startswith("criterion 'odd': it compares ")
    assert any(said in problem for problem in found)


@pytest.mark.parametrize(
    "rule",
    [
        snapshot.infection.isin(["skin", "meningitis"]),
        snapshot.ferritin_ng_ml > 0,
        snapshot.unit == "Ward 3",
        snapshot.sofa_lowest - snapshot.sofa_admission >= 2,
        snapshot.age_years <= 125,
    ],
)
def test_a_rule_on_what_patients_can_have(rule):
    criterion = Criterion("some", "Some", rule, source="a paper")
    assert Trial(**VALID | {"exclusion": (criterion,)}).id == "mine"


def treated(**changes: Any) -> dict[str, Any]:
    """The valid trial, in which every infusion is changed alike, or only the drug's dose."""
    plain = {k: v for k, v in changes.items() if k not in ("dose", "unit")}
    drug, dummy = replace(TREATED, **changes), replace(INFUSION, **plain)
    states = ("high", "low")
    cells = [cell(state, "active", drug, INJECTION) for state in states]
    return {"regimens": (*cells, *(cell(s, "placebo", dummy, INJECTION) for s in states))}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"every_hours": 0}, "the iv 'drug': every_hours is 0, expected a whole number, 1 or more"),
        ({"days": -7}, "the iv 'drug': days is -7, expected a whole number, 1 or more"),
        ({"days": 0.5}, "days is 0.5"),
        ({"volume_ml": -1}, "volume_ml is -1, expected a number above 0"),
        ({"dose": -200}, "the iv 'drug': dose is -200, expected a number above 0"),
        ({"dose": "200 mg"}, "dose is '200 mg', expected a number above 0"),
        ({"dose": None}, "the iv 'drug' is active and has no dose"),
        ({"unit": ""}, "its dose has no unit"),
        ({"unit": "milligram"}, "'milligram', expected a unit of a dose. The nearest is mg"),
        ({"unit": "mcg/kg"}, "The nearest is ug/kg"),
        ({"unit": "ml"}, "The nearest is mL"),
        ({"unit": "mm[Hg]"}, "expected a unit of a dose"),
        ({"unit": "zzz"}, "Write g, mg, ug"),
        ({"looks": ""}, "the iv components of drug, saline do not say how they look"),
    ],
)
def test_a_component_that_cannot_be_given(changes, said):
    assert said in problems(**treated(**changes))[0]


@pytest.mark.parametrize("unit", ["mg", "ug/kg", "mL", "IU", "mg/m2", "ug/kg/min", "g"])
def test_a_unit_of_a_dose(unit):
    assert Trial(**VALID | treated(unit=unit)).id == "mine"


def test_a_placebo_with_a_dose():
    dummy = replace(INFUSION, dose=200, unit="mg")
    regimens = (*VALID["regimens"][:3], cell("low", "placebo", dummy, INJECTION))
    assert "the iv 'saline' has a dose of 200 mg, but is not active" in problem(regimens=regimens)


def test_a_placebo_said_to_be_active():
    sham = Intervention(id="placebo", label="Placebo", active=True)
    found = problem(interventions=(DRUG, SALINE, sham))
    assert found.startswith("intervention 'placebo' is a placebo by its name, but has active=True")


def test_placebo_in_every_arm():
    found = problem(regimens=(cell("high", "active"), *VALID["regimens"][1:]))
    assert found.startswith("in immune state 'high' every arm is given placebo only")


@pytest.mark.parametrize(("control", "said"), [(True, "2 arms of 2"), (False, "no arms of 2")])
def test_a_blinded_trial_without_one_control_arm(control, said):
    arms = tuple(replace(arm, control=control) for arm in VALID["arms"])
    assert problem(arms=arms).startswith(said)
    assert Trial(**VALID | {"arms": arms, "double_blind": False}).arms == arms


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "My trial"}, "trial id 'My trial' is not one word of lower-case letters"),
        ({"id": ""}, "Give it one"),
        ({"inclusion": (replace(ADULT, id="Age>18"),)}, "Write 'age_18'"),
        ({"inclusion": (replace(ADULT, text=" "),)}, "criterion 'adult' has no text"),
    ],
)
def test_words_that_results_cannot_use(changes, said):
    assert said in problem(**changes)


def test_a_component_without_its_comma():
    forgotten: Any = INFUSION
    given = Regimen(state="low", arm="placebo", components=forgotten)
    assert "with the comma" in problem(regimens=(*VALID["regimens"][:3], given))


def test_a_route_that_is_a_word():
    given = cell("low", "placebo", component(route="iv"))
    assert "Route.INTRAVENOUS" in problem(regimens=(*VALID["regimens"][:3], given))
