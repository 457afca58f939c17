"""The keyed pages of the pharmacy, the wrong role first; and the blinded page of orders."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from immunosep.errors import RefusedError
from immunosep.web.casebook.recording import write_page
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.pharmacy.preparing import check
from immunosep.web.pharmacy.worklist import stopped_orders, tasks_of
from immunosep.web.supply.handover import hand_over, hand_over_all
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.waiting import CARDS
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.supplied import (
    MALS,
    SALINE,
    first_order,
    give,
    on_the_ward,
    prepared,
    randomised,
    stocked,
)

pytestmark = pytest.mark.usefixtures("keyed")
PAGES = ("/pharmacy/", "/pharmacy/orders/{}/", "/pharmacy/stock/", "/pharmacy/stock/01_jena/")
BLINDED = ("consultant", "nurse", "laboratory", "monitor", "administrator", "stranger")


@pytest.fixture
def order(cast: Cast) -> Order:
    stocked(cast)
    randomised(cast, now=NOW)
    return first_order()


@pytest.mark.parametrize("who", BLINDED)
def test_no_blinded_role_sees_a_page_of_the_pharmacy(
    cast: Cast, log_in: LogIn, order: Order, who: str
) -> None:
    client = log_in(getattr(cast, who))
    assert {client.get(page.format(order.number)).status_code for page in PAGES} == {403}


def test_nobody_sees_a_page_without_logging_in(client, order: Order) -> None:
    assert {client.get(page.format(order.number)).status_code for page in PAGES} == {302}


def test_another_centres_order_is_absent(cast: Cast, log_in: LogIn, order: Order) -> None:
    Order.objects.update(centre=cast.athens)
    assert log_in(cast.pharmacist).get(f"/pharmacy/orders/{order.number}/").status_code == 404


def test_the_worklist_tells_the_content(cast: Cast, log_in: LogIn, order: Order) -> None:
    page = log_in(cast.pharmacist).get("/pharmacy/").content.decode()
    assert "01-0001" in page
    assert "Placebo: sodium chloride" in page


def test_the_first_dose_has_a_deadline_on_the_worklist(
    cast: Cast, log_in: LogIn, order: Order
) -> None:
    closes = at_centre(order.slot.allocation.window_closes_at, cast.jena)
    page = log_in(cast.pharmacist).get("/pharmacy/").content.decode()
    assert "as soon as possible" in page
    assert f"first dose before {escape(closes)}" in page


def test_an_empty_worklist_says_so(cast: Cast, log_in: LogIn) -> None:
    assert "Nothing is due" in log_in(cast.pharmacist).get("/pharmacy/").content.decode()


def test_tasks_come_by_time(cast: Cast) -> None:
    randomised(cast, "01-0001", now=NOW)
    randomised(cast, "01-0002", now=NOW.replace(hour=8), **MALS)
    numbers = [task.order.participant for task in tasks_of([cast.jena], now=NOW)]
    assert numbers == ["01-0002", "01-0002", "01-0001", "01-0001"]


def test_a_missed_dose_is_no_task_any_more(cast: Cast) -> None:
    stocked(cast)
    allocation = randomised(cast, now=NOW)
    made = on_the_ward(cast, first_order(), "sc")
    give(cast, allocation, made[0], NOW)
    after = NOW + timedelta(hours=9)  # the first infusion was due at 0 h, the second at 8 h
    (task,) = [t for t in tasks_of([cast.jena], now=after) if t.order.day == 1]
    assert (task.route, task.to_prepare) == ("iv", (2, 3))


def ended(cast: Cast, at: datetime) -> None:
    """A page of the participant says that treatment ended; why is nobody's business here."""
    said = {"treatment_completed": False, "treatment_ended_because": "death"}
    write_page("01-0001", "treatment_end", said, visit="day_15", by=cast.nurse, now=at)


