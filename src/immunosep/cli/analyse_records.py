"""`immunosep analyse DATA --out DIR`: from a trial's records to its report."""

from pathlib import Path
from time import perf_counter

from immunosep.analysis.records import read_records
from immunosep.analysis.report_data import Report, analyse_trial
from immunosep.cli.output import check_report_extras, note, print_page, progress, warn
from immunosep.errors import AnalysisError, ImmunosepError
from immunosep.report.trial.document import DRAFT, DUMMY
from immunosep.report.trial.written import write_trial_report
from immunosep.sources.records import Arms
from immunosep.trials import find_trial


def run(data: Path, *, out: Path, trial_name: str, unlocked: bool, report: Report) -> None:
    """Read, check, analyse, write; print which files there are."""
    check_report_extras()
    if out.resolve() == data.resolve():
        raise ImmunosepError(f"{out.name} is what is read; nothing was written. Name another DIR.")
    trial = find_trial(trial_name)
    began = perf_counter()
    records = read_records(data, trial=trial, allow_unlocked=unlocked)
    if not trial.endpoints:
        raise AnalysisError(f"trial {trial.id!r}", ["it names no endpoint; expected one or more"])
    with progress("Analysing", total=len(trial.endpoints)) as done:
        analysis = analyse_trial(records, report=report, done=done)
    written = write_trial_report(out, analysis)
    if analysis.draft:
        warn(DRAFT)
    if records.arms is Arms.DUMMY and analysis.compared:
        warn(DUMMY)
    for line in written.notes:
        warn(line)
    print_page("\n".join(f"Wrote {path}" for path in written.files))
    note(f"in {perf_counter() - began:.0f} s")
