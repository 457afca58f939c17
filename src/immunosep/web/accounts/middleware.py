"""How long a log-in lasts, who needs a second factor, and that no page behind it is kept.

A page that refreshes itself must not keep a log-in alive: a GET sent by htmx does not count as
somebody being there; a page opened or a form sent does.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect

from immunosep.web.accounts.log_ins import note_log_out
from immunosep.web.accounts.models import User
from immunosep.web.accounts.second_factor import has_second_factor, needs_second_factor

Respond = Callable[[HttpRequest], HttpResponse]
IDLE = "You were logged out because nothing was done for 15 minutes. Log in to go on."
LONG = "You were logged out: a log-in lasts 12 hours. Log in to go on."
SECOND_FACTOR_FIRST = (
    "Your roles need a second factor. Set up an authenticator app or a passkey, then go on."
)


class SessionLimits:
    """Logs out a page left open for 15 minutes, and any log-in after 12 hours."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Compare with when somebody was last there, by the server's clock."""
        if not isinstance(request.user, User):
            return self.get_response(request)
        now = timezone.now()
        moment = now.timestamp()
        last = request.session.setdefault("last_seen", moment)
        began = request.session.setdefault("began", moment)
        if moment - began > settings.SESSION_SECONDS:
            return _logged_out(request, LONG, user=request.user)
        if moment - last > settings.IDLE_SECONDS:
            return _logged_out(request, IDLE, user=request.user)
        if not _by_itself(request):
            request.session["last_seen"] = moment
        return self.get_response(request)


class SecondFactor:
    """Sends whoever needs a second factor and has none to set one up, and nowhere else."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Ask on every page but those where it is set up."""
        user = request.user
        if (
            isinstance(user, User)
            and not _at_the_entrance(request)
            and needs_second_factor(user)
            and not has_second_factor(user)
        ):
            messages.warning(request, SECOND_FACTOR_FIRST)
            return _go(request, reverse("mfa_index"))
        return self.get_response(request)


class PrivatePages:
    """Tells browsers and proxies to keep no copy of a page seen by somebody logged in."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header to whatever the site answers."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response


def _by_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and "HX-Request" in request.headers


def _logged_out(request: HttpRequest, why: str, *, user: User) -> HttpResponse:
    """At the log-in page, with the way back to where they were."""
    note_log_out(user, now=timezone.now(), reason=why)
    logout(request)
    messages.info(request, why)
    query = {"next": back} if (back := _page_of(request)) else {}
    return _go(request, f"{reverse('account_login')}?{urlencode(query)}")


def _page_of(request: HttpRequest) -> str:
    """The page somebody was looking at: for a form or a part of a page, the page it was on."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.get_full_path()
    seen = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    ours = url_has_allowed_host_and_scheme(seen, allowed_hosts={request.get_host()})
    parts = urlsplit(seen)
    return f"{parts.path}?{parts.query}".rstrip("?") if ours else ""


def _at_the_entrance(request: HttpRequest) -> bool:
    try:
        name = resolve(request.path_info).url_name or ""
    except Resolver404:
        return False
    return name == "health" or name.startswith(("account_", "mfa_", "end_every", "openid_"))


def _go(request: HttpRequest, url: str) -> HttpResponse:
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