def test_what_was_made_for_whoever_is_treated_no_more_is_to_be_discarded(
    cast: Cast, log_in: LogIn, order: Order
) -> None:
    now = timezone.now()
    Order.objects.update(ordered_at=now)
    made = prepared(cast, order, "iv", now)[0]
    ended(cast, now)
    page = log_in(cast.pharmacist).get("/pharmacy/").content.decode()
    assert "No longer needed" in page
    assert "Prepare dose" not in page
    page = log_in(cast.pharmacist).get(f"/pharmacy/orders/{order.number}/").content.decode()
    assert f"/{made.number}/discard/" in page
    assert "/hand-over/" not in page


@pytest.mark.parametrize("days", [1, 4])
def test_an_order_without_preparations_is_told_of_for_some_days(
    cast: Cast, order: Order, days: int
) -> None:
    ended(cast, NOW)
    assert tasks_of([cast.jena], now=NOW) == []
    told = stopped_orders([cast.jena], now=NOW + timedelta(days=days))
    assert told == ([order] if days == 1 else [])


def test_nothing_is_prepared_or_handed_over_once_treatment_ended(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "iv")[0]
    check(made, label=made.number, by=cast.second_pharmacist, now=NOW)
    ended(cast, NOW)
    with pytest.raises(RefusedError, match="treatment has ended"):
        prepared(cast, order, "sc")
    with pytest.raises(RefusedError, match="treatment has ended"):
        hand_over(made, by=cast.pharmacist, now=NOW)
    with pytest.raises(RefusedError, match="treatment has ended"):
        hand_over_all(order, by=cast.pharmacist, now=NOW)


def test_the_first_page_counts_no_order_of_whoever_is_treated_no_more(
    cast: Cast, order: Order
) -> None:
    card = next(card for card in CARDS if card.page == "worklist")
    prepared(cast, order, "iv")
    assert card.says(cast.pharmacist, NOW) == "0 orders to prepare, 3 preparations to check"
    ended(cast, NOW)
    assert card.says(cast.pharmacist, NOW) == "0 orders to prepare, 0 preparations to check"


def test_a_dose_goes_from_order_to_ward(cast: Cast, log_in: LogIn, order: Order) -> None:
    page = f"/pharmacy/orders/{order.number}/"
    one, two = log_in(cast.pharmacist), log_in(cast.second_pharmacist)
    sent = {"route": "iv", "lot": SALINE.key, "per_dose": "1"}
    assert one.post(page, sent).status_code == 302
    made = Preparation.objects.get(dose=2)
    checking = f"/pharmacy/preparations/{made.number}/check/"
    assert two.post(checking, {"label": made.number.lower()}).status_code == 302
    assert one.post(f"/pharmacy/preparations/{made.number}/hand-over/").status_code == 302
    made.refresh_from_db()
    assert made.status == "handed_over"


def test_what_is_ready_is_handed_over_by_one_button(
    cast: Cast, log_in: LogIn, order: Order
) -> None:
    made = prepared(cast, order, "iv", timezone.now())
    for each in made:
        check(each, label=each.number, by=cast.second_pharmacist, now=each.prepared_at)
    pharmacist, page = log_in(cast.pharmacist), f"/pharmacy/orders/{order.number}/"
    assert "Hand over all 3 that are ready" in pharmacist.get(page).content.decode()
    told = pharmacist.post(f"{page}hand-over/", follow=True).content.decode()
    assert "Handed over: all that was ready." in told
    assert "Hand over all" not in told
    assert set(order.preparations.values_list("status", flat=True)) == {"handed_over"}
    again = pharmacist.post(f"{page}hand-over/")
    assert again.status_code == 422
    assert "Nothing of this order is ready" in again.content.decode()


def test_what_was_refused_is_said_beside_the_form(cast: Cast, log_in: LogIn, order: Order) -> None:
    sent = {"route": "iv", "lot": SALINE.key, "per_dose": "none"}
    answer = log_in(cast.pharmacist).post(f"/pharmacy/orders/{order.number}/", sent)
    assert answer.status_code == 422
    assert "from 1 to 100" in answer.content.decode()
    assert 'value="none"' in answer.content.decode()


def test_a_route_the_order_does_not_have_is_absent(cast: Cast, log_in: LogIn, order: Order) -> None:
    answer = log_in(cast.pharmacist).post(f"/pharmacy/orders/{order.number}/", {"route": "oral"})
    assert answer.status_code == 404


