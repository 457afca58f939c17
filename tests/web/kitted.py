"""A site whose treatment comes in numbered kits: a depot, a batch, a shipment, made by actions."""

from datetime import date
from pathlib import Path
from typing import Any

from immunosep.web.accounts.actions import create_account, grant
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.audit.actions import Site
from immunosep.web.pharmacy.binding import most_of, ship
from immunosep.web.pharmacy.packing import contents, pack_batch
from immunosep.web.supply.kits import receive_shipment
from immunosep.web.supply.models import Kit, Shipment
from immunosep.web.supply.needing import treated_states
from tests.web.people import NOW, Cast, keys

EXPIRY = date(2027, 6, 30)


def comes_in_kits(settings: Any, tmp_path: Path) -> None:
    """The trial of this site from here on; the process holds the key."""
    settings.TRIAL = str(Path(__file__).with_name("kits_trial.py"))
    file = tmp_path / "code.private.pem"
    file.write_bytes(keys().private_pem)
    settings.CODE_KEY_FILE = str(file)


def depot_worker() -> User:
    """Who ships, and stays blinded."""
    account = create_account(
        "dora@example.org", name="Dora Depot", password=None, by=Site(), now=NOW
    )
    grant(account, Role.DEPOT, centre=None, by=Site(), now=NOW)
    return User.objects.get(pk=account.pk)


def packed(
    cast: Cast, places: int = 10, *, batch: str = "B1", expires_on: date = EXPIRY
) -> list[Kit]:
    """A batch for so many places, whatever their arms."""
    most = most_of(treated_states())
    wanted = {key: most[key] * places for key in contents()}
    return pack_batch(wanted, batch=batch, expires_on=expires_on, by=cast.pharmacist, now=NOW)


def supplied(cast: Cast, depot: User, places: int = 10) -> Shipment:
    """So many places' kits, received in Jena."""
    sent = ship(cast.jena, places, by=depot, now=NOW)
    arrived = set(sent.kits.values_list("pk", flat=True))
    receive_shipment(sent, arrived=arrived, by=cast.nurse, now=NOW)
    return sent
