"""Whether two immune states can be true of one patient."""

import pytest
from ibis.expr import types as ir

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol.criteria import ImmuneState
from immunosep.protocol.overlap import CannotTryError, overlapping

FERRITIN, HLA_DR, GCS = snapshot.ferritin_ng_ml, snapshot.hla_dr_per_monocyte, snapshot.gcs

APART = [
    (FERRITIN > 10, FERRITIN <= 10),
    (FERRITIN > 10, FERRITIN.isnull()),
    (FERRITIN.between(1, 5), FERRITIN.between(6, 9)),
    (FERRITIN > 10, ~(FERRITIN > 10)),
    ((FERRITIN > 10) & (HLA_DR < 5), (FERRITIN > 10) & (HLA_DR >= 5)),
    (snapshot.sex == "male", snapshot.sex == "female"),
    (snapshot.sex.isin(["male"]), snapshot.sex.notin(["male"])),
    (snapshot.hiv, ~snapshot.hiv),
    (snapshot.unit == "ward", snapshot.unit == "clinic"),
    ((GCS > 7) & (GCS < 9), (GCS == 7) | (GCS == 9)),
    (GCS > 8, GCS < 9),
]
TOGETHER = [
    (FERRITIN > 10, FERRITIN > 20),
    (FERRITIN > 10, HLA_DR < 5),
    (FERRITIN > 10, FERRITIN.notnull()),
    (FERRITIN < 10, FERRITIN > 9),
    (FERRITIN.between(1, 5), FERRITIN.between(5, 9)),
    (FERRITIN != 10, FERRITIN != 20),
    (snapshot.infection.isin(["skin", "other"]), snapshot.infection != "skin"),
    (snapshot.hiv, FERRITIN > 10),
    (snapshot.unit != "ward", snapshot.unit != "clinic"),
    (FERRITIN.isnull(), HLA_DR.isnull()),
]
NOT_TRIED = [
    FERRITIN + 1 > 10,
    FERRITIN > HLA_DR,
    snapshot.unit.upper() == "A",
    FERRITIN.cast("int64") > 10,
    FERRITIN.identical_to(10),
]


def state(rule: ir.BooleanValue) -> ImmuneState:
    return ImmuneState("some", "Some", rule)


@pytest.mark.parametrize(("first", "second"), APART)
def test_rules_that_no_patient_fulfils_both_of(first, second):
    assert not overlapping(state(first), state(second))


@pytest.mark.parametrize(("first", "second"), TOGETHER)
def test_rules_that_some_patient_fulfils_both_of(first, second):
    assert overlapping(state(first), state(second))


@pytest.mark.parametrize("rule", NOT_TRIED)
def test_a_rule_that_is_not_made_of_fixed_comparisons_is_not_guessed_at(rule):
    with pytest.raises(CannotTryError):
        overlapping(state(rule), state(FERRITIN > 1))


def test_rules_on_very_many_columns_are_not_tried():
    rule = (FERRITIN > 1) & (HLA_DR > 2) & (GCS > 3) & (snapshot.map_mmhg > 4)
    rule = rule & (snapshot.age_years > 5) & (snapshot.weight_kg > 6)
    with pytest.raises(CannotTryError, match="too many columns"):
        overlapping(state(rule), state(rule))
