"""Many processes randomising at once, and what the database holds afterwards.

Run as `python -m tests.web.races`: it makes a site in an empty database (two engines, one setting),
fills it with patients ready to be randomised at three centres in six strata, lets processes loose
on them, and prints one JSON object. The tests read what must hold in it, the benchmark speed.
"""

import argparse
import json
import multiprocessing as mp
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, ForkProcess
from pathlib import Path
from typing import Any

SIX_STRATA = Path(__file__).with_name("six_strata.py")
CENTRES = 3
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ONE_TAKES = 0.02  # seconds of one randomisation, about
BEGUN = "the race has begun"
FORK: ForkContext = mp.get_context("fork")


def enter(database_url: str, *, trial: Path = SIX_STRATA) -> None:
    """Make this process one of a site on this database."""
    os.environ |= {
        "IMMUNOSEP_DATABASE_URL": database_url,
        "IMMUNOSEP_SECRET_KEY": "a key for races, which protects nothing at all, ever, anywhere",
        "IMMUNOSEP_TRIAL": str(trial),
        "IMMUNOSEP_DEMO": "yes",
        "IMMUNOSEP_LOG_LEVEL": "CRITICAL",
        "DJANGO_SETTINGS_MODULE": "immunosep.web.settings",
    }
    import django

    django.setup()
    from immunosep.web.enrolment import allocating  # noqa: F401 - imported once, before the fork


def furnish(patients: int, *, key_file: Path | None = None) -> int:
    """A site with this many patients to randomise, half of each immune state; the consultant."""
    from immunosep.web import installing

    installing.migrate()
    installing.TEACHING_SLOTS = patients  # any stratum could take them all
    who = _open_centres(key_file)
    _bring_in(patients, who)
    return int(who.pk)


def _open_centres(key_file: Path | None) -> Any:
    from immunosep.web import installing
    from immunosep.web.accounts.actions import create_account, grant
    from immunosep.web.accounts.roles import Role
    from immunosep.web.audit.actions import Site
    from immunosep.web.centres.actions import take_centres
    from immunosep.web.centres.models import Centre
    from immunosep.web.code.loading import load_code
    from immunosep.web.trial import site_trial
    from tests.web.people import open_centre

    site = Site()
    take_centres(site_trial(), by=site, now=NOW)
    code, keys = installing.teaching_code(b"a seed for races, of 32 bytes, ok")
    if key_file:
        key_file.write_bytes(keys.private_pem)
    load_code(code, live=False, by=site, now=NOW)
    who = create_account("c@example.org", name="Consultant", password=None, by=site, now=NOW)
    for centre in Centre.objects.all():
        open_centre(centre, by=site, now=NOW)
        grant(who, Role.INVESTIGATOR, centre=centre, by=site, now=NOW)
    return who


def _bring_in(patients: int, who: Any) -> None:
    from immunosep.web.centres.models import Centre
    from immunosep.web.enrolment.models import Consent, ConsentVersion, Entry, Patient
    from tests.web.people import ELIGIBLE

    centres = list(Centre.objects.all())
    versions = {
        centre.pk: ConsentVersion.objects.create(
            centre=centre, version="1", language="en", approved_on=NOW.date()
        )
        for centre in centres
    }
    people = [
        Patient(
            number=f"{centres[n % CENTRES].number}-{n // CENTRES + 1:04d}",
            centre=centres[n % CENTRES],
            added_at=NOW,
            added_by=who,
            entries_made=1,
        )
        for n in range(patients)
    ]
    Patient.objects.bulk_create(people)
    for centre in centres:
        centre.last_patient = sum(p.centre_id == centre.pk for p in people)
        centre.save(update_fields=["last_patient"])
    mals = {"ferritin_ng_ml": 9000}
    Entry.objects.bulk_create(
        (
            Entry(patient=p, form="all", column=column, value=value, entered_at=NOW,
                  entered_by=who, trial_digest="0" * 64)
            for n, p in enumerate(people)
            for column, value in (ELIGIBLE | (mals if n % 2 else {})).items()
        ),
        batch_size=1000,
    )  # fmt: skip
    Consent.objects.bulk_create(
        Consent(patient=p, given_by="patient", version=versions[p.centre_id],
                given_at=NOW, recorded_at=NOW, recorded_by=who)
        for p in people
    )  # fmt: skip


Asked = dict[str, tuple[Any, Any]]


def answers_for(numbers: list[str]) -> Asked:
    """What the trial says of each patient, beforehand: to race in the transaction alone."""
    from immunosep.web.enrolment.models import Patient
    from immunosep.web.enrolment.screening import answer, snapshot_of

    patients = Patient.objects.select_related("centre").in_bulk(numbers)
    snapshots = {number: snapshot_of(patient) for number, patient in patients.items()}
    return {
        number: (snapshot, answer(snapshot.values, number=number, consent=True, now=NOW))
        for number, snapshot in snapshots.items()
    }


