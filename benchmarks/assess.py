"""One bedside patient in milliseconds, and a million rows a second, through the same expressions.

Claims: one patient through `screening.assess` in a warm process takes 10 ms or less at the median;
a million rows go at a million a second or more on two cores. The limit beside the second is the
engine reading every column of the same table once.

    .venv/bin/python benchmarks/assess.py [--rows 1000000] [--runs 5]
"""

import argparse
import statistics
import time
from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa

from immunosep.concepts.snapshot import PATIENTS
from immunosep.screening.assess import assess
from immunosep.screening.explain import explain
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import BEDSIDE
from immunosep.trials import find_trial

SHARE_MISSING = 0.2


def main() -> None:
    """Print both claims, each as the median of several runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    trial, many = find_trial("immunosep"), invented_patients(options.rows)
    one = many.slice(0, 1).combine_chunks()
    assess(trial, one)
    answered = median_time(lambda: assess(trial, one), 200)
    explained = median_time(lambda: explain(trial, one), 20)
    print(f"one patient, assess:  {1e3 * answered:8.2f} ms (claim: 10 or less)")
    print(f"one patient, explain: {1e3 * explained:8.2f} ms")
    took = median_time(lambda: assess(trial, many), options.runs)
    floor = median_time(lambda: read_everything(many), options.runs)
    rate, limit = options.rows / took / 1e6, options.rows / floor / 1e6
    print(f"{options.rows:,} rows: {rate:.2f} million rows/s (claim: 1 or more)")
    print(f"only reading them: {limit:.2f} million rows/s; ratio {took / floor:.1f}")


def median_time(job: Callable[[], object], runs: int) -> float:
    """The median wall time of a job, in seconds."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        job()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def read_everything(patients: pa.Table) -> object:
    """The physical limit: every column read and reduced to one value."""
    connection = duckdb.connect()
    connection.register("patients", patients)
    columns = ", ".join(f'max("{name}")' for name in patients.column_names)
    return connection.sql(f"SELECT {columns} FROM patients").fetchall()


def invented_patients(count: int) -> pa.Table:
    """That many invented rows, each value drawn within its plausible range or missing."""
    rng = np.random.default_rng(4990232)
    columns = {column.name: _invented(column, count, rng) for column in BEDSIDE}
    columns["patient_id"] = pa.array(np.arange(count).astype(str))
    return pa.table(columns, schema=PATIENTS.schema().to_pyarrow())


def _invented(column: Column, count: int, rng: np.random.Generator) -> pa.Array:
    missing = rng.random(count) < SHARE_MISSING
    limits = column.plausible or column.possible
    match column.kind:
        case Kind.YES_NO:
            return pa.array(rng.random(count) < 0.1, mask=missing)
        case Kind.CATEGORY:
            return pa.array(rng.choice(np.array(column.choices), count), mask=missing)
        case Kind.NUMBER | Kind.INTEGER if limits:
            values = rng.uniform(limits.low, limits.high, count)
            return pa.array(
                values if column.kind is Kind.NUMBER else values.astype(int), mask=missing
            )
        case Kind.TIME:
            return pa.array(rng.integers(0, 100 * 3600, count), mask=missing)
        case _:
            return pa.array([column.name] * count)


if __name__ == "__main__":
    main()
