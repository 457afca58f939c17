"""A patient ImmunoSep would take, and the answers for patients who differ from her in what is drawn."""

from typing import Any

import pyarrow as pa

from immunosep.concepts.snapshot import PATIENTS
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import assess, met
from tests.spec.drawn import Row

HOUR = 3600
ONSET = 1_700_000_000

ELIGIBLE: Row = {
    "patient_id": "drawn",
    "age_years": 70.0,
    "sex": "female",
    "setting": "emergency_department",
    "consent_given": True,
    "unwilling_to_become_pregnant": True,
    "infection": "community_acquired_pneumonia",
    "sofa": 8,
    "ferritin_ng_ml": 800.0,
    "hla_dr_per_monocyte": 3000.0,
    "covid_19": False,
    "sepsis_onset_at": ONSET,
    "assessed_at": ONSET + 12 * HOUR,
    "septic_shock": True,
    "neutrophils_per_mm3": 9000.0,
    "prednisone_equivalent_mg_kg_day": 0.0,
} | dict.fromkeys(
    (
        "stage_iv_malignancy",
        "do_not_resuscitate",
        "blood_culture_contaminant",
        "active_tuberculosis_treatment",
        "hiv",
        "primary_immunodeficiency",
        "anti_cytokine_last_month",
        "systemic_lupus",
        "demyelinating_disease",
        "pregnant",
        "lactating",
        "pregnancy_test_pending",
    ),
    False,
)


def assessed(trial: Trial, changes: list[Row]) -> list[dict[str, Any]]:
    """For each change to the eligible patient: `verdict`, `immune_state`, and the ids `against`, `open`."""
    names = PATIENTS.schema().names
    given = [{name: (ELIGIBLE | change).get(name) for name in names} for change in changes]
    table = pa.Table.from_pylist(given, schema=PATIENTS.schema().to_pyarrow())
    return [_summary(trial, row) for row in assess(trial, table).to_pylist()]


def _summary(trial: Trial, row: Row) -> Row:
    answers = {criterion.id: row[met(criterion.id)] for criterion in trial.criteria}
    against = [c.id for c in trial.inclusion if answers[c.id] is False]
    against += [c.id for c in trial.exclusion if answers[c.id] is True]
    return {
        "verdict": row["verdict"],
        "immune_state": row["immune_state"],
        "against": " ".join(against) or None,
        "open": " ".join(name for name, answer in answers.items() if answer is None) or None,
    }
