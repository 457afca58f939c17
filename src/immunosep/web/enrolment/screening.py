"""A patient's recorded values as one snapshot, and the trial's answer to it.

The bedside reader validates what a form sends exactly as it validates a file, and the one evaluator
answers; the website adds no rule of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immunosep.protocol.trial import Trial
from immunosep.screening.assessment import Assessment
from immunosep.screening.explain import explain
from immunosep.sources.bedside import patients_of
from immunosep.web.enrolment.models import Entry, Patient
from immunosep.web.trial import site_trial


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What is known of one patient: the last value of each column, and of how many entries."""

    patient: Patient
    values: Mapping[str, Any]
    entries: int


def snapshot_of(patient: Patient) -> Snapshot:
    """The last entry of each column; a value entered in error is absent again."""
    entries = Entry.objects.filter(patient=patient)
    last = dict(entries.values_list("column", "value"))
    known = {name: value for name, value in last.items() if value is not None}
    return Snapshot(patient=patient, values=known, entries=patient.entries_made)


def consent_stands(patient: Patient) -> bool | None:
    """True once consent is recorded, False when it was withdrawn, None (unknown) before."""
    if patient.withdrawals.exists():
        return False
    return True if patient.consents.exists() else None


def answer(
    values: Mapping[str, Any],
    *,
    number: str,
    consent: bool | None,
    now: datetime,
    trial: Trial | None = None,
) -> Assessment:
    """What the trial says of these values at this moment; SourceError if they cannot be read.

    `trial` is the version that decides; left out, the one the site began with.
    """
    row = {**values, "patient_id": number, "assessed_at": now.isoformat()}
    if consent is not None:
        row["consent_given"] = consent
    patients = patients_of([row])
    return explain(trial or site_trial(), patients.table, warnings=patients.warnings)[0]
