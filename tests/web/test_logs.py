"""The log: a line a request, and in it nothing that anybody typed."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from immunosep.web.logs import MAY_BE_SAID, configure
from tests.web.conftest import LogIn
from tests.web.people import PASSWORD, Cast
from tests.web.proving import log_in_by_password, proven
from tests.web.test_health import fail

TYPED = (
    "typed.address@example.org", "typedpassword", "TypedName", "typedreason", "98765.4321",
    "07-0012", "typedreference",
)  # fmt: skip


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the site logs, at its most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure({"level": "DEBUG"}, stream)
    yield stream
    root.handlers, root.level = before, level


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def requests(log: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["logger"] == "immunosep.request"]


def test_a_request_is_one_line(cast: Cast, log_in: LogIn, log: io.StringIO) -> None:
    log_in(cast.nurse).get("/home/?patient=07-0012")
    (line,) = requests(log)
    assert (line["method"], line["route"], line["status"]) == ("GET", "home", 200)
    assert line["user"] == cast.nurse.pk
    assert line["milliseconds"] >= 0


def test_an_address_that_is_not_there_is_not_written(db: None, log: io.StringIO) -> None:
    Client().get("/patients-of/07-0012/")
    assert requests(log)[0]["route"] == "none"
    assert "07-0012" not in log.getvalue()


def test_nothing_that_is_typed_is_written(cast: Cast, log_in: LogIn, log: io.StringIO) -> None:
    address, password, name, reason, number, patient, reference = TYPED
    stranger, admin = Client(), proven(log_in(cast.administrator), cast.administrator)
    for _ in range(6):
        log_in_by_password(stranger, address, password)
    stranger.post("/account/password/reset/", {"email": address})
    stranger.get(f"/account/password/reset/key/1-{password}/")
    admin.post("/people/", {"name": name, "email": address})
    sent = {"do": "deactivate", "reason": reason}
    admin.post(f"/people/{cast.nurse.pk}/", sent)
    admin.post("/people/access/", {"findings": reason})
    admin.get("/audit/", {"participant": patient, "action": reason, "x": number})
    admin.post("/centres/01_jena/", {"do": "approve", "reference": reference, "given_by": name})
    admin.get(f"/centres/{reference}/")
    consultant = log_in(cast.consultant)
    for url in (f"/patients/{patient}/", f"/patients/{patient}/screen/", f"/unblinding/{patient}/"):
        consultant.get(url, {"ferritin_ng_ml": number})
        consultant.post(url, {"ferritin_ng_ml": number, "reason": reason})
    said = log.getvalue()
    assert len(requests(log)) > 20
    assert [word for word in (*TYPED, PASSWORD, "example.org") if word in said] == []


def test_every_line_has_only_what_may_be_said(cast: Cast, log: io.StringIO) -> None:
    logging.getLogger("some.library").warning("patient %s", "07-0012", extra={"arm": "anakinra"})
    log_in_by_password(Client(), "nora.nurse@example.org", "wrong")
    assert all(set(line) <= set(MAY_BE_SAID) for line in lines(log))
    assert "anakinra" not in log.getvalue()


def test_an_error_is_told_by_kind_and_place(db: None, settings: Any, log: io.StringIO) -> None:
    from django.urls import path

    from immunosep.web import urls

    class Routes:
        urlpatterns = (*urls.urlpatterns, path("fail/", fail, name="fail"))

    settings.ROOT_URLCONF = Routes
    Client(raise_request_exception=False).get("/fail/")
    (told,) = [line for line in lines(log) if line["logger"] == "django.request"]
    assert told["error"] == "ZeroDivisionError"
    assert told["at"][-1].startswith("test_health.py:")
