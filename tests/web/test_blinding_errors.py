"""Nothing that is said when something goes wrong tells an arm: pages of errors, and the log.

Gate 10 of the blinding tests: what somebody would send to whoever supports the site.
"""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.logs import configure
from immunosep.web.pharmacy.preparing import content_of
from immunosep.web.supply.models import Order, Preparation
from tests.web.conftest import LogIn
from tests.web.people import Cast
from tests.web.supplied import LOTS, prepared, randomised, stocked

PRODUCTS = [
    word
    for each in IMMUNOSEP.interventions
    for word in (each.id, each.label, each.id.replace("_", " "))
]
ARMS = [word for arm in IMMUNOSEP.arms for word in (arm.id, arm.label)]
INSIDE = ["code.private.pem", "PRIVATE KEY", "Traceback", "site-packages"]
SECRET = [word.lower() for word in (*PRODUCTS, *ARMS, *INSIDE, *(i.lot for i in LOTS.values()))]


def tells(said: str) -> list[str]:
    """The words in it that nobody blinded may read."""
    return [word for word in SECRET if word in said.lower()]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process logs, at its most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure({"level": "DEBUG"}, stream)
    yield stream
    root.handlers, root.level = before, level


@pytest.fixture
def order(cast: Cast, keyed: None, settings: Any) -> Order:
    """One participant's order, with an infusion made up from it, in a keyed process."""
    settings.DEBUG = False
    stocked(cast)
    randomised(cast)
    found = Order.objects.get()
    prepared(cast, found, "iv")
    return found


class BrokeError(RuntimeError):
    """An error that itself says too much."""

    def __init__(self) -> None:
        super().__init__(" ".join(SECRET))


def break_down(*args: object, **more: object) -> None:
    """What an action meets in its middle: contents are open, and something fails."""
    contents = dict.fromkeys(SECRET, args)  # a debug page would show what is in a frame
    assert contents
    raise BrokeError


def without_raising(client: Client) -> Client:
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    "part",
    [
        "immunosep.web.pharmacy.preparing.seal_contents",
        "immunosep.web.pharmacy.preparing.use_lot",
        "immunosep.web.pharmacy.preparing.record",
        "immunosep.web.supply.ledger.seal_contents",
        "immunosep.web.pharmacy.preparing.regimen_in",
    ],
)
def test_an_error_in_the_middle_of_preparing_tells_nothing(
    order: Order, cast: Cast, log_in: LogIn, log: io.StringIO, monkeypatch: pytest.MonkeyPatch,
    part: str,
) -> None:  # fmt: skip
    item = next(lot for lot in LOTS.values() if _is_in(order, lot.product))
    monkeypatch.setattr(part, break_down)
    client = without_raising(log_in(cast.pharmacist))
    sent = {"route": "sc", "lot": item.key, "per_dose": "1"}
    answer = client.post(f"/pharmacy/orders/{order.number}/", sent)
    assert answer.status_code == 500
    assert tells(answer.content.decode()) == []
    assert "BrokeError" in log.getvalue()
    assert tells(log.getvalue()) == []
    assert Preparation.objects.filter(route="sc").count() == 0


def _is_in(order: Order, product: str) -> bool:
    return content_of(order, "sc").intervention.id == product


def test_an_error_in_the_middle_of_revealing_tells_nothing(
    order: Order, cast: Cast, log_in: LogIn, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("immunosep.web.unblinding.keyed_views.asked_for", break_down)
    answer = without_raising(log_in(cast.consultant)).post(f"/reveal/{order.participant}/")
    assert answer.status_code == 500
    assert tells(answer.content.decode()) == []
    assert tells(log.getvalue()) == []


@pytest.mark.parametrize(
    ("who", "method", "url", "status"),
    [
        ("pharmacist", "get", "/pharmacy/orders/NONE/", 404),
        ("pharmacist", "get", "/pharmacy/preparations/{made}/hand-over/", 405),
        ("pharmacist", "post", "/pharmacy/orders/{order}/", 404),
        ("nurse", "post", "/pharmacy/orders/{order}/hand-over/", 403),
        ("nurse", "get", "/pharmacy/orders/{order}/", 403),
        ("nurse", "get", "/pharmacy/preparations/{made}/check/", 403),
        ("foreign_consultant", "get", "/reveal/{patient}/", 404),
        ("consultant", "get", "/pharmacy/stock/", 403),
    ],
)
def test_a_refusal_of_the_keyed_process_tells_nothing(
    order: Order, cast: Cast, log_in: LogIn, log: io.StringIO, who: str, method: str, url: str,
    status: int,
) -> None:  # fmt: skip
    made = Preparation.objects.first()
    assert made is not None
    address = url.format(order=order.number, made=made.number, patient=order.participant)
    answer = getattr(log_in(getattr(cast, who)), method)(address)
    assert answer.status_code == status
    assert tells(answer.content.decode()) == []
    assert tells(str(dict(answer.headers))) == []
    assert tells(log.getvalue()) == []


@pytest.mark.parametrize("host", ["elsewhere.example.org", "localhost:"])
def test_a_request_that_cannot_be_understood_tells_nothing(
    order: Order, log: io.StringIO, host: str, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    answer = without_raising(Client()).get("/pharmacy/", headers={"host": host})
    assert answer.status_code == 400
    assert tells(answer.content.decode()) == []
    assert tells(log.getvalue()) == []


def test_a_key_that_cannot_be_read_is_not_named(
    order: Order, cast: Cast, log_in: LogIn, log: io.StringIO, settings: Any
) -> None:
    settings.CODE_KEY_FILE = "/nowhere/code.private.pem"
    answer = without_raising(log_in(cast.pharmacist)).get(f"/pharmacy/orders/{order.number}/")
    assert answer.status_code == 500
    assert tells(answer.content.decode()) == []
    assert "/nowhere" not in log.getvalue()
    assert tells(log.getvalue()) == []


def test_a_word_that_tells_is_found() -> None:
    assert "anakinra" in tells("Made from Anakinra, dose 3")
    assert not tells("Made up for dose 3")
