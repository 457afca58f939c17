"""SOFA-2, HScore and DIC written a second time, in plain Python, must agree with the expressions.

The oracles follow Ranzani JAMA 2025 (doi 10.1001/jama.2025.20516), Fardet Arthritis Rheumatol
2014;66:2613 and Taylor Thromb Haemost 2001;86:1327, and share no code with the package. Unknown
findings of HScore are bounded by trying every completion.
"""

from itertools import pairwise, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from immunosep.concepts import hscore, isth_dic, sofa2
from tests.spec.drawn import Row, answers

A_HAIR = 0.001
FLAG = st.sampled_from([True, False, None])


def around(*limits: float) -> st.SearchStrategy[float | None]:
    """Missing, or at one of the limits or a hair beside it, or halfway between and beyond them."""
    edges = [round(limit + off, 6) for limit in limits for off in (-A_HAIR, 0, A_HAIR)]
    between = [(a + b) / 2 for a, b in pairwise(limits)]
    return st.sampled_from([None, *edges, *between, limits[0] * 0.7, limits[-1] * 1.3])


# ── SOFA-2 ──────────────────────────────────────────────────────────────────────────────────────

SOFA_2_PATIENT = st.fixed_dictionaries(
    {
        "gcs": st.none() | st.integers(3, 15),
        "gcs_motor": st.none() | st.integers(1, 6),
        "generalised_myoclonus": st.sampled_from([None, False, False, True]),
        "delirium_drug": FLAG,
        "sedated": FLAG,
        "pao2_mmhg": around(75, 150, 225, 300),
        "fio2": st.sampled_from([None, 1.0, 0.5, 0.4]),
        "respiratory_support": FLAG,
        "spo2_percent": st.sampled_from([None, 60, 80, 95, 97, 98, 99]),
        "support_unavailable": FLAG,
        "ecmo": st.sampled_from([None, None, "none", "respiratory", "cardiac"]),
        "map_mmhg": around(40, 50, 60, 70),
        "norepinephrine_ug_kg_min": st.sampled_from([None, None, 0, 0.1, 0.2, 0.3, 0.4, 0.41]),
        "norepinephrine_minutes": st.sampled_from([None, None, 59, 60]),
        "epinephrine_ug_kg_min": st.sampled_from([None, None, 0, 0.1, 0.2, 0.21]),
        "dopamine_ug_kg_min": around(20, 40),
        "dobutamine_ug_kg_min": st.sampled_from([None, None, 0, 5]),
        "other_vasoactive": FLAG,
        "mechanical_support": st.sampled_from([None, False, False, True]),
        "drugs_unavailable": FLAG,
        "bilirubin_mg_dl": around(1.2, 3, 6, 12),
        "creatinine_mg_dl": around(1.2, 2, 3.5),
        "urine_ml_kg_h_6h": around(0.3, 0.5),
        "urine_ml_kg_h_12h": st.just(0) | around(0.3, 0.5),
        "urine_ml_kg_h_24h": around(0.3, 0.5),
        "kidney_replacement": st.sampled_from([None, False, False, True]),
        "potassium_mmol_l": around(6.0),
        "ph": around(7.2),
        "bicarbonate_mmol_l": around(12),
        "platelets_10e3_ul": around(50, 80, 100, 150),
    }
)


def brain(row: Row) -> Any:
    gcs, motor = row["gcs"], row["gcs_motor"]
    if row["generalised_myoclonus"]:
        return 4
    if gcs is not None:
        points = sum([gcs < 15, gcs < 13, gcs < 9, gcs < 6])
    elif motor is not None:
        points = min(6 - motor, 4)
    elif row["sedated"]:
        points = 0
    else:
        return None
    return max(points, 1) if row["delirium_drug"] else points


def respiratory(row: Row, *, if_unknown: bool) -> Any:
    if row["ecmo"] in ("respiratory", "cardiac"):
        return 4
    limits = None
    if row["fio2"] is not None and row["pao2_mmhg"] is not None:
        ratio, limits = round(row["pao2_mmhg"] / row["fio2"], 6), (300, 225, 150, 75)
    elif row["fio2"] is not None and row["spo2_percent"] is not None and row["spo2_percent"] < 98:
        ratio, limits = round(row["spo2_percent"] / row["fio2"], 6), (300, 250, 200, 120)
    if limits is None:
        return None
    support = row["respiratory_support"]
    full = row["support_unavailable"] or (if_unknown if support is None else support)
    return min(sum(int(ratio <= limit) for limit in limits), 4 if full else 2)


