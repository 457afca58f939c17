"""From a trial's records to its report: 281 participants within a minute, 100,000 within five.

Claims, on two cores: reading, checking, analysing and writing the whole report (HTML, PDF, Word,
JSON) of 281 participants takes 60 s or less; of 100,000, 300 s or less. Prints each claim's share
of its time that was used. Records are drawn (`simulation.courses`) and written first.

    .venv/bin/python benchmarks/analyse.py [--participants 281 100000]
"""

import argparse
import itertools
import tempfile
import time
from pathlib import Path

import numpy as np

from immunosep.analysis.records import read_records
from immunosep.analysis.report_data import analyse_trial
from immunosep.report.trial.written import write_trial_report
from immunosep.simulation.courses import draw_trial
from immunosep.sources.records import Arms, Manifest, write_records
from immunosep.trials import find_trial

CLAIMED_S = {281: 60.0, 100_000: 300.0}
LOCKED_S = 1_722_470_400


def main() -> None:
    """Print how long each step took, and the share of the claim."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--participants", type=int, nargs="+", default=list(CLAIMED_S))
    for participants in parser.parse_args().participants:
        with tempfile.TemporaryDirectory() as folder:
            measure(participants, Path(folder))


def measure(participants: int, folder: Path) -> None:
    """Draw, write, read, analyse, report; each step timed."""
    trial = find_trial("immunosep")
    marks = [time.perf_counter()]
    tables = draw_trial(np.random.default_rng(1), participants=participants, trial=trial)
    marks.append(time.perf_counter())
    manifest = Manifest(
        trial=trial.id, trial_version=trial.version, trial_digest=trial.digest, arms=Arms.REAL,
        written_s=LOCKED_S, locked_s=LOCKED_S, software="a benchmark",
    )  # fmt: skip
    write_records(tables, folder / "records", manifest=manifest)
    del tables
    marks.append(time.perf_counter())
    worked = time.process_time()
    records = read_records(folder / "records", trial=trial)
    marks.append(time.perf_counter())
    analysis = analyse_trial(records)
    marks.append(time.perf_counter())
    write_trial_report(folder / "report", analysis)
    marks.append(time.perf_counter())
    took = [later - earlier for earlier, later in itertools.pairwise(marks)]
    print(f"{participants:,} participants")
    for step, seconds in zip(("draw", "write", "read", "analyse", "report"), took, strict=True):
        print(f"  {step:8} {seconds:8.1f} s")
    whole = sum(took[2:])
    claimed = CLAIMED_S.get(participants)
    share = f", {whole / claimed:.2f} of the {claimed:.0f} s claimed" if claimed else ""
    busy = time.process_time() - worked
    print(f"  read to report {whole:.1f} s, of them {busy:.1f} s of processors{share}")


if __name__ == "__main__":
    main()
