"""What a name that is not in the data dictionary may have meant, and when not to guess.

A wrong guess is worse than none: SpO2 is not PaO2, lactate is not lactation. So a name is compared
without its unit, must be nearly equal, and is left alone where it is, or is nearer to, a quantity
that is measured in hospitals but not read here.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches

CLOSE = 0.82  # of 1; one wrong, missing or added letter in a word of six

UNIT_WORDS = {
    "umol_l": "umol/L", "mmol_l": "mmol/L", "nmol_l": "nmol/L", "pmol_l": "pmol/L",
    "g_l": "g/L", "g_dl": "g/dL", "mg_l": "mg/L", "mg_dl": "mg/dL", "ug_l": "ug/L",
    "ug_dl": "ug/dL", "ug_ml": "ug/mL", "ng_ml": "ng/mL", "ng_l": "ng/L", "pg_ml": "pg/mL",
    "kpa": "kPa", "mmhg": "mmHg", "10e3_ul": "10^3/uL", "10e9_l": "10^9/L", "k_ul": "K/uL",
    "per_mm3": "/mm3", "per_ul": "/uL", "percent": "%", "pct": "%", "ml_h": "mL/h",
    "ml_day": "mL/day", "l_day": "L/day", "ug_kg_min": "ug/kg/min", "ug_kg_h": "ug/kg/h",
    "mg_kg_day": "mg/kg/day", "kg": "kg", "lb": "lb", "years": "years", "months": "months",
    "per_monocyte": "molecules/monocyte", "u_l": "U/L", "celsius": "Cel", "c": "Cel",
    "bpm": "bpm", "cm": "cm",
}  # fmt: skip
"""Units as names end in them, and as they are written in brackets."""

SYNONYMS = {
    "patient": "patient_id", "subject_id": "patient_id", "gender": "sex", "ward": "unit",
    "consent": "consent_given", "covid": "covid_19", "covid19": "covid_19",
    "sofa_score": "sofa", "total_sofa": "sofa", "shock": "septic_shock",
    "sepsis_onset": "sepsis_onset_at", "sepsis_time": "sepsis_onset_at",
    "mhla_dr": "hla_dr_per_monocyte", "hladr": "hla_dr_per_monocyte",
    "monocyte_hla_dr": "hla_dr_per_monocyte", "anc": "neutrophils_per_mm3",
    "neutrophil_count": "neutrophils_per_mm3", "dnr": "do_not_resuscitate",
    "sle": "systemic_lupus", "lupus": "systemic_lupus", "pregnancy": "pregnant",
    "breastfeeding": "lactating", "plt": "platelets_10e3_ul", "plts": "platelets_10e3_ul",
    "platelet_count": "platelets_10e3_ul", "thrombocytes": "platelets_10e3_ul",
    "bili": "bilirubin_mg_dl", "tbili": "bilirubin_mg_dl", "total_bilirubin": "bilirubin_mg_dl",
    "mean_arterial_pressure": "map_mmhg", "mbp": "map_mmhg",
    "adrenaline": "epinephrine_ug_kg_min", "noradrenaline": "norepinephrine_ug_kg_min",
    "norad": "norepinephrine_ug_kg_min", "glasgow_coma_score": "gcs", "glasgow_coma_scale": "gcs",
    "crea": "creatinine_mg_dl", "creat": "creatinine_mg_dl",
    "serum_creatinine": "creatinine_mg_dl", "urine_output": "urine_ml_day",
    "diuresis": "urine_ml_day",
}  # fmt: skip
"""Other words for a column."""

NOT_READ = frozenset((
    "spo2", "sao2", "svo2", "scvo2", "paco2", "pco2", "etco2", "ph", "base_excess", "hco3",
    "bicarbonate", "lactate", "lactat", "laktat", "lac", "lactic_acid", "crp",
    "c_reactive_protein", "procalcitonin", "pct", "il6", "il_6", "interleukin_6", "transferrin",
    "transferrin_saturation", "heart_rate", "hr", "pulse", "temperature", "temp",
    "respiratory_rate", "rr", "peep", "tidal_volume", "sbp", "dbp", "systolic", "diastolic",
    "systolic_bp", "diastolic_bp", "systolic_blood_pressure", "diastolic_blood_pressure",
    "blood_pressure", "cvp", "hb", "hgb", "haemoglobin", "hemoglobin", "haematocrit",
    "hematocrit", "hct", "wbc", "leukocytes", "leucocytes", "white_blood_cells", "lymphocytes",
    "monocytes", "eosinophils", "sodium", "potassium", "chloride", "calcium", "magnesium",
    "glucose", "urea", "bun", "albumin", "inr", "pt", "ptt", "aptt", "d_dimer", "fibrinogen",
    "alt", "ast", "ldh", "ggt", "alp", "ck", "troponin", "bnp", "nt_probnp", "direct_bilirubin",
    "d_bilirubin", "dbili", "conjugated_bilirubin", "egfr", "gfr", "creatinine_clearance",
    "vasopressin", "terlipressin", "phenylephrine", "milrinone", "levosimendan",
    "angiotensin_ii", "qsofa", "sirs", "apache", "apache_ii", "apache_2", "saps", "saps_ii",
    "saps_2", "news", "news2", "charlson", "height", "bmi", "race", "ethnicity", "name",
    "first_name", "last_name", "surname", "dob", "birth_date", "date_of_birth",
))  # fmt: skip
"""Quantities hospitals record that no column of screening holds."""

_UNIT_AT_END = re.compile(f"_({'|'.join(sorted(UNIT_WORDS, key=len, reverse=True))})$")


def split_unit(name: str) -> tuple[str, str]:
    """A name without the unit it ends in, and that unit as written in brackets, else "" for it."""
    match = _UNIT_AT_END.search(name)
    return (name[: match.start()], UNIT_WORDS[match[1]]) if match else (name, "")


def is_not_read(name: str) -> bool:
    """Whether a name is that of a quantity which is known, but which screening does not read."""
    plain = _plain(name)
    return plain in NOT_READ or split_unit(plain)[0] in NOT_READ


def nearest_name(name: str, names: Iterable[str]) -> str:
    """The one of `names` that is surely meant, whatever unit is written at its end; else ""."""
    plain = _plain(name)
    names = list(names)
    meant = {other: column for other, column in SYNONYMS.items() if column in names}
    meant |= {split_unit(column)[0]: column for column in names}
    meant |= {column: column for column in names}
    for written in (plain, split_unit(plain)[0]):
        if written in meant:
            return meant[written]
    if is_not_read(name):
        return ""
    stem = split_unit(plain)[0]
    for written in dict.fromkeys((stem, plain)):
        near = get_close_matches(written, {*meant, *NOT_READ}, n=1, cutoff=CLOSE)
        if near:
            return meant.get(near[0], "")
    return ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower().replace("µ", "u")).strip("_")
