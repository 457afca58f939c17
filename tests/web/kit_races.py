"""Many processes at the same kits: the last place supplied, one kit for all, a kit lost meanwhile.

Run as `python -m tests.web.kit_races DATABASE PROCESSES`: it makes a site whose treatment comes in
numbered kits, lets processes loose on it and prints one JSON object. A process of the race holds no
code key, as none of the site does.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from tests.web.races import FORK, NOW, enter, furnish, in_child

TRIAL = Path(__file__).with_name("kits_three_centres.py")
CENTRE = "01"
LOST = "It fell."
LAST = -1


def furnish_kits(patients: int, places: int) -> dict[str, Any]:
    """A site with patients to randomise, whose first centre has kits for so many places."""
    from django.conf import settings

    from immunosep.web.accounts.actions import create_account, grant
    from immunosep.web.accounts.models import User
    from immunosep.web.accounts.roles import Role
    from immunosep.web.audit.actions import Site
    from immunosep.web.centres.models import Centre
    from immunosep.web.pharmacy.binding import most_of
    from immunosep.web.pharmacy.packing import contents, pack_batch
    from immunosep.web.supply.needing import treated_states
    from tests.web.kitted import EXPIRY

    def one(role: Role, centre: Centre | None) -> User:
        account = create_account(
            f"{role.value}@example.org", name=role.value, password=None, by=Site(), now=NOW
        )
        grant(account, role, centre=centre, by=Site(), now=NOW)
        return User.objects.get(pk=account.pk)

    with tempfile.TemporaryDirectory() as folder:
        key_file = Path(folder) / "code.private.pem"
        by = furnish(patients, key_file=key_file)
        settings.CODE_KEY_FILE = str(key_file)
        centre = Centre.objects.get(number=CENTRE)
        most = most_of(treated_states())
        wanted = {key: most[key] * patients for key in contents()}
        pharmacist = one(Role.PHARMACIST, centre)
        pack_batch(wanted, batch="B1", expires_on=EXPIRY, by=pharmacist, now=NOW)
        who = {
            "by": by,
            "depot": one(Role.DEPOT, None).pk,
            "nurse": one(Role.STUDY_NURSE, centre).pk,
        }
        send(who, places)
    return who


def send(who: dict[str, Any], places: int) -> None:
    """Kits for so many places more, received at the first centre."""
    from immunosep.web.accounts.models import User
    from immunosep.web.centres.models import Centre
    from immunosep.web.pharmacy.binding import ship
    from immunosep.web.supply.kits import receive_shipment

    centre = Centre.objects.get(number=CENTRE)
    sent = ship(centre, places, by=User.objects.get(pk=who["depot"]), now=NOW)
    arrived = set(sent.kits.values_list("pk", flat=True))
    receive_shipment(sent, arrived=arrived, by=User.objects.get(pk=who["nurse"]), now=NOW)


def randomise(who: dict[str, Any], number: str) -> None:
    """One participant takes the next place."""
    from immunosep.web.accounts.models import User
    from immunosep.web.enrolment.allocating import allocate

    allocate(number, by=User.objects.get(pk=who["by"]), now=NOW)


def give_out(who: dict[str, Any], participant: str, *, at: int = 0) -> None:
    """The next kit of a participant, by the first or the last route of the order."""
    from immunosep.web.accounts.models import User
    from immunosep.web.supply.kits import dispense
    from immunosep.web.supply.models import Order

    order = Order.objects.get(participant=participant)
    dispense(order, route_of(order, at), by=User.objects.get(pk=who["nurse"]), now=NOW)


def drop(who: dict[str, Any], participant: str, *, at: int = LAST) -> None:
    """The kit that would be given out first breaks."""
    from immunosep.web.accounts.models import User
    from immunosep.web.supply.kits import lose
    from immunosep.web.supply.models import Kit, Order

    order = Order.objects.get(participant=participant)
    kits = Kit.objects.filter(
        slot=order.slot, immune_state=order.immune_state, route=route_of(order, at)
    )
    lose(kits.earliest("serial"), because=LOST, by=User.objects.get(pk=who["nurse"]), now=NOW)


def route_of(order: Any, at: int) -> str:
    """The first or the last route of an order."""
    routes = list(dict.fromkeys(dose["route"] for dose in order.doses))
    return str(routes[at])


def told(go: Event, work: Callable[..., None], who: dict[str, Any], number: str, line: Any) -> None:
    """What one process is told, its own number left out."""
    from immunosep.errors import RefusedError

    go.wait()
    try:
        work(who, number)
        line.send("done")
    except RefusedError as error:
        line.send("; ".join(error.problems))
    except Exception as error:  # noqa: BLE001 - whatever it is, the race reports it
        line.send(f"{type(error).__name__}: {error}")


def race(todo: list[tuple[Callable[..., None], str]], who: dict[str, Any]) -> dict[str, int]:
    """Each in a process of its own, at once: how often each thing was said."""
    go = FORK.Event()
    lines = [FORK.Pipe() for _ in todo]
    workers = [
        FORK.Process(target=told, args=(go, work, who, number, theirs))
        for (work, number), (_ours, theirs) in zip(todo, lines, strict=True)
    ]
    for worker in workers:
        worker.start()
    go.set()
    said = Counter(ours.recv() for ours, _theirs in lines)
    for worker in workers:
        worker.join()
    return dict(said)


def waiting() -> list[str]:
    """The first centre's patients who are not randomised."""
    from immunosep.web.enrolment.models import Patient

    there = Patient.objects.filter(centre__number=CENTRE, allocation=None)
    return list(there.order_by("number").values_list("pk", flat=True))


def randomised() -> list[str]:
    """The first centre's participants."""
    from immunosep.web.supply.models import Order

    return list(Order.objects.order_by("participant").values_list("participant", flat=True))


def kept() -> dict[str, Any]:
    """What the database holds afterwards, and every fault the site and its ledger find."""
    from immunosep.web.audit.models import Event
    from immunosep.web.checking import check_site
    from immunosep.web.enrolment.models import Allocation
    from immunosep.web.supply.ledger import faults
    from immunosep.web.supply.models import Kit, Movement
    from immunosep.web.supply.stations import MovementKind

    def moved(kind: MovementKind) -> int:
        return Movement.objects.filter(kind=kind.value).count()

    return {
        "allocations": Allocation.objects.count(),
        "dispensed": moved(MovementKind.DISPENSE),
        "lost": moved(MovementKind.LOSE),
        "dispensing_events": Event.objects.filter(action="supply.dispense").count(),
        "losing_events": Event.objects.filter(action="supply.lose").count(),
        "findings": [fault for found in check_site() for fault in found.faults]
        + list(faults(Kit.objects.all())),
    }


def main(database: str, processes: int) -> None:
    """The three races, one after the other, and what is kept."""
    enter(database, trial=TRIAL)
    who = in_child(furnish_kits, processes * 3, 1)
    last = race([(randomise, number) for number in in_child(waiting)], who)
    (one,) = in_child(randomised)
    same = race([(give_out, one)] * processes, who)
    both = race([(partial(give_out, at=LAST), one), (drop, one)] * (processes // 2), who)
    print(json.dumps({"last": last, "same": same, "both": both, **in_child(kept)}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
