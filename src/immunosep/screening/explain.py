"""Each patient's assessment in a clinician's words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from immunosep.concepts.sepsis3 import RISE_OF_SEPSIS
from immunosep.concepts.sofa import COMPONENTS, WORST_COMPONENT
from immunosep.languages import say
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import Verdict, assess, met
from immunosep.screening.assessment import Answer, Assessment, Score
from immunosep.screening.deciding import deciding_columns
from immunosep.screening.wording import (
    clock_time,
    reason_against,
    reason_open,
)

Warnings = Mapping[int, Sequence[str]]


def explain(
    trial: Trial, patients: pa.Table, *, warnings: Warnings | None = None
) -> list[Assessment]:
    """One assessment per row of `patients`, in their order; `warnings` are the source's, by row."""
    answers = assess(trial, patients)
    deciding = deciding_columns(trial, patients, answers)
    return [
        _explained(trial, {**patient, **answer}, deciding[at], tuple((warnings or {}).get(at, ())))
        for at, (patient, answer) in enumerate(
            zip(patients.to_pylist(), answers.to_pylist(), strict=True)
        )
    ]


def _explained(
    trial: Trial,
    row: Mapping[str, Any],
    deciding: Mapping[str, tuple[str, ...]],
    warnings: tuple[str, ...],
) -> Assessment:
    criteria = {c.id: Answer.of(row[met(c.id)]) for c in trial.criteria}
    offset = row["utc_offset_minutes"]
    return Assessment(
        patient_id=row["patient_id"],
        verdict=Verdict(row["verdict"]),
        immune_state=row["immune_state"],
        criteria=criteria,
        sofa=score_of(row),
        unknown=tuple(dict.fromkeys(name for names in deciding.values() for name in names)),
        reasons=_reasons(trial, row, criteria, deciding),
        warnings=(*warnings, *_second_look(row)),
        window_closes_at=clock_time(row["window_closes_at"], offset),
        assessed_at=clock_time(row["assessed_at"], offset),
        hours_since_sepsis=row["hours_since_sepsis"],
        trial=trial.id,
        trial_version=trial.version,
    )


def score_of(row: Mapping[str, Any]) -> Score:
    """SOFA with its parts, from a row of an assessment and the patient's own columns."""
    return Score(
        components={part: row[f"sofa_{part}"] for part in COMPONENTS},
        total=row["sofa_total"],
        lowest=row["sofa_lowest"],
        highest=row["sofa_highest"],
        entered=row["sofa"] is not None,
    )


def _reasons(
    trial: Trial,
    row: Mapping[str, Any],
    criteria: Mapping[str, Answer],
    deciding: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    against = [
        reason_against(criterion, row, excludes=False)
        for criterion in trial.inclusion
        if criteria[criterion.id] is Answer.NOT_MET
    ] + [
        reason_against(criterion, row, excludes=True)
        for criterion in trial.exclusion
        if criteria[criterion.id] is Answer.MET
    ]
    still_open = [
        reason_open(criterion, deciding.get(criterion.id, ()))
        for criterion in trial.criteria
        if criteria[criterion.id] is Answer.UNKNOWN
    ]
    return (*against, *still_open)


def _second_look(row: Mapping[str, Any]) -> list[str]:
    """What is not wrong by the rules but should be looked at again."""
    return [
        sentence
        for sentence in (_sofa_contradicts_its_parts(row), _sofa_was_so_before(row))
        if sentence
    ]


def _sofa_contradicts_its_parts(row: Mapping[str, Any]) -> str:
    parts = [row[f"sofa_{part}"] for part in COMPONENTS]
    known = [points for points in parts if points is not None]
    if row["sofa"] is None or not known:
        return ""
    lowest, highest = sum(known), sum(known) + WORST_COMPONENT * (len(parts) - len(known))
    if lowest <= row["sofa"] <= highest:
        return ""
    sum_of_parts = (
        str(lowest) if lowest == highest else say("{low} to {high}", low=lowest, high=highest)
    )
    return say(
        "SOFA was entered as {total}, but its parts give {parts}; the entered total was used.",
        total=row["sofa"],
        parts=sum_of_parts,
    )


def _sofa_was_so_before(row: Mapping[str, Any]) -> str:
    """Sepsis-3 asks for an acute change (Singer JAMA 2016;315:801); a total does not show one."""
    before = row["sofa_admission"]
    at_admission = row["setting"] == "emergency_department" and before is not None
    if (
        not at_admission
        or row["sofa_lowest"] < RISE_OF_SEPSIS
        or row["sofa_highest"] - before >= RISE_OF_SEPSIS
    ):
        return ""
    return say(
        "SOFA was {before} before; a total of {total} meets the wording for the emergency "
        "department, but Sepsis-3 asks for an acute rise of 2 or more.",
        before=before,
        total=row["sofa_total"],
    )
