"""Everything recorded of a patient: each value, who entered it and when, and what stood before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from immunosep.protocol.forms import FilledBy, Form
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.accounts.access import needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.models import Entry, Patient
from immunosep.web.enrolment.questions import forms_of, value_in_words
from immunosep.web.enrolment.views.finding import patient_at


@dataclass(frozen=True, kw_only=True)
class Said:
    """One entry in words."""

    label: str
    value: str
    by: str
    at: datetime
    drawn_at: datetime | None
    reason: str
    stands: bool  # no later entry of its column


@needs(Permission.SEE_PATIENTS)
@require_safe
def recorded(request: HttpRequest, number: str) -> HttpResponse:
    """By form, the newest entry of a value first."""
    patient = patient_at(request, number, Permission.SEE_PATIENTS)
    context = {
        "patient": patient,
        "centre": patient.centre,
        "forms": [(form, said) for form, said in _by_form(patient) if said],
    }
    return render(request, "enrolment/recorded.html", context)


def _by_form(patient: Patient) -> Iterator[tuple[Form, list[Said]]]:
    entries = Entry.objects.filter(patient=patient).select_related("entered_by")
    by_column: dict[str, list[Entry]] = {}
    for entry in entries.order_by("-id"):
        by_column.setdefault(entry.column, []).append(entry)
    for form in (form for filled_by in FilledBy for form in forms_of(filled_by, patient.centre)):
        yield (
            form,
            [
                _said(entry, patient, stands=at == 0)
                for name in form.columns
                for at, entry in enumerate(by_column.get(name, ()))
            ],
        )


def _said(entry: Entry, patient: Patient, **more: Any) -> Said:
    return Said(
        label=COLUMNS[entry.column].label,
        value=value_in_words(entry.column, entry.value, centre=patient.centre),
        by=entry.entered_by.name,
        at=entry.entered_at,
        drawn_at=entry.observed_at,
        reason=entry.reason,
        **more,
    )
