"""The patient a page is about: as absent to whoever has no role at the centre."""

from django.http import Http404, HttpRequest

from immunosep.web.accounts.access import account_of, may, require
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.models import Patient


def patient_at(request: HttpRequest, number: str, permission: Permission) -> Patient:
    """The patient; 404 without any role at the centre, 403 with one that may not do this."""
    user = account_of(request)
    patient = Patient.objects.select_related("centre").filter(pk=number).first()
    if patient is None or not any(may(user, each, patient.centre) for each in Permission):
        raise Http404("no such patient")
    require(user, permission, patient.centre)
    return patient
