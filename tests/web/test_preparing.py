"""Making up and checking doses: who may, from what, and what is written."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from immunosep.errors import RefusedError
from immunosep.randomisation.sealing import RECORD_SIZE
from immunosep.web.audit.models import Event
from immunosep.web.pharmacy.preparing import check, prepare
from immunosep.web.pharmacy.stock import Item, lots_of, receive_lot
from immunosep.web.supply import ordering
from immunosep.web.supply.contents import about_preparation
from immunosep.web.supply.following import bring_up_to_date
from immunosep.web.supply.handover import discard, hand_over, hand_over_all, mark_given, receive
from immunosep.web.supply.models import Movement, Order, Preparation
from immunosep.web.unblinding.opening import open_contents
from tests.web.people import NOW, Cast
from tests.web.supplied import (
    ANAKINRA,
    LOTS,
    SALINE,
    first_order,
    give,
    on_the_ward,
    prepared,
    randomised,
    stocked,
)

pytestmark = pytest.mark.usefixtures("keyed")
HOUR = timedelta(hours=1)


@pytest.fixture
def order(cast: Cast) -> Order:
    stocked(cast)
    randomised(cast)
    return first_order()


def test_a_number_that_a_preparation_has_is_not_given_again(
    cast: Cast, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chance draws one again: a pharmacist would be told that nothing was saved."""
    first, *_ = prepared(cast, order, "iv", NOW)
    free = ordering.new_numbers(Preparation, 4)
    drawn = iter([(first.number,), (free[0],), (free[1], first.number), free[2:]])
    monkeypatch.setattr(ordering, "draw_tokens", lambda *_, **__: next(drawn))
    assert ordering.new_number(Preparation) == free[0]
    assert ordering.new_numbers(Preparation, 2) == free[2:]


def test_a_nurse_may_not_prepare(cast: Cast, order: Order) -> None:
    with pytest.raises(PermissionDenied):
        prepare(order, "iv", item=SALINE, per_dose=1, by=cast.nurse, now=NOW)


def test_a_pharmacist_of_another_centre_may_not(cast: Cast, order: Order) -> None:
    with pytest.raises(PermissionDenied):
        prepare(order, "iv", item=SALINE, per_dose=1, by=cast.foreign_consultant, now=NOW)


def test_three_doses_make_three_preparations_and_three_lines(cast: Cast, order: Order) -> None:
    before = Movement.objects.count()
    made = prepared(cast, order, "iv")
    assert [each.dose for each in made] == [1, 2, 3]
    assert Movement.objects.count() - before == 3
    assert all(each.use_before == NOW + 24 * HOUR for each in made)


def test_what_is_sealed_has_one_length_and_opens_to_the_lot(cast: Cast, order: Order) -> None:
    made = [*prepared(cast, order, "iv"), *prepared(cast, order, "sc")]
    assert {len(each.sealed) for each in made} == {RECORD_SIZE + 32 + 16}
    opened = open_contents(made[0].sealed, about=about_preparation(made[0].number))
    assert opened["lot"] == LOTS[opened["product"]].lot


def test_a_preparation_takes_from_the_lot(cast: Cast, order: Order) -> None:
    prepared(cast, order, "iv")
    saline = next(lot for lot in lots_of(cast.jena) if lot.item == SALINE)
    assert saline.available == 197  # with immunoparalysis every infusion is saline
    assert saline.balance.received == saline.balance.accounted == 200


def test_the_lot_of_another_product_is_refused(cast: Cast, order: Order) -> None:
    with pytest.raises(RefusedError, match="another product"):
        prepare(order, "iv", item=ANAKINRA, per_dose=1, by=cast.pharmacist, now=NOW)
    assert not Preparation.objects.exists()


