"""Pages as somebody of the ward and the pharmacy reads them: nothing on them stays English.

A text of a page counts as forgotten if it is a sentence of ours that has another translation.
"""

import re
from html import unescape
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from immunosep.languages import PACKAGE
from immunosep.web.accounts.models import User
from immunosep.web.supply.models import Order
from tests.web.at_bedside import keyed_process
from tests.web.catalogues import LANGUAGES, read_catalogue
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.serious import ASSESSED, HOUR, assessed, entered, reported
from tests.web.supplied import first_order, on_the_ward, prepared, randomised, stocked

BOTH = pytest.mark.parametrize(
    "language",
    [LANGUAGES[0], *(pytest.param(each, marks=pytest.mark.slow) for each in LANGUAGES[1:])],
)
TEXTS = re.compile(r">([^<>]+)<|(?:aria-label|data-label|title|placeholder)=\"([^\"]+)\"")
ENGLISH = re.compile(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', re.DOTALL)


def left_in_english(page: str, language: str) -> list[str]:
    """The sentences of ours that a page shows as they are in English."""
    translated = {
        each.id if isinstance(each.id, str) else each.id[0]: each.string
        for each in read_catalogue(language, PACKAGE)
        if each.id
    }
    found = (unescape("".join(pair)).strip() for pair in TEXTS.findall(ENGLISH.sub("", page)))
    return [text for text in found if translated.get(text, text) != text]


def visited(client: Client, language: str, *addresses: str) -> list[tuple[str, str]]:
    """What is left on some pages, each of which is there and in the language."""
    left: list[tuple[str, str]] = []
    for address in addresses:
        answer = client.get(address)
        page = answer.content.decode()
        assert (answer.status_code, answer["Content-Language"]) == (200, language), address
        left += [(address, text) for text in left_in_english(page, language)]
    return left


@pytest.fixture
def order(cast: Cast, language: str, tmp_path: Path) -> Order:
    """Of somebody who was randomised; a dose waits for its check, one is on the ward."""
    randomised(cast, now=NOW)
    found = first_order()
    with keyed_process(tmp_path):
        stocked(cast)
        prepared(cast, found, "iv")
        on_the_ward(cast, found, "sc")
    User.objects.update(language=language)
    return found


def test_a_text_left_in_english_is_found() -> None:
    page = '<p>Nothing is due.</p><i title="Route"></i><b lang="en">Dose</b><p>Δόση</p>'
    assert left_in_english(page, "el") == ["Nothing is due.", "Route"]


@BOTH
def test_the_pharmacy_reads_nothing_in_english(
    cast: Cast, log_in: LogIn, order: Order, keyed: None, language: str
) -> None:
    made = order.preparations.filter(route="iv").first()
    assert made is not None
    addresses = ("/pharmacy/", f"/pharmacy/orders/{order.number}/", "/pharmacy/stock/",
                 f"/pharmacy/preparations/{made.number}/check/")  # fmt: skip
    with time_machine.travel(NOW + HOUR, tick=False):
        assert visited(log_in(cast.second_pharmacist), language, *addresses) == []


@BOTH
def test_the_ward_reads_nothing_in_english(
    cast: Cast, log_in: LogIn, order: Order, language: str
) -> None:
    page = entered(cast, "01-0001")
    assessed(cast, reported(cast, page))
    with time_machine.travel(ASSESSED + HOUR, tick=False):
        for who in (cast.consultant, cast.safety_officer):
            seen = ("/safety/", f"/safety/events/{page.pk}/", "/notices/", "/tokens/")
            assert visited(log_in(who), language, *seen) == []
        ward = ("/supply/orders/", "/imports/", "/oversight/deviations/")
        assert visited(log_in(cast.consultant), language, *ward) == []
