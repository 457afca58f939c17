"""HScore: how probable reactive haemophagocytic syndrome is, from nine findings.

Source: Fardet L et al. Arthritis Rheumatol 2014;66:2613-2620.

===================================================  =====================================
finding                                              points
===================================================  =====================================
known immunosuppression                              18
temperature, Cel                                     < 38.4: 0; to 39.4: 33; above: 49
liver or spleen enlarged                             neither: 0; one: 23; both: 38
haemoglobin <= 9.2 g/dL, leukocytes <= 5000 /mm3,    0 or 1 of them: 0; 2: 24; 3: 34
platelets <= 110 000 /mm3
ferritin, ng/mL                                      < 2000: 0; to 6000: 35; above: 50
triglycerides, mmol/L                                < 1.5: 0; to 4: 44; above: 64
fibrinogen, g/L                                      > 2.5: 0; 2.5 or less: 30
AST, U/L                                             < 30: 0; 30 or more: 19
haemophagocytosis in the marrow                      35
===================================================  =====================================

From 169 points the syndrome is likely (sensitivity 93 %, specificity 86 %). An unknown finding
leaves the score between bounds; a marrow that was not examined is unknown, not negative.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.bounds import Bounds, bounds_of, bounds_of_count, sum_of_bounds
from immunosep.concepts.steps import points_above, points_from, points_if, points_to
from immunosep.tables.columns import Column, Kind, Missing, Range
from immunosep.tables.dictionary import COLUMNS

LIKELY_FROM = 169  # Fardet Arthritis Rheumatol 2014;66:2613

PROBABILITY_PERCENT = (
    (250, 99), (240, 99), (230, 98), (220, 96), (210, 93), (200, 88), (190, 80), (180, 70),
    (170, 54), (160, 40), (150, 25), (140, 16), (130, 9), (120, 5), (110, 3), (100, 1), (90, 0),
)  # fmt: skip
"""Fardet Arthritis Rheumatol 2014;66:2613. Printed as "> 99" at 250 and "< 1" at 90."""


def _finding(name: str, label: str) -> Column:
    return Column(name=name, label=label, kind=Kind.YES_NO, missing=Missing.NOT_ASKED)


def _number(name: str, label: str, unit: str, possible: Range, loinc: str) -> Column:
    return Column(
        name=name, label=label, kind=Kind.NUMBER, unit=unit, possible=possible, loinc=loinc,
        missing=Missing.NOT_MEASURED,
    )  # fmt: skip


INPUTS = (
    _finding("known_immunosuppression", "HIV infection or long-term immunosuppressive treatment"),
    _number("temperature_cel", "Body temperature, highest", "Cel", Range(20, 46), "8310-5"),
    _finding("hepatomegaly", "Liver enlarged"),
    _finding("splenomegaly", "Spleen enlarged"),
    _number("haemoglobin_g_dl", "Haemoglobin", "g/dL", Range(0, 30), "718-7"),
    _number("leukocytes_per_mm3", "Leukocytes", "/uL", Range(0, 2_000_000), "26464-8"),
    COLUMNS["platelets_10e3_ul"],
    COLUMNS["ferritin_ng_ml"],
    _number("triglycerides_mmol_l", "Triglycerides", "mmol/L", Range(0, 200), "14927-8"),
    _number("fibrinogen_g_l", "Fibrinogen", "g/L", Range(0, 30), "3255-7"),
    _number("ast_u_l", "Aspartate aminotransferase", "U/L", Range(0, 100_000), "1920-8"),
    _finding("haemophagocytosis", "Haemophagocytosis in a bone marrow aspirate"),
)

PATIENTS = ibis.table(
    {column.name: column.kind.engine_type for column in INPUTS}, name="hscore_patients"
)

MOST = {
    "immunosuppression": 18,
    "temperature": 49,
    "organomegaly": 38,
    "cytopenias": 34,
    "ferritin": 50,
    "triglycerides": 64,
    "fibrinogen": 30,
    "ast": 19,
    "haemophagocytosis": 35,
}
"""The parts in the paper's order, with the most points each can give."""


def temperature(temperature_cel: ir.NumericValue) -> ir.IntegerValue:
    """Points for the highest temperature."""
    return _between(temperature_cel, 38.4, 39.4, middle=33, most=MOST["temperature"])