def circulation(row: Row) -> Any:
    long_enough = row["norepinephrine_minutes"] != 59
    ne = (row["norepinephrine_ug_kg_min"] or 0) if long_enough else 0
    sum_dose = round(ne + (row["epinephrine_ug_kg_min"] or 0), 6)
    dopamine = row["dopamine_ug_kg_min"] or 0
    other = bool(row["other_vasoactive"]) or (row["dobutamine_ug_kg_min"] or 0) > 0
    if row["mechanical_support"] or row["ecmo"] == "cardiac":
        return 4
    if sum_dose > 0:
        grade = 2 if sum_dose <= 0.2 else 3 if sum_dose <= 0.4 else 4
        return min(grade + int(other or dopamine > 0), 4)
    if other:
        return 2
    if dopamine > 0:
        return 2 if dopamine <= 20 else 3 if dopamine <= 40 else 4
    pressure = row["map_mmhg"]
    if pressure is None:
        return None
    if row["drugs_unavailable"]:
        return sum(pressure < limit for limit in (70, 60, 50, 40))
    return int(pressure < 70)


def kidney(row: Row) -> Any:
    creatinine = row["creatinine_mg_dl"]
    over_6, over_12, over_24 = (row[f"urine_ml_kg_h_{hours}h"] for hours in (6, 12, 24))
    grades = []
    if creatinine is not None:
        grades.append(sum([creatinine > 1.2, creatinine > 2, creatinine > 3.5]))
    if over_6 is not None:
        grades.append(1 if over_6 < 0.5 else 0)
    if over_12 is not None:
        grades.append(3 if over_12 == 0 else 2 if over_12 < 0.5 else 0)
    if over_24 is not None:
        grades.append(3 if over_24 < 0.3 else 0)
    injured = (creatinine is not None and creatinine > 1.2) or (over_6 is not None and over_6 < 0.3)
    potassium = row["potassium_mmol_l"] is not None and row["potassium_mmol_l"] >= 6
    ph, bicarbonate = row["ph"], row["bicarbonate_mmol_l"]
    acid = ph is not None and bicarbonate is not None and ph <= 7.2 and bicarbonate <= 12
    if row["kidney_replacement"] or (injured and (potassium or acid)):
        return 4
    return max(grades) if grades else None


def steps_passed(value: float | None, limits: tuple[float, ...], *, downwards: bool) -> int | None:
    if value is None:
        return None
    return sum(value <= limit if downwards else value > limit for limit in limits)


def sofa_2_oracle(row: Row) -> dict[str, Any]:
    points = {
        "brain": brain(row),
        "respiratory": respiratory(row, if_unknown=False),
        "cardiovascular": circulation(row),
        "liver": steps_passed(row["bilirubin_mg_dl"], (1.2, 3, 6, 12), downwards=False),
        "kidney": kidney(row),
        "haemostasis": steps_passed(row["platelets_10e3_ul"], (150, 100, 80, 50), downwards=True),
    }
    lowest = sum(point or 0 for point in points.values())
    most = points | {"respiratory": respiratory(row, if_unknown=True)}
    return {f"sofa2_{organ}": point for organ, point in points.items()} | {
        "sofa2_total": lowest,
        "sofa2_lowest": lowest,
        "sofa2_highest": sum(4 if point is None else point for point in most.values()),
    }


@given(st.lists(SOFA_2_PATIENT, min_size=1, max_size=15))
def test_sofa_2_agrees_with_the_plain_one(patients):
    expected = [sofa_2_oracle(row) for row in patients]
    found = answers(sofa2.derive_sofa2, patients, of=sofa2.PATIENTS)
    assert [{part: row[part] for part in expected[0]} for row in found] == expected


# ── HScore ──────────────────────────────────────────────────────────────────────────────────────