def test_checking_ones_own_work_is_refused_on_the_page(
    cast: Cast, log_in: LogIn, order: Order
) -> None:
    made = prepared(cast, order, "sc", timezone.now())[0]
    client = log_in(cast.pharmacist)
    answer = client.post(f"/pharmacy/preparations/{made.number}/check/", {"label": made.number})
    assert answer.status_code == 422
    assert "Another person" in answer.content.decode()


def test_discarding_without_a_reason_is_refused_on_the_page(
    cast: Cast, log_in: LogIn, order: Order
) -> None:
    made = prepared(cast, order, "sc", timezone.now())[0]
    client = log_in(cast.pharmacist)
    address = f"/pharmacy/preparations/{made.number}/discard/"
    assert client.post(address, {"because": ""}).status_code == 422
    assert client.post(address, {"because": "spilt"}).status_code == 302


def test_stock_comes_and_goes_by_its_page(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.pharmacist)
    delivery = {
        "act": "receive", "product": "saline", "lot_number": "S-9", "expires_on": "2030-01-31",
        "quantity": "50",
    }  # fmt: skip
    lot = "saline|S-9|2030-01-31"
    assert client.post("/pharmacy/stock/01_jena/", delivery).status_code == 302
    change = {"act": "quarantine", "lot": lot, "quantity": "20", "because": "12 °C for 4 days"}
    assert client.post("/pharmacy/stock/01_jena/", change).status_code == 302
    count = {"act": "count", "lot": lot, "quantity": "29", "because": "one broken"}
    assert client.post("/pharmacy/stock/01_jena/", count).status_code == 302
    page = client.get("/pharmacy/stock/").content.decode()
    assert "Received 50, on hand 49; all containers accounted for: 50" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"act": "receive", "expires_on": "soon"}, "not in the future"),
        ({"act": "destroy", "lot": "nothing"}, "No lot was chosen"),
        ({"act": "destroy", "lot": SALINE.key, "quantity": "999", "because": "x"}, "200 available"),
        ({"act": "destroy", "lot": SALINE.key, "quantity": "1"}, "Say why"),
        ({"act": "count", "lot": SALINE.key, "quantity": "201", "because": "x"}, "ever received"),
        ({"act": "count", "lot": SALINE.key, "quantity": "many", "because": "x"}, "below 0"),
    ],
)
def test_what_cannot_be_done_to_stock_is_said(
    cast: Cast, log_in: LogIn, sent: dict[str, str], said: str
) -> None:
    stocked(cast)
    answer = log_in(cast.pharmacist).post("/pharmacy/stock/01_jena/", sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_an_unknown_act_and_another_centres_stock_are_absent(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.pharmacist)
    stocked(cast)
    assert (
        client.post("/pharmacy/stock/01_jena/", {"act": "sell", "lot": SALINE.key}).status_code
        == 404
    )
    assert client.get("/pharmacy/stock/02_attikon/").status_code == 404


def test_a_preparation_of_another_centre_is_absent(cast: Cast, log_in: LogIn, order: Order) -> None:
    made = prepared(cast, order, "sc", timezone.now())[0]
    Order.objects.update(centre=cast.athens)
    client = log_in(cast.pharmacist)
    assert client.get(f"/pharmacy/preparations/{made.number}/check/").status_code == 404


def test_the_check_shows_the_content_beside_the_label(
    cast: Cast, log_in: LogIn, order: Order
) -> None:
    made = prepared(cast, order, "iv", timezone.now())[0]
    page = log_in(cast.second_pharmacist).get(f"/pharmacy/preparations/{made.number}/check/")
    assert "S-1, expires 31 Jan 2027" in page.content.decode()
    order_page = log_in(cast.pharmacist).get(f"/pharmacy/orders/{order.number}/")
    assert "Labels (PDF)" in order_page.content.decode()


def test_the_address_that_is_printed_leads_to_the_log_in_and_on(client) -> None:
    assert client.get("/").url == "/home/"