def test_every_problem_is_said_at_once(cast: Cast, order: Order) -> None:
    soon = Item(product="anakinra", lot="OLD", expires_on=NOW.date())
    receive_lot(cast.jena, soon, 2, by=cast.pharmacist, now=NOW - timedelta(days=1))
    with pytest.raises(RefusedError) as refused:
        prepare(order, "iv", item=soon, per_dose=1, by=cast.pharmacist, now=NOW)
    assert len(refused.value.problems) == 3


def test_a_lot_never_received_is_refused(cast: Cast, order: Order) -> None:
    with pytest.raises(RefusedError, match="never received"):
        prepare(order, "iv", item=replace(SALINE, lot="X"), per_dose=1, by=cast.pharmacist, now=NOW)


def test_no_containers_are_refused(cast: Cast, order: Order) -> None:
    with pytest.raises(RefusedError, match="from 1 to 100"):
        prepare(order, "iv", item=SALINE, per_dose=0, by=cast.pharmacist, now=NOW)


def test_a_dose_is_prepared_once(cast: Cast, order: Order) -> None:
    prepared(cast, order, "iv")
    with pytest.raises(RefusedError, match="is prepared"):
        prepared(cast, order, "iv")


def test_a_cancelled_order_is_refused(cast: Cast, order: Order) -> None:
    Order.objects.update(cancelled_at=NOW)
    with pytest.raises(RefusedError, match="was cancelled"):
        prepared(cast, order, "iv")


def test_tomorrows_doses_are_not_made_so_early_that_they_expire(cast: Cast, order: Order) -> None:
    give(cast, order.slot.allocation, on_the_ward(cast, order, "iv")[0], NOW)
    bring_up_to_date([cast.jena], now=NOW)
    tomorrow = Order.objects.get(day=2)
    with pytest.raises(RefusedError, match=r"Wait 16 h 01 min"):
        prepared(cast, tomorrow, "iv", NOW)
    assert len(prepared(cast, tomorrow, "iv", NOW + 17 * HOUR)) == 3


def test_the_audit_event_holds_no_content(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "iv")
    event = Event.objects.latest("sequence")
    assert event.action == "pharmacy.prepare"
    assert event.after == {"preparations": [each.number for each in made], "route": "iv"}


