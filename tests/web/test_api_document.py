"""The OpenAPI document tells the truth: requests drawn from it are answered as it says."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from immunosep.web.api.document import document
from immunosep.web.casebook.recording import write_page
from tests.web.at_bedside import keyed_process
from tests.web.people import NOW, Cast
from tests.web.programs import token_for
from tests.web.running import done
from tests.web.supplied import treated

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance,
          response_schema_conformance]  # fmt: skip
OPERATIONS = {
    (path, method): described["operationId"]
    for path, methods in document()["paths"].items()
    for method, described in methods.items()
}
FEW, MANY = 3, 60
_keys = count(1)


@pytest.fixture
def secret(cast: Cast, tmp_path: Path, settings: Any) -> Iterator[str]:
    """An investigator's token, on a site with a participant who has a page."""
    settings.API_RATE = "1000000/minute"
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        with keyed_process(tmp_path):
            treated(cast)
        sent = {"day_status": "present"}
        write_page(
            "01-0001", "daily_sofa", sent, visit="day_2", by=cast.nurse,
            now=NOW + timedelta(days=2),
        )  # fmt: skip
        yield token_for(cast.consultant, "randomise")


def ask(secret: str, examples: int) -> None:
    """Draw requests for every operation, half of them about somebody who is there."""
    schema = schemathesis.openapi.from_dict(document())
    schema.app = WSGIHandler()
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]  # a faulty one raises

        @settings(max_examples=examples, deadline=None, derandomize=True, database=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def draw(case: Any) -> None:
            key = next(_keys)
            if key % 2:
                case.path_parameters = {"number": "01-0001", "id": 1}
            headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"drawn-{key}"}
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=CHECKS, headers=headers)

        draw()


def test_what_is_drawn_is_answered_as_the_document_says(secret: str) -> None:
    ask(secret, FEW)


@pytest.mark.slow
def test_so_is_much_more(secret: str) -> None:
    ask(secret, MANY)


def test_it_is_open_and_the_same_as_printed(cast: Cast, tmp_path: Path) -> None:
    answer = Client().get("/api/1/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == json.loads(json.dumps(document()))
    assert Client().post("/api/1/openapi.json").status_code == 405


def test_an_address_that_is_none_is_answered_as_what_is_not_there(secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    known, unknown = (
        Client().get(f"/api/1/{at}", headers=headers) for at in ("patients/99-0001", "squirrels")
    )
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert unknown["Content-Type"] == "application/problem+json"


def test_every_operation_has_its_own_name_and_says_what_it_does() -> None:
    assert len(set(OPERATIONS.values())) == len(OPERATIONS)
    described = [each for path in document()["paths"].values() for each in path.values()]
    assert all(each["description"] for each in described)
    assert all(each["security"] == [{"token": []}] for each in described)


def test_each_post_asks_for_a_key_and_refuses_unknown_names() -> None:
    posts = [path["post"] for path in document()["paths"].values() if "post" in path]
    asked = [{each["name"] for each in post["parameters"]} for post in posts]
    assert all("Idempotency-Key" in names for names in asked)
    shapes = document()["components"]["schemas"]
    sent = [shape for name, shape in shapes.items() if name.endswith("Request")]
    assert sent
    assert all(shape["additionalProperties"] is False for shape in sent)


@pytest.mark.slow
def test_it_is_printed_by_a_command(tmp_path: Path) -> None:
    done("site", "init", tmp_path / "site", "--teaching")
    assert json.loads(done("site", "openapi", tmp_path / "site"))["openapi"] == "3.1.0"
    assert done("site", "send", tmp_path / "site").startswith("0 sent")
