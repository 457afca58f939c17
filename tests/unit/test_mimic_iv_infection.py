"""The qualifying infection and the contaminant rule, from codes, cultures and times."""

from dataclasses import replace

import ibis
import pyarrow as pa
import pytest

from immunosep.sources.mimic_iv.choices import DEFAULT, Choices
from immunosep.sources.mimic_iv.infection import (
    blood_cultures,
    derive_contaminant,
    derive_infection,
    derive_setting,
    foci,
)
from tests.invented_mimic_iv import answer, seconds

KINDS = {
    "moment_s": pa.int64(),
    "admitted_s": pa.int64(),
    "emergency_s": pa.int64(),
    "focus": pa.string(),
}
GATHERED = (
    *KINDS,
    *("ventilator_coded", "long_ventilated", "bacteraemia_coded", "other_coded"),
    *("only_skin", "catheter_related", "coded"),
)


def patient(**known: object):
    """One row with the columns gathered of a stay; what is not given is NULL."""
    row = {"admitted_s": seconds(0), "moment_s": seconds(6), "coded": True} | known
    schema = pa.schema([(name, KINDS.get(name, pa.bool_())) for name in GATHERED])
    return ibis.memtable(pa.Table.from_pylist([row], schema=schema))


def infection(choices: Choices = DEFAULT, **known: object) -> str | None:
    rows = patient(**known)
    (row,) = answer(rows.select(named=derive_infection(rows, choices)))
    named: str | None = row["named"]
    return named


@pytest.mark.parametrize(
    ("hour", "named"),
    [(48, "community_acquired_pneumonia"), (48.1, "hospital_acquired_pneumonia")],
)
def test_pneumonia_later_than_48_hours_is_hospital_acquired(hour, named):
    assert infection(focus="pneumonia", moment_s=seconds(hour)) == named


def test_pneumonia_on_a_ventilator_is_ventilator_associated():
    assert infection(focus="pneumonia", long_ventilated=True) == "ventilator_associated_pneumonia"


def test_pneumonia_coded_as_ventilator_associated_is():
    named = infection(focus="pneumonia", ventilator_coded=True)

    assert named == "ventilator_associated_pneumonia"


def test_growth_in_blood_with_a_focus_is_not_primary():
    assert infection(focus="skin", only_skin=False) == "skin"


def test_growth_in_blood_without_a_focus_is_primary_bacteraemia():
    assert infection(only_skin=False) == "primary_bacteraemia"


def test_bacteraemia_coded_without_a_focus_is_primary_bacteraemia():
    assert infection(bacteraemia_coded=True, other_coded=True) == "primary_bacteraemia"


def test_no_infection_coded_is_other_by_choice():
    unknown = replace(DEFAULT, no_code_means_absent=False)

    assert infection() == "no_infection"
    assert infection(unknown) is None


def test_admission_without_any_code_leaves_the_infection_unknown():
    assert infection(coded=False) is None


def test_focus_the_hospital_ranked_first_counts():
    index = ibis.memtable(pa.table({"stay_id": [1], "admission_id": [2]}))
    coded = ibis.memtable(
        pa.table(
            {
                "patient_id": [9, 9, 9],
                "admission_id": [2, 2, 2],
                "topic": ["other", "skin", "pneumonia"],
                "certain": [True, True, True],
                "rank": [1, 4, 2],
            }
        )
    )

    assert answer(foci(index, coded))[0]["focus"] == "pneumonia"


@pytest.mark.parametrize(
    ("known", "contaminant"),
    [
        ({"only_skin": True}, True),
        ({"only_skin": False}, False),
        ({"only_skin": False, "catheter_related": True}, True),
        ({"catheter_related": True, "bacteraemia_coded": True}, True),
        ({"catheter_related": True}, None),
        ({}, None),
    ],
)
def test_contaminant_is_skin_growth_alone_or_a_catheter(known, contaminant):
    rows = patient(**known)

    assert answer(rows.select(it=derive_contaminant(rows))) == [{"it": contaminant}]


def grown(*organisms: str, hour: float = 0) -> list[dict[str, object]]:
    index = ibis.memtable(pa.table({"stay_id": [1], "patient_id": [1], "moment_s": [seconds(0)]}))
    rows = [
        {"patient_id": 1, "taken_s": seconds(hour), "day_s": 0, "specimen": "BLOOD CULTURE"}
        | {"organism": organism}
        for organism in organisms
    ]
    return answer(blood_cultures(index, ibis.memtable(pa.Table.from_pylist(rows)), DEFAULT))


@pytest.mark.parametrize(
    ("organisms", "only_skin"),
    [
        (("STAPHYLOCOCCUS EPIDERMIDIS",), True),
        (("STAPHYLOCOCCUS EPIDERMIDIS", "CORYNEBACTERIUM SPECIES"), True),
        (("STAPHYLOCOCCUS EPIDERMIDIS", "ESCHERICHIA COLI"), False),
        (("ESCHERICHIA COLI",), False),
    ],
)
def test_skin_commensal_counts_as_contaminant_only_when_it_grows_alone(organisms, only_skin):
    assert grown(*organisms) == [{"stay_id": 1, "only_skin": only_skin}]


@pytest.mark.parametrize(("hour", "count"), [(-48, 1), (-49, 0), (48, 1), (49, 0)])
def test_blood_culture_belongs_to_the_suspicion_within_48_hours(hour, count):
    assert len(grown("ESCHERICHIA COLI", hour=hour)) == count


@pytest.mark.parametrize(
    ("hour", "registered", "setting"),
    [
        (24, 0, "emergency_department"),
        (24.1, 0, "hospitalised"),
        (-3, 0, "emergency_department"),
        (3, None, "hospitalised"),
    ],
)
def test_setting_by_the_registration_as_an_emergency(hour, registered, setting):
    emergency_s = None if registered is None else seconds(registered)
    rows = patient(moment_s=seconds(hour), emergency_s=emergency_s)
    found = rows.select(setting=derive_setting(rows.moment_s, rows.emergency_s, DEFAULT))

    assert answer(found) == [{"setting": setting}]
