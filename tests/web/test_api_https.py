"""Programs come by HTTPS: what is sent in clear is refused with its reason, and not led on."""

from typing import Any

import pytest
from django.test import Client

from tests.web.people import Cast
from tests.web.programs import token_for

HTTPS = {"X-Forwarded-Proto": "https"}
ADDRESSES = ("/api/1/centres", "/api/1/nothing", "/api/2/centres", "/api/1/openapi.json")


@pytest.fixture
def on_https(settings: Any) -> None:
    """A site with patients, behind its proxy."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_program_in_clear_is_refused_and_not_led_on(on_https: None, address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert "Location" not in answer
    assert answer.json()["title"] == "this came without HTTPS"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_token_sent_in_clear_is_to_be_revoked_and_is_not_looked_at(
    cast: Cast, on_https: None, django_assert_num_queries: Any
) -> None:
    secret = token_for(cast.nurse)
    with django_assert_num_queries(0):
        answer = Client().get("/api/1/centres", headers={"Authorization": f"Bearer {secret}"})
    assert "revoke it" in answer.json()["problems"][0]
    assert secret not in answer.content.decode()


def test_a_program_by_https_is_answered(cast: Cast, on_https: None) -> None:
    bearer = {"Authorization": f"Bearer {token_for(cast.nurse)}"}
    assert Client().get("/api/1/centres", headers=HTTPS | bearer).status_code == 200


def test_a_browser_in_clear_is_led_to_https(on_https: None) -> None:
    assert Client().get("/account/login/")["Location"] == "https://testserver/account/login/"


def test_a_teaching_site_is_asked_in_clear(db: None) -> None:
    assert Client().get("/api/1/centres").status_code == 401
