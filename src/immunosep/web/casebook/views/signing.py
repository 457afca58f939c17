"""Signing: see what is signed, say what it means, prove who you are, put your name under it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from immunosep.languages import Said, say
from immunosep.web.accounts.access import account_of, needs, require
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook import proving
from immunosep.web.casebook.blocks import Block, find_block, pages_in
from immunosep.web.casebook.hidden import trial_is_locked
from immunosep.web.casebook.models import Page, Signature
from immunosep.web.casebook.obstacles import name_of
from immunosep.web.casebook.signing import (
    MEANINGS,
    problems_before_signing,
    shown_content,
    sign,
)
from immunosep.web.casebook.views.finding import participant_at
from immunosep.web.casebook.views.pages import shown_columns
from immunosep.web.enrolment.models import Patient
from immunosep.web.supply.attempting import attempt
from immunosep.web.trial import trial_of


@needs(Permission.SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_block(request: HttpRequest, number: str, block: str) -> HttpResponse:
    """What would be signed; a POST keeps what was chosen and sends the signer to prove it."""
    patient, found = _found(request, number, block)
    pages = list(Page.objects.filter(patient=patient).select_related("patient__centre"))
    against = problems_before_signing(patient, found, pages)
    problems: tuple[str, ...] = ()
    if request.method == "POST" and not against:
        asked = proving.Asked(
            number=patient.pk,
            block=found.id,
            meaning=request.POST.get("meaning", ""),
            shown=request.POST.get("shown", ""),
            at=timezone.now().timestamp(),
        )
        address = request.POST.get("address", "")
        problems = _unmeant(asked) + attempt(lambda: proving.keep(request, asked, address=address))
        if not problems:
            return redirect("confirm_signature", patient.pk, found.id)
    locked = trial_is_locked()
    context = {
        "patient": patient,
        "centre": patient.centre,
        "part": found,  # `block` is a word of templates
        "against": against,
        "shown": shown_content(found, pages),
        "sheets": [
            (page, name_of(page), list(shown_columns(page, trial_locked=locked)))
            for page in pages_in(found, pages)
        ],
        "meanings": MEANINGS.items(),
        "is_first": proving.is_first(request),
        "typed": request.POST,
        "problems": problems,
    }
    status = 422 if problems or (against and request.method == "POST") else 200
    return render(request, "casebook/sign.html", context, status=status)


@needs(Permission.SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_signature(request: HttpRequest, number: str, block: str) -> HttpResponse:
    """Without fresh proof, to where it is given; with it, one button that signs."""
    patient, found = _found(request, number, block)
    now = timezone.now()
    asked = proving.asked_for(request, number, block, now=now)
    if asked is None:
        return redirect("sign_block", number, block)
    if not proving.is_proved(request, asked, now=now):
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
    user = account_of(request)
    made: list[Signature] = []
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        problems = attempt(
            lambda: made.append(
                sign(patient, block, meaning=asked.meaning, shown=asked.shown, by=user, now=now)
            )
        )
        if made:
            proving.end(request)
            messages.success(
                request,
                say(
                    "{label} of {number} is signed.", label=Said(found.label), number=patient.pk
                ).spoken(),
            )
            return redirect("clean_participant", patient.pk)
    context = {
        "patient": patient,
        "centre": patient.centre,
        "part": found,  # `block` is a word of templates
        "name": user.name,
        "now": now,
        "meaning": MEANINGS[asked.meaning],
        "problems": problems,
    }
    return render(request, "casebook/confirm.html", context, status=422 if problems else 200)


def _unmeant(asked: proving.Asked) -> tuple[str, ...]:
    if asked.meaning in MEANINGS:
        return ()
    return (say("Say what the signature means. Choose one of the meanings."),)


def _found(request: HttpRequest, number: str, block: str) -> tuple[Patient, Block]:
    patient = participant_at(request, number)
    require(account_of(request), Permission.SIGN, patient.centre)
    try:
        return patient, find_block(block, trial_of(patient.centre))
    except LookupError:
        raise Http404("no such block of visits") from None
