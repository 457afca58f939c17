"""What a page of cleaning is about: as absent to whoever has no role at the centre."""

from django.http import Http404, HttpRequest

from immunosep.web.accounts.access import account_of, centres_of, may, require
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import Page
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.views.finding import patient_at


def page_at(request: HttpRequest, pk: int) -> Page:
    """The page; 404 without any role at its centre, 403 with one that sees no patients."""
    user = account_of(request)
    page = Page.objects.select_related("patient__centre").filter(pk=pk).first()
    if page is None or not any(may(user, each, page.patient.centre) for each in Permission):
        raise Http404("no such page")
    require(user, Permission.SEE_PATIENTS, page.patient.centre)
    return page


def participant_at(request: HttpRequest, number: str) -> Patient:
    """Somebody who was randomised; 404 otherwise, as for a patient of another centre."""
    patient = patient_at(request, number, Permission.SEE_PATIENTS)
    if not hasattr(patient, "allocation"):
        raise Http404("nobody was randomised under this number")
    return patient


def centre_at(request: HttpRequest, pk: str) -> Centre:
    """A centre whose patients one sees."""
    found = centres_of(account_of(request), Permission.SEE_PATIENTS).filter(pk=pk).first()
    if found is None:
        raise Http404("no such centre")
    return found


def permissions_at(request: HttpRequest, centre: Centre | None) -> dict[str, bool]:
    """What of cleaning the reader may do there, by the names that templates use."""
    user = account_of(request)
    asked = (Permission.RAISE_QUERIES, Permission.ANSWER_QUERIES, Permission.VERIFY,
             Permission.FREEZE, Permission.LOCK, Permission.SIGN)  # fmt: skip
    return {each.name.lower(): may(user, each, centre) for each in asked}
