"""The data dictionary of follow-up: what may be recorded of a participant after randomisation.

One row is one page of the casebook: one form of one participant, of one planned day, or one entry
of a log. Names that screening has too (ferritin, the inputs of SOFA) are the columns of screening.
Grades are those of CTCAE 5.0 (NCI 2017); seriousness is ICH E2A II.B; relatedness as published in
JAMA 2026;335:775 (unrelated to probable). APACHE II is that of Knaus WA et al. Crit Care Med
1985;13:818-829; the comorbidity index that of Charlson ME et al. J Chronic Dis 1987;40:373-383.
"""

from typing import Any

import ibis

from immunosep.tables.columns import Column, Kind, Missing, Range
from immunosep.tables.dictionary import BIOMARKERS, SOFA_INPUTS


def _column(name: str, label: str, kind: Kind, **more: Any) -> Column:
    return Column(name=name, label=label, kind=kind, **{"missing": Missing.NOT_ASKED} | more)


def _choice(name: str, label: str, *choices: str, **more: Any) -> Column:
    return _column(name, label, Kind.CATEGORY, choices=choices, **more)


def _text(name: str, label: str, **more: Any) -> Column:
    return _column(name, label, Kind.TEXT, **more)


def _time(name: str, label: str, **more: Any) -> Column:
    return _column(name, label, Kind.TIME, **{"missing": Missing.NOT_YET} | more)


def _yes_no(name: str, label: str, **more: Any) -> Column:
    return _column(name, label, Kind.YES_NO, **more)


BASELINE = (
    _column("apache_ii", "APACHE II, total", Kind.INTEGER, unit="{score}",
            possible=Range(0, 71), plausible=Range(0, 55), missing=Missing.NOT_MEASURED,
            note="Acute physiology, age and chronic health together."),
    _column("charlson", "Charlson comorbidity index, total", Kind.INTEGER, unit="{score}",
            possible=Range(0, 37), plausible=Range(0, 20),
            note="The weights of 1987 for 19 conditions; no points for age."),
    _yes_no("vasopressor_for_map_65", "A vasopressor was needed for a mean arterial pressure of 65 mmHg or more, "
            "despite adequate fluids"),
    _column("lactate_mmol_l", "Highest lactate", Kind.NUMBER, unit="mmol/L", possible=Range(0, 60),
            plausible=Range(0.2, 30), loinc="32693-4", umol_l_per_mg_dl=111.0, missing=Missing.NOT_MEASURED),
    _choice("baseline_unknown_because", "Why one of these is not known",
            "values_not_measured", "history_not_known", "records_not_at_hand", "other",
            missing=Missing.NOT_APPLICABLE),
)  # fmt: skip
"""As it was before the first dose. 71: 60 for physiology, 6 for age, 5 for chronic health (Knaus 1985).
37: ten conditions of weight 1, six of 2, one of 3, two of 6 (Charlson 1987). Lactate: 111 umol/L per
mg/dL (Young DS, Huth EJ. SI Units for Clinical Measurement. ACP 1998)."""

DAY = (
    _choice("day_status", "On this day the participant", "present", "discharged", "dead", "not_assessed",
            note="Discharged: left hospital alive. Not assessed: present, but no score could be made."),
    _text("not_assessed_reason", "Why there is no score", missing=Missing.NOT_APPLICABLE),
)  # fmt: skip

SAMPLE = (_time("sample_drawn_at", "Sample drawn at"),)

INFECTION = (
    _choice("infection_outcome", "Outcome of the infection",
            "resolution", "intermediate", "failure", "superinfection"),
    _time("infection_judged_at", "Judged at"),
    _text("superinfection_organism", "Organism of the superinfection", missing=Missing.NOT_APPLICABLE),
)  # fmt: skip

VITAL_STATUS = (
    _choice("vital_status", "Vital status", "alive", "dead", "unknown"),
    _time("last_seen_alive_at", "Last known alive at"),
    _time("died_at", "Died at", missing=Missing.NOT_APPLICABLE),
    _choice("cause_of_death", "Cause of death", "sepsis", "other_infection", "cardiovascular",
            "respiratory", "malignancy", "other", "unknown", missing=Missing.NOT_APPLICABLE),
    _choice("status_learned_by", "Learned by", "in_hospital", "telephone", "records", "registry"),
    _time("left_hospital_at", "Left hospital at", missing=Missing.NOT_APPLICABLE),
)  # fmt: skip

