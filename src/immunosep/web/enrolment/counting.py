"""The screening log, and the counts of the flow diagram (CONSORT 2010, item 13a).

What leaves the site has no identifier: no number, no time, and rows in the order of what they say,
so that a row's place tells nobody's number.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Dose, Patient
from immunosep.web.enrolment.not_enrolling import reasons_in_words

HEADERS = ("centre", "outcome", "reason_ids", "reasons")
SCREENING, NOT_ENROLLED, RANDOMISED, TREATED = (
    "in screening",
    "not enrolled",
    "randomised",
    "randomised, first dose given",
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One screened patient: what became of them, and why."""

    patient: Patient
    outcome: str
    reason_ids: tuple[str, ...]
    reasons: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The flow from screening to the first dose. A patient may have several reasons."""

    screened: int
    in_screening: int
    not_enrolled: int
    by_reason: list[tuple[str, int]]
    randomised: int
    treated: int
    withdrew: int
    in_error: int


def log_of(centres: "QuerySet[Centre]") -> list[Row]:
    """Every screened patient of these centres, newest first."""
    screened = (
        Patient.objects.filter(centre__in=centres)
        .select_related("centre", "not_enrolled", "allocation", "allocation__in_error")
        .prefetch_related("withdrawals")
        .annotate(treated=Exists(Dose.objects.filter(allocation__patient=OuterRef("pk"))))
        .order_by("-added_at", "-number")
    )
    found = list(screened)
    words = _words(found)
    return [_row(patient, words, treated=patient.treated) for patient in found]


def counts_of(rows: Sequence[Row]) -> Counts:
    """The counts of a log."""
    outcomes = Counter(row.outcome for row in rows)
    words = _words([row.patient for row in rows])
    reasons = Counter(reason for row in rows for reason in row.reason_ids)
    allocated = [row.patient.allocation for row in rows if hasattr(row.patient, "allocation")]
    return Counts(
        screened=len(rows),
        in_screening=outcomes[SCREENING],
        not_enrolled=outcomes[NOT_ENROLLED],
        by_reason=[(words[id_], reasons[id_]) for id_ in words if reasons[id_]],
        randomised=len(allocated),
        treated=outcomes[TREATED],
        withdrew=sum(bool(row.patient.withdrawals.all()) for row in rows),
        in_error=sum(hasattr(allocation, "in_error") for allocation in allocated),
    )


def as_csv(rows: Iterable[Row]) -> str:
    """The log without anything that could tell who a row is about."""
    lines = sorted(
        (row.patient.centre_id, row.outcome, " ".join(row.reason_ids), "; ".join(row.reasons))
        for row in rows
    )
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(HEADERS)
    writer.writerows(lines)
    return file.getvalue()


def _words(patients: Sequence[Patient]) -> dict[str, str]:
    """Each reason by the version of the patients' centres."""
    return reasons_in_words(*{each.centre_id: each.centre for each in patients}.values())


def _row(patient: Patient, words: dict[str, str], *, treated: bool) -> Row:
    closed = getattr(patient, "not_enrolled", None)
    ids = tuple(closed.reasons) if closed else ()
    return Row(
        patient=patient,
        outcome=_outcome(patient, treated=treated),
        reason_ids=ids,
        reasons=tuple(words.get(id_, id_) for id_ in ids),
        note=closed.note if closed else "",
    )


def _outcome(patient: Patient, *, treated: bool) -> str:
    if hasattr(patient, "not_enrolled"):
        return NOT_ENROLLED
    if not hasattr(patient, "allocation"):
        return SCREENING
    return TREATED if treated else RANDOMISED
