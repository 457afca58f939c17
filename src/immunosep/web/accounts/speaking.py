"""In which language a page is made: the reader's, where the page has been translated.

What an account has chosen counts first, then what a reader without one has (a cookie), then what
the browser asks for. A page is in one language throughout. Pages that nobody at a bedside opens,
programs that ask for data, and files to take away are English for everyone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from immunosep.languages import ENGLISH, speak, speaking
from immunosep.trials import TRIALS, translations_of
from immunosep.web.accounts.models import User

Respond = Callable[[HttpRequest], HttpResponse]

TRANSLATED = (
    "allauth.",
    "django.views.",
    "immunosep.web.accounts.language_views",
    "immunosep.web.accounts.log_in_views",
    "immunosep.web.accounts.second_factor_views",
    "immunosep.web.api.token_views",
    "immunosep.web.casebook.views.queries",
    "immunosep.web.casebook.views.signing",
    "immunosep.web.enrolment.",
    "immunosep.web.followup.",
    "immunosep.web.home",
    "immunosep.web.importing.",
    "immunosep.web.outbox.",
    "immunosep.web.oversight.views.deviations",
    "immunosep.web.pharmacy.",
    "immunosep.web.public.",
    "immunosep.web.safety.",
    "immunosep.web.supply.",
    "immunosep.web.unblinding.",
)
"""Whose pages are translated, by the module of the view."""


class PageLanguage:
    """Makes each page in its reader's language, and says in the answer which it is."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The language holds for this request alone; a proxy keeps a copy for each."""
        code = language_for(request)
        with translation.override(code), speaking(short(code), trial_folders()):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", short(translation.get_language()))
        if "text/html" in response.get("Content-Type", ""):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    def process_view(self, request: HttpRequest, view: Any, *_arguments: Any) -> None:
        """English for a page that is not translated."""
        if not view.__module__.startswith(TRANSLATED):
            translation.activate(settings.LANGUAGE_CODE)
            speak(ENGLISH)


@contextmanager
def speaking_to(user: User | None, *, otherwise: str = settings.LANGUAGE_CODE) -> Iterator[None]:
    """In the language that somebody has chosen, for what reaches them by mail."""
    chosen = user.language if user else ""
    code = chosen if chosen in dict(settings.LANGUAGES) else otherwise
    with translation.override(code), speaking(short(code), trial_folders()):
        yield


def language_for(request: HttpRequest) -> str:
    """The reader's choice: the account's, the cookie's, the browser's; else English."""
    chosen = request.user.language if isinstance(request.user, User) else ""
    return chosen if chosen in dict(settings.LANGUAGES) else _asked(request)


def short(code: str | None) -> str:
    """A language without its country, as catalogues have it."""
    return (code or settings.LANGUAGE_CODE).split("-")[0]


def trial_folders() -> tuple[Path, ...]:
    """Where translations of texts of trials may be: beside the site's trial and its versions.

    And of those that the package ships, for the public page names other trials.
    """
    versions = (Path(settings.VERSIONS) / "locale",) if settings.VERSIONS else ()
    trials = (settings.TRIAL, *TRIALS)
    return (*versions, *dict.fromkeys(translations_of(each) for each in trials))


def _asked(request: HttpRequest) -> str:
    return translation.get_language_from_request(request)