def organomegaly(hepatomegaly: ir.BooleanValue, splenomegaly: ir.BooleanValue) -> Bounds:
    """Points for an enlarged liver, spleen, or both."""
    return _graded(bounds_of_count([hepatomegaly, splenomegaly]), (2, 38), (1, 23))


def cytopenias(
    *,
    haemoglobin_g_dl: ir.NumericValue,
    leukocytes_per_mm3: ir.NumericValue,
    platelets_10e3_ul: ir.NumericValue,
) -> Bounds:
    """Points for how many of the three blood lineages are low."""
    low = [haemoglobin_g_dl <= 9.2, leukocytes_per_mm3 <= 5000, platelets_10e3_ul <= 110]
    return _graded(bounds_of_count(low), (3, 34), (2, 24))


def ferritin(ferritin_ng_ml: ir.NumericValue) -> ir.IntegerValue:
    """Points for ferritin, in ng/mL."""
    return _between(ferritin_ng_ml, 2000, 6000, middle=35, most=MOST["ferritin"])


def triglycerides(triglycerides_mmol_l: ir.NumericValue) -> ir.IntegerValue:
    """Points for triglycerides, in mmol/L."""
    return _between(triglycerides_mmol_l, 1.5, 4, middle=44, most=MOST["triglycerides"])


def fibrinogen(fibrinogen_g_l: ir.NumericValue) -> ir.IntegerValue:
    """Points for fibrinogen, in g/L."""
    return points_to(fibrinogen_g_l, (2.5, MOST["fibrinogen"]))


def ast(ast_u_l: ir.NumericValue) -> ir.IntegerValue:
    """Points for aspartate aminotransferase, in U/L."""
    return points_from(ast_u_l, (30, MOST["ast"]))


def probability_at_least_percent(score: ir.IntegerValue) -> ir.IntegerValue:
    """The probability printed for the nearest score at or below this one: no interpolation."""
    return points_from(score, *PROBABILITY_PERCENT)


def derive_hscore(patients: ir.Table, *, likely_from: int = LIKELY_FROM) -> ir.Table:
    """One row per row of `patients`: its columns, the nine parts, the bounds, whether it is likely.

    A part is NULL where it is not decided; `hscore` is NULL unless the bounds meet; `hscore_likely`
    is NULL while the bounds lie on both sides of `likely_from`.
    """
    parts = _parts(patients)
    score = sum_of_bounds(list(parts.values()))
    return patients.mutate(
        **{f"hscore_{part}": bounds.known for part, bounds in parts.items()},
        hscore=score.known,
        hscore_lowest=score.lowest,
        hscore_highest=score.highest,
        hscore_probability_at_least_percent=probability_at_least_percent(score.lowest),
        hscore_likely=score.at_least(likely_from),
    )


def _parts(known: ir.Table) -> dict[str, Bounds]:
    single = {
        "immunosuppression": points_if(known.known_immunosuppression, MOST["immunosuppression"]),
        "temperature": temperature(known.temperature_cel),
        "ferritin": ferritin(known.ferritin_ng_ml),
        "triglycerides": triglycerides(known.triglycerides_mmol_l),
        "fibrinogen": fibrinogen(known.fibrinogen_g_l),
        "ast": ast(known.ast_u_l),
        "haemophagocytosis": points_if(known.haemophagocytosis, MOST["haemophagocytosis"]),
    }
    parts = {name: bounds_of(points, most=MOST[name]) for name, points in single.items()}
    parts["organomegaly"] = organomegaly(known.hepatomegaly, known.splenomegaly)
    parts["cytopenias"] = cytopenias(
        haemoglobin_g_dl=known.haemoglobin_g_dl,
        leukocytes_per_mm3=known.leukocytes_per_mm3,
        platelets_10e3_ul=known.platelets_10e3_ul,
    )
    return {name: parts[name] for name in MOST}


def _between(
    value: ir.NumericValue, low: float, high: float, *, middle: int, most: int
) -> ir.IntegerValue:
    """Points from `low` to `high`, both included, and above `high`."""
    return ibis.greatest(points_from(value, (low, middle)), points_above(value, (high, most)))


def _graded(count: Bounds, *steps: tuple[float, int]) -> Bounds:
    return Bounds(
        lowest=points_from(count.lowest, *steps), highest=points_from(count.highest, *steps)
    )
