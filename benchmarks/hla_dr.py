"""The whole assay takes little more than reading its two files.

Claims: from two FCS files to the verdict, a patient tube of 60,000 events takes 0.3 s or less in a
process that has started, and its peak of memory stays within five times the files, of floats and of
16-bit logarithms alike. The limit beside it is reading the same files and nothing else.

    .venv/bin/python benchmarks/hla_dr.py [--events 60000] [--runs 7]
"""

import argparse
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from immunosep.cytometry.fcs import read_fcs
from immunosep.cytometry.hla_dr import Measurement, measure_hla_dr
from immunosep.cytometry.lots import Lot
from tests.invented_tubes import LOT, beads, blood

LEAFLET = Lot(lot="96597", expires=date(2027, 3, 31), pe_per_bead=LOT)
SHARE_OF_MONOCYTES = 0.05
LYMPHOCYTES = 3000


def main() -> None:
    """Print time, its ratio to reading, and memory, its ratio to the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    for form in ("write", "write_logarithmic"):
        measure(form, options)


def measure(form: str, options: argparse.Namespace) -> None:
    """One form of the same two tubes."""
    with tempfile.TemporaryDirectory() as folder:
        tubes = write_tubes(Path(folder), options.events, form)
        size = sum(tube.stat().st_size for tube in tubes)
        assay(tubes)
        read = median_time(lambda: [read_fcs(tube)[-1].events for tube in tubes], options.runs)
        took = median_time(lambda: assay(tubes), options.runs)
        peak = peak_memory(lambda: assay(tubes))
        found = assay(tubes)
    kind = "floats" if form == "write" else "16-bit logarithms"
    print(f"{options.events:,} events, {size / 1e6:.1f} MB of {kind}: {found.verdict.value}")
    print(f"only reading them: {1e3 * read:7.1f} ms")
    print(f"the whole assay:   {1e3 * took:7.1f} ms (claim: 300 or less); ratio {took / read:.1f}")
    print(f"peak of memory:    {peak / 1e6:7.1f} MB, {peak / size:.1f} x the files (claim: 5)")


def write_tubes(folder: Path, events: int, form: str) -> tuple[Path, Path]:
    """A patient tube of so many events and a bead tube."""
    rng = np.random.default_rng(4990232)
    monocytes = round(SHARE_OF_MONOCYTES * events)
    granulocytes = events - monocytes - LYMPHOCYTES
    patient = blood(rng, monocytes=monocytes, granulocytes=granulocytes)
    tubes = {"patient.fcs": patient, "beads.fcs": beads(rng, count=2500)}
    mine, theirs = (getattr(tube, form)(folder / name) for name, tube in tubes.items())
    return mine, theirs


def assay(tubes: tuple[Path, Path]) -> Measurement:
    """From two files to the verdict."""
    patient, bead_tube = (read_fcs(tube)[-1] for tube in tubes)
    return measure_hla_dr(patient, bead_tube, lot=LEAFLET, limit=5000, today=date(2026, 1, 1))


def median_time(job: Callable[[], object], runs: int) -> float:
    """The median wall time of a job, in seconds."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        job()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def peak_memory(job: Callable[[], object]) -> int:
    """The most bytes that the job holds at once; NumPy's arrays count."""
    tracemalloc.start()
    kept = job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    return peak


if __name__ == "__main__":
    main()
