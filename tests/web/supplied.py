"""Participants on treatment and a pharmacy with stock, made through the site's own actions."""

from datetime import date, datetime
from typing import Any

from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.allocating import allocate
from immunosep.web.enrolment.models import Allocation, Consent, Dose, Entry, Patient
from immunosep.web.pharmacy.preparing import check, prepare
from immunosep.web.pharmacy.stock import MOST_CONTAINERS, Item, receive_lot
from immunosep.web.supply.handover import hand_over, mark_given, receive
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.unblinding.opening import regimen_in
from tests.web.people import ELIGIBLE, NOW, Cast

EXPIRY = date(2027, 1, 31)
ANAKINRA = Item(product="anakinra", lot="A-1", expires_on=EXPIRY)
INTERFERON = Item(product="interferon_gamma", lot="I-1", expires_on=EXPIRY)
SALINE = Item(product="saline", lot="S-1", expires_on=EXPIRY)
LOTS = {item.product: item for item in (ANAKINRA, INTERFERON, SALINE)}
MALS: dict[str, Any] = {"ferritin_ng_ml": 9000}


def screened(cast: Cast, number: str = "01-0001", **changed: object) -> Patient:
    """A patient with everything recorded, consent too, ready to be randomised."""
    centre = Centre.objects.get(number=number[:2])
    patient = Patient.objects.create(
        number=number, centre=centre, added_at=NOW, added_by=cast.nurse, entries_made=1
    )
    Entry.objects.bulk_create(
        Entry(patient=patient, form="all", column=column, value=value, entered_at=NOW,
              entered_by=cast.nurse, trial_digest="0" * 64)
        for column, value in (ELIGIBLE | changed).items()
    )  # fmt: skip
    Consent.objects.create(
        patient=patient, given_by="patient", version=centre.consentversion_set.get(),
        given_at=NOW, recorded_at=NOW, recorded_by=cast.nurse,
    )  # fmt: skip
    return patient


def randomised(
    cast: Cast, number: str = "01-0001", now: datetime = NOW, **changed: object
) -> Allocation:
    """A participant who was allocated; with immunoparalysis unless `changed` says otherwise."""
    screened(cast, number, **changed)
    consultant = cast.consultant if number.startswith("01") else cast.foreign_consultant
    return allocate(number, by=consultant, now=now)


def stocked(cast: Cast, quantity: int = 200) -> None:
    """Every product delivered to Jena's pharmacy, in as many deliveries as that takes."""
    for item in LOTS.values():
        for received in range(0, quantity, MOST_CONTAINERS):
            count = min(MOST_CONTAINERS, quantity - received)
            receive_lot(cast.jena, item, count, by=cast.pharmacist, now=NOW)


def prepared(cast: Cast, order: Order, route: str, now: datetime = NOW) -> list[Preparation]:
    """The open doses of one route, made up from whatever the participant's place says."""
    regimen = regimen_in(order.slot, order.immune_state)
    product = next(c.intervention.id for c in regimen.components if c.route.value == route)
    return prepare(order, route, item=LOTS[product], per_dose=1, by=cast.pharmacist, now=now)


def on_the_ward(cast: Cast, order: Order, route: str, now: datetime = NOW) -> list[Preparation]:
    """The same, checked, handed over and received."""
    made = prepared(cast, order, route, now)
    for each in made:
        check(each, label=each.number, by=cast.second_pharmacist, now=now)
        hand_over(each, by=cast.pharmacist, now=now)
        receive(each, by=cast.nurse, now=now)
    return made


def give(cast: Cast, allocation: Allocation, preparation: Preparation, now: datetime) -> Dose:
    """One dose given and recorded."""
    mark_given(preparation, now=now)
    return Dose.objects.create(
        allocation=allocation, preparation=preparation, given_at=now, recorded_at=now,
        recorded_by=cast.nurse,
    )  # fmt: skip


def treated(cast: Cast, number: str = "01-0001", now: datetime = NOW, **changed: object) -> Patient:
    """A participant of Jena who was given the first dose at `now`: day 1. Needs a keyed process."""
    allocation = randomised(cast, number, now, **changed)
    stocked(cast)
    order = Order.objects.get(participant=number)
    give(cast, allocation, on_the_ward(cast, order, "iv", now)[0], now)
    return Patient.objects.select_related("centre").get(pk=number)


def first_order() -> Order:
    """The only order there is."""
    return Order.objects.get()
