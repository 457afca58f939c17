"""Stays a CPU-second: whole screening, and hourly SOFA alone, beside the scan floor.

Claim: the demo 100 times over is screened, hourly SOFA included, at 1,000 stays a CPU-second or
more.

The MIMIC-IV demo is copied N times with identifiers numbered anew, as Parquet (zstd, row groups of
122,880, each copy one block, as in an extract sorted by patient). The floor reads the needed
columns and items and does nothing with them: no rule can be cheaper. Each run is a process of its
own; CPU is user and system time of that process, reading and compiling included.

    python benchmarks/hospital.py MIMIC_IV_FOLDER --copies 20 --runs 3
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from ibis.backends.duckdb import Backend

from immunosep.concepts.sofa_profiles import PROFILES
from immunosep.screening.assess import assess
from immunosep.screening.feasibility import count_feasibility
from immunosep.sources.extract import connect
from immunosep.sources.mimic_iv import variables
from immunosep.sources.mimic_iv.events import charted_items
from immunosep.sources.mimic_iv.hourly import hourly_sofa
from immunosep.sources.mimic_iv.snapshot import read_snapshot
from immunosep.sources.mimic_iv.tables import LAYOUTS, MimicTables, read_tables
from immunosep.trials import find_trial

IDENTIFIERS = ("subject_id", "hadm_id", "stay_id", "specimen_id", "micro_specimen_id")
BLOCK_ROWS = 8_000_000  # sorted in memory at a time
PARQUET = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"


def write_copies(source: Path, folder: Path, copies: int) -> Path:
    """Write the tables N times over into `folder`, unless they lie there from an earlier run."""
    target = folder / f"mimic-iv-x{copies}"
    if (target / "complete").exists():
        return target
    connection = connect()
    read_tables(connection, source)
    for column in IDENTIFIERS:
        _number_densely(connection, column)
    for part in fields(MimicTables):
        _copy_table(connection, part.name, target / LAYOUTS[part.name].folder, copies)
    (target / "complete").touch()
    return target


def _number_densely(connection: Backend, column: str) -> None:
    sources = [name for name, layout in LAYOUTS.items() if column in layout.types]
    union = " UNION ALL ".join(f"SELECT {column} FROM mimic_iv_{name}" for name in sources)
    connection.raw_sql(
        f"CREATE TEMP TABLE new_{column} AS SELECT {column}, "
        f"row_number() OVER (ORDER BY {column}) AS dense_{column}, "
        f"count(*) OVER () AS size_{column} "
        f"FROM (SELECT DISTINCT {column} FROM ({union}) WHERE {column} IS NOT NULL)"
    )


def _copy_table(connection: Backend, name: str, folder: Path, copies: int) -> None:
    columns = list(LAYOUTS[name].types)
    identifiers = [column for column in columns if column in IDENTIFIERS]
    joins = " ".join(f"LEFT JOIN new_{column} USING ({column})" for column in identifiers)
    connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE base AS FROM mimic_iv_{name} {joins}")
    rows = connection.raw_sql("SELECT count(*) FROM base").fetchall()[0][0]
    block = max(1, min(copies, BLOCK_ROWS // max(rows, 1)))
    shifted = ", ".join(
        f"dense_{c} + k * size_{c} AS {c}" if c in identifiers else c for c in columns
    )
    times = [column for column in ("charttime", "starttime") if column in columns]
    ranks = [f"dense_{c}" for c in ("subject_id", "stay_id") if c in identifiers]
    order = ", ".join(["k", *ranks, *times])
    target = folder / f"{name}.parquet"
    target.mkdir(parents=True, exist_ok=True)
    for first in range(0, copies, block):
        numbers = f"unnest(range({first}, {min(first + block, copies)}))"
        connection.raw_sql(
            f"COPY (SELECT {shifted} FROM base, (SELECT {numbers} AS k) ORDER BY {order}) "
            f"TO '{target}/part-{first:05}.parquet' ({PARQUET})"
        )


def run_floor(folder: Path) -> int:
    """Read what hourly SOFA needs from the large tables, and count it."""
    connection = connect()
    read_tables(connection, folder)
    laboratory = [item.itemid for item in variables.LABORATORY]
    infusions = [item.itemid for item in variables.INFUSIONS]
    for table, items, needed in (
        (
            "chartevents",
            charted_items(),
            "sum(valuenum), max(subject_id), max(charttime), max(value)",
        ),
        (
            "labevents",
            laboratory,
            "sum(valuenum), max(subject_id), max(charttime), max(specimen_id)",
        ),
        ("inputevents", infusions, "sum(rate), max(subject_id), max(starttime), max(endtime)"),
        ("outputevents", variables.URINE, "sum(value), max(subject_id), max(charttime)"),
    ):
        listed = ", ".join(map(str, items))
        query = f"SELECT count(*), {needed} FROM mimic_iv_{table} WHERE itemid IN ({listed})"
        connection.raw_sql(query).fetchall()
    return _stays(connection)


def run_hourly(folder: Path, profile: str) -> int:
    """Derive hourly SOFA of every stay and write it as Parquet."""
    connection = connect()
    hours = hourly_sofa(folder, profile=PROFILES[profile], connection=connection, with_inputs=False)
    with tempfile.TemporaryDirectory() as out:
        hours.to_parquet(Path(out) / "sofa.parquet")
    return _stays(connection)


def run_screening(folder: Path) -> int:
    """Screen every patient: hourly SOFA, Sepsis-3, the snapshot, every criterion, the attrition."""
    trial, connection = find_trial("immunosep"), connect()
    patients = read_snapshot(folder, connection=connection).to_pyarrow()
    count_feasibility(trial, assess(trial, patients), patients)
    return _stays(connection)


def _stays(connection: Backend) -> int:
    return int(connection.raw_sql("SELECT count(*) FROM mimic_iv_icustays").fetchall()[0][0])


def _run_once(what: str, folder: Path) -> None:
    runs: dict[str, Callable[[], int]] = {
        "floor": lambda: run_floor(folder),
        "screening": lambda: run_screening(folder),
    }
    runs |= {name: lambda name=name: run_hourly(folder, name) for name in PROFILES}  # type: ignore[misc]
    stays = runs[what]()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {"stays": stays, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1e3}
        )
    )


def _measure(what: str, folder: Path, runs: int) -> str:
    command = [sys.executable, __file__, str(folder), "--once", what]
    results = [json.loads(subprocess.check_output(command)) for _ in range(runs)]
    cpu = statistics.median(result["cpu"] for result in results)
    peak = statistics.median(result["mb"] for result in results)
    stays = results[0]["stays"]
    return f"| {what} | {stays:,} | {cpu:.1f} | {stays / cpu:,.0f} | {peak:,.0f} |"


def main() -> None:
    """Print a row for the floor, for whole screening, for each profile: medians of the runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "immunosep-bench"
    )
    parser.add_argument("--once", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        _run_once(options.once, options.source)
        return
    folder = write_copies(options.source, options.cache, options.copies)
    print("| what | stays | CPU s | stays per CPU s | peak MB |\n|---|---|---|---|---|")
    for what in ("floor", "screening", *PROFILES):
        print(_measure(what, folder, options.runs), flush=True)


if __name__ == "__main__":
    main()
