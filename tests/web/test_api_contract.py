"""The interface can do what the website can, by the same actions and permissions, and no more.

Derived from the code: every address is visited, every POST notes its action (`endpoint.Done`).
"""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.urls import URLPattern, URLResolver

from immunosep.web.accounts.roles import ROLES, Permission
from immunosep.web.api.endpoint import Done, Endpoint
from immunosep.web.api.urls import VERSION_1
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.querying import raise_query
from immunosep.web.casebook.recording import MAY_ENTER, write_page
from immunosep.web.oversight.recording import report_deviation
from tests.web import by_token, twins
from tests.web.at_bedside import keyed_process
from tests.web.call_graph import WEB, is_atomic, reaches_a_line
from tests.web.people import NOW, Cast
from tests.web.programs import Program
from tests.web.supplied import treated

ENTRIES: list[URLPattern | URLResolver] = list(VERSION_1)
PATTERNS = [entry for entry in ENTRIES if isinstance(entry, URLPattern)]
VIEWS = [
    path.read_text(encoding="utf-8")
    for path in WEB.rglob("*.py")
    if "views" in path.as_posix() and "/api/" not in path.as_posix()
]


def endpoint_at(pattern: URLPattern) -> type[Endpoint] | None:
    return getattr(pattern.callback, "view_class", None)


def posts() -> dict[str, Done]:
    """What each address that takes a POST says that it does."""
    found = {str(each.pattern): endpoint_at(each) for each in PATTERNS}
    return {
        route: view.post.done
        for route, view in found.items()
        if view is not None and hasattr(view, "post")
    }


POSTS = posts()


def named(action: Callable[..., Any]) -> str:
    """As `call_graph` calls a function."""
    return f"{action.__module__}.{action.__name__}".removeprefix("immunosep.web.")


def test_every_address_but_the_document_asks_for_a_token() -> None:
    views = {str(each.pattern): endpoint_at(each) for each in PATTERNS}
    assert [r for r, view in views.items() if view is None] == ["openapi.json", "<path:rest>"]
    guards = {view.authentication_classes for view in views.values() if view is not None}
    assert guards == {Endpoint.authentication_classes}
    asked = {view.permission_classes for view in views.values() if view is not None}
    assert asked == {Endpoint.permission_classes}


def test_every_resource_is_there() -> None:
    assert len(POSTS) >= 24
    assert {route.split("/")[0] for route in map(str, (each.pattern for each in PATTERNS))} == {
        "openapi.json", "trial", "centres", "patients", "queries", "adverse-events", "deviations",
        "screening-log", "audit", "vital-status", "<path:rest>",
    }  # fmt: skip


@pytest.mark.parametrize("route", POSTS)
def test_a_post_is_an_action_that_writes_its_line(route: str) -> None:
    name = named(POSTS[route].action)
    assert is_atomic(name) or reaches_a_line(name)


@pytest.mark.parametrize("route", POSTS)
def test_a_post_is_what_a_page_of_the_site_does(route: str) -> None:
    name = POSTS[route].action.__name__
    used = re.compile(rf"\b{name}\b")
    saved = {"record_values", "record_page", "write_page"}  # by the forms' own `save`
    assert any(used.search(text) for text in VIEWS) or name in saved


@pytest.mark.parametrize("route", POSTS)
def test_a_post_asks_for_the_permission_of_its_action(route: str) -> None:
    """Named in the module of the action itself, which asks again whatever the endpoint does."""
    module = inspect.getmodule(POSTS[route].action)
    assert module is not None
    text = inspect.getsource(module)
    asked = set(re.findall(r"Permission\.([A-Z_]+)", text))
    asked |= {each.name for each in MAY_ENTER.values() if "MAY_ENTER" in text}
    assert {each.name for each in POSTS[route].permissions} <= asked


@pytest.fixture
def addresses(cast: Cast, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Every POST's address, of a participant who is there."""
    at = NOW + timedelta(days=2)
    with time_machine.travel(at, tick=False):
        with keyed_process(tmp_path):
            treated(cast)
        sent = {"day_status": "present"}
        page = write_page("01-0001", "daily_sofa", sent, visit="day_2", by=cast.nurse, now=at).page
        event = {"event_term": "Rash", "serious": True}
        rash = write_page("01-0001", "adverse_event", event, by=cast.nurse, now=at).page
        query = raise_query(page, text="Sure?", by=cast.monitor, now=at)
        odd = report_deviation(
            cast.jena, kind="other", what="Late.", happened_at=at, by=cast.nurse, now=at
        )
        yield {route: _filled(route, page, rash, query.pk, odd.pk) for route in POSTS}


def _filled(route: str, page: Page, rash: Page, query: int, odd: int) -> str:
    of_event = route.endswith(("report", "follow-up"))
    pk = query if route.startswith("queries") else odd if route.startswith("dev") else page.pk
    filled = route.replace("<int:pk>", str(rash.pk if of_event else pk))
    return filled.replace("<str:number>", "01-0001")


def test_no_role_gets_through_without_the_permission(cast: Cast, addresses: dict[str, str]) -> None:
    people = twins.blinded_people(cast)
    answers: dict[str, dict[str, int]] = {}
    for role, user in people.items():
        asks = Program(by_token.secret_of(user))
        answers[role] = {route: asks.post(at).status_code for route, at in addresses.items()}
    through = {
        (role, route)
        for role, given in answers.items()
        for route, status in given.items()
        if status not in (401, 403, 404)
    }
    assert {r for r, _ in through} >= {"investigator", "study_nurse", "laboratory", "monitor"}
    assert {route for _, route in through} == set(POSTS)
    assert [each for each in through if not _permits(*each)] == []
    assert set(answers["stranger"].values()) == {401}
    elsewhere = answers["investigator of another centre"]
    of_patients = {s for route, s in elsewhere.items() if "<" in route and "dev" not in route}
    assert of_patients == {404}


def _permits(role: str, route: str) -> bool:
    if role == "investigator of another centre":  # may add to their own, and nowhere else
        return "<" not in route
    held: tuple[Permission, ...] = ROLES[role].permissions  # type: ignore[index]
    return any(each in held for each in POSTS[route].permissions)
