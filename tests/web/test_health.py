"""Whether the site is well, and what it says when something is wrong."""

from typing import Any

import pytest
from django.core.exceptions import BadRequest
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tests.web.conftest import LogIn
from tests.web.people import Cast


def fail(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def refuse(request: HttpRequest) -> HttpResponse:
    raise BadRequest


def test_a_site_that_reaches_its_database_is_well(db: None) -> None:
    answer = Client().get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"status": "well"})


def test_a_site_without_its_database_is_not_well(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError

    with monkeypatch.context() as without:
        without.setattr(connection, "cursor", gone)
        answer = Client().get("/health/")
    assert (answer.status_code, answer.json()) == (503, {"status": "no database"})


@pytest.fixture
def broken(settings: Any, cast: Cast) -> Client:
    """A site with a page that fails and one that refuses."""
    from immunosep.web import urls

    class Routes:
        urlpatterns = (*urls.urlpatterns, path("fail/", fail), path("refuse/", refuse))

    settings.ROOT_URLCONF = Routes
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("/fail/", 500, "Something went wrong on our side"),
        ("/refuse/", 400, "This request cannot be understood"),
        ("/nowhere/", 404, "Not here"),
    ],
)
def test_an_error_has_a_page_that_says_what_to_do(
    broken: Client, url: str, status: int, words: str
) -> None:
    answer = broken.get(url)
    text = answer.content.decode()
    assert answer.status_code == status
    assert words in text
    assert "style.css" in text
    assert "Traceback" not in text
    assert "ZeroDivision" not in text


def test_what_one_may_not_do_has_a_page(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.nurse).get("/people/")
    assert answer.status_code == 403
    assert b"Your roles do not let you do this" in answer.content


def test_a_form_that_is_too_old_has_a_page(cast: Cast) -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "a@b.org"})
    assert answer.status_code == 403
    assert b"This form was too old" in answer.content


def test_pages_say_what_a_browser_may_do_with_them(db: None) -> None:
    headers = Client().get("/account/login/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
