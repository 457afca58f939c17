"""Claim: a site allocates 50 participants a second with one process, 20 with 50 processes.

An allocation is the transaction: lock the stratum, take the next place, write allocation, order and
audit event. Beside it stands the whole of a randomisation, which first reads the record and answers
every criterion, and, in the same run, the limit that the database sets: one row inserted and
committed, as often as it can be, by as many processes. Printed: how many a second, the share of
bare commits, median and 99th percentile of one, for SQLite and PostgreSQL (a server of its own,
started here).

    python benchmarks/allocating.py [--runs 3] [--processes 1 50] [--total 400]
"""

import argparse
import json
import multiprocessing as mp
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.postgresql import MISSING, binaries, running_server

NewDatabase = Callable[[], str]


WHAT = {"allocations": [], "randomisations": ["--whole"]}


def raced(database: str, processes: int, total: int, how: list[str]) -> dict[str, Any]:
    """One race on an empty database; its faults must be none."""
    command = [sys.executable, "-m", "tests.web.races", "--database", database, *how]
    options = ["--processes", str(processes), "--each", str(max(1, total // processes))]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=True, cwd=root, env=os.environ
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    faults = [*found["findings"], *found["rounds"][0]["faults"]]
    assert not faults, faults
    race: dict[str, Any] = found["rounds"][0]
    return race


def bare_commits(database: str, processes: int, total: int) -> float:
    """Rows inserted and committed a second, one at a time, by that many processes."""
    _run(database, "CREATE TABLE bare (process integer, n integer)")
    fork = mp.get_context("fork")
    each = max(1, total // processes)
    barrier = fork.Barrier(processes + 1)
    workers = [
        fork.Process(target=_insert, args=(database, n, each, barrier)) for n in range(processes)
    ]
    for worker in workers:
        worker.start()
    barrier.wait()
    began = time.monotonic()
    for worker in workers:
        worker.join()
    return processes * each / (time.monotonic() - began)


def _insert(database: str, process: int, each: int, barrier: Any) -> None:
    with _connected(database) as connection:
        barrier.wait()
        for n in range(each):
            connection.execute("BEGIN IMMEDIATE" if "sqlite" in database else "BEGIN")
            connection.execute(f"INSERT INTO bare VALUES ({process}, {n})")
            connection.execute("COMMIT")


def _run(database: str, statement: str) -> None:
    with _connected(database) as connection:
        connection.execute(statement)


@contextmanager
def _connected(database: str) -> Iterator[Any]:
    if database.startswith("sqlite"):
        connection: Any = sqlite3.connect(
            database.removeprefix("sqlite:///"), timeout=60, isolation_level=None
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    else:
        import psycopg

        connection = psycopg.connect(database, autocommit=True)
    try:
        yield connection
    finally:
        connection.close()


def measure(engine: str, new_database: NewDatabase, options: argparse.Namespace) -> None:
    """Print one line for each number of processes: medians of the runs."""
    for processes in options.processes:
        bare = statistics.median(
            bare_commits(new_database(), processes, options.total) for _ in range(options.runs)
        )
        for what, how in WHAT.items():
            races = [
                raced(new_database(), processes, options.total, how) for _ in range(options.runs)
            ]
            speed, p50, p99 = (
                statistics.median(race[name] for race in races)
                for name in ("per_second", "p50", "p99")
            )
            print(
                f"{engine:<11} {processes:>3} processes: {speed:6.1f} {what}/s, "
                f"{speed / bare:5.1%} of {bare:7.1f} bare commits/s, "
                f"median {p50:.3f} s, 99 % within {p99:.3f} s",
                flush=True,
            )


def main() -> None:
    """SQLite, then PostgreSQL where it is installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--total", type=int, default=400, help="randomisations in a run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        names = (f"sqlite:///{folder}/{n}.sqlite3" for n in range(10_000))
        measure("SQLite", lambda: next(names), options)
    if binaries() is None:
        print(f"NOT MEASURED: {MISSING}")
        return
    with running_server() as server:
        measure("PostgreSQL", server.new_database, options)


if __name__ == "__main__":
    main()
