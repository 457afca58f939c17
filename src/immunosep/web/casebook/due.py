"""Which pages must be there before records are locked: those the schedule asks for while it could.

Day 1 is the first dose. Nothing is asked for after death, nor after all consent was withdrawn; who
was given no dose has no visits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min

from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.schedule import Visit
from immunosep.web.casebook.forms import planned_pages
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.enrolment.models import Dose, Patient, Withdrawal
from immunosep.web.trial import trial_of


@dataclass(frozen=True, kw_only=True)
class Lacking:
    """A page that nobody opened."""

    form: CaseForm
    visit: Visit


def lacking_pages(patients: Sequence[Patient], pages: Sequence[Page]) -> dict[str, list[Lacking]]:
    """What each participant lacks; `pages` are all of theirs. Three questions to the database."""
    there = {(page.patient_id, page.form, page.visit) for page in pages}
    first, ends = _first_doses(patients), _ends(patients)
    return {
        patient.pk: [
            Lacking(form=planned.form, visit=planned.visit)
            for planned in planned_pages(
                first[patient.pk], patient.centre, trial_of(patient.centre)
            )
            if planned.on <= ends.get(patient.pk, date.max)
            and (patient.pk, planned.form.id, planned.visit.id) not in there
        ]
        if patient.pk in first
        else []
        for patient in patients
    }


def _first_doses(patients: Sequence[Patient]) -> dict[str, datetime]:
    doses = Dose.objects.filter(allocation__patient__in=patients).order_by()
    found = doses.values_list("allocation__patient").annotate(Min("given_at"))
    return dict(found)


def _ends(patients: Sequence[Patient]) -> dict[str, date]:
    """The day of death, or of withdrawal from everything, by the centre's clock: the earlier."""
    zones = {patient.pk: patient.centre.zone for patient in patients}
    moments = [*_deaths(patients), *_withdrawals(patients)]
    found: dict[str, date] = {}
    for number, at in moments:
        day = at.astimezone(zones[number]).date()
        found[number] = min(day, found.get(number, day))
    return found


def _deaths(patients: Sequence[Patient]) -> list[tuple[str, datetime]]:
    entries = PageEntry.objects.filter(page__patient__in=patients, column="died_at").order_by("id")
    last = {pk: (number, value) for pk, number, value in
            entries.values_list("page", "page__patient", "value")}  # fmt: skip
    return [(number, datetime.fromisoformat(value)) for number, value in last.values() if value]


def _withdrawals(patients: Sequence[Patient]) -> list[tuple[str, datetime]]:
    kept = WithdrawalKind.TREATMENT_KEEP_FOLLOW_UP
    rows = Withdrawal.objects.filter(patient__in=patients).exclude(kind=kept)
    return list(rows.values_list("patient", "at"))
