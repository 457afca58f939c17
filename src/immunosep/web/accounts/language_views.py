"""The page on which a reader chooses a language, with or without an account."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from immunosep.languages import reviewed_by
from immunosep.web.accounts.choosing import choose_language
from immunosep.web.accounts.models import User
from immunosep.web.accounts.speaking import language_for, short


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One language as the page offers it; `reviewed` names who reviewed the translation."""

    code: str
    short: str
    name: str
    reviewed: str


def language(request: HttpRequest) -> HttpResponse:
    """The languages there are; a choice is kept with the account, without one in a cookie."""
    back = _page_to_return_to(request)
    code = request.POST.get("language", "")
    if request.method == "POST" and code in dict(settings.LANGUAGES):
        return _chosen(request, code, back)
    shown = {"choices": _choices(), "chosen": language_for(request), "back": back}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/language.html", shown, status=status)


def _chosen(request: HttpRequest, code: str, back: str) -> HttpResponse:
    response = HttpResponseRedirect(back)
    if isinstance(request.user, User):
        choose_language(code, by=request.user, now=timezone.now())
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def _choices() -> list[Choice]:
    return [
        Choice(code=code, short=short(code), name=name, reviewed=reviewed_by(short(code)))
        for code, name in settings.LANGUAGES
    ]


def _page_to_return_to(request: HttpRequest) -> str:
    """The page somebody came from, if it is one of ours; else their first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("home" if request.user.is_authenticated else "account_login")
