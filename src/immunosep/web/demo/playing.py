"""Many stories told at once, in the order of time.

A course is a generator: it yields the moment it waits for, and acts when it is resumed. The moment
is its `now`, so that what many courses do enters the audit trail in the order in which it happens.
"""

import gc
import heapq
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

Course = Iterator[datetime]
Step = tuple[datetime, Callable[[datetime], object]]
Waiting = list[tuple[datetime, int, Course]]

TOGETHER = 200  # turns in one transaction: each action still checks and records by itself


def play(
    courses: Iterable[Course], *, until: datetime, tell: Callable[[int], None] | None = None
) -> None:
    """Resume whichever course comes next until none is left, or all wait for after `until`.

    `tell` is called with 1 whenever a course ends. What a crash would lose is a part of a rehearsal
    that is of no use anyway, so that many turns share a transaction.
    """
    waiting = _begun(courses)
    while waiting and waiting[0][0] <= until:
        with transaction.atomic():
            for _ in range(TOGETHER):
                if not waiting or waiting[0][0] > until:
                    break
                if not _resume(waiting) and tell is not None:
                    tell(1)


def together(*courses: Course) -> Course:
    """Several courses as one, in the order of time."""
    waiting = _begun(courses)
    while waiting:
        yield waiting[0][0]
        _resume(waiting)


def in_order(steps: Iterable[Step]) -> Generator[datetime, None, None]:
    """A course of steps, each at its moment, in the order of time."""
    for at, act in sorted(steps, key=lambda step: step[0]):
        yield at
        act(at)


def _begun(courses: Iterable[Course]) -> Waiting:
    waiting: Waiting = []
    for serial, course in enumerate(courses):
        _wait(waiting, serial, course)
    return waiting


def _resume(waiting: Waiting) -> bool:
    """Let the course that comes next go on; False if it has ended."""
    _, serial, course = heapq.heappop(waiting)
    return _wait(waiting, serial, course)


def _wait(waiting: Waiting, serial: int, course: Course) -> bool:
    """Let a course go on to the moment it waits for next; False if it has ended."""
    moment = next(course, None)
    if moment is not None:
        heapq.heappush(waiting, (moment, serial, course))
    return moment is not None


@contextmanager
def without_looking_for_garbage() -> Iterator[None]:
    """Python looks for cycles less often: what is held here is held to the end."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def without_savepoints() -> Iterator[None]:
    """An action within a transaction marks no place to go back to: one that fails ends it all."""
    setattr(connection, "savepoint", _no_savepoint)  # noqa: B010  # of this one connection
    try:
        yield
    finally:
        delattr(connection, "savepoint")


def _no_savepoint() -> None:
    """As Django answers where a database has none."""


@contextmanager
def without_waiting_for_the_disk() -> Iterator[None]:
    """SQLite does not make sure of each transaction: whoever loses a rehearsal makes it anew."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA synchronous").fetchone()[0]
        cursor.execute("PRAGMA synchronous = OFF")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA synchronous = {before}")
