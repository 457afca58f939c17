"""The ward's page of orders, in a site process: numbers and times, never contents."""

import pytest
from django.utils import timezone

from immunosep.errors import CodeError
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.unblinding.opening import arm_of, open_contents
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast, keys
from tests.web.supplied import MALS, first_order, prepared, randomised, screened, stocked

ORDERS = "/supply/orders/"


@pytest.fixture
def handed_over(cast: Cast, settings, tmp_path) -> Preparation:
    """One preparation on its way to the ward, and then a site process again."""
    file = tmp_path / "key.pem"
    file.write_bytes(keys().private_pem)
    settings.CODE_KEY_FILE = str(file)
    stocked(cast)
    randomised(cast, now=NOW)
    made = prepared(cast, first_order(), "iv", timezone.now())[0]
    settings.CODE_KEY_FILE = ""
    Preparation.objects.filter(pk=made.pk).update(status="handed_over")
    return Preparation.objects.get(pk=made.pk)


@pytest.mark.parametrize("who", ["laboratory", "administrator", "stranger", "medical_monitor"])
def test_others_see_no_orders(cast: Cast, log_in: LogIn, who: str) -> None:
    assert log_in(getattr(cast, who)).get(ORDERS).status_code == 403


def test_another_centre_sees_none(cast: Cast, log_in: LogIn, handed_over: Preparation) -> None:
    client = log_in(cast.foreign_consultant)
    assert "01-0001" not in client.get(ORDERS).content.decode()
    address = f"/supply/preparations/{handed_over.number}/discard/"
    assert client.post(address).status_code == 404


def test_a_monitor_sees_orders_and_changes_nothing(
    cast: Cast, log_in: LogIn, handed_over: Preparation
) -> None:
    client = log_in(cast.monitor)
    page = client.get(ORDERS).content.decode()
    assert "01-0001" in page
    assert "by its label" not in page
    address = f"/supply/preparations/{handed_over.number}/discard/"
    assert client.post(address).status_code == 403


def test_the_page_names_the_envelope(cast: Cast, log_in: LogIn, handed_over: Preparation) -> None:
    assert "envelope 01_jena, 1" in log_in(cast.nurse).get(ORDERS).content.decode()


def test_a_nurse_is_led_to_receive_by_the_label(
    cast: Cast, log_in: LogIn, handed_over: Preparation
) -> None:
    client = log_in(cast.nurse)
    page = client.get(ORDERS).content.decode()
    address = f"/patients/{handed_over.order.participant}/doses/"
    assert f'<a href="{address}">Receive' in page
    assert "/receive/" not in page
    assert client.get(address).status_code == 200


def test_a_nurse_discards_with_a_reason(
    cast: Cast, log_in: LogIn, handed_over: Preparation
) -> None:
    client = log_in(cast.nurse)
    address = f"/supply/preparations/{handed_over.number}/discard/"
    assert client.post(address, {"because": ""}).status_code == 422
    assert client.post(address, {"because": "dropped"}).status_code == 302


def test_the_page_names_no_product(cast: Cast, log_in: LogIn, handed_over: Preparation) -> None:
    page = log_in(cast.nurse).get(ORDERS).content.decode().lower()
    assert not [word for word in ("anakinra", "interferon", "saline", "placebo") if word in page]


def test_a_process_without_a_key_opens_nothing(cast: Cast, handed_over: Preparation) -> None:
    with pytest.raises(CodeError, match="holds no code key"):
        arm_of(handed_over.order.slot)
    with pytest.raises(CodeError, match="holds no code key"):
        open_contents(handed_over.sealed, about=b"")


def test_orders_are_alike_whatever_the_state(cast: Cast) -> None:
    screened(cast, "01-0009")
    randomised(cast, "01-0001")
    randomised(cast, "01-0002", **MALS)
    one, two = Order.objects.order_by("id")
    assert one.doses == two.doses
