"""Units as hospitals write them, and their conversion."""

from collections import Counter

import pytest

from immunosep.errors import UnitError
from immunosep.tables.units import UNITS, conversion_factor, unit_of
from tests.spec.drawn import rows

SPELLINGS = rows("""
| written    | meant   |
|------------|---------|
| µmol/l     | umol/L  |
| μmol/L     | umol/L  |
| mcmol/L    | umol/L  |
| MG/DL      | mg/dL   |
| mg%        | mg/dL   |
| mcg/L      | ug/L    |
| ng/mL      | ug/L    |
| mg/mL      | g/L     |
| kPa        | kPa     |
| mmHg       | mm[Hg]  |
| mm Hg      | mm[Hg]  |
| /mm3       | /uL     |
| /mm³       | /uL     |
| cells/µL   | /uL     |
| 10^9/L     | 10*3/uL |
| x10^9/L    | 10*3/uL |
| × 10⁹/L    | 10*3/uL |
| 10e9/L     | 10*3/uL |
| 10³/µL     | 10*3/uL |
| K/uL       | 10*3/uL |
| G/L        | 10*3/uL |
| g/L        | g/L     |
| mL/24 h    | mL/(24.h) |
| mcg/kg/min | ug/kg/min |
| µg/kg/min  | ug/kg/min |
| percent    | %       |
| °C         | Cel     |
""")

CONVERSIONS = rows("""
| value | from      | to        | molecule   | becomes  |
|-------|-----------|-----------|------------|----------|
| 33    | umol/L    | mg/dL     | bilirubin  | 1.929825 |
| 171   | umol/L    | mg/dL     | creatinine | 1.934389 |
| 0.171 | mmol/L    | mg/dL     | creatinine | 1.934389 |
| 19.34389 | mg/L   | umol/L    | creatinine | 171      |
| 1.934389 | mg/dL  | umol/L    | creatinine | 171      |
| 4420  | ug/L      | ng/mL     | -          | 4420     |
| 4.42  | mg/L      | ng/mL     | -          | 4420     |
| 442   | ug/dL     | ng/mL     | -          | 4420     |
| 1.5   | 10^9/L    | /mm3      | -          | 1500     |
| 150000 | /uL      | 10*3/uL   | -          | 150      |
| 10    | kPa       | mmHg      | -          | 75.0062  |
| 40    | %         | 1         | -          | 0.4      |
| 6     | ug/kg/h   | ug/kg/min | -          | 0.1      |
| 1.8   | L/day     | mL/day    | -          | 1800     |
| 25    | mL/h      | mL/day    | -          | 600      |
| 154   | lb        | kg        | -          | 69.853   |
| 18    | months    | years     | -          | 1.5      |
| 360   | mg/dL     | g/L       | -          | 3.6      |
""")

UMOL_L_PER_MG_DL = {"bilirubin": 17.1, "creatinine": 88.4, None: None}


@pytest.mark.parametrize("row", SPELLINGS, ids=lambda row: row["written"])
def test_unit_of_a_hospital_spelling(row):
    assert unit_of(row["written"]).code == row["meant"]


@pytest.mark.parametrize("row", CONVERSIONS, ids=lambda row: f"{row['value']} {row['from']}")
def test_conversion_of_a_value(row):
    factor = conversion_factor(
        row["from"], str(row["to"]), umol_l_per_mg_dl=UMOL_L_PER_MG_DL[row["molecule"]]
    )
    assert row["value"] * factor == pytest.approx(row["becomes"], rel=1e-5)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.code)
def test_conversion_to_itself_changes_nothing(unit):
    assert conversion_factor(unit.code, unit.code) == 1


def test_unit_unknown_is_an_error_that_names_the_nearest():
    with pytest.raises(UnitError, match=r"unit 'mg/dll' is not known. The nearest known is mg/dL"):
        unit_of("mg/dll")


def test_unit_unlike_any_other_is_an_error_without_a_guess():
    with pytest.raises(UnitError, match=r"unit 'furlong' is not known. Write a UCUM code."):
        unit_of("furlong")


@pytest.mark.parametrize("unit", ["fmol/L", "fmol", "kg/m2"])
def test_unit_of_another_size_is_not_suggested(unit):
    with pytest.raises(UnitError, match=r"is not known. Write a UCUM code."):
        unit_of(unit)


def test_conversion_of_moles_without_a_factor_says_what_to_give():
    with pytest.raises(UnitError, match=r"factor of the molecule.* Give the value in ng/mL"):
        conversion_factor("pmol/L", "ng/mL")


@pytest.mark.parametrize("unit", ["G/l", "/nL", "Tsd/µL", "Tsd./µl", "thousand/uL"])
def test_thousands_per_microlitre_are_spelt_in_many_ways(unit):
    assert conversion_factor(unit, "10*3/uL") == 1


def test_conversion_between_dimensions_is_an_error():
    with pytest.raises(UnitError, match=r"'kPa' measures pressure, expected mass concentration"):
        conversion_factor("kPa", "mg/dL")


def test_conversion_from_moles_without_the_molecule_is_an_error():
    with pytest.raises(UnitError, match="measures molar concentration"):
        conversion_factor("umol/L", "mg/dL")


def test_spelling_means_one_unit():
    spelt = [text.lower() for unit in UNITS for text in (unit.code, *unit.spellings)]
    assert [text for text, times in Counter(spelt).items() if times > 1] == []


def test_gram_per_litre_and_giga_per_litre_differ_by_case_alone():
    assert unit_of("g/L").dimension == "mass concentration"
    assert unit_of("G/L").dimension == "number concentration"


@pytest.mark.parametrize(
    ("value", "unit", "to", "limit"),
    [
        (4.42, "mg/L", "ng/mL", 4420),
        (442, "ug/dL", "ng/mL", 4420),
        (4_420_000, "pg/mL", "ng/mL", 4420),
        (1.5, "10^9/L", "/mm3", 1500),
        (100_000, "/uL", "10*3/uL", 100),
        (150_000, "/mm3", "10*3/uL", 150),
        (20_000, "/mm3", "10*3/uL", 20),
        (0.5, "L/day", "mL/day", 500),
        (6, "ug/kg/h", "ug/kg/min", 0.1),
        (60, "%", "1", 0.6),
    ],
)
def test_conversion_keeps_a_limit_exact(value, unit, to, limit):
    assert value * conversion_factor(unit, to) == limit
