"""FHIR Bundles (R4 4.0.1, R5 5.0.0): what is taken, and why the rest is not. LOINC 2.77, UCUM."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep.errors import SourceError
from immunosep.sources.fhir import read_bundle
from immunosep.sources.fhir.codes import ALSO, OWN
from immunosep.sources.results import Result
from tests.unit.bundled import (
    AT,
    FERRITIN,
    GONE,
    bundle,
    loinc,
    observation,
    quantity,
    read,
    reason,
)

SECRET = 987654  # stands for a patient's value; no reason may show it


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "searchset"])
def test_a_final_number_is_taken(kind: str) -> None:
    (taken,) = read(observation(), kind=kind).taken
    assert taken == Result(
        place="entry 2", person="01-0001", column="ferritin_ng_ml", text="800", at=AT
    )


@pytest.mark.parametrize("status", ["amended", "corrected", "appended"])
def test_what_was_corrected_is_final_too(status: str) -> None:
    assert read(observation(status=status)).taken


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("preliminary", "preliminary"),
        ("registered", "registered"),
        ("partial", "partial"),
        ("entered-in-error", "entered in error"),
        ("cancelled", "cancelled"),
        ("unknown", "status is unknown"),
    ],
)
def test_what_is_not_final_is_no_fault_and_not_taken(status: str, told: str) -> None:
    (refused,) = read(observation(status=status)).refused
    assert told in refused.reason
    assert (refused.column, refused.faulty) == ("ferritin_ng_ml", False)


@pytest.mark.parametrize("status", [GONE, "", "done", 7, None, ["final"]])
def test_a_status_that_fhir_does_not_know_is_refused(status: Any) -> None:
    assert "no status" in reason(status=status)


@pytest.mark.parametrize(
    ("code", "column", "value", "unit", "kept"),
    [
        ("2276-4", "ferritin_ng_ml", 800.5, "ug/L", ("800.5", "ug/L")),
        ("2160-0", "creatinine_mg_dl", 1.2, "mg/dL", ("1.2", "")),
        ("14682-9", "creatinine_mg_dl", 106, "umol/L", ("106", "umol/L")),
        ("1975-2", "bilirubin_mg_dl", 1, "mg/dL", ("1", "")),
        ("14631-6", "bilirubin_mg_dl", 17.1, "umol/L", ("17.1", "umol/L")),
        ("777-3", "platelets_10e3_ul", 90, "10*9/L", ("90", "10*9/L")),
        ("26515-7", "platelets_10e3_ul", 90, "10*3/uL", ("90", "")),
        ("751-8", "neutrophils_per_mm3", 5000, "{cells}/uL", ("5000", "")),
        ("26499-4", "neutrophils_per_mm3", 5.2, "10*9/L", ("5.2", "10*9/L")),
        ("2703-7", "pao2_mmhg", 9.3, "kPa", ("9.3", "kPa")),
        ("3150-0", "fio2", 40, "%", ("40", "%")),
        ("9269-2", "gcs", 14, "{score}", ("14", "")),
        ("9269-2", "gcs", 14, "1", ("14", "")),
        ("9192-6", "urine_ml_day", 1500, "mL/(24.h)", ("1500", "")),
    ],
)
def test_a_code_and_a_unit_find_their_column(
    code: str, column: str, value: float, unit: str, kept: tuple[str, str]
) -> None:
    (taken,) = read(observation(code=loinc(code), valueQuantity=quantity(value, unit))).taken
    assert (taken.column, taken.text, taken.unit) == (column, *kept)


def test_other_codes_of_a_quantity_are_well_formed() -> None:
    """The last digit of a LOINC code is its check digit (Luhn)."""
    assert {code: _luhn(code.split("-")[0]) for code in ALSO} == {
        code: int(code[-1]) for code in ALSO
    }


def _luhn(digits: str) -> int:
    doubled = [int(d) * (2 - n % 2) for n, d in enumerate(reversed(digits))]
    return -sum(d // 10 + d % 10 for d in doubled) % 10


def test_a_column_without_a_code_is_known_by_its_name() -> None:
    code = {"coding": [{"system": OWN, "code": "hla_dr_per_monocyte"}]}
    value = quantity(3000, "{molecules}/{cell}")
    (taken,) = read(observation(code=code, valueQuantity=value)).taken
    assert (taken.column, taken.text) == ("hla_dr_per_monocyte", "3000")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (loinc("8867-4"), "LOINC code 8867-4"),  # heart rate
        (loinc("96823-0"), "derived"),
        (loinc("Smith, John"), "none of LOINC"),
        ({"text": "Ferritin"}, "no code of LOINC"),
        ({"coding": [{"system": "urn:local", "code": "2276-4"}]}, "no code of LOINC"),
        ("2276-4", "no code of LOINC"),
        (GONE, "no code of LOINC"),
    ],
)
def test_what_no_column_is_for_is_no_fault_and_not_taken(code: Any, told: str) -> None:
    (refused,) = read(observation(code=code)).refused
    assert told in refused.reason
    assert not refused.faulty


@pytest.mark.parametrize("code", ["50984-4"])
def test_a_code_of_two_columns_is_refused(code: str) -> None:
    assert "several columns" in reason(code=loinc(code))


def test_codes_that_contradict_each_other_are_refused() -> None:
    both = {"coding": [*FERRITIN["coding"], *loinc("777-3")["coding"]]}
    assert "several columns: ferritin_ng_ml, platelets_10e3_ul" in reason(code=both)


@pytest.mark.parametrize(
    "unit",
    [
        {"value": SECRET, "unit": "ng/mL"},
        {"value": SECRET, "unit": "ng/mL", "code": "ng/mL"},
        {"value": SECRET, "system": "http://unitsofmeasure.org"},
        {"value": SECRET},
    ],
)
def test_a_unit_is_never_guessed(unit: dict[str, Any]) -> None:
    assert "never guessed" in reason(valueQuantity=unit)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("K/uL", "not known"),  # kelvin, in UCUM
        ("NG/ML", "not known"),
        ("{antibodies}/{cell}", "not known"),
        (str(SECRET), "not known"),
        ("mmol/L", "factor of the molecule"),
        ("10*9/L", "number concentration"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(code: str, told: str) -> None:
    said = reason(valueQuantity=quantity(5, code))
    assert told in said
    assert str(SECRET) not in said


@pytest.mark.parametrize("comparator", ["<", "<=", ">=", ">", "ad", None])
def test_a_limit_is_no_number(comparator: Any) -> None:
    assert "a limit" in reason(valueQuantity=quantity(SECRET, comparator=comparator))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (str(SECRET), "not a number"),
        (True, "not a number"),
        ([SECRET], "not a number"),
        (None, "no value"),
        (-SECRET, "outside the possible"),
        (SECRET * 1000, "outside the possible"),
        (10**400, "not a finite number"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_not_shown(value: Any, told: str) -> None:
    said = reason(valueQuantity=quantity(value))
    assert told in said
    assert str(SECRET) not in said


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"valueQuantity": GONE}, "no value"),
        ({"valueQuantity": GONE, "valueString": "800"}, "valueString"),
        ({"valueInteger": 800}, "several values"),
        ({"valueQuantity": quantity(modifierExtension=[])}, "modifier"),
        ({"dataAbsentReason": {}}, "a value and a reason"),
        ({"modifierExtension": [{}]}, "modifier"),
        ({"implicitRules": "https://example.org"}, "rules of its own"),
        ({"focus": [{"reference": "Patient/child"}]}, "focus"),
    ],
)
def test_what_cannot_be_understood_is_refused(changed: dict[str, Any], told: str) -> None:
    assert told in reason(**changed)


def test_why_a_value_is_absent_is_told_by_its_standard_code() -> None:
    coding = {"coding": [{"code": "not-performed"}, {"code": str(SECRET)}]}
    assert reason(valueQuantity=GONE, dataAbsentReason=coding) == "no value: not-performed"
    said = reason(valueQuantity=GONE, dataAbsentReason={"coding": [{"code": str(SECRET)}]})
    assert said == "no value, and a reason why there is none"


def test_a_score_may_be_an_integer() -> None:
    (taken,) = read(observation(code=loinc("9269-2"), valueQuantity=GONE, valueInteger=13)).taken
    assert (taken.column, taken.text) == ("gcs", "13")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02T10:00:00.5+01:00", AT),
    ],
)
def test_a_moment_keeps_its_offset(written: str, read_as: str) -> None:
    (taken,) = read(observation(effectiveDateTime=written)).taken
    assert taken.at == read_as


def test_of_a_period_the_end_counts() -> None:
    period = {"start": "2026-03-01T10:00:00+01:00", "end": AT}
    (taken,) = read(observation(effectiveDateTime=GONE, effectivePeriod=period)).taken
    assert taken.at == AT


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"effectiveDateTime": GONE}, "no time"),
        ({"effectiveDateTime": "2026-03-02"}, "without the time"),
        ({"effectiveDateTime": "2026-03-02T10:00:00"}, "no offset"),
        ({"effectiveDateTime": "2026-02-30T10:00:00Z"}, "no such day"),
        ({"effectiveDateTime": 7}, "not text"),
        ({"effectiveInstant": AT}, "several times"),
        ({"effectiveDateTime": GONE, "effectivePeriod": {"start": AT}}, "no end"),
        (
            {
                "effectiveDateTime": GONE,
                "effectivePeriod": {"start": AT, "end": "2026-03-01T00:00:00Z"},
            },
            "ends before",
        ),
        ({"effectiveDateTime": GONE, "effectiveTiming": {}}, "effectiveTiming"),
    ],
)
def test_a_moment_that_is_not_one_is_refused(changed: dict[str, Any], told: str) -> None:
    assert told in reason(**changed)


def with_specimen(collected: str, **changed: Any) -> dict[str, Any]:
    tube = {"resourceType": "Specimen", "id": "s", "collection": {"collectedDateTime": collected}}
    return observation(contained=[tube], specimen={"reference": "#s"}, **changed)


def test_a_specimen_tells_the_moment() -> None:
    (taken,) = read(with_specimen(AT, effectiveDateTime=GONE)).taken
    assert taken.at == AT
    assert read(with_specimen("2026-03-02T09:00:00Z")).taken


def test_a_specimen_of_another_moment_is_refused() -> None:
    (refused,) = read(with_specimen("2026-03-02T08:00:00Z")).refused
    assert "contradict" in refused.reason


def test_a_panel_gives_its_components() -> None:
    parts = [
        {"code": loinc("8478-0"), "valueQuantity": quantity(65, "mm[Hg]")},
        {"code": loinc("8480-6"), "valueQuantity": quantity(100, "mm[Hg]")},
        "nothing",
    ]
    found = read(observation(code=loinc("85354-9"), valueQuantity=GONE, component=parts))
    assert [(each.place, each.column) for each in found.taken] == [
        ("entry 2, component 1", "map_mmhg")
    ]
    assert [each.place for each in found.refused] == [
        "entry 2, component 2",
        "entry 2, component 3",
    ]


def test_the_same_result_sent_twice_is_taken_once() -> None:
    again = observation(valueQuantity=quantity(0.8, "ug/mL"), effectiveDateTime="2026-03-02T09:00Z")
    found = read(observation(), again)
    assert len(found.taken) == 1
    assert found.refused[0].reason == "the same as entry 2, which is taken"
    assert not found.refused[0].faulty


def test_two_values_of_one_moment_are_both_refused() -> None:
    found = read(observation(), observation(valueQuantity=quantity(SECRET)))
    assert [each.reason for each in found.refused] == [
        "another value of the same moment: entry 2, entry 3"
    ] * 2


def test_everything_not_taken_is_told_at_once() -> None:
    wrong = [observation(status="draft"), observation(subject=GONE), {"resourceType": "Device"}]
    found = read(*wrong, observation())
    assert [each.place for each in found.refused] == ["entry 2", "entry 3"]
    assert len(found.taken) == 1


def test_a_transaction_deletes_nothing() -> None:
    whole = json.loads(bundle(observation(), kind="transaction"))
    whole["entry"][1]["request"] = {"method": "DELETE", "url": "Observation/1"}
    whole["entry"].append({"request": {"method": "DELETE", "url": "Observation/2"}})
    found = read_bundle(json.dumps(whole))
    assert not found.taken
    assert [each.place for each in found.refused] == ["entry 2", "entry 3"]


def test_one_page_of_a_search_says_so() -> None:
    more: Any = {"link": [{"relation": "next"}]}
    assert "one page" in read(observation(), kind="searchset", **more).notes[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "no FHIR Bundle"),
        ('{"resourceType": "Patient"}', "no FHIR Bundle"),
        (bundle(kind="history"), "type is not one of"),
        (bundle(kind="message"), "type is not one of"),
        (json.dumps({"resourceType": "Bundle", "type": "batch"}), "no entry"),
        (bundle(implicitRules="https://example.org"), "implicitRules"),
        ('{"resourceType": "Bundle"', "cut short"),
        ('{"a": 1, "a": 2}', "more than once"),
        ('{"a": NaN}', "a number that is none"),
        ('{"a": ' + "9" * 5000 + "}", "a number that is none"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    ],
)
def test_what_is_no_bundle_is_refused_as_a_whole(text: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read_bundle(text)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(key=st.sampled_from(sorted(observation())), value=anything)
def test_nothing_in_place_of_a_part_breaks_the_reading(key: str, value: Any) -> None:
    found = read(observation(**{key: value}))
    assert len(found.taken) + len(found.refused) == (
        key != "resourceType" or value == "Observation"
    )


@given(value=anything)
def test_nothing_in_place_of_an_entry_breaks_the_reading(value: Any) -> None:
    whole = json.loads(bundle(observation()))
    whole["entry"].append(value)
    assert read_bundle(json.dumps(whole), system="urn:immunosep:participant").taken
