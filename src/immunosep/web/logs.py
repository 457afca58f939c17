"""Structured logs: one JSON object a line, with nothing in it that could tell a value or an arm.

Of a request: its method, the name of its route (a path holds a patient's number), its status, how
long it took, and the id of the account. Of what a library says: where in its code it said it, and
the kind and place of an error, but not its words, which may hold anything.
"""

import logging
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import structlog
from django.http import HttpRequest, HttpResponse

MAY_BE_SAID = (
    "event",
    "level",
    "timestamp",
    "logger",
    "method",
    "route",
    "status",
    "milliseconds",
    "user",
    "error",
    "at",
)
OURS = "immunosep.request"


class RequestLog:
    """One line for each request, once it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then say what was answered; never what was asked."""
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        user = getattr(request, "user", None)
        said = {
            "method": request.method,
            "route": (match.view_name if match else "") or "none",
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - began) * 1000, 1),
            "user": getattr(user, "pk", None),
        }
        logging.getLogger(OURS).info("request", extra=said)
        return response


def only_what_may_be_said(_logger: Any, _method: str, line: Any) -> Any:
    """Drop every key that is not on the list: a list of what is secret is never complete."""
    return {key: line[key] for key in MAY_BE_SAID if key in line}


def without_words_of_others(_logger: Any, _method: str, line: Any) -> Any:
    """In place of a library's words, where it spoke; of an error, its kind and the way to it."""
    said: logging.LogRecord = line["_record"]
    if said.name != OURS:
        line["event"] = f"{said.module}.{said.funcName}:{said.lineno}"
    kind, _error, trace = line.get("exc_info") or (None, None, None)
    if kind:
        line["error"], line["at"] = kind.__name__, _places(trace)
    return line


def configure(options: Mapping[str, Any], stream: TextIO | None = None) -> None:
    """What Django calls with its LOGGING setting."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.ExtraAdder(allow=MAY_BE_SAID),
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                without_words_of_others,
                only_what_may_be_said,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(options.get("level", "INFO"))


def _places(trace: Any) -> list[str]:
    """File and line of each step to an error, innermost last."""
    places = []
    while trace is not None:
        places.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places
