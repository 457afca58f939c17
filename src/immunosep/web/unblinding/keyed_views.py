"""Revealing one treatment, in the keyed process: prove who you are, then see it at once."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from immunosep.web.accounts.access import account_of, centres_of, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.models import Patient
from immunosep.web.supply.attempting import attempt
from immunosep.web.unblinding.asking import asked_for, end, is_proved
from immunosep.web.unblinding.revealing import Revealed
from immunosep.web.unblinding.revealing import reveal as reveal_treatment


@needs(Permission.UNBLIND)
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Without a reason, back to where it is asked; without fresh proof, to where that is asked."""
    patient, now = _patient(request, number), timezone.now()
    asked = asked_for(request, number, now=now)
    if asked is None:
        return redirect(f"{settings.SITE_URL.rstrip('/')}/unblinding/{number}/")
    if not is_proved(request, asked, now=now):
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
    if request.method != "POST":
        return _page(request, {"patient": patient, "asked": asked})
    shown: list[Revealed] = []
    problems = attempt(
        lambda: shown.append(
            reveal_treatment(patient, reason=asked.reason, by=account_of(request), now=now)
        )
    )
    if problems:
        return _page(request, {"patient": patient, "asked": asked, "problems": problems}, 422)
    end(request)
    return _page(request, {"patient": patient, "revealed": shown[0], "now": now})


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, "unblinding/reveal.html", context, status=status)


def _patient(request: HttpRequest, number: str) -> Patient:
    centres = centres_of(account_of(request), Permission.UNBLIND)
    found = Patient.objects.filter(pk=number, centre__in=centres).select_related("centre").first()
    if found is None:
        raise Http404
    return found
