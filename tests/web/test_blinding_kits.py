"""Twin worlds whose treatment comes in numbered kits: depot, nurse, investigator and monitor.

Packed, shipped, received, dispensed, lost, replaced, returned, destroyed, too warm: with the arms
swapped, every byte of it is the same to whoever is blinded, but for the kits' own numbers: which of
the look-alikes goes to a place is drawn among those that hold what its arm needs. A number is
therefore read here as the place, state, route and rank it serves, and lines are put in order; that
numbers themselves tell nothing is shown in `test_kits` and `test_dump`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from immunosep.web.accounts.models import User
from immunosep.web.enrolment.models import Patient
from immunosep.web.pharmacy import binding
from immunosep.web.pharmacy.binding import ship
from immunosep.web.supply.excursions import record_excursion
from immunosep.web.supply.kits import destroy, dispense, lose, return_kit
from immunosep.web.supply.models import Kit, Order
from immunosep.web.unblinding.opening import regimen_in
from immunosep.web.unblinding.revealing import reveal
from tests.web import crawling, twins
from tests.web.crawling import Seen, Walk
from tests.web.kitted import packed, supplied
from tests.web.people import NOW, Cast
from tests.web.supplied import MALS, randomised, screened
from tests.web.twins import CONSENTED, LATER, World

TRIAL = str(Path(__file__).with_name("kits_trial.py"))
PEOPLE = ("depot", "study_nurse", "investigator", "monitor")


NUMBER = re.compile(rb"\b[0-9A-Z]{4}[ -]?[0-9A-Z]{4}\b")
PART = re.compile(rb"\n|(?=<div|<tr|<option)")
DRAWN = re.compile(rb"'(id|reference)': [^,]+(?=.*'kit_id')")  # of lines written in numbers' order


def by_place(said: bytes) -> bytes:
    """The same, each kit named by what it serves; in order, because lists are by number."""
    rows = Kit.objects.values_list("number", "slot", "immune_state", "route", "serial")
    names = {number.encode(): f"kit {serves}".encode() for number, *serves in rows}
    named = NUMBER.sub(lambda m: names.get(re.sub(b"[ -]", b"", m[0]), m[0]), said)
    return b"\n".join(sorted(PART.split(DRAWN.sub(b"", named)))) if named != said else said


def live_with_kits(cast: Cast, blinded: Mapping[str, User]) -> World:
    """Six participants of both states, and all that may happen to a kit."""
    depot = blinded["depot"]
    packed(cast, 12)
    supplied(cast, depot, 8)
    kits = []
    for n in range(6):
        allocation = randomised(cast, f"01-{n + 1:04}", **(MALS if n % 2 else {}))
        order = Order.objects.get(slot=allocation.slot)
        kits += [dispense(order, route, by=cast.nurse, now=NOW) for route in ("iv", "sc")]
    screened(cast, CONSENTED)
    at = NOW + timedelta(hours=1)
    lose(kits[2], because="broken", by=cast.nurse, now=at)
    dispense(Order.objects.get(participant="01-0002"), "iv", by=cast.nurse, now=at)
    return_kit(kits[5], because="empty", by=cast.nurse, now=at)
    destroy(Kit.objects.get(pk=kits[5].pk), because="empty", by=depot, now=at)
    ship(cast.jena, 2, by=depot, now=at)
    record_excursion(
        cast.jena, began_at=NOW, ended_at=at, lowest_c=5, highest_c=15, by=cast.nurse, now=at
    )
    known = Patient.objects.get(pk="01-0005")
    reveal(known, reason="Anaphylaxis", by=cast.consultant, now=LATER)
    return World(cast=cast, blinded=blinded, names=twins.names_here(), rename=by_place)


def look(folder: Path, walk: Walk) -> tuple[Seen, Seen]:
    """Everything seen in one world, and in its twin."""
    seen = []
    for swapped in (False, True):
        with twins.world(folder, swapped=swapped, trial=TRIAL, build=live_with_kits) as lived:
            seen.append(crawling.everything_seen(lived, walk))
    return seen[0], seen[1]


def test_two_worlds_of_kits_look_the_same_to_whoever_handles_them(db: None, tmp_path: Path) -> None:
    walk = Walk(persons=PEOPLE, only="/supply/|/pharmacy/|/doses/|/unblinding/|/audit/|/randomise/")
    one, other = look(tmp_path, walk)
    assert crawling.differences(one, other) == []
    assert [key for key, (status, _, _) in one.answers.items() if status >= 500] == []
    shown = {(key[0], key[3]) for key, (status, _, _) in one.answers.items() if status == 200}
    lists = {"/supply/kits/", "/supply/shipments/"}
    assert shown >= {(person, page) for person in PEOPLE for page in lists}
    assert ("depot", "/pharmacy/depot/") in shown
    assert len(one.rows["supply_kit"]) > 100
    assert len(one.rows["supply_movement"]) > 100


@pytest.mark.slow
def test_nor_does_anything_else_differ_where_treatment_comes_in_kits(
    db: None, tmp_path: Path
) -> None:
    assert crawling.differences(*look(tmp_path, Walk(whole=True))) == []


def test_kits_bound_in_an_order_that_tells_would_be_found(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A depot that takes the first of each content, whose numbers then go with the arm."""
    bind = binding._bind

    def telling(slot: Any, state: str, batch: Any, shipment: Any) -> Any:
        bound = bind(slot, state, batch, shipment)
        named = regimen_in(slot, state).components
        for kit in bound:
            active = any(c.intervention.active and c.route.value == kit.route for c in named)
            kit.serial += 100 * active
            kit.save(update_fields=["serial"])
        return bound

    monkeypatch.setattr(binding, "_bind", telling)
    walk = Walk(persons=("depot",), only="^/pharmacy/depot/$")
    assert "table supply_kit" in crawling.differences(*look(tmp_path, walk))
