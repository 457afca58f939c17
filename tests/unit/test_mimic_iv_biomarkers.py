"""Ferritin and neutrophils from laboratory results, and which of several values counts."""

from dataclasses import replace

import ibis
import pyarrow as pa
import pytest

from immunosep.errors import SourceError
from immunosep.sources.extract import connect
from immunosep.sources.mimic_iv import biomarkers
from immunosep.sources.mimic_iv.biomarkers import Near, value_near
from immunosep.sources.mimic_iv.choices import DEFAULT
from immunosep.sources.mimic_iv.events import read_laboratory
from tests.invented_mimic_iv import answer, at, invented_table, invented_tables, seconds


def result(itemid: int, number: float | None, **more: object) -> dict[str, object]:
    return {
        "subject_id": 1,
        "specimen_id": 3,
        "itemid": itemid,
        "charttime": at(8),
        "valuenum": number,
        "value": None if number is None else str(number),
    } | more


def results(*rows: dict[str, object]):
    engine = connect()
    events = engine.create_table("labevents", invented_table("labevents", list(rows)).to_pyarrow())
    tables = replace(invented_tables(), labevents=events)
    read = read_laboratory(engine, tables, also=biomarkers.ITEM_IDS)
    return biomarkers.results(engine, read)


@pytest.mark.parametrize(
    ("text", "number", "kept"),
    [
        ("812", 812.0, [812]),
        (">15000", None, [15000]),
        ("> 16,500", None, [16500]),
        ("PENDING", None, []),
    ],
)
def test_ferritin_above_the_range_is_kept_as_its_lower_bound(text, number, kept):
    found = answer(biomarkers.ferritin(results(result(50924, number, value=text))))

    assert [row["value"] for row in found] == kept


def test_ferritin_in_an_unknown_unit_is_refused():
    with pytest.raises(SourceError, match="50924"):
        results(result(50924, 800.0, valueuom="furlong"))


def test_ferritin_in_micrograms_per_litre_is_the_same_number():
    found = answer(biomarkers.ferritin(results(result(50924, 800.0, valueuom="ug/L"))))

    assert [row["value"] for row in found] == pytest.approx([800])


ABSOLUTE, PERCENT, BANDS, WHITE = 52075, 51256, 51144, 51301


@pytest.mark.parametrize(
    ("counts", "per_mm3"),
    [
        ({ABSOLUTE: 1.4}, [1400]),
        ({ABSOLUTE: 1.4, PERCENT: 90, WHITE: 10}, [1400]),
        ({PERCENT: 50, WHITE: 3}, [1500]),
        ({PERCENT: 40, BANDS: 10, WHITE: 3}, [1500]),
        ({PERCENT: 50}, []),
        ({WHITE: 3}, []),
        ({ABSOLUTE: 0}, [0]),
    ],
)
def test_neutrophils_absolute_or_from_the_differential(counts, per_mm3):
    found = answer(biomarkers.neutrophils(results(*(result(*pair) for pair in counts.items()))))

    assert [row["value"] for row in found] == pytest.approx(per_mm3)


def test_differential_of_another_specimen_is_not_combined():
    rows = (result(PERCENT, 50), result(WHITE, 3, specimen_id=4))

    assert answer(biomarkers.neutrophils(results(*rows))) == []


def near(values: dict[float, float], rule: Near) -> list[float]:
    """The value that counts at hour 0, of values given by hour."""
    moments = ibis.memtable(pa.table({"stay_id": [1], "patient_id": [1], "moment_s": [seconds(0)]}))
    rows = [{"patient_id": 1, "at_s": seconds(hour), "value": v} for hour, v in values.items()]
    schema = pa.schema([("patient_id", "int64"), ("at_s", "int64"), ("value", "float64")])
    given = ibis.memtable(pa.Table.from_pylist(rows, schema=schema))
    return [row["value"] for row in answer(value_near(given, moments, rule))]


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({-2: 1, 5: 2, 9: 3}, [2]),  # the first after the onset
        ({0: 1, 5: 2}, [1]),
        ({-9: 1, -2: 2}, [2]),  # else the last before
        ({-24: 1}, [1]),
        ({-25: 1}, []),
        ({72: 1}, [1]),
        ({73: 1}, []),
    ],
)
def test_ferritin_that_counts(values, counts):
    assert near(values, biomarkers.ferritin_near(DEFAULT)) == counts


@pytest.mark.parametrize(
    ("values", "counts"),
    [({-2: 1, 1: 2}, [1]), ({-9: 1, -2: 2}, [2]), ({3: 1, 9: 2}, [1]), ({25: 1}, [])],
)
def test_neutrophils_that_count(values, counts):
    assert near(values, biomarkers.neutrophils_near(DEFAULT)) == counts