HSCORE_PATIENT = st.fixed_dictionaries(
    {
        "known_immunosuppression": FLAG,
        "temperature_cel": around(38.4, 39.4),
        "hepatomegaly": FLAG,
        "splenomegaly": FLAG,
        "haemoglobin_g_dl": around(9.2),
        "leukocytes_per_mm3": around(5000),
        "platelets_10e3_ul": around(110),
        "ferritin_ng_ml": around(2000, 6000),
        "triglycerides_mmol_l": around(1.5, 4),
        "fibrinogen_g_l": around(2.5),
        "ast_u_l": around(30),
        "haemophagocytosis": FLAG,
    }
)
WORTH_TRYING: dict[str, tuple[Any, ...]] = {
    "known_immunosuppression": (False, True),
    "temperature_cel": (37, 40),
    "hepatomegaly": (False, True),
    "splenomegaly": (False, True),
    "haemoglobin_g_dl": (14, 5),
    "leukocytes_per_mm3": (8000, 100),
    "platelets_10e3_ul": (300, 5),
    "ferritin_ng_ml": (100, 9000),
    "triglycerides_mmol_l": (1, 5),
    "fibrinogen_g_l": (4, 1),
    "ast_u_l": (20, 900),
    "haemophagocytosis": (False, True),
}


def hscore_of_a_known_patient(row: Row) -> Any:
    low_lineages = (
        (row["haemoglobin_g_dl"] <= 9.2)
        + (row["leukocytes_per_mm3"] <= 5000)
        + (row["platelets_10e3_ul"] <= 110)
    )
    return (
        18 * row["known_immunosuppression"]
        + in_three(row["temperature_cel"], 38.4, 39.4, (0, 33, 49))
        + (0, 23, 38)[row["hepatomegaly"] + row["splenomegaly"]]
        + (0, 0, 24, 34)[low_lineages]
        + in_three(row["ferritin_ng_ml"], 2000, 6000, (0, 35, 50))
        + in_three(row["triglycerides_mmol_l"], 1.5, 4, (0, 44, 64))
        + 30 * (row["fibrinogen_g_l"] <= 2.5)
        + 19 * (row["ast_u_l"] >= 30)
        + 35 * row["haemophagocytosis"]
    )


def in_three(value: float, low: float, high: float, points: tuple[int, int, int]) -> int:
    return points[0] if value < low else points[1] if value <= high else points[2]


def hscore_oracle(row: Row) -> Row:
    unknown = [name for name, value in row.items() if value is None]
    tried = product(*(WORTH_TRYING[name] for name in unknown))
    scores = {
        hscore_of_a_known_patient(row | dict(zip(unknown, values, strict=True))) for values in tried
    }
    lowest, highest = min(scores), max(scores)
    return {
        "hscore": lowest if lowest == highest else None,
        "hscore_lowest": lowest,
        "hscore_highest": highest,
        "hscore_likely": True if lowest >= 169 else False if highest < 169 else None,
    }


@given(st.lists(HSCORE_PATIENT, min_size=1, max_size=6))
def test_hscore_agrees_with_the_plain_one(patients):
    expected = [hscore_oracle(row) for row in patients]
    found = answers(hscore.derive_hscore, patients, of=hscore.PATIENTS)
    assert [{part: row[part] for part in expected[0]} for row in found] == expected


# ── DIC ─────────────────────────────────────────────────────────────────────────────────────────

DIC_PATIENT = st.fixed_dictionaries(
    {
        "platelets_10e3_ul": around(50, 100),
        "fibrin_marker": st.sampled_from([None, "none", "moderate", "strong"]),
        "pt_prolongation_s": around(3, 6),
        "fibrinogen_g_l": around(1),
    }
)


def dic_oracle(row: Row) -> Row:
    platelets, marker = row["platelets_10e3_ul"], row["fibrin_marker"]
    longer, fibrinogen = row["pt_prolongation_s"], row["fibrinogen_g_l"]
    choices = (
        {0, 1, 2} if platelets is None else {(platelets < 100) + (platelets < 50)},
        {0, 2, 3} if marker is None else {{"none": 0, "moderate": 2, "strong": 3}[marker]},
        {0, 1, 2} if longer is None else {(longer >= 3) + (longer >= 6)},
        {0, 1} if fibrinogen is None else {int(fibrinogen < 1)},
    )
    totals = {sum(points) for points in product(*choices)}
    verdicts = {total >= 5 for total in totals}
    return {
        "dic": totals.pop() if len(totals) == 1 else None,
        "dic_overt": verdicts.pop() if len(verdicts) == 1 else None,
    }


@given(st.lists(DIC_PATIENT, min_size=1, max_size=15))
def test_dic_agrees_with_the_plain_one(patients):
    expected = [dic_oracle(row) for row in patients]
    found = answers(isth_dic.derive_isth_dic, patients, of=isth_dic.PATIENTS)
    assert [{part: row[part] for part in expected[0]} for row in found] == expected
