"""Reading an FCS file as fast as the disk's cache gives it, beside FlowIO and FlowCal.

Claims: a million events of 16 float32 channels are read within 1.5 times of `np.fromfile`, and of
18-bit integers in 32 bits within 4 times; reading takes no more memory than twice the file. All
readers take turns in one run; FlowIO and FlowCal, where they are slow, take fewer of them.

    .venv/bin/python benchmarks/fcs.py [--events 1000000] [--runs 15]
"""

import argparse
import statistics
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from immunosep.cytometry.fcs import read_fcs

CHANNELS = 16
DATA_BEGIN = 4096
SLOW = ("FlowIO FlowData.as_array", "FlowCal FCSData", "FlowCal to_rfi")
SLOW_RUNS = 3
ORDERS = {"<": "1,2,3,4", ">": "4,3,2,1"}


@dataclass(frozen=True)
class Case:
    """A kind of file; `claim` is how many times `np.fromfile` may take, or None."""

    title: str
    type: str
    levels: int
    exponent: str
    claim: float | None


CASES = (
    Case("float32, little endian", "<f4", 262_144, "0,0", 1.5),
    Case("float32, big endian", ">f4", 262_144, "0,0", None),
    Case("18-bit integers in 32", "<u4", 262_144, "0,0", 4),
    Case("10-bit logarithms in 16", "<u2", 1_024, "4,1", None),
)


def main() -> None:
    """Print one table for each kind of file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    print(f"{options.events:,} events of {CHANNELS} channels; median ms of {options.runs} runs")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the other readers, about their own libraries
        for case in CASES:
            path = Path(folder) / "tube.fcs"
            write_tube(path, case, options.events)
            compare(path, case, options.runs)


def compare(path: Path, case: Case, runs: int) -> None:
    """One kind of file by every reader, in turns."""
    readers = readers_of(path, case.type)
    times: dict[str, list[float]] = {name: [] for name in readers}
    for run in range(runs):
        for name, read in readers.items():
            if run < SLOW_RUNS or name not in SLOW:
                times[name].append(seconds(read))
    limit = statistics.median(times["np.fromfile"])
    claim = f" (claim: read_fcs at {case.claim} or less)" if case.claim else ""
    print(f"\n{case.title}, {path.stat().st_size / 1e6:.0f} MB{claim}")
    for name, read in readers.items():
        median = statistics.median(times[name])
        memory = peak(read) / path.stat().st_size
        print(
            f"  {name:<28}{1e3 * median:9.1f} ms {median / limit:8.2f} x {memory:6.2f} x the file"
        )


def readers_of(path: Path, type_: str) -> dict[str, Callable[[], object]]:
    """By name; only `events`, `as_array` and `to_rfi` make values on a linear scale."""
    import FlowCal
    import flowio

    def by_flowcal() -> Any:
        return FlowCal.io.FCSData(str(path))

    return {
        "np.fromfile": lambda: np.fromfile(path, type_, offset=DATA_BEGIN),
        "read_fcs": lambda: read_fcs(path),
        "read_fcs, one channel": lambda: read_fcs(path)[0].values("C4"),
        "read_fcs, events in float64": lambda: read_fcs(path)[0].events,
        "FlowIO FlowData.as_array": lambda: flowio.FlowData(str(path)).as_array(),
        "FlowCal FCSData": by_flowcal,
        "FlowCal to_rfi": lambda: FlowCal.transform.to_rfi(by_flowcal()),
    }


def seconds(read: Callable[[], object]) -> float:
    """The wall time of one reading, without that of giving its memory back."""
    started = time.perf_counter()
    answer = read()
    took = time.perf_counter() - started
    del answer
    return took


def peak(read: Callable[[], object]) -> int:
    """The most memory that one reading held, in bytes."""
    tracemalloc.start()
    read()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def write_tube(path: Path, case: Case, events: int) -> None:
    """An invented tube, log-normal in every channel."""
    values = np.random.default_rng(20261122).lognormal(7, 1.5, (events, CHANNELS))
    table = values.clip(0, case.levels - 1).astype(case.type)
    said: dict[str, object] = {"$MODE": "L", "$NEXTDATA": 0, "$PAR": CHANNELS, "$TOT": events}
    said |= {f"${end}{part}": 0 for end in ("BEGIN", "END") for part in ("STEXT", "ANALYSIS")}
    said |= {"$BYTEORD": ORDERS[case.type[0]], "$DATATYPE": "F" if "f" in case.type else "I"}
    said |= {"$BEGINDATA": DATA_BEGIN, "$ENDDATA": DATA_BEGIN + table.nbytes - 1}
    for n in range(1, CHANNELS + 1):
        said |= {f"$P{n}N": f"C{n}", f"$P{n}B": 8 * table.itemsize}
        said |= {f"$P{n}E": case.exponent, f"$P{n}R": case.levels}
    text = "|" + "|".join(f"{name}|{value}" for name, value in said.items()) + "|"
    offsets = (58, 57 + len(text), DATA_BEGIN, DATA_BEGIN + table.nbytes - 1, 0, 0)
    head = "FCS3.1    " + "".join(f"{offset:8d}" for offset in offsets) + text
    path.write_bytes(head.encode().ljust(DATA_BEGIN) + table.tobytes())


if __name__ == "__main__":
    main()
