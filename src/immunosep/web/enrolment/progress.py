"""Where each patient stands between screening and the first dose, and what comes next.

One evaluation answers a whole list: the criteria of every open patient at once, by the evaluator
that screens. Which question is still open follows from which columns an undecided criterion lacks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import pyarrow as pa
from django.db.models import Min

from immunosep.concepts.snapshot import INPUTS_OF
from immunosep.errors import SourceError
from immunosep.protocol.forms import FilledBy
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import Verdict, assess, met
from immunosep.screening.wording import clock_time
from immunosep.sources.bedside import patients_of
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import (
    Allocation,
    Consent,
    Dose,
    Entry,
    NotEnrolled,
    Patient,
    Withdrawal,
)
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.trial import trial_of

CONSENT = "consent_given"


class Stage(StrEnum):
    """What a patient waits for."""

    SCREENING = "screening"
    CONSENT = "waiting for consent"
    LABORATORY = "waiting for laboratory"
    READY = "ready to randomise"
    INELIGIBLE = "cannot be enrolled"
    RANDOMISED = "randomised"
    TREATED = "first dose given"
    NOT_ENROLLED = "not enrolled"
    WITHDRAWN = "withdrawn"


OPEN = (Stage.SCREENING, Stage.CONSENT, Stage.LABORATORY, Stage.READY, Stage.INELIGIBLE)
STEPS: Mapping[str, tuple[Stage, ...]] = {
    "Screening": (Stage.SCREENING, Stage.INELIGIBLE, Stage.NOT_ENROLLED),
    "Consent": (Stage.CONSENT,),
    "Laboratory": (Stage.LABORATORY,),
    "Randomisation": (Stage.READY,),
    "First dose": (Stage.RANDOMISED,),
}
"""The journey, and the stages at which a patient is on each of its steps."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A patient's stage, and when the window closes, where that is known."""

    patient: Patient
    stage: Stage
    closes_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be decided if the patient joins."""
        return self.stage in OPEN

    @property
    def runs(self) -> bool:
        """Whether the clock still matters."""
        return self.is_open or self.stage is Stage.RANDOMISED


def standing_of(patient: Patient, *, now: datetime) -> Standing:
    """Where one patient stands."""
    return standings_of([patient], now=now)[0]


def standings_of(patients: Sequence[Patient], *, now: datetime) -> list[Standing]:
    """Where each patient stands, in their order: six queries and one evaluation."""
    closed = _closed(patients)
    still_open = [patient for patient in patients if patient.pk not in closed]
    found = closed | _assessed(still_open, now=now)
    return [found[patient.pk] for patient in patients]


def _closed(patients: Sequence[Patient]) -> dict[str, Standing]:
    """Those about whom nothing is left to decide."""
    pks = [patient.pk for patient in patients]
    allocated = {a.patient_id: a for a in Allocation.objects.filter(patient__in=pks)}
    treated = set(
        Dose.objects.filter(allocation__patient__in=pks)
        .values("allocation__patient")
        .annotate(first=Min("given_at"))
        .values_list("allocation__patient", flat=True)
    )
    stages = dict.fromkeys(allocated, Stage.RANDOMISED) | dict.fromkeys(treated, Stage.TREATED)
    stages |= dict.fromkeys(_numbers(NotEnrolled, pks), Stage.NOT_ENROLLED)
    stages |= dict.fromkeys(_numbers(Withdrawal, pks), Stage.WITHDRAWN)
    return {
        patient.pk: Standing(
            patient=patient,
            stage=stages[patient.pk],
            closes_at=allocated[patient.pk].window_closes_at if patient.pk in allocated else None,
        )
        for patient in patients
        if patient.pk in stages
    }


def _numbers(model: Any, pks: Sequence[str]) -> Iterable[str]:
    return list(model.objects.filter(patient__in=pks).values_list("patient", flat=True))


def _assessed(patients: Sequence[Patient], *, now: datetime) -> dict[str, Standing]:
    if not patients:
        return {}
    pks = [patient.pk for patient in patients]
    values: dict[str, dict[str, Any]] = {pk: {} for pk in pks}
    for entry in Entry.objects.filter(patient__in=pks).order_by("id"):
        values[entry.patient_id][entry.column] = entry.value
    for pk in _numbers(Consent, pks):
        values[pk][CONSENT] = True
    rows = [{"patient_id": pk, "assessed_at": now.isoformat(), **values[pk]} for pk in pks]
    try:
        table = patients_of(rows).table
    except SourceError:
        return _one_by_one(patients, now=now)
    return {
        patient.pk: Standing(
            patient=patient,
            stage=_stage(row, patient.centre),
            closes_at=clock_time(row["window_closes_at"], 0),
        )
        for patient, row in _answered(patients, table)
    }


def _answered(
    patients: Sequence[Patient], table: pa.Table
) -> Iterator[tuple[Patient, dict[str, Any]]]:
    """Each patient with values and answers: one question for each version their centres have."""
    rows = table.to_pylist()
    for trial in {id(trial): trial for trial in map(_trial_of, patients)}.values():
        theirs = [at for at, patient in enumerate(patients) if _trial_of(patient) is trial]
        whole = len(theirs) == len(rows)
        answers = assess(trial, table if whole else table.take(theirs)).to_pylist()
        for at, answer in zip(theirs, answers, strict=True):
            yield patients[at], {**rows[at], **answer}


def _trial_of(patient: Patient) -> Trial:
    return trial_of(patient.centre)


def _one_by_one(patients: Sequence[Patient], *, now: datetime) -> dict[str, Standing]:
    """Where a value is none of the dictionary any more, its patient alone is back at screening."""
    if len(patients) == 1:
        return {patients[0].pk: Standing(patient=patients[0], stage=Stage.SCREENING)}
    found: dict[str, Standing] = {}
    for patient in patients:
        found |= _assessed([patient], now=now)
    return found


def _stage(row: Mapping[str, Any], centre: Centre) -> Stage:
    """The stage of an open patient, from their values and the answers to them."""
    if row["verdict"] == Verdict.INELIGIBLE.value:
        return Stage.INELIGIBLE
    lacking = _lacking(row, trial_of(centre))
    if lacking & columns_of(FilledBy.BEDSIDE, centre).keys():
        return Stage.SCREENING
    if row[CONSENT] is None:
        return Stage.CONSENT
    return Stage.READY if row["verdict"] == Verdict.ELIGIBLE.value else Stage.LABORATORY


def _lacking(row: Mapping[str, Any], trial: Trial) -> set[str]:
    """The columns without a value that undecided criteria rest on."""
    return {
        name
        for criterion in trial.criteria
        if row[met(criterion.id)] is None
        for read in criterion.reads
        for name in INPUTS_OF.get(read, (read,))
        if row[name] is None
    }
