"""What a page says when the database cannot be reached or written: 503, and that nothing was saved.

A disk that is full, a file system or database that is read-only, a lock that is not given in time,
a server that is gone. Whatever was under way is rolled back by its transaction. Anything else that
goes wrong is the 500 page's.
"""

import sys

from django.db import Error, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.defaults import bad_request, server_error

WAIT_SECONDS = 30  # before a browser or a proxy tries again
SQLITE = (  # https://www.sqlite.org/rescode.html, primary result codes
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_FULL",
    "SQLITE_CANTOPEN",
)  # fmt: skip
POSTGRESQL = (  # https://www.postgresql.org/docs/current/errcodes-appendix.html, classes and codes
    "08", "25006", "40", "53", "55P03", "57", "58",
)  # fmt: skip


def something_failed(request: HttpRequest) -> HttpResponse:
    """What Django calls where a view, or what is around it, raised."""
    if cannot_be_reached_or_written(sys.exc_info()[1]):
        return _said()
    return server_error(request)


def request_failed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django calls for a bad request; one whose log-in could not be kept is not to blame."""
    error: BaseException | None = exception
    while error is not None:
        if cannot_be_reached_or_written(error):
            return _said()
        error = error.__context__
    return bad_request(request, exception)


def _said() -> HttpResponse:
    text = loader.get_template("503.html").render()
    answer = HttpResponse(text, status=503)
    answer["Retry-After"] = str(WAIT_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def cannot_be_reached_or_written(error: BaseException | None) -> bool:
    """Whether an error says that the database, not the program, could not do its work."""
    if not isinstance(error, Error):
        return False
    cause = error.__cause__
    if name := getattr(cause, "sqlite_errorname", ""):
        return str(name).startswith(SQLITE)
    if code := getattr(cause, "sqlstate", None):
        return str(code).startswith(POSTGRESQL)
    return isinstance(error, InterfaceError) or _is_of_connecting(cause)


def _is_of_connecting(cause: BaseException | None) -> bool:
    """psycopg gives no code where the server was not reached, or was lost half way."""
    return type(cause).__module__.startswith("psycopg") and "sqlstate" in dir(cause)