def race(
    by: int, shares: list[list[str]], asked: Asked, *, kill: int, rng: random.Random
) -> dict[str, Any]:
    """Each process randomises its share; `kill` of them are killed at random moments.

    Each has a line of its own to this one: a lock that they shared could die with its holder.
    """
    lines = [FORK.Pipe() for _ in shares]
    workers = [
        FORK.Process(target=_randomise, args=(by, share, asked, theirs))
        for share, (_ours, theirs) in zip(shares, lines, strict=True)
    ]
    for worker in workers:
        worker.start()
    line_of = {worker: ours for worker, (ours, _theirs) in zip(workers, lines, strict=True)}
    for ours in line_of.values():
        assert ours.recv() == "ready"
    print(BEGUN, flush=True)  # noqa: T201
    began = time.monotonic()
    for ours in line_of.values():
        ours.send("go")
    doomed = rng.sample(workers, kill)
    _kill({line_of[worker]: worker for worker in doomed}, each=len(shares[0]), rng=rng)
    given = [_answer(line_of[worker]) for worker in workers if worker not in doomed]
    seconds = time.monotonic() - began
    for worker in workers:
        worker.join()
    return _summary(given, seconds)


def _kill(doomed: dict[Connection, ForkProcess], *, each: int, rng: random.Random) -> None:
    """Kill each while it is at one of its randomisations, drawn beforehand."""
    at = {line: rng.randrange(each) for line in doomed}
    while at:
        for line in wait(list(at)):
            assert isinstance(line, Connection)
            if line.recv() == at[line]:
                time.sleep(rng.uniform(0, ONE_TAKES))
                pid = doomed[line].pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                del at[line]


def _answer(line: Connection) -> Any:
    """What a process says at the end, after each number it was at."""
    while isinstance(said := line.recv(), int):
        pass
    return said


def _randomise(by: int, share: list[str], asked: Asked, line: Any) -> None:
    from immunosep.errors import ImmunosepError
    from immunosep.web.accounts.models import User
    from immunosep.web.enrolment.allocating import allocate, take_next_slot
    from immunosep.web.supply.models import Order
    from immunosep.web.supply.ordering import new_number

    consultant = User.objects.get(pk=by)
    if not asked:
        _warm()
    line.send("ready")
    line.recv()
    places, faults, times = {}, [], []
    for at, number in enumerate(share):
        line.send(at)
        began = time.monotonic()
        try:
            if asked:
                made = take_next_slot(
                    *asked[number], order_number=new_number(Order), by=consultant,
                    role="investigator", now=NOW,
                )  # fmt: skip
            else:
                made = allocate(number, by=consultant, now=NOW)
            places[number] = made.slot_id
        except ImmunosepError as error:
            faults.append(f"refused: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the race reports it
            faults.append(type(error).__name__)
        times.append(time.monotonic() - began)
    line.send((places, faults, times))


def _warm() -> None:
    """Compile the trial's rules, as a process of the site has after its first patient."""
    from immunosep.web.enrolment.screening import answer
    from tests.web.people import ELIGIBLE

    answer(ELIGIBLE, number="none", consent=True, now=NOW)


def _summary(given: list[Any], seconds: float) -> dict[str, Any]:
    times = sorted(t for _, _, each in given for t in each)
    places = [(number, slot) for answer, _, _ in given for number, slot in answer.items()]
    return {
        "answered": len(places),
        "distinct_participants": len({number for number, _ in places}),
        "distinct_slots": len({slot for _, slot in places}),
        "slots": sorted({slot for _, slot in places}),
        "faults": [fault for _, faults, _ in given for fault in faults],
        "seconds": seconds,
        "per_second": len(places) / seconds,
        "p50": times[len(times) // 2] if times else None,
        "p99": times[min(len(times) - 1, int(len(times) * 0.99))] if times else None,
    }


def found_afterwards() -> dict[str, Any]:
    """What the database holds: counts, and every fault the site's own verifier finds."""
    from immunosep.web.audit.models import Event
    from immunosep.web.checking import check_site
    from immunosep.web.enrolment.models import Allocation
    from immunosep.web.supply.models import Order

    return {
        "allocations": Allocation.objects.count(),
        "orders": Order.objects.count(),
        "events": Event.objects.filter(action="enrolment.randomise").count(),
        "findings": [fault for finding in check_site() for fault in finding.faults],
    }


def in_child(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run in a process of its own, so that the parent of the race has no connection to inherit."""
    with FORK.Pool(1) as pool:
        return pool.apply(function, arguments)


def _numbers(patients: int) -> list[str]:
    return [f"{n % CENTRES + 1:02d}-{n // CENTRES + 1:04d}" for n in range(patients)]


def main() -> None:
    """One site, one or several rounds; prints a JSON object."""
    options = _options()
    enter(options.database)
    rng = random.Random(options.seed)
    patients = 1 if options.same else options.processes * options.each * options.rounds
    by = in_child(furnish, patients)
    numbers = _numbers(patients)
    asked = {} if options.whole else in_child(answers_for, numbers)
    rounds, missed = [], 0
    for n in range(options.rounds):
        size = options.processes * options.each
        todo = numbers[n * size : (n + 1) * size]
        shares = [todo[at :: options.processes] for at in range(options.processes)]
        shares = [numbers] * options.processes if options.same else shares
        rounds.append(race(by, shares, asked, kill=options.kill, rng=rng))
        found = in_child(found_afterwards)
        missed += bool(found["findings"])
    print(json.dumps({"rounds": rounds, "rounds_with_faults": missed, **found}))  # noqa: T201


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="sqlite:///FILE or postgresql://…, empty")
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--each", type=int, default=20, help="randomisations per process")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--kill", type=int, default=0, help="processes killed in each round")
    parser.add_argument("--whole", action="store_true", help="each answers the criteria, too")
    parser.add_argument("--same", action="store_true", help="all ask for one participant")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
