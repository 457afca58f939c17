"""How long a log-in lasts, and that no page behind it is kept by a browser."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Respond = Callable[[HttpRequest], HttpResponse]


class SessionLimits:
    """Logs out a page left open for 15 minutes, and any log-in after 12 hours."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Compare with the last request of the session, by the server's clock."""
        now = timezone.now().timestamp()
        if request.user.is_authenticated:
            last = request.session.get("last_seen", now)
            began = request.session.setdefault("began", now)
            if now - last > settings.IDLE_SECONDS or now - began > settings.SESSION_SECONDS:
                logout(request)
            else:
                request.session["last_seen"] = now
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