def test_who_prepared_may_not_check(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    with pytest.raises(RefusedError, match="Another person"):
        check(made, label=made.number, by=cast.pharmacist, now=NOW)


def test_the_database_refuses_to_let_one_person_do_both(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    with pytest.raises(IntegrityError, match="a second person checks"), transaction.atomic():
        Preparation.objects.filter(pk=made.pk).update(checked_by=cast.pharmacist)


def test_the_database_refuses_a_discard_without_a_reason(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    with pytest.raises(IntegrityError, match="has a reason"), transaction.atomic():
        Preparation.objects.filter(pk=made.pk).update(status="discarded")


def test_the_database_refuses_a_use_before_that_is_past(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    with pytest.raises(IntegrityError, match="after it is prepared"), transaction.atomic():
        Preparation.objects.filter(pk=made.pk).update(use_before=made.prepared_at)


def test_the_database_refuses_two_preparations_of_a_dose(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    made.pk, made.number = None, "ANOTHER"
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


def test_the_label_of_another_preparation_is_refused(cast: Cast, order: Order) -> None:
    one, two, _ = prepared(cast, order, "iv")
    with pytest.raises(RefusedError, match="another preparation"):
        check(one, label=two.number, by=cast.second_pharmacist, now=NOW)


def test_a_mistyped_label_is_refused(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    with pytest.raises(RefusedError, match="not a code of a label"):
        check(made, label="12", by=cast.second_pharmacist, now=NOW)


def test_nothing_unchecked_is_handed_over(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    with pytest.raises(RefusedError, match="It is prepared; expected checked"):
        hand_over(made, by=cast.pharmacist, now=NOW)


def test_all_of_an_order_that_is_ready_is_handed_over_together(cast: Cast, order: Order) -> None:
    ready, unchecked = prepared(cast, order, "iv"), prepared(cast, order, "sc")
    for each in ready:
        check(each, label=each.number, by=cast.second_pharmacist, now=NOW)
    assert hand_over_all(order, by=cast.pharmacist, now=NOW) == len(ready) == 3
    went = Preparation.objects.filter(status="handed_over", handed_over_at=NOW)
    assert set(went.values_list("pk", "handed_over_by")) == {
        (each.pk, cast.pharmacist.pk) for each in ready
    }
    assert {each.status for each in Preparation.objects.filter(route="sc")} == {"prepared"}
    event = Event.objects.latest("sequence")
    assert (event.action, event.subject) == ("supply.hand_over", f"order {order.number}")
    assert event.after == {"preparations": [each.number for each in ready]}
    assert unchecked


def test_twice_handed_over_is_handed_over_once(cast: Cast, order: Order) -> None:
    (made,) = prepared(cast, order, "sc")
    check(made, label=made.number, by=cast.second_pharmacist, now=NOW)
    hand_over_all(order, by=cast.pharmacist, now=NOW)
    events = Event.objects.count()
    with pytest.raises(RefusedError, match="Nothing of this order is ready"):
        hand_over_all(order, by=cast.pharmacist, now=NOW + HOUR)
    assert Event.objects.count() == events
    assert Preparation.objects.get(pk=made.pk).handed_over_at == NOW


def test_nothing_goes_if_one_is_past_its_time(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "iv")
    for each in made:
        check(each, label=each.number, by=cast.second_pharmacist, now=NOW)
    Preparation.objects.filter(pk=made[1].pk).update(use_before=NOW + HOUR)
    with pytest.raises(RefusedError, match=f"{made[1].number}: Its use-before time") as refused:
        hand_over_all(order, by=cast.pharmacist, now=NOW + HOUR)
    assert len(refused.value.problems) == 1
    assert set(order.preparations.values_list("status", flat=True)) == {"checked"}


def test_a_nurse_does_not_hand_over(cast: Cast, order: Order) -> None:
    with pytest.raises(PermissionDenied):
        hand_over_all(order, by=cast.nurse, now=NOW)


def test_a_pharmacist_does_not_receive_for_the_ward(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    check(made, label=made.number, by=cast.second_pharmacist, now=NOW)
    hand_over(made, by=cast.pharmacist, now=NOW)
    with pytest.raises(PermissionDenied):
        receive(made, by=cast.pharmacist, now=NOW)


def test_what_is_past_its_time_is_neither_received_nor_given(cast: Cast, order: Order) -> None:
    made = on_the_ward(cast, order, "sc")[0]
    with pytest.raises(RefusedError, match="use-before"):
        mark_given(made, now=NOW + 24 * HOUR)


def test_a_dose_is_given_once(cast: Cast, order: Order) -> None:
    made = on_the_ward(cast, order, "sc")[0]
    mark_given(made, now=NOW)
    with pytest.raises(RefusedError, match="It is given"):
        mark_given(made, now=NOW)


def test_a_discarded_dose_is_prepared_again(cast: Cast, order: Order) -> None:
    made = on_the_ward(cast, order, "iv")[1]
    discard(made, because="dropped", by=cast.nurse, now=NOW)
    again = prepared(cast, order, "iv")
    assert [each.dose for each in again] == [2]


def test_a_discard_needs_a_reason_and_a_role(cast: Cast, order: Order) -> None:
    made = prepared(cast, order, "sc")[0]
    with pytest.raises(PermissionDenied):
        discard(made, because="dropped", by=cast.monitor, now=NOW)
    with pytest.raises(RefusedError, match="no reason"):
        discard(made, because=" ", by=cast.pharmacist, now=NOW)


def test_an_expiry_in_the_past_is_not_received(cast: Cast) -> None:
    old = Item(product="drink", lot="ü", expires_on=date(2020, 1, 1))
    with pytest.raises(RefusedError) as refused:
        receive_lot(cast.jena, old, 0, by=cast.pharmacist, now=NOW)
    assert len(refused.value.problems) == 4
