"""A version goes live at a centre while many processes randomise there.

Run as `python -m tests.web.amending_races DATABASE FOLDER`: it makes a site in an empty database,
lets processes randomise at one centre until, in the midst of it, a version goes live that lets
nobody in, and prints one JSON object of what is kept.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.web.races import FORK, NOW, enter, furnish, in_child

PROCESSES, PATIENTS, BEFORE = 4, 12, 2  # of one centre; so many are randomised before it goes live
VERSION = """
from dataclasses import replace
from immunosep.concepts.snapshot import snapshot
from tests.web.six_strata import TRIAL as FIRST

def stricter(criterion):
    rule = snapshot.neutrophils_per_mm3 < 10_000
    return replace(criterion, rule=rule) if criterion.id == "neutropenia" else criterion

TRIAL = replace(FIRST, version="2.0", exclusion=tuple(map(stricter, FIRST.exclusion)))
"""
DONE = FORK.Value("i", 0)
NOW_GO, LIVE = FORK.Event(), FORK.Event()


def propose_and_approve(folder: str) -> str:
    """The amendment, ready to go live at the first centre; its version's digest."""
    from immunosep.web.accounts.actions import create_account, grant
    from immunosep.web.accounts.roles import Role
    from immunosep.web.amendments.taking import take_version
    from immunosep.web.audit.actions import Site
    from immunosep.web.centres.models import Centre
    from tests.web.amended import approved, proposed

    who = create_account("d@example.org", name="Data", password=None, by=Site(), now=NOW)
    grant(who, Role.DATA_MANAGER, centre=None, by=Site(), now=NOW)
    file = Path(folder) / "amended.py"
    file.write_text(VERSION, encoding="utf-8")
    amendment = proposed(take_version(file, now=NOW), who)
    approved(amendment, Centre.objects.get(number="01"), who)
    return amendment.version_id


def compile_both(digest: str) -> None:
    """Ask both versions once, in each process: what DuckDB has open does not outlive a fork."""
    from immunosep.web.enrolment.screening import answer
    from immunosep.web.trial import site_trial, trial_with
    from tests.web.people import ELIGIBLE

    for trial in (site_trial(), trial_with(digest)):
        answer(ELIGIBLE, number="01-0001", consent=True, now=NOW, trial=trial)


def randomise_share(by: int, numbers: list[str]) -> list[str]:
    """What a process is told of each of its patients; the last waits until the version is live."""
    from immunosep.errors import RefusedError
    from immunosep.web.accounts.models import User
    from immunosep.web.enrolment.allocating import allocate

    who, told = User.objects.get(pk=by), []
    for number in numbers:
        if DONE.value >= BEFORE:
            NOW_GO.set()
        if number == numbers[-1]:
            LIVE.wait()
        try:
            allocate(number, by=who, now=NOW)
            told.append("randomised")
        except RefusedError as error:
            told.append(" ".join(error.problems))
        with DONE.get_lock():
            DONE.value += 1
    return told


def go_live() -> list[str]:
    """The other process: waits for the midst of it."""
    from immunosep.web.accounts.models import User
    from immunosep.web.amendments.activating import activate
    from immunosep.web.amendments.models import Amendment
    from immunosep.web.centres.models import Centre

    who, centre = User.objects.get(email="d@example.org"), Centre.objects.get(number="01")
    NOW_GO.wait()
    activate(Amendment.objects.get(), centre, by=who, now=NOW)
    LIVE.set()
    return ["live"]


def kept() -> dict[str, Any]:
    """What the trail says, in its order, and what the site's own checks find."""
    from immunosep.web.audit.models import Event
    from immunosep.web.checking import check_site
    from immunosep.web.enrolment.models import Allocation

    actions = ("enrolment.randomise", "amendments.activate")
    events = Event.objects.filter(action__in=actions).order_by("sequence")
    return {
        "order": [action for action in events.values_list("action", flat=True)],
        "versions": sorted(set(Allocation.objects.values_list("trial_digest", flat=True))),
        "faults": [fault for finding in check_site() for fault in finding.faults],
    }


def main(database: str, folder: str) -> None:
    """The race, then what is kept, as one JSON object."""
    os.environ["IMMUNOSEP_VERSIONS"] = str(Path(folder) / "versions")
    enter(database)
    by = in_child(furnish, PATIENTS * 3)
    digest = in_child(propose_and_approve, folder)
    numbers = [f"01-{n:04d}" for n in range(1, PATIENTS + 1)]
    with FORK.Pool(PROCESSES + 1, initializer=compile_both, initargs=(digest,)) as pool:
        live = pool.apply_async(go_live)
        shares = [(by, numbers[at::PROCESSES]) for at in range(PROCESSES)]
        told = [each for share in pool.starmap(randomise_share, shares, chunksize=1)
                for each in share]  # fmt: skip
        live.get(timeout=60)
    print(json.dumps({"told": told, **in_child(kept)}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
