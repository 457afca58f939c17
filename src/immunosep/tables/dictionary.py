"""The data dictionary: what may be known of one patient at one moment.

One row is one patient (`patient_id`) at one moment (`assessed_at`). The names are fixed: a CSV or
JSON with these headers is a valid bedside source, and a column left out is unknown. LOINC codes are
those of LOINC 2.77 (Regenstrief Institute), units are UCUM. `possible` limits refuse an entry,
`plausible` limits ask for a second look; both are entry limits set wide, not clinical rules.
"""

from typing import Any

from immunosep.tables.columns import Column, Kind, Missing, Range
from immunosep.tables.names import nearest_name


def _number(name: str, label: str, unit: str, **more: Any) -> Column:
    return Column(
        name=name,
        label=label,
        unit=unit,
        **{"kind": Kind.NUMBER, "missing": Missing.NOT_MEASURED} | more,
    )


def _yes_no(name: str, label: str, **more: Any) -> Column:
    return Column(
        name=name, label=label, **{"kind": Kind.YES_NO, "missing": Missing.NOT_ASKED} | more
    )


def _time(name: str, label: str, **more: Any) -> Column:
    return Column(name=name, label=label, **{"kind": Kind.TIME, "missing": Missing.NOT_YET} | more)


def _category(name: str, label: str, *choices: str, **more: Any) -> Column:
    return Column(
        name=name,
        label=label,
        choices=choices,
        **{"kind": Kind.CATEGORY, "missing": Missing.NOT_ASKED} | more,
    )


def _sofa(name: str, label: str, **more: Any) -> Column:
    return _number(
        name,
        label,
        "{score}",
        **{"kind": Kind.INTEGER, "possible": Range(0, 24), "healthy": 0} | more,
    )


def _dose(drug: str, possible: float, plausible: float) -> tuple[Column, Column]:
    return (
        _number(
            f"{drug}_ug_kg_min",
            f"{drug.capitalize()}, highest dose kept for an hour or more in 24 h",
            "ug/kg/min",
            possible=Range(0, possible),
            plausible=Range(0, plausible),
            missing=Missing.NOT_GIVEN,
        ),
        _number(
            f"{drug}_minutes",
            f"Minutes that dose of {drug} was kept",
            "min",
            possible=Range(0, 1440),
            missing=Missing.NOT_GIVEN,
            note="Left out: the dose was kept for an hour or more. Under 60, it scores nothing.",
        ),
    )


WHO_AND_WHERE = (
    Column(name="patient_id", label="Patient", kind=Kind.TEXT, missing=Missing.NEVER),
    _number("age_years", "Age", "a", healthy=60, possible=Range(0, 125), plausible=Range(0, 105), loinc="30525-0",
            missing=Missing.NOT_ASKED),
    _category("sex", "Sex", "female", "male", loinc="46098-0"),
    _number("weight_kg", "Body weight", "kg", healthy=75, possible=Range(0, 650, above=True),
            plausible=Range(30, 250), loinc="29463-7"),
    Column(name="calendar_year", label="Calendar year", kind=Kind.INTEGER, missing=Missing.NOT_ASKED,
           unit="a", possible=Range(1900, 2200),
           note="Only where the record's times were shifted to hide when it was; no rule reads it."),
    Column(name="unit", label="Unit of the hospital", kind=Kind.TEXT, missing=Missing.NOT_ASKED),
    _category("setting", "Where the infection met the patient", "emergency_department", "hospitalised",
              note="emergency_department: admitted with infection; hospitalised: already in hospital."),
    _yes_no("consent_given", "Written informed consent, by the patient or a first-degree relative or spouse"),
)  # fmt: skip

