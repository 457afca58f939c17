"""The pages of kits: depot and packing in the keyed process, centres in the site process."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from immunosep.web.accounts.models import User
from immunosep.web.pharmacy.binding import ship
from immunosep.web.pharmacy.packing import contents
from immunosep.web.supply.models import Excursion, Kit, Shipment
from immunosep.web.supply.stations import Station
from tests.web.conftest import LogIn
from tests.web.kitted import comes_in_kits, depot_worker, packed, supplied
from tests.web.people import NOW, Cast
from tests.web.supplied import randomised

DEPOT, PACKING, KITS, SHIPMENTS = (
    "/pharmacy/depot/", "/pharmacy/packing/", "/supply/kits/", "/supply/shipments/",
)  # fmt: skip
WORDS = ("anakinra", "interferon", "saline", "placebo", "precision")


@pytest.fixture(autouse=True)
def _kits(settings: Any, tmp_path: Path) -> None:
    comes_in_kits(settings, tmp_path)


@pytest.fixture
def _keyed_pages(settings: Any) -> None:
    settings.KEYED, settings.ROOT_URLCONF = True, "immunosep.web.keyed_urls"


@pytest.fixture
def depot(cast: Cast) -> User:
    return depot_worker()


@pytest.mark.usefixtures("_keyed_pages")
@pytest.mark.parametrize("who", ["consultant", "nurse", "pharmacist", "monitor", "stranger"])
def test_only_the_depot_sees_the_depot(cast: Cast, log_in: LogIn, who: str) -> None:
    assert log_in(getattr(cast, who)).get(DEPOT).status_code == 403
    assert log_in(getattr(cast, who)).post(f"{DEPOT}send/").status_code == 403


@pytest.mark.usefixtures("_keyed_pages")
def test_the_depot_sees_numbers_and_no_contents(cast: Cast, log_in: LogIn, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 1)
    page = log_in(depot).get(DEPOT).content.decode().lower()
    assert "1 place still supplied" in page
    assert not [word for word in WORDS if word in page]
    assert log_in(depot).get(PACKING).status_code == 403


@pytest.mark.usefixtures("_keyed_pages")
def test_the_depot_sends(cast: Cast, log_in: LogIn, depot: User) -> None:
    packed(cast, 3)
    client = log_in(depot)
    sent = {"centre": "01_jena", "places": "2"}
    assert client.post(f"{DEPOT}send/", sent).status_code == 302
    assert Shipment.objects.get().kits.count() == 16
    assert client.post(f"{DEPOT}send/", sent).status_code == 422
    assert client.post(f"{DEPOT}send/", {"centre": "none"}).status_code == 404


@pytest.mark.usefixtures("_keyed_pages")
def test_the_packer_packs_and_takes_list_and_labels(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.pharmacist)
    form = dict.fromkeys(contents(), "2") | {"batch": "B7", "expires_on": "2030-01-31"}
    assert client.post(PACKING, form).status_code == 302
    assert client.post(PACKING, form | {"expires_on": "soon"}).status_code == 422
    listed = client.get(f"{PACKING}B7/list.csv").content.decode()
    assert len(listed.splitlines()) == 1 + 2 * len(contents())
    assert client.get(f"{PACKING}B7/labels.pdf")["Content-Type"] == "application/pdf"
    assert "B7" in client.get(PACKING).content.decode()


@pytest.mark.usefixtures("_keyed_pages")
@pytest.mark.parametrize("file", ["list.csv", "labels.pdf"])
def test_the_packing_list_is_the_packers_alone(
    cast: Cast, log_in: LogIn, depot: User, file: str
) -> None:
    packed(cast, 1)
    assert log_in(depot).get(f"{PACKING}B1/{file}").status_code == 403
    assert log_in(cast.pharmacist).get(f"{PACKING}NONE/{file}").status_code == 404


@pytest.mark.usefixtures("_keyed_pages")
def test_a_trial_without_kits_has_no_such_pages(
    cast: Cast, log_in: LogIn, depot: User, settings: Any
) -> None:
    settings.TRIAL = "immunosep"
    assert log_in(depot).get(DEPOT).status_code == 404
    assert log_in(cast.pharmacist).get(PACKING).status_code == 404


@pytest.mark.usefixtures("_keyed_pages")
def test_a_trial_in_kits_has_no_worklist(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.pharmacist)
    assert client.get("/pharmacy/").status_code == 404
    assert client.get("/pharmacy/orders/ANY/").status_code == 404


@pytest.mark.parametrize("page", [KITS, SHIPMENTS])
def test_a_prepared_trial_has_no_kits(cast: Cast, log_in: LogIn, settings: Any, page: str) -> None:
    settings.TRIAL = "immunosep"
    assert log_in(cast.nurse).get(page).status_code == 404


@pytest.mark.parametrize("who", ["laboratory", "administrator", "stranger"])
def test_others_see_no_kits(cast: Cast, log_in: LogIn, who: str) -> None:
    client = log_in(getattr(cast, who))
    assert {client.get(page).status_code for page in (KITS, SHIPMENTS)} == {403}


@pytest.mark.parametrize("page", [KITS, SHIPMENTS])
def test_another_centre_sees_no_kit_of_ours(
    cast: Cast, log_in: LogIn, depot: User, page: str
) -> None:
    packed(cast, 2)
    supplied(cast, depot, 1)
    kit = Kit.objects.filter(centre=cast.jena)[0]
    shown = f"{kit.number[:4]}-{kit.number[4:]}"
    assert shown not in log_in(cast.foreign_consultant).get(page).content.decode()
    moved = log_in(cast.foreign_consultant).post(f"{KITS}{kit.number}/move/", {"act": "lose"})
    assert moved.status_code == 404


@pytest.mark.parametrize("page", [KITS, SHIPMENTS])
def test_a_nurse_sees_numbers_and_no_contents(
    cast: Cast, log_in: LogIn, depot: User, page: str
) -> None:
    packed(cast, 2)
    supplied(cast, depot, 1)
    text = log_in(cast.nurse).get(page).content.decode().lower()
    assert not [word for word in WORDS if word in text]


def test_a_shipment_is_received_by_its_form(cast: Cast, log_in: LogIn, depot: User) -> None:
    packed(cast, 2)
    sent = ship(cast.jena, 1, by=depot, now=NOW)
    client, address = log_in(cast.nurse), f"{SHIPMENTS}{sent.number}/receive/"
    numbers = list(sent.kits.values_list("pk", flat=True))
    assert "Tick what arrived" in client.get(SHIPMENTS).content.decode()
    assert client.post(address, {"arrived": numbers}).status_code == 302
    assert client.post(address, {"arrived": numbers}).status_code == 422
    assert log_in(cast.foreign_consultant).post(address).status_code == 404


def test_a_nurse_dispenses_and_records_what_becomes_of_a_kit(
    cast: Cast, log_in: LogIn, depot: User
) -> None:
    packed(cast, 2)
    supplied(cast, depot, 2)
    number = randomised(cast, now=NOW).slot.orders.get().number
    client = log_in(cast.nurse)
    address = f"/supply/orders/{number}/dispense/"
    assert client.post(address, {"route": "iv"}).status_code == 302
    assert client.post(address, {"route": "iv"}).status_code == 422
    assert client.post(address, {"route": "oral"}).status_code == 404
    kit = Kit.objects.get(status=Station.DISPENSED.value)
    moving = f"{KITS}{kit.number}/move/"
    assert client.post(moving, {"act": "lose", "because": ""}).status_code == 422
    assert client.post(moving, {"act": "sell"}).status_code == 404
    assert client.post(moving, {"act": "destroy", "because": "x"}).status_code == 403
    assert client.post(moving, {"act": "return", "because": "course ended"}).status_code == 302
    answer = log_in(depot).post(moving, {"act": "destroy", "because": "course ended"})
    assert answer.status_code == 302


def test_an_excursion_is_recorded_by_the_nurse_and_decided_by_the_depot(
    cast: Cast, log_in: LogIn, depot: User
) -> None:
    packed(cast, 2)
    supplied(cast, depot, 1)
    nurse, today = log_in(cast.nurse), timezone.now().date().isoformat()
    form = {"centre": "01_jena", "began_at": "2026-03-01T10:00", "ended_at": "2026-03-01T12:00",
            "lowest_c": "5", "highest_c": "12.5"}  # fmt: skip
    wrong = form | {"began_at": today + "soon", "highest_c": "warm"}
    assert nurse.post("/supply/excursions/", wrong).status_code == 422
    assert nurse.post("/supply/excursions/", form | {"centre": ""}).status_code == 404
    assert nurse.post("/supply/excursions/", form).status_code == 302
    address = f"/supply/excursions/{Excursion.objects.get().pk}/decide/"
    decided = {"decision": "released", "because": "two hours"}
    assert nurse.post(address, decided).status_code == 403
    assert log_in(depot).post(address, {"decision": "forget"}).status_code == 404
    assert log_in(depot).post(address, decided).status_code == 302
    assert "released" in nurse.get(SHIPMENTS).content.decode()
    assert log_in(depot).post("/supply/excursions/", form | {"centre": ""}).status_code == 302
