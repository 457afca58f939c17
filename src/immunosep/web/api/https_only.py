"""A program that comes without HTTPS is refused, and not led on to it as a browser is.

Led on, it would go on to send its token in clear each time, and nobody would notice (ASVS 5.0,
4.1.2).
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from immunosep.web.api.problems import problem

ADDRESSES = "/api/"
TITLE = "this came without HTTPS"
PROBLEM = (
    "Send it to https://. A token that came along may have been read on its way: revoke it under "
    "*Tokens for programs*, and make another."
)


class HttpsOnly:
    """Says so to a program, before its token is looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse what a site on HTTPS is asked in clear."""
        if settings.SECURE_SSL_REDIRECT and _for_programs(request) and not request.is_secure():
            return problem(403, [PROBLEM], title=TITLE)
        return self.get_response(request)


def _for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(ADDRESSES)
