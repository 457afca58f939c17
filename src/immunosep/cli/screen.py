"""`immunosep screen`: whether a trial would take each patient, and why."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import typer

from immunosep.cli.hospital import read_hospital
from immunosep.cli.options import Format, SourceName
from immunosep.cli.output import (
    check_report_extras,
    check_target,
    note,
    print_csv,
    print_json,
    print_page,
    progress,
    warn,
)
from immunosep.cli.pages.counted import counted_page
from immunosep.cli.pages.listed import listed_page
from immunosep.cli.pages.one_patient import patient_page
from immunosep.cli.scoring import derive_rows
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import assess
from immunosep.screening.assessment import Assessment
from immunosep.screening.explain import explain
from immunosep.screening.feasibility import count_feasibility
from immunosep.sources.bedside import (
    Moment,
    Now,
    Patients,
    fill_assessed_at,
    read_moment,
    read_patients,
)
from immunosep.trials import find_trial

STDIN = "-"
BATCH = 10_000  # patients explained at a time
REPORT_NAMES = (".html", ".htm")


def run(
    path: Path,
    *,
    source: SourceName,
    trial: str,
    format_: Format,
    report: Path | None,
    at: str | None,
    count: bool | None,
) -> None:
    """Screen the patients of a file or of a hospital, print the answer, write the report."""
    chosen = find_trial(trial)
    if report:
        check_target(report, inputs=[path])
        if report.suffix.lower() not in REPORT_NAMES:
            raise typer.BadParameter(f"--report {report.name}: expected a name in .html")
        check_report_extras()
    patients = _read(path, source, at)
    hospital = source is not SourceName.BEDSIDE
    counted = hospital and format_ is Format.TABLE if count is None else count
    assessments = [] if counted and (hospital or not report) else _explain(chosen, patients)
    if counted:
        _print_counts(chosen, patients.table, format_)
    else:
        _print_patients(chosen, assessments, patients.table, format_)
    if report and hospital:
        _report_hospital(report, chosen, patients.table, name=_said(path))
    elif report:
        _report_patients(report, chosen, assessments, patients.table, name=_said(path))
    if report:
        note(f"The report is {report}")


def _read(path: Path, source: SourceName, at: str | None) -> Patients:
    moment = read_moment(at, now=datetime.now(UTC).astimezone()) if at else None
    if source is not SourceName.BEDSIDE:
        if moment:
            warn("--at has no effect: each patient of a hospital's records has a time of their own")
        return read_hospital(path)
    patients = read_patients(path)
    for said in patients.notes:
        note(f"{_said(path)}: {said}")
    return patients if moment is None else _assessed(patients, moment)


def _assessed(patients: Patients, moment: Moment) -> Patients:
    waiting = patients.table["assessed_at"].is_null()
    table = fill_assessed_at(patients.table, moment)
    if not pc.any(waiting).as_py():
        warn("--at has no effect: every patient has assessed_at")
    elif (
        isinstance(moment, Now)
        and pc.any(pc.and_(waiting, table["utc_offset_minutes"].is_null())).as_py()
    ):
        shown = datetime.fromtimestamp(moment.seconds, UTC)
        warn(f"now is the computer's clock: {shown:%H:%M}; the times of the file have no offset")
    return Patients(table=table, warnings=patients.warnings, notes=patients.notes)


def _print_patients(
    trial: Trial, assessments: list[Assessment], table: pa.Table, format_: Format
) -> None:
    match format_:
        case Format.JSON:
            print_json([assessment.as_json() for assessment in assessments])
        case Format.CSV:
            rows = [flat(assessment) for assessment in assessments]
            print_csv(rows, list(rows[0]))
        case Format.TABLE if len(assessments) == 1:
            print_page(patient_page(trial, assessments[0], derive_rows(table)[0]))
        case Format.TABLE:
            print_page(listed_page(trial, assessments))


def _print_counts(trial: Trial, table: pa.Table, format_: Format) -> None:
    with progress("Screening"):
        counts = count_feasibility(trial, assess(trial, table), table)
    match format_:
        case Format.JSON:
            print_json(counts.as_json())
        case Format.CSV:
            steps = counts.as_json()["attrition"]
            print_csv(steps, list(steps[0]))
        case Format.TABLE:
            print_page(counted_page(trial, counts, this_year=datetime.now(UTC).year))


def _explain(trial: Trial, patients: Patients) -> list[Assessment]:
    """One assessment per patient, batch by batch, so that the work shows how far it is."""
    found: list[Assessment] = []
    count = patients.table.num_rows
    with progress("Screening", total=count) as advance:
        for start in range(0, count, BATCH):
            rows = patients.table.slice(start, BATCH)
            warnings = {
                row: patients.warnings[start + row]
                for row in range(rows.num_rows)
                if start + row in patients.warnings
            }
            found += explain(trial, rows, warnings=warnings)
            advance(rows.num_rows)
    return found


def flat(assessment: Assessment) -> dict[str, Any]:
    """An assessment as one row: a column for each criterion and each part of SOFA."""
    whole = assessment.as_json()
    criteria, sofa = whole.pop("criteria"), whole.pop("sofa")
    return {
        "patient_id": whole.pop("patient_id"),
        "verdict": whole.pop("verdict"),
        "immune_state": whole.pop("immune_state"),
        **{f"sofa_{name}": value for name, value in sofa.items()},
        **{f"criterion_{name}": answer for name, answer in criteria.items()},
        **whole,
    }


def _said(path: Path) -> str:
    return "standard input" if str(path) == STDIN else path.name


def _report_hospital(path: Path, trial: Trial, table: pa.Table, *, name: str) -> None:
    from immunosep.report import write_feasibility_report

    with progress("Writing the report"):
        answers = assess(trial, table)
        write_feasibility_report(
            path,
            trial=trial,
            feasibility=count_feasibility(trial, answers, table),
            source=name,
            now=datetime.now(UTC).astimezone(),
            answers=answers,
        )


def _report_patients(
    path: Path, trial: Trial, assessments: list[Assessment], table: pa.Table, *, name: str
) -> None:
    from immunosep.report import write_patients_report

    with progress("Writing the report"):
        write_patients_report(
            path,
            trial=trial,
            assessments=assessments,
            patients=table,
            source=name,
            now=datetime.now(UTC).astimezone(),
        )
