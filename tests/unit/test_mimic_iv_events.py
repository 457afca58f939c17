"""MIMIC-IV rows as canonical events: units, limits, and the traps of its tables."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from immunosep.errors import EngineError, SourceError
from immunosep.sources import extract
from immunosep.sources.mimic_iv.events import trial_events
from immunosep.sources.mimic_iv.tables import LAYOUTS, read_tables
from immunosep.tables.events import Events

NINE = "2170-01-01 09:00:00"
KEY = {"subject_id": 1, "hadm_id": 2, "stay_id": 3}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in LAYOUTS:
        write(tmp_path, name)
    write(
        tmp_path,
        "patients",
        {"subject_id": 1, "gender": "F", "anchor_age": 60, "anchor_year": 2165},
    )
    write(
        tmp_path,
        "icustays",
        KEY | {"intime": "2170-01-01 08:00:00", "outtime": "2170-01-02 08:00:00"},
    )
    return tmp_path


def write(folder: Path, name: str, *rows: dict[str, Any], without: str = "") -> Path:
    layout = LAYOUTS[name]
    columns = [column for column in layout.types if column != without]
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    path = folder / layout.folder / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(",".join(map(str, line)) + "\n" for line in lines))
    return path


def lab(itemid: int, value: float | str, unit: str = "", specimen: int = 1) -> dict[str, Any]:
    number = value if isinstance(value, float | int) else ""
    row = {"itemid": itemid, "valuenum": number, "value": value, "valueuom": unit}
    return KEY | row | {"charttime": NINE, "specimen_id": specimen}


def charted(itemid: int, number: float | str, value: str = "") -> dict[str, Any]:
    return KEY | {"itemid": itemid, "charttime": NINE, "valuenum": number, "value": value or number}


def given(itemid: int, rate: float, unit: str, weight: float = 80) -> dict[str, Any]:
    row = {"itemid": itemid, "rate": rate, "rateuom": unit, "patientweight": weight}
    return KEY | row | {"starttime": NINE, "endtime": "2170-01-01 11:00:00"}


def read(folder: Path) -> Events:
    connection = extract.connect(threads=1)
    return trial_events(connection, read_tables(connection, folder))


def values(events: Events) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    rows = events.numbers.order_by(["variable", "value"]).to_pyarrow().to_pylist()
    for row in rows:
        found.setdefault(row["variable"], []).append(row["value"])
    return found


def rates(folder: Path) -> list[tuple[str, float]]:
    rows = read(folder).infusions.order_by("rate").to_pyarrow().to_pylist()
    return [(row["variable"], row["rate"]) for row in rows]


def test_stay_has_age_sex_and_seconds(folder):
    (stay,) = read(folder).stays.to_pyarrow().to_pylist()

    assert (stay["age_years"], stay["sex"]) == (65, "female")
    assert stay["out_s"] - stay["in_s"] == 24 * 3600


def test_norepinephrine_in_mg_becomes_ug(folder):
    write(folder, "inputevents", given(221906, 0.0002, "mg/kg/min"))

    [(name, rate)] = rates(folder)
    assert name == "norepinephrine_ug_kg_min"
    assert rate == pytest.approx(0.2)


def test_norepinephrine_in_mg_with_a_weight_of_1_is_ug_already(folder):
    write(folder, "inputevents", given(221906, 0.2, "mg/kg/min", weight=1))

    assert rates(folder) == [("norepinephrine_ug_kg_min", 0.2)]


def test_both_items_of_epinephrine_are_read(folder):
    write(folder, "inputevents", given(221289, 0.1, "mcg/kg/min"), given(229617, 0.2, "mcg/kg/min"))

    assert [rate for _, rate in rates(folder)] == [0.1, 0.2]


def test_rate_in_an_unknown_unit_is_refused(folder):
    write(folder, "inputevents", given(221906, 5, "puffs"), given(221662, 5, "drops"))

    with pytest.raises(SourceError, match="2 problems") as refused:
        read(folder)
    assert "item 221906" in str(refused.value)


def test_creatinine_above_150_is_left_out(folder):
    write(folder, "labevents", lab(50912, 151, "mg/dL"), lab(50912, 150, "mg/dL"))

    assert values(read(folder))["creatinine_mg_dl"] == [150]


def test_creatinine_in_umol_is_converted(folder):
    write(folder, "labevents", lab(50912, 176.8, "umol/L"))

    assert values(read(folder))["creatinine_mg_dl"] == [pytest.approx(2.0)]


def test_oxygen_fraction_is_percent_whichever_way_it_was_written(folder):
    write(folder, "chartevents", *(charted(223835, value) for value in (0.5, 60, 5, 101, 0)))

    assert values(read(folder))["fio2_percent"] == [50, 60]


def test_only_arterial_oxygen_pressure_is_kept(folder):
    arterial = [lab(52033, "ART.", specimen=1), lab(50821, 80, "mm Hg", specimen=1)]
    venous = [lab(52033, "VEN.", specimen=2), lab(50821, 40, "mm Hg", specimen=2)]
    write(folder, "labevents", *arterial, *venous, lab(50821, 60, "mm Hg", specimen=3))

    assert values(read(folder))["pao2_mmhg"] == [80]


def test_gcs_needs_all_three_parts(folder):
    write(folder, "chartevents", charted(220739, 4), charted(223901, 6))

    assert "gcs" not in values(read(folder))


def test_gcs_adds_up(folder):
    write(
        folder,
        "chartevents",
        charted(220739, 3),
        charted(223900, 4, "Confused"),
        charted(223901, 6),
    )

    assert values(read(folder))["gcs"] == [13]


def test_gcs_with_a_tube_has_no_total(folder):
    spoken = charted(223900, 1, "No Response-ETT")
    write(folder, "chartevents", charted(220739, 4), spoken, charted(223901, 6))

    assert values(read(folder))["gcs_intubated"] == [None]


def test_irrigation_fluid_is_taken_off_the_urine(folder):
    def out(itemid: int, value: int) -> dict[str, Any]:
        return KEY | {"itemid": itemid, "charttime": NINE, "value": value}

    write(folder, "outputevents", out(227489, 900), out(227488, 600))

    assert values(read(folder))["urine_ml"] == [-600, 900]


def test_device_and_mode_tell_the_support_and_other_words_nothing(folder):
    rows = [charted(226732, "", word) for word in ("Bipap mask ", "Nasal cannula", "Other")]
    write(
        folder, "chartevents", *rows, charted(223849, "", "CMV/ASSIST"), charted(229314, "", "NIV")
    )
    codes = read(folder).texts.to_pyarrow()["code"].to_pylist()

    assert sorted(codes) == ["invasive", "non_invasive", "non_invasive", "oxygen"]


def test_all_that_is_missing_is_listed_at_once(folder):
    write(folder, "labevents", without="valuenum")
    (folder / "icu" / "icustays.csv").unlink()

    with pytest.raises(SourceError) as refused:
        read_tables(extract.connect(threads=1), folder)
    assert [problem.split(";")[0] for problem in refused.value.problems] == [
        "hosp/labevents.csv lacks valuenum",
        "no icu/icustays (.parquet, .csv.gz or .csv)",
    ]


def test_a_table_that_may_be_absent_is_empty(folder):
    (folder / "hosp" / "prescriptions.csv").unlink()
    tables = read_tables(extract.connect(threads=1), folder)

    assert tables.prescriptions.count().to_pyarrow().as_py() == 0


def test_a_truncated_file_is_one_clear_error(folder):
    path = folder / "icu" / "chartevents.csv"
    path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes())[:12])
    path.unlink()

    with pytest.raises(SourceError, match=r"chartevents.csv.gz is not readable"):
        read_tables(extract.connect(threads=1), folder)


def test_a_value_that_does_not_fit_is_named_by_place_not_quoted(folder):
    write(folder, "chartevents", charted(220052, "secret"))

    with pytest.raises(SourceError) as refused:
        read(folder)
    assert "chartevents.csv" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_an_engine_that_answers_wrongly_is_refused(monkeypatch):
    monkeypatch.setitem(extract.KNOWN_ANSWERS, "unknown_or_true", (False, True, True))

    with pytest.raises(EngineError, match="unknown_or_true answered"):
        extract.connect()
