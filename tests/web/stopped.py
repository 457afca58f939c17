"""The database stopped at once, or every writer killed, while participants are randomised.

Run as `python -m tests.web.stopped`: a site of `races` in an empty database; in each round
processes randomise and write down, outside the database, what they were told was done. PostgreSQL
is then stopped as a power cut would stop it and started again; on SQLite every process is killed.
Prints one JSON object: whatever was acknowledged must be in the database.
"""

import argparse
import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

from tests.postgresql import _as_postgres, binaries
from tests.web.races import (
    FORK,
    NOW,
    _numbers,
    answers_for,
    enter,
    found_afterwards,
    furnish,
    in_child,
)

NOW_OR_NEVER = 0.4  # seconds within which the stop comes


def main() -> None:
    """Some rounds; prints what was acknowledged, interrupted, lost."""
    options = _options()
    enter(options.database)
    rng = random.Random(options.seed)
    size = options.processes * options.each
    by = in_child(furnish, size * options.rounds)
    numbers = _numbers(size * options.rounds)
    asked = in_child(answers_for, numbers)
    told: dict[str, int] = {}
    interrupted = 0
    for n in range(options.rounds):
        todo = numbers[n * size : (n + 1) * size]
        said = _round(options, by, todo, asked, wait=rng.uniform(0.05, NOW_OR_NEVER))
        interrupted += len(said) < size
        told |= said
    kept = in_child(_kept)
    lost = [number for number, slot in told.items() if kept.get(number) != slot]
    found = in_child(found_afterwards)
    print(  # noqa: T201
        json.dumps({"told": len(told), "interrupted": interrupted, "lost": lost, **found})
    )


def _round(
    options: argparse.Namespace, by: int, todo: list[str], asked: Any, *, wait: float
) -> dict[str, int]:
    barrier, notes = FORK.Barrier(options.processes + 1), Path(options.notes)
    notes.write_text("")
    shares = [todo[at :: options.processes] for at in range(options.processes)]
    workers = [
        FORK.Process(target=_randomise, args=(by, share, asked, barrier, notes)) for share in shares
    ]
    for worker in workers:
        worker.start()
    barrier.wait()
    time.sleep(wait)
    if options.database.startswith("postgresql"):
        _stop_and_start(in_child(_data_directory))
    else:
        for worker in workers:
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
    for worker in workers:
        worker.join()
    pairs = [line.split() for line in notes.read_text().splitlines()]
    return {number: int(slot) for number, slot in pairs}


def _randomise(by: int, share: list[str], asked: Any, barrier: Any, notes: Path) -> None:
    from django.db import Error

    from immunosep.web.accounts.models import User
    from immunosep.web.enrolment.allocating import take_next_slot
    from immunosep.web.supply.models import Order
    from immunosep.web.supply.ordering import new_number

    consultant = User.objects.get(pk=by)
    out = os.open(notes, os.O_WRONLY | os.O_APPEND)
    barrier.wait()
    for number in share:
        try:
            made = take_next_slot(
                *asked[number], order_number=new_number(Order), by=consultant,
                role="investigator", now=NOW,
            )  # fmt: skip
        except Error:  # the server is gone: the rest of the share is for nobody
            return
        os.write(out, f"{number} {made.slot_id}\n".encode())


def _kept() -> dict[str, int]:
    from immunosep.web.enrolment.models import Allocation

    return dict(Allocation.objects.values_list("patient_id", "slot_id"))


def _data_directory() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return str(cursor.fetchone()[0])


def _stop_and_start(data: str) -> None:
    """As a power cut would: no checkpoint, no farewell; then recovery from the write-ahead log."""
    bin_ = binaries()
    assert bin_ is not None
    words = (Path(data) / "postmaster.opts").read_text().split(" ", 1)[1].replace('"', "").split()
    given = " ".join(word for word in words if word not in ("-D", data))
    _as_postgres(bin_ / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    _as_postgres(bin_ / "pg_ctl", "-D", data, "-w", "-l", f"{data}/../log", "-o", given, "start")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="sqlite:///FILE or postgresql://…, empty")
    parser.add_argument("--notes", required=True, help="a file for what was acknowledged")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--each", type=int, default=40, help="more than a round has time for")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
