"""Numbered kits from packing to destruction; what runs short tells nobody an arm."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from immunosep.errors import RefusedError
from immunosep.trials.provide import PROVIDE
from immunosep.web.accounts.models import User
from immunosep.web.audit.models import Event
from immunosep.web.code.models import Slot
from immunosep.web.enrolment.allocating import allocate
from immunosep.web.enrolment.models import Allocation
from immunosep.web.pharmacy.binding import batches, ship
from immunosep.web.pharmacy.packing import (
    content_key,
    content_of_kit,
    contents,
    pack_batch,
    packing_list,
)
from immunosep.web.supply.following import bring_up_to_date
from immunosep.web.supply.kits import destroy, dispense, lose, receive_shipment, return_kit
from immunosep.web.supply.ledger import faults, reconcile
from immunosep.web.supply.models import Kit, Movement, Order, Preparation
from immunosep.web.supply.needing import is_supplied, lists_of
from immunosep.web.supply.stations import Station
from immunosep.web.unblinding.opening import arm_of, regimen_in, regimen_of
from tests.web.kitted import EXPIRY, comes_in_kits, depot_worker, packed, supplied
from tests.web.people import NOW, Cast
from tests.web.supplied import MALS, give, randomised, screened

TODAY = NOW.date()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _kits(settings: Any, tmp_path: Path) -> None:
    comes_in_kits(settings, tmp_path)


@pytest.fixture
def depot(cast: Cast) -> User:
    return depot_worker()


def test_a_batch_holds_every_content_under_one_number_and_date(cast: Cast) -> None:
    packed(cast, 2)
    assert {content_of_kit(kit) for kit in Kit.objects.all()} == set(contents())
    assert Kit.objects.values_list("batch", "expires_on").distinct().count() == 1
    assert len({len(kit.sealed) for kit in Kit.objects.all()}) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"wanted": {"iv saline": 5}}, "every content"),
        ({"batch": "b 1"}, "batch number must be"),
        ({"expires_on": TODAY}, "not in the future"),
        ({"batch": "B1"}, "already"),
    ],
)
def test_a_batch_that_would_tell_or_is_wrong(
    cast: Cast, changed: dict[str, Any], said: str
) -> None:
    packed(cast, 1)
    given: dict[str, Any] = {
        "wanted": dict.fromkeys(contents(), 1),
        "batch": "B2",
        "expires_on": EXPIRY,
    } | changed
    wanted = given.pop("wanted")
    with pytest.raises(RefusedError, match=said):
        pack_batch(wanted, by=cast.pharmacist, now=NOW, **given)


def test_who_is_blinded_packs_nothing(cast: Cast, depot: User) -> None:
    with pytest.raises(PermissionDenied):
        pack_batch({}, batch="B1", expires_on=EXPIRY, by=depot, now=NOW)


def test_the_packing_list_is_sorted_by_content(cast: Cast) -> None:
    packed(cast, 1)
    held = [line.content for line in packing_list("B1")]
    assert held == sorted(held)


def test_only_the_depot_ships(cast: Cast) -> None:
    packed(cast, 2)
    with pytest.raises(PermissionDenied):
        ship(cast.jena, 1, by=cast.nurse, now=NOW)


def test_a_place_gets_what_its_arm_needs_in_each_state(cast: Cast, depot: User) -> None:
    packed(cast)
    supplied(cast, depot)
    for slot in Slot.objects.filter(kits__isnull=False).distinct().select_related("stratum__code"):
        for state in ("mals", "immunoparalysis"):
            kits = slot.kits.filter(immune_state=state)
            needed = [content_key(c) for c in regimen_in(slot, state).components]
            assert sorted(content_of_kit(kit) for kit in kits) == sorted(needed * 2)


def test_every_place_has_equal_kits_whatever_its_arm(cast: Cast, depot: User) -> None:
    packed(cast)
    supplied(cast, depot)
    slots = Slot.objects.filter(kits__isnull=False).distinct().select_related("stratum__code")
    looks = {
        tuple(slot.kits.order_by("immune_state", "route", "serial").values_list(
            "immune_state", "route", "serial", "batch", "expires_on", "status"))
        for slot in slots
    }  # fmt: skip
    assert len({arm_of(slot) for slot in slots}) == 2
    assert len(looks) == 1


def test_the_depot_runs_short_at_the_same_number_whatever_the_arms(cast: Cast, depot: User) -> None:
    packed(cast, 5)
    supplied(cast, depot, 5)
    with pytest.raises(RefusedError, match="the depot can supply 0"):
        ship(cast.jena, 1, by=depot, now=NOW)
    left = {content_of_kit(k) for k in Kit.objects.filter(status=Station.IN_DEPOT.value)}
    assert left  # contents that other arms would have taken stay, and are not used


def test_a_kit_lost_in_the_depot_counts_against_every_content(cast: Cast, depot: User) -> None:
    kits = packed(cast, 3)
    destroy(kits[0], because="dropped", by=depot, now=NOW)
    with pytest.raises(RefusedError, match="the depot can supply 2"):
        ship(cast.jena, 3, by=depot, now=NOW)
    assert [batch.number for batch in batches()] == ["B1"]


def test_the_batch_that_expires_first_goes_first(cast: Cast, depot: User) -> None:
    packed(cast, 2, batch="LATE")
    packed(cast, 2, batch="SOON", expires_on=date(2027, 1, 31))
    supplied(cast, depot, 3)
    used = [
        set(slot.kits.values_list("batch", flat=True))
        for slot in Slot.objects.filter(kits__isnull=False).distinct().order_by("position")
    ]
    assert used == [{"SOON"}, {"SOON"}, {"LATE"}]


def test_what_expires_during_a_course_is_not_sent(cast: Cast, depot: User) -> None:
    packed(cast, 2, expires_on=TODAY + timedelta(days=10))
    with pytest.raises(RefusedError, match="the depot can supply 0"):
        ship(cast.jena, 1, by=depot, now=NOW)


@pytest.mark.parametrize("places", [0, -1, 201])
def test_an_impossible_number_of_places(cast: Cast, depot: User, places: int) -> None:
    packed(cast, 2)
    with pytest.raises(RefusedError, match="from 1 to 200"):
        ship(cast.jena, places, by=depot, now=NOW)


def test_a_shipment_is_received_once_and_what_is_missing_is_lost(cast: Cast, depot: User) -> None:
    packed(cast, 2)
    sent = ship(cast.jena, 1, by=depot, now=NOW)
    first, *rest = sent.kits.all()
    with pytest.raises(RefusedError, match="1 of the numbers"):
        receive_shipment(sent, arrived={"WRONG"}, by=cast.nurse, now=NOW)
    receive_shipment(sent, arrived={kit.pk for kit in rest}, by=cast.nurse, now=NOW)
    first.refresh_from_db()
    assert first.status == Station.LOST
    with pytest.raises(RefusedError, match="received already"):
        receive_shipment(sent, arrived=set(), by=cast.nurse, now=NOW)


def test_another_centre_does_not_receive_it(cast: Cast, depot: User) -> None:
    packed(cast, 2)
    sent = ship(cast.jena, 1, by=depot, now=NOW)
    with pytest.raises(PermissionDenied):
        receive_shipment(sent, arrived=set(), by=cast.foreign_consultant, now=NOW)


def test_a_participant_is_dispensed_a_whole_course(cast: Cast, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 3)
    allocation = randomised(cast)
    order = allocation.slot.orders.get()
    kits = [dispense(order, route, by=cast.nurse, now=NOW) for route in ("iv", "sc")]
    held = {content_of_kit(kit) for kit in kits}
    assert held == {content_key(c) for c in regimen_of(allocation).components}
    routes = list(Preparation.objects.values_list("route", flat=True))
    assert (routes.count("iv"), routes.count("sc")) == (45, 8)
    assert set(Preparation.objects.values_list("status", flat=True)) == {"received"}


def test_a_route_is_dispensed_once(cast: Cast, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 3)
    order = randomised(cast).slot.orders.get()
    dispense(order, "iv", by=cast.nurse, now=NOW)
    with pytest.raises(RefusedError, match="is dispensed"):
        dispense(order, "iv", by=cast.nurse, now=NOW)


def test_a_pharmacist_does_not_dispense_on_the_ward(cast: Cast, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 3)
    with pytest.raises(PermissionDenied):
        dispense(randomised(cast).slot.orders.get(), "iv", by=cast.pharmacist, now=NOW)


def test_a_broken_kit_is_replaced_by_the_places_spare(cast: Cast, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 3)
    order = randomised(cast).slot.orders.get()
    first = dispense(order, "iv", by=cast.nurse, now=NOW)
    lose(first, because="broken", by=cast.nurse, now=NOW)
    second = dispense(order, "iv", by=cast.nurse, now=NOW)
    assert (first.serial, second.serial) == (1, 2)
    assert content_of_kit(first) == content_of_kit(second)
    assert Preparation.objects.exclude(status="discarded").count() == 45


def test_when_the_spare_is_gone_too_the_depot_sends_another_set(cast: Cast, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 2)
    allocation = randomised(cast)
    order = allocation.slot.orders.get()
    for _ in range(2):
        lose(
            dispense(order, "iv", by=cast.nurse, now=NOW), because="broken", by=cast.nurse, now=NOW
        )
    with pytest.raises(RefusedError, match="No kit is here"):
        dispense(order, "iv", by=cast.nurse, now=NOW)
    supplied(cast, depot, 1)
    third = dispense(order, "iv", by=cast.nurse, now=NOW)
    assert third.serial == 3
    assert content_of_kit(third) == content_key(regimen_of(allocation).components[0])


def test_unused_and_used_kits_come_back_and_are_destroyed(cast: Cast, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 2)
    order = randomised(cast).slot.orders.get()
    used = dispense(order, "iv", by=cast.nurse, now=NOW)
    unused = order.slot.kits.filter(immune_state="mals")[0]
    for kit in (used, unused):
        return_kit(kit, because="course ended", by=cast.nurse, now=NOW)
        destroy(kit, because="course ended", by=depot, now=NOW)
    added = reconcile(Kit.objects.all())
    assert added.of(Station.DESTROYED) == 2
    assert added.received == added.accounted == Kit.objects.count()
    assert not list(faults(Kit.objects.all()))


def test_nothing_moves_without_a_reason(cast: Cast, depot: User) -> None:
    kit = packed(cast, 1)[0]
    with pytest.raises(RefusedError, match="Say why"):
        destroy(kit, because=" ", by=depot, now=NOW)


def test_the_last_set_lets_one_in_and_refuses_49_alike(cast: Cast, depot: User) -> None:
    """R3: the words, and what is written and sent, are one for all, whichever arm comes next."""
    packed(cast, 1)
    supplied(cast, depot, 1)
    for serial in range(1, 51):
        screened(cast, f"01-{serial:04}", **(MALS if serial % 2 else {}))
    before = Event.objects.count()
    answers = []
    for serial in range(1, 51):
        try:
            answers.append(
                str(allocate(f"01-{serial:04}", by=cast.consultant, now=NOW).slot.position)
            )
        except RefusedError as refused:
            answers.append(str(refused))
    assert answers[0] == "1"
    assert len(set(answers[1:])) == 1
    assert "supply does not cover another participant" in answers[1]
    assert Allocation.objects.count() == 1
    assert Event.objects.count() == before + 1
    assert not mail.outbox


@pytest.mark.parametrize("state", ["mals", "immunoparalysis"])
def test_a_place_that_lacks_one_route_is_not_supplied(cast: Cast, depot: User, state: str) -> None:
    packed(cast, 2)
    supplied(cast, depot, 1)
    slots = Slot.objects.filter(stratum__key="01_jena", position=1)
    asked = slots.annotate(there=is_supplied(cast.jena, state, on=TODAY))
    assert asked.get().there
    for kit in asked.get().kits.filter(immune_state=state, route="sc"):
        lose(kit, because="broken", by=cast.nurse, now=NOW)
    assert not asked.get().there


def test_numbers_on_a_place_are_unique_in_rank(cast: Cast, depot: User) -> None:
    packed(cast, 2)
    supplied(cast, depot, 1)
    one, two = Kit.objects.filter(slot__isnull=False, immune_state="mals", route="iv")
    with pytest.raises(IntegrityError), transaction.atomic():
        Kit.objects.filter(pk=one.pk).update(serial=two.serial)


def test_a_kit_is_bound_only_when_shipped(cast: Cast) -> None:
    kit = packed(cast, 1)[0]
    with pytest.raises(IntegrityError, match="bound when it is shipped"), transaction.atomic():
        Kit.objects.filter(pk=kit.pk).update(serial=1)


def test_the_ledger_takes_kits_or_sealed_stock(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="of a kit or of sealed stock"), transaction.atomic():
        Movement.objects.create(reference="x", at=NOW, by=cast.nurse, kind="lose")


def test_a_kit_moved_by_somebody_else_meanwhile_is_refused(cast: Cast, depot: User) -> None:
    kit = packed(cast, 1)[0]
    Kit.objects.filter(pk=kit.pk).update(status=Station.LOST.value)
    with pytest.raises(RefusedError, match="Somebody moved it"):
        destroy(kit, because="x", by=depot, now=NOW)
    assert list(faults(Kit.objects.filter(pk=kit.pk)))


def test_the_second_kit_of_a_course_is_ordered_when_its_doses_come(
    cast: Cast, depot: User, settings: Any
) -> None:
    settings.TRIAL = settings.TRIAL.replace("kits_trial", "two_kits_trial")
    packed(cast, 2)
    supplied(cast, depot, 1)
    allocation = randomised(cast)
    order = allocation.slot.orders.get()
    first = dispense(order, "iv", by=cast.nurse, now=NOW)
    give(cast, allocation, first.preparations.get(dose=1), NOW)
    bring_up_to_date([cast.jena], now=NOW + timedelta(days=11))
    later = Order.objects.get(day__gt=1, doses__0__route="iv")
    second = dispense(later, "iv", by=cast.nurse, now=NOW + timedelta(days=11))
    assert (first.preparations.count(), second.preparations.count()) == (23, 22)
    assert content_of_kit(first) == content_of_kit(second)


def test_a_batch_of_too_many_kits(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="no more than 5,000"):
        pack_batch(
            dict.fromkeys(contents(), 3_000), batch="B", expires_on=EXPIRY, by=cast.pharmacist,
            now=NOW,
        )  # fmt: skip


def test_lists_that_are_not_by_centre_have_no_places_of_a_centre(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("immunosep.web.supply.needing.site_trial", lambda: PROVIDE)
    with pytest.raises(RefusedError, match="not by centre"):
        lists_of(cast.jena)
