"""What a page of follow-up is about: as absent to whoever has no role at the centre."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.forms import FilledBy
from immunosep.protocol.schedule import Visit
from immunosep.web.accounts.access import account_of, may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.forms import asked_at, find_form, find_visit
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.recording import MAY_ENTER
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.followup.entering import About
from immunosep.web.trial import trial_of


def participant_at(request: HttpRequest, number: str, permission: Permission) -> Patient:
    """Somebody who was randomised; 404 otherwise, as for a patient of another centre."""
    patient = patient_at(request, number, permission)
    if not hasattr(patient, "allocation"):
        raise Http404("nobody was randomised under this number")
    return patient


def filled_by(user: User, centre: Centre | None = None) -> list[FilledBy]:
    """Whose forms an account fills in."""
    return [each for each in FilledBy if may(user, MAY_ENTER[each], centre)]


def may_enter(user: User, about: About) -> bool:
    """Whether an account fills in this page."""
    return about.form.filled_by in filled_by(user, about.centre)


def page_at(request: HttpRequest, number: str, pk: int) -> About:
    """A page that is there, for whoever sees the participant or fills in this form."""
    patient = _of_somebody_here(request, number)
    found = Page.objects.filter(pk=pk, patient=patient).first()
    if found is None:
        raise Http404("no such page")
    trial = trial_of(patient.centre)
    try:
        form = find_form(found.form, trial)
        visit = find_visit(found.visit, trial) if found.visit else None
    except LookupError:
        raise Http404("the form is in another version of the trial") from None
    found.patient = patient
    return _permitted(request, About(patient=patient, form=form, visit=visit, page=found))


def page_to_be(request: HttpRequest, number: str, form_id: str) -> About:
    """A page that nobody has opened yet, or the planned one that somebody opened meanwhile."""
    patient = _of_somebody_here(request, number)
    asked = {**request.POST.dict(), **request.GET.dict()}
    trial = trial_of(patient.centre)
    try:
        form = find_form(form_id, trial)
        visit = None if form.repeats else find_visit(asked.get("visit", ""), trial)
    except LookupError:
        raise Http404("no such form, or no such visit") from None
    if visit is not None and not asked_at(visit, form):
        raise Http404("the visit does not ask for this form")
    unscheduled = visit is not None and bool(asked.get("unscheduled"))
    page = None
    if visit is not None and not unscheduled:
        planned = Page.objects.filter(patient=patient, form=form.id, visit=visit.id, number=1)
        page = planned.first()
    about = About(patient=patient, form=form, visit=visit, page=page, unscheduled=unscheduled)
    return _permitted(request, about)


def nearest_visit(form: CaseForm, visits: list[Visit], day: int) -> Visit | None:
    """Of the visits that ask for a form, the last up to a day, or else the first."""
    asking = [visit for visit in visits if asked_at(visit, form)]
    past = [visit for visit in asking if visit.day <= day]
    return past[-1] if past else asking[0] if asking else None


def _of_somebody_here(request: HttpRequest, number: str) -> Patient:
    user = account_of(request)
    patient = Patient.objects.select_related("centre").filter(pk=number).first()
    if patient is None or not any(may(user, each, patient.centre) for each in Permission):
        raise Http404("no such patient")
    if not hasattr(patient, "allocation"):
        raise Http404("nobody was randomised under this number")
    return patient


def _permitted(request: HttpRequest, about: About) -> About:
    user = account_of(request)
    if not may(user, Permission.SEE_PATIENTS, about.centre) and not may_enter(user, about):
        raise PermissionDenied
    return about
