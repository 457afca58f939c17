"""Who was screened, and who was randomised: the first two tables."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet

from immunosep.protocol.trial import Trial
from immunosep.tables.columns import Kind
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.casebook.scoring import score_of
from immunosep.web.casebook.values import measured
from immunosep.web.enrolment.models import Patient
from immunosep.web.records.baseline import baseline_rows
from immunosep.web.records.gathering import Casebook

Row = dict[str, Any]


def screened_rows(patients: "QuerySet[Patient]") -> Iterator[Row]:
    """One row per patient screened."""
    for patient in patients.select_related("allocation", "not_enrolled").order_by("number"):
        reasons = patient.not_enrolled.reasons if hasattr(patient, "not_enrolled") else []
        yield {
            "patient": patient.pk,
            "centre": patient.centre_id,
            "screened_s": seconds(patient.added_at),
            "randomised": hasattr(patient, "allocation"),
            "reason": reasons[0] if reasons else None,
        }


def dummy_arm(trial: Trial, participant: str) -> str:
    """An arm drawn from the participant's number alone, so that it says nothing of the true one."""
    drawn = sha256(f"dummy arm of {participant} in {trial.id}".encode()).digest()
    return trial.arms[int.from_bytes(drawn, "big") % len(trial.arms)].id


def participant_rows(books: list[Casebook]) -> Iterator[Row]:
    """One row per participant, shock derived for all of them at once."""
    known = [entry_values(book) for book in books]
    at_entry = baseline_rows(books, known=known)
    for book, values, baseline in zip(books, known, at_entry, strict=True):
        yield _participant(book) | ({} if book.withdrew_data else _course(book, values) | baseline)


def _participant(book: Casebook) -> Row:
    """What holds of everybody, whoever took their data back too."""
    allocation = book.allocation
    return {
        "participant": book.participant,
        "centre": allocation.patient.centre_id,
        "country": allocation.patient.centre.country,
        "stratum": allocation.slot.stratum.key,
        "position": allocation.slot.position,
        "immune_state": allocation.immune_state,
        "arm": dummy_arm(book.trial, book.participant),
        "randomised_s": seconds(allocation.allocated_at),
        "data_withdrawn": book.withdrew_data,
        "in_error": hasattr(allocation, "in_error"),
        "trial_digest": allocation.trial_digest,
        "locked": book.locked,
        "signed": book.signed,
    }


def _course(book: Casebook, known: Row) -> Row:
    """From screening's frozen values, the pages, and what was recorded besides."""
    left = [each.at for each in book.allocation.patient.withdrawals.all()]
    learnt = [each.at for each in book.allocation.unblindings.all()]
    completed = book.last("treatment_completed")
    return {
        "first_dose_s": seconds(book.first_dose),
        "sepsis_s": known.get("sepsis_onset_at"),
        "treatment_withdrawn_s": seconds(min(left, default=None)),
        "unblinded_s": seconds(min(learnt, default=None)),
        "age_years": known.get("age_years"),
        "sex": known.get("sex"),
        "infection": known.get("infection"),
        "ventilated": known.get("respiratory_support"),
        "sofa_at_entry": _sofa_at_entry(book, known),
        "ferritin_at_entry_ng_ml": known.get("ferritin_ng_ml"),
        "hla_dr_at_entry": known.get("hla_dr_per_monocyte"),
        "treatment_completed": completed,
        "treatment_ended_because": book.last("treatment_ended_because"),
        "treatment_ended_s": book.last("treatment_ended_at"),
        "died_s": min(book.all_of("died_at"), default=None),
        "last_alive_s": book.last("last_seen_alive_at"),
        "left_hospital_s": min(book.all_of("left_hospital_at"), default=None),
        "infection_outcome": book.last("infection_outcome"),
    }


def entry_values(book: Casebook) -> Row:
    """What screening knew, frozen at randomisation, in the dictionary's units."""
    values = {} if book.withdrew_data else book.allocation.values
    return {name: _known(name, value) for name, value in values.items()}


def _sofa_at_entry(book: Casebook, known: Row) -> int | None:
    """The total as entered, else from its parts where all are known."""
    score = None if known.get("sofa") is not None else score_of(book.allocation.values)
    if score is None:
        return known.get("sofa")
    return score.lowest if score.is_known else None


def _known(name: str, stored: Any) -> Any:
    """A value of screening, in its column's unit."""
    column = COLUMNS[name]
    return stored if column.kind is Kind.YES_NO else measured(column, stored)


def seconds(moment: datetime | None) -> int | None:
    """Whole seconds since 1970 UTC."""
    return None if moment is None else int(moment.timestamp())
