"""Many stories told at once, in the order of time.

A course is a generator: it yields the moment it waits for, and acts when it is resumed. The moment
is its `now`, so that what many courses do enters the audit trail in the order in which it happens.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

Course = Iterator[datetime]


def play(
    courses: Iterable[Course], *, until: datetime, tell: Callable[[int], None] | None = None
) -> None:
    """Resume whichever course comes next until none is left, or all wait for after `until`.

    `tell` is called with 1 whenever a course ends.
    """
    waiting: list[tuple[datetime, int, Course]] = []
    for serial, course in enumerate(courses):
        _wait(waiting, serial, course)
    while waiting and waiting[0][0] <= until:
        _, serial, course = heapq.heappop(waiting)
        if not _wait(waiting, serial, course) and tell is not None:
            tell(1)


def _wait(waiting: list[tuple[datetime, int, Course]], serial: int, course: Course) -> bool:
    """Let a course go on to the moment it waits for next; False if it has ended."""
    moment = next(course, None)
    if moment is not None:
        heapq.heappush(waiting, (moment, serial, course))
    return moment is not None


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