ILLNESS = (
    _category(
        "infection", "Qualifying infection", "community_acquired_pneumonia",
        "hospital_acquired_pneumonia", "ventilator_associated_pneumonia", "primary_bacteraemia",
        "acute_pyelonephritis", "intra_abdominal", "acute_cholangitis", "meningitis", "skin", "other",
        "no_infection",
    ),
    _yes_no("covid_19", "COVID-19 diagnosed"),
    _sofa("sofa", "Total SOFA", loinc="96790-1",
          note="Entered as a total. Left out, it is derived from the values below."),
    _sofa("sofa_admission", "Total SOFA on admission", missing=Missing.NOT_APPLICABLE),
    _sofa("sofa_admission_lowest", "Lowest possible SOFA on admission", missing=Missing.NOT_APPLICABLE,
          note="Where parts of that score were missing; not read where sofa_admission is known."),
    _sofa("sofa_admission_highest", "Highest possible SOFA on admission", missing=Missing.NOT_APPLICABLE,
          note="Where parts of that score were missing; not read where sofa_admission is known."),
    _yes_no("septic_shock", "Septic shock", note="Sepsis-3: vasopressor for MAP >= 65 mmHg and lactate > 2 mmol/L."),
    _time("sepsis_onset_at", "Time Sepsis-3 was first met"),
    _time("assessed_at", "Time of this assessment"),
    _time("first_dose_at", "Time of the first blinded dose"),
    Column(name="utc_offset_minutes", label="The clock's offset from UTC", kind=Kind.INTEGER, unit="min",
           possible=Range(-840, 840), missing=Missing.NOT_ASKED,
           note="Read from the times themselves; unknown for times written without an offset."),
)  # fmt: skip

BIOMARKERS = (
    _number("ferritin_ng_ml", "Ferritin", "ng/mL", healthy=200, possible=Range(0, 1_000_000, above=True),
            plausible=Range(1, 200_000), loinc="2276-4"),
    _number("hla_dr_per_monocyte", "HLA-DR molecules per monocyte", "{molecules}/{cell}",
            healthy=15000, possible=Range(0, 1_000_000), plausible=Range(200, 100_000),
            note="Antibodies bound per CD14+ monocyte; no LOINC code exists."),
    _number("neutrophils_per_mm3", "Neutrophils", "/uL", healthy=5000, possible=Range(0, 1_000_000),
            plausible=Range(0, 100_000), loinc="751-8"),
)  # fmt: skip

HISTORY = (
    _yes_no("blood_culture_contaminant",
            "Blood culture of skin bacteria or from a catheter",
            missing=Missing.NOT_APPLICABLE),
    _yes_no("stage_iv_malignancy", "Stage IV malignancy"),
    _yes_no("do_not_resuscitate", "Do-not-resuscitate decision"),
    _yes_no("active_tuberculosis_treatment", "Treatment for tuberculosis"),
    _yes_no("hiv", "HIV infection"),
    _yes_no("primary_immunodeficiency", "Primary immunodeficiency"),
    _number("prednisone_equivalent_mg_kg_day",
            "Corticosteroid dose as prednisone (oral or intravenous, highest day of the last 15)", "mg/kg/d",
            healthy=0, possible=Range(0, 200), plausible=Range(0, 50), missing=Missing.NOT_ASKED),
    _yes_no("anti_cytokine_last_month", "Anti-cytokine biological treatment in the last month"),
    _yes_no("systemic_lupus", "Systemic lupus erythematosus"),
    _yes_no("demyelinating_disease", "Multiple sclerosis or another demyelinating disease"),
    _yes_no("pregnant", "Pregnant", missing=Missing.NOT_APPLICABLE),
    _yes_no("lactating", "Lactating", missing=Missing.NOT_APPLICABLE),
    _yes_no("pregnancy_test_pending", "Pregnancy test awaited", missing=Missing.NOT_APPLICABLE),
    _yes_no("unwilling_to_become_pregnant", "Unwilling to become pregnant during the study",
            missing=Missing.NOT_APPLICABLE),
)  # fmt: skip

