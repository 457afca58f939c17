"""No word in an address opens a way to what is sealed: lists take their own filters, no others.

Gate 2 of the blinding tests. Every field's name of every table of the site, alone and joined to
every relation, with every operator, is asked of every list that blinded people have; the page is
the same as without. Frameworks that filter by whatever field is named leak exactly so.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from immunosep.web.supply import views
from tests.web.conftest import LogIn
from tests.web.crawling import SITE, routes_of
from tests.web.people import Cast
from tests.web.supplied import MALS, first_order, prepared, randomised, stocked

OPERATORS = ("", "__gt", "__in", "__startswith", "__isnull", "__regex")
WAYS = ("order_by", "ordering", "sort", "o", "search", "q", "include", "fields", "expand",
        "group_by", "filter", "values", "annotate")  # fmt: skip
VALUE = "0"
AT_ONCE = 900  # Django takes no more than a thousand fields
OWN = {  # the filters a list has, and documents on itself
    "patients/": {"centre", "page"},
    "patients/log/": {"page"},
    "audit/": {"centre", "participant", "person", "action", "since", "until", "page"},
    "people/access/": {"on"},
}
PUBLIC = {"", "find-centre/", "robots.txt", "components/", "health/"}
LISTS = [
    route
    for route in routes_of(SITE)
    if "<" not in route and not route.startswith("account/") and route not in PUBLIC
]
SINGLY = (
    "slot__sealed__gt=0", "sealed=0", "allocation__slot__stratum=1", "order_by=-slot__sealed",
    "arm=precision", "preparations__sealed__startswith=0", "group_by=slot", "q=anakinra",
    "order_by=sealed&order_by=slot", "slot__kits__batch__regex=.", "slot%00=1", "page=slot__sealed",
)  # fmt: skip
CHANGING = re.compile(  # a form's own token; the way back from choosing a language
    rb'(name="(?:csrfmiddlewaretoken|request)" value="|/language/\?next=)[^"]*'
)


@cache
def names() -> tuple[str, ...]:
    """Every field of the site's tables, and every field one relation away from another."""
    models = [m for m in apps.get_models() if m.__module__.startswith("immunosep.web")]
    found: dict[str, None] = {}
    for model in models:
        for field in model._meta.get_fields():
            found[field.name] = found[getattr(field, "attname", field.name)] = None
            related = field.related_model
            if field.is_relation and related not in (None, "self"):
                for other in related._meta.get_fields():  # type: ignore[union-attr]
                    found[f"{field.name}__{other.name}"] = None
    return (*found, "allocation__slot__sealed", "order__slot__sealed", "arm", "regimen", "product")


def questions(own: set[str]) -> Iterator[list[tuple[str, str]]]:
    """All of it, in as few addresses as may hold it."""
    asked = iter(
        [(name + op, VALUE) for name in names() for op in OPERATORS if name + op not in own]
        + [(way, sign + name) for way in WAYS for name in names() for sign in ("", "-")]
    )
    while some := list(islice(asked, AT_ONCE)):
        yield some


def shown(client: Client, address: str) -> tuple[int, bytes]:
    """The page, without the random token of its forms."""
    answer = client.get(address)
    return answer.status_code, CHANGING.sub(rb"\1", answer.content)


@pytest.fixture
def readers(cast: Cast, keyed: None, settings: Any, log_in: LogIn) -> list[Client]:
    """Those who between them see every list of a site with participants; all are blinded."""
    stocked(cast)
    randomised(cast)
    prepared(cast, first_order(), "iv")
    randomised(cast, "01-0002", **MALS)
    settings.ROOT_URLCONF, settings.KEYED, settings.CODE_KEY_FILE = SITE, False, ""
    people = (cast.consultant, cast.laboratory, cast.medical_monitor, cast.administrator)
    return [log_in(person) for person in people]


def lists_seen(readers: list[Client]) -> Iterator[tuple[str, Client, bytes]]:
    """Each list with a reader of it, and the page as it is."""
    for route in LISTS:
        for reader in readers:
            status, page = shown(reader, f"/{route}")
            if status == 200:
                yield route, reader, page
                break


def asked_of_lists(readers: list[Client], *, share: int) -> tuple[int, set[str]]:
    """How much was asked, each list one part in `share` of it, and the lists that answered."""
    asked, answered = 0, set()
    for at, (route, reader, page) in enumerate(lists_seen(readers)):
        for some in islice(questions(OWN.get(route, set())), at % share, None, share):
            asked += len(some)
            if shown(reader, f"/{route}?{urlencode(some)}") != (200, page):
                answered.add(route)
    return asked, answered


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the same views; SQLite is enough")
def test_no_field_of_any_table_is_a_way_to_ask_a_list(readers: list[Client]) -> None:
    asked, answered = asked_of_lists(readers, share=6)
    assert answered == set()
    assert asked > 10_000


@pytest.mark.slow
def test_no_field_is_a_way_to_ask_any_list(readers: list[Client]) -> None:
    assert asked_of_lists(readers, share=1)[1] == set()


def test_nor_one_question_by_itself(readers: list[Client]) -> None:
    answered = [
        f"/{route}?{one}"
        for route, reader, page in lists_seen(readers)
        for one in SINGLY
        if shown(reader, f"/{route}?{one}") != (200, page)
    ]
    assert answered == []


def test_every_list_is_seen_by_somebody(readers: list[Client]) -> None:
    seen = {route for route, _, _ in lists_seen(readers)}
    others = {"patients/log/export.csv", "supply/orders/", "unblinding/", "people/", "centres/"}
    assert seen >= {*OWN, *others}


def test_a_lists_own_filter_takes_a_value_and_no_operator(readers: list[Client]) -> None:
    doctor = readers[0]
    filtered = shown(doctor, "/audit/?participant=01-0002")
    assert filtered != shown(doctor, "/audit/")
    for more in ("participant__startswith=01-0001", "by__name=Clara", "after__order=0"):
        assert shown(doctor, f"/audit/?participant=01-0002&{more}") == filtered


def test_a_list_that_filters_by_what_it_is_asked_would_be_found(
    readers: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test itself: a view that passes an address on to the database."""
    page = views._page

    def asking(request: Any, **more: Any) -> Any:
        if request.GET.get("slot__sealed__gt"):
            return page(request, problems=("sorted by what is sealed",))
        return page(request, **more)

    monkeypatch.setattr(views, "_page", asking)
    plain = shown(readers[0], "/supply/orders/")
    some = next(some for some in questions(set()) if ("slot__sealed__gt", VALUE) in some)
    assert shown(readers[0], f"/supply/orders/?{urlencode(some)}") != plain