TREATMENT_END = (
    _yes_no("treatment_completed", "All planned doses were given"),
    _choice("treatment_ended_because", "Why treatment ended early", "discharge", "death", "withdrawal",
            "adverse_event", "investigator_decision", "immune_state_not_confirmed", "other",
            missing=Missing.NOT_APPLICABLE),
    _time("treatment_ended_at", "Treatment ended at"),
)  # fmt: skip

DOSE_NOT_GIVEN = (
    _choice("dose_route", "Route", "intravenous", "subcutaneous"),
    _column("dose_number", "Dose number", Kind.INTEGER, possible=Range(1, 200)),
    _choice("dose_deviation", "What happened", "missed", "delayed", "interrupted"),
    _choice("dose_reason", "Why", "participant_absent", "participant_refused", "adverse_event",
            "no_access", "not_prepared_in_time", "past_use_before_time", "forgotten", "other"),
)  # fmt: skip

MEDICATION = (
    _text("medication", "Medicine"),
    _choice("medication_class", "Kind", "antimicrobial", "corticosteroid", "vasopressor", "sedative",
            "anticoagulant", "immunomodulator", "other"),
    _text("medication_dose", "Dose as prescribed", missing=Missing.NOT_APPLICABLE),
    _text("medication_indication", "Given for", missing=Missing.NOT_APPLICABLE),
    _time("medication_from", "From"),
    _time("medication_until", "Until", missing=Missing.NOT_YET),
)  # fmt: skip

PROCEDURE = (
    _choice("procedure", "Procedure", "intubation", "extubation", "tracheostomy", "renal_replacement",
            "ecmo", "drainage", "surgery", "catheter", "other"),
    _text("procedure_detail", "Detail", missing=Missing.NOT_APPLICABLE),
    _time("procedure_from", "From"),
    _time("procedure_until", "Until", missing=Missing.NOT_APPLICABLE),
)  # fmt: skip

ADVERSE_EVENT = (
    _text("event_term", "Event, in the investigator's words"),
    _time("event_from", "Began"),
    _time("event_until", "Ended", missing=Missing.NOT_YET),
    _column("event_grade", "CTCAE grade", Kind.INTEGER, possible=Range(1, 5)),
    _yes_no("serious", "Serious"),
    _yes_no("serious_death", "It led to death", missing=Missing.NOT_APPLICABLE),
    _yes_no("serious_life_threatening", "It threatened life", missing=Missing.NOT_APPLICABLE),
    _yes_no("serious_hospitalisation", "It led to, or prolonged, a stay in hospital",
            missing=Missing.NOT_APPLICABLE),
    _yes_no("serious_disability", "It led to lasting disability", missing=Missing.NOT_APPLICABLE),
    _yes_no("serious_congenital", "A congenital anomaly", missing=Missing.NOT_APPLICABLE),
    _yes_no("serious_important", "Another important medical event", missing=Missing.NOT_APPLICABLE),
    _choice("relatedness", "Related to the study treatment",
            "unrelated", "unlikely", "possible", "probable"),
    _choice("event_action", "What was done with the study treatment",
            "none", "interrupted", "stopped", "not_applicable"),
    _choice("event_outcome", "Outcome",
            "recovered", "recovering", "not_recovered", "recovered_with_sequelae", "fatal", "unknown"),
)  # fmt: skip

CONTEXT = (
    _column("day", "Day of the page; day 1 is the first dose", Kind.INTEGER, possible=Range(-30, 400)),
    _time("first_dose_given_at", "First dose given at"),
    _time("known_dead_at", "Died at, by any page"),
    _time("known_discharged_at", "Left hospital at, by any page"),
    _yes_no("male", "A man"),
    _column("age_years", "Age at screening", Kind.NUMBER, unit="a", possible=Range(0, 125)),
)  # fmt: skip
"""What a rule may read besides the page itself: known of the participant from other pages."""

CASE_COLUMNS = {
    column.name: column
    for column in (
        *BASELINE, *DAY, *SOFA_INPUTS, *SAMPLE, *BIOMARKERS, *INFECTION, *VITAL_STATUS, *TREATMENT_END,
        *DOSE_NOT_GIVEN, *MEDICATION, *PROCEDURE, *ADVERSE_EVENT,
    )
}  # fmt: skip
"""Every column a form of the casebook may have, by name."""

CASE = ibis.table(
    {name: column.kind.engine_type for name, column in CASE_COLUMNS.items()}
    | {column.name: column.kind.engine_type for column in CONTEXT},
    name="page",
)
"""One row per page of a casebook, as edit checks read it: `CASE.died_at >= CASE.event_from`."""