SOFA_INPUTS = (
    _number("pao2_mmhg", "Arterial oxygen pressure", "mm[Hg]", healthy=95, possible=Range(0, 800, above=True),
            plausible=Range(20, 650), loinc="2703-7"),
    _number("fio2", "Inspired oxygen fraction", "1", healthy=0.21, possible=Range(0.21, 1), loinc="3150-0"),
    _yes_no("respiratory_support", "Respiratory support when that gas was drawn"),
    _number("pao2_fio2_supported_mmhg", "Lowest PaO2/FiO2 of 24 h with respiratory support", "mm[Hg]",
            healthy=450, possible=Range(0, 3000, above=True), plausible=Range(20, 650), loinc="50984-4"),
    _number("pao2_fio2_unsupported_mmhg", "Lowest PaO2/FiO2 of 24 h without respiratory support", "mm[Hg]",
            healthy=450, possible=Range(0, 3000, above=True), plausible=Range(20, 650), loinc="50984-4"),
    _number("platelets_10e3_ul", "Platelets", "10*3/uL", healthy=250, possible=Range(0, 5000),
            plausible=Range(1, 1500), loinc="777-3"),
    _number("bilirubin_mg_dl", "Total bilirubin", "mg/dL", healthy=0.6, possible=Range(0, 150),
            plausible=Range(0.1, 60), loinc="1975-2", umol_l_per_mg_dl=17.1),
    _number("map_mmhg", "Lowest mean arterial pressure", "mm[Hg]", healthy=85, possible=Range(0, 300),
            plausible=Range(20, 200), loinc="8478-0"),
    *_dose("dopamine", 200, 50),
    *_dose("dobutamine", 200, 40),
    *_dose("epinephrine", 50, 5),
    *_dose("norepinephrine", 50, 5),
    _number("gcs", "Glasgow coma score", "{score}", kind=Kind.INTEGER, healthy=15, possible=Range(3, 15), loinc="9269-2"),
    _number("creatinine_mg_dl", "Creatinine", "mg/dL", healthy=0.9, possible=Range(0, 150),
            plausible=Range(0.1, 30), loinc="2160-0", umol_l_per_mg_dl=88.4),
    _number("urine_ml_day", "Urine output of 24 h", "mL/(24.h)", healthy=1800, possible=Range(0, 40_000),
            plausible=Range(0, 15_000), loinc="9192-6"),
)  # fmt: skip
"""Worst value of the last 24 h. Factors: bilirubin 17.1 and creatinine 88.4 umol/L per mg/dL
(Young DS, Huth EJ. SI Units for Clinical Measurement. ACP 1998)."""

BEDSIDE = (*WHO_AND_WHERE, *ILLNESS, *BIOMARKERS, *HISTORY, *SOFA_INPUTS)
"""Every column a source may give."""

DERIVED = (
    _number("pao2_fio2_mmhg", "PaO2/FiO2", "mm[Hg]", possible=Range(0, 4000, above=True), loinc="50984-4"),
    _sofa("sofa_respiration", "SOFA, respiration", possible=Range(0, 4), loinc="96823-0"),
    _sofa("sofa_coagulation", "SOFA, coagulation", possible=Range(0, 4), loinc="96824-8"),
    _sofa("sofa_liver", "SOFA, liver", possible=Range(0, 4), loinc="96825-5"),
    _sofa("sofa_cardiovascular", "SOFA, cardiovascular", possible=Range(0, 4), loinc="96826-3"),
    _sofa("sofa_cns", "SOFA, central nervous system", possible=Range(0, 4), loinc="96827-1"),
    _sofa("sofa_renal", "SOFA, renal", possible=Range(0, 4), loinc="96828-9"),
    _sofa("sofa_total", "SOFA, missing parts counted as normal", missing=Missing.NEVER),
    _sofa("sofa_lowest", "SOFA, lowest possible", missing=Missing.NEVER),
    _sofa("sofa_highest", "SOFA, highest possible", missing=Missing.NEVER),
    _number("hours_since_sepsis", "Time since Sepsis-3 was met", "h",
            possible=Range(-100_000, 100_000),
            missing=Missing.NOT_YET),
)  # fmt: skip
"""What `concepts.snapshot` adds, and a trial's rules may use besides."""

COLUMNS = {column.name: column for column in (*BEDSIDE, *DERIVED)}
"""Every column of a snapshot, by name."""


def nearest_names(name: str) -> list[str]:
    """The name of the dictionary surely meant by one that is not in it, or none."""
    near = nearest_name(name, COLUMNS)
    return [near] if near else []
