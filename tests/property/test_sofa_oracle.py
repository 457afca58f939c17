"""SOFA written a second time, in plain Python, must agree with the expressions on DuckDB.

The oracle follows Vincent ICM 1996;22:707 and Singer JAMA 2016;315:801 row by row, and shares no
code with the package. Values are drawn missing, at a limit, and a hair on either side of it.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from immunosep.concepts.snapshot import PATIENTS, derive_snapshot
from tests.spec.drawn import Row, answers

A_HAIR = 0.001


def around(*limits: float, low: float, high: float) -> st.SearchStrategy[float | None]:
    edges = [limit + off for limit in limits for off in (-A_HAIR, 0, A_HAIR)]
    return st.none() | st.sampled_from(edges) | st.floats(low, high).map(lambda x: round(x, 3))


YES_NO_UNKNOWN = st.sampled_from([True, False, None])
DOSES = {
    f"{drug}_ug_kg_min": st.just(0) | around(*limits, low=0, high=20)
    for drug, limits in {
        "dopamine": (5, 15), "dobutamine": (5,), "epinephrine": (0.1,), "norepinephrine": (0.1,),
    }.items()
}  # fmt: skip
MINUTES = {
    f"{drug}_minutes": st.sampled_from([None, None, 0, 59, 60, 1440])
    for drug in ("dopamine", "dobutamine", "epinephrine", "norepinephrine")
}
PATIENT = st.fixed_dictionaries(
    {
        "patient_id": st.just("drawn"),
        "pao2_mmhg": around(100, 200, 300, 400, low=40, high=500),
        "fio2": st.sampled_from([None, 0.25, 0.5, 1.0, 1.0]),
        "respiratory_support": YES_NO_UNKNOWN,
        "pao2_fio2_supported_mmhg": st.none() | around(100, 200, low=40, high=500),
        "pao2_fio2_unsupported_mmhg": st.none() | around(200, 300, low=40, high=500),
        "platelets_10e3_ul": around(20, 50, 100, 150, low=0, high=400),
        "bilirubin_mg_dl": around(1.2, 2, 6, 12, low=0, high=30),
        "map_mmhg": around(70, low=30, high=120),
        "gcs": st.none() | st.integers(3, 15),
        "creatinine_mg_dl": around(1.2, 2, 3.5, 5, low=0, high=12),
        "urine_ml_day": around(200, 500, low=0, high=3000),
        **DOSES,
        **MINUTES,
    }
)


def worst(points: list[int | None]) -> int | None:
    known = [point for point in points if point is not None]
    return max(known) if known else None


def respiration(ratio: float | None, supported: bool) -> int | None:
    if ratio is None:
        return None
    if supported and ratio < 100:
        return 4
    if supported and ratio < 200:
        return 3
    return 2 if ratio < 300 else 1 if ratio < 400 else 0


def all_gases(row: Row, *, if_unknown: bool) -> int | None:
    entered = None
    if row["pao2_mmhg"] is not None and row["fio2"] is not None:
        entered = round(row["pao2_mmhg"] / row["fio2"], 6)
    support = if_unknown if row["respiratory_support"] is None else row["respiratory_support"]
    return worst(
        [
            respiration(entered, support),
            respiration(row["pao2_fio2_supported_mmhg"], True),
            respiration(row["pao2_fio2_unsupported_mmhg"], False),
        ]
    )


def coagulation(platelets: float | None) -> int | None:
    if platelets is None:
        return None
    return sum([platelets < 150, platelets < 100, platelets < 50, platelets < 20])


def liver(bilirubin: float | None) -> int | None:
    if bilirubin is None:
        return None
    return sum([bilirubin >= 1.2, bilirubin >= 2, bilirubin >= 6, bilirubin >= 12])


def cns(gcs: int | None) -> int | None:
    if gcs is None:
        return None
    return {15: 0, 14: 1, 13: 1, 12: 2, 11: 2, 10: 2, 9: 3, 8: 3, 7: 3, 6: 3}.get(gcs, 4)


def renal(creatinine: float | None, urine: float | None) -> int | None:
    by_creatinine = by_urine = None
    if creatinine is not None:
        by_creatinine = sum(
            [creatinine >= 1.2, creatinine >= 2, creatinine >= 3.5, creatinine >= 5]
        )
    if urine is not None:
        by_urine = 4 if urine < 200 else 3 if urine < 500 else 0
    return worst([by_creatinine, by_urine])


def cardiovascular(row: Row) -> int | None:
    def dose(drug: str) -> float:
        minutes = row[f"{drug}_minutes"]
        kept = minutes is None or minutes >= 60
        return (row[f"{drug}_ug_kg_min"] or 0.0) if kept else 0.0

    if dose("dopamine") > 15 or dose("epinephrine") > 0.1 or dose("norepinephrine") > 0.1:
        return 4
    if dose("dopamine") > 5 or dose("epinephrine") > 0 or dose("norepinephrine") > 0:
        return 3
    if dose("dopamine") > 0 or dose("dobutamine") > 0:
        return 2
    if row["map_mmhg"] is None:
        return None
    return 1 if row["map_mmhg"] < 70 else 0


def oracle(row: Row) -> dict[str, Any]:
    points = {
        "respiration": all_gases(row, if_unknown=False),
        "coagulation": coagulation(row["platelets_10e3_ul"]),
        "liver": liver(row["bilirubin_mg_dl"]),
        "cardiovascular": cardiovascular(row),
        "cns": cns(row["gcs"]),
        "renal": renal(row["creatinine_mg_dl"], row["urine_ml_day"]),
    }
    lowest = sum(point or 0 for point in points.values())
    most = points | {"respiration": all_gases(row, if_unknown=True)}
    highest = sum(4 if point is None else point for point in most.values())
    return {f"sofa_{part}": point for part, point in points.items()} | {
        "sofa_total": lowest,
        "sofa_lowest": lowest,
        "sofa_highest": highest,
    }


@given(st.lists(PATIENT, min_size=1, max_size=15))
def test_sofa_agrees_with_the_plain_one(patients):
    expected = [oracle(row) for row in patients]
    found = answers(derive_snapshot, patients, of=PATIENTS)
    assert [{part: row[part] for part in expected[0]} for row in found] == expected


@given(PATIENT, st.data())
def test_sofa_bounds_only_narrow_when_more_is_measured(patient, data):
    measured = ["platelets_10e3_ul", "bilirubin_mg_dl", "gcs", "map_mmhg", "respiratory_support"]
    hidden = data.draw(st.sets(st.sampled_from(measured), min_size=1))
    less = patient | dict.fromkeys(hidden)
    before, after = answers(derive_snapshot, [less, patient], of=PATIENTS)
    assert before["sofa_lowest"] <= after["sofa_lowest"]
    assert after["sofa_highest"] <= before["sofa_highest"]
