"""`immunosep hla-dr`: HLA-DR molecules per monocyte, from a patient tube and a bead tube."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import typer

from immunosep.cli.options import Format
from immunosep.cli.output import (
    check_report_extras,
    check_target,
    note,
    print_csv,
    print_json,
    print_page,
    progress,
    unwritable,
)
from immunosep.cli.pages.measured import measured_page, pairs_page
from immunosep.cli.tube_pairs import Pair, find_pairs
from immunosep.cytometry.channels import read_channel_map
from immunosep.cytometry.fcs import FcsFile, read_fcs
from immunosep.cytometry.handling import Handling, read_handling
from immunosep.cytometry.hla_dr import Beyond, Measurement, measure_hla_dr
from immunosep.cytometry.lots import Lot, read_lot
from immunosep.cytometry.quality import Verdict
from immunosep.errors import FcsError, ImmunosepError, ProblemsError, SourceError
from immunosep.protocol.limits import numbers_compared
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import UNDETERMINED, assess_immune_states
from immunosep.tables.dictionary import COLUMNS
from immunosep.trials import find_trial

HLA_DR, FERRITIN = "hla_dr_per_monocyte", "ferritin_ng_ml"
REPORT_NAMES = (".html", ".htm")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What every pair of a run shares."""

    trial: Trial
    limit: float
    lot: Lot | None
    channels: Mapping[str, str] | None
    handling: Handling | None
    today: date


def run(
    path: Path,
    *,
    beads: Path | None,
    lot: Path | None,
    channels: Path | None,
    handling: Path | None,
    trial: str,
    format_: Format,
    report: Path | None,
) -> None:
    """Measure one pair of tubes, or each of a folder, print the answer, write the report."""
    batch = path.is_dir()
    if not batch and (beads is None or lot is None):
        raise typer.BadParameter("a patient tube needs --beads, its bead tube, and --lot")
    if report:
        _check_report(report, batch=batch, inputs=[p for p in (path, beads, lot) if p])
    chosen = find_trial(trial)
    setting = Setting(
        trial=chosen,
        limit=hla_dr_limit(chosen),
        lot=read_lot(lot) if lot else None,
        channels=read_channel_map(channels) if channels else None,
        handling=read_handling(handling) if handling else None,
        today=datetime.now(UTC).astimezone().date(),
    )
    if batch:
        _run_folder(path, setting, beads=beads, format_=format_, report=report)
    elif beads is not None:
        pair = Pair(name=path.stem, patient=path, beads=beads)
        _run_pair(pair, setting, format_=format_, report=report)


def hla_dr_limit(trial: Trial) -> float:
    """The lowest limit that a trial's immune states set on HLA-DR."""
    for column, limits in numbers_compared(trial):
        if column.name == HLA_DR:
            return limits[0]
    raise ImmunosepError(
        f"the trial {trial.id} sets no limit on {HLA_DR}; expected an immune state that compares it"
    )


def state_if_ferritin_low(trial: Trial, found: Measurement) -> str:
    """The immune state of a patient of whom this number is known, and that ferritin is low."""
    if found.result is None or not _decides(found):
        return UNDETERMINED
    low = COLUMNS[FERRITIN].plausible
    known = {HLA_DR: found.result.value, FERRITIN: low.low if low else 0.0}
    return assess_immune_states(trial, pa.Table.from_pylist([known]))[0]


def _decides(found: Measurement) -> bool:
    """Whether a result beyond the beads is on a known side of the limit."""
    assert found.result is not None
    match found.result.beyond:
        case Beyond.BELOW:
            return found.result.value <= found.limit
        case Beyond.ABOVE:
            return found.result.value >= found.limit
        case None:
            return True


def answer(name: str, found: Measurement, state: str) -> dict[str, Any]:
    """The answer on one pair as plain values."""
    return {"pair": name, **found.as_json(), "state_if_ferritin_low": state}


def refused(name: str, setting: Setting, error: ProblemsError) -> dict[str, Any]:
    """The answer on a pair whose files cannot be read: refused, with what is wrong."""
    return {
        "pair": name,
        "antibodies_bound_per_cell": None,
        "interval_95": None,
        f"probability_below_{setting.limit:g}": None,
        "grey": None,
        "verdict": Verdict.REFUSE.value,
        "checks": [],
        "monocytes": 0,
        "line": None,
        "median": None,
        "beyond": None,
        HLA_DR: None,
        "reasons": [f"{error.subject}: {problem}" for problem in error.problems],
        "state_if_ferritin_low": UNDETERMINED,
    }


def _run_pair(pair: Pair, setting: Setting, *, format_: Format, report: Path | None) -> None:
    found = _measure(pair, setting)
    state = state_if_ferritin_low(setting.trial, found)
    match format_:
        case Format.JSON:
            print_json(answer(pair.name, found, state))
        case Format.CSV:
            _print_rows([answer(pair.name, found, state)])
        case Format.TABLE:
            print_page(measured_page(setting.trial, pair.patient.name, found, state))
    if report:
        _write_report(report, pair, setting, found, state)
        note(f"The report is {report}")


def _run_folder(
    folder: Path, setting: Setting, *, beads: Path | None, format_: Format, report: Path | None
) -> None:
    pairs = find_pairs(folder, beads=beads)
    unlisted = [pair.name for pair in pairs if pair.lot is None]
    if setting.lot is None and unlisted:
        raise typer.BadParameter(f"{len(unlisted)} pairs have no lot of their own: add --lot")
    if report:
        _make_folder(report)
    answers = []
    with progress("Measuring", total=len(pairs)) as advance:
        for pair in pairs:
            answers.append(_answer_pair(pair, setting, report))
            advance(1)
    match format_:
        case Format.JSON:
            print_json(answers)
        case Format.CSV:
            _print_rows(answers)
        case Format.TABLE:
            print_page(pairs_page(answers, limit=setting.limit))
    if report:
        note(f"The reports are in {report}")


def _answer_pair(pair: Pair, setting: Setting, report: Path | None) -> dict[str, Any]:
    try:
        own = _own_forms(pair, setting)
        found = _measure(pair, own)
    except (FcsError, SourceError) as error:
        return refused(pair.name, setting, error)
    state = state_if_ferritin_low(setting.trial, found)
    if report:
        _write_report(report / f"{pair.name}.html", pair, own, found, state)
    return answer(pair.name, found, state)


def _own_forms(pair: Pair, setting: Setting) -> Setting:
    if pair.lot:
        setting = replace(setting, lot=read_lot(pair.lot))
    if pair.handling:
        setting = replace(setting, handling=read_handling(pair.handling))
    return setting


def _measure(pair: Pair, setting: Setting) -> Measurement:
    assert setting.lot is not None
    return measure_hla_dr(
        _last_data_set(pair.patient),
        _last_data_set(pair.beads),
        lot=setting.lot,
        limit=setting.limit,
        today=setting.today,
        channels=setting.channels,
        handling=setting.handling,
    )


def _last_data_set(path: Path) -> FcsFile:
    """Where a file holds the same events twice, the later is the newer version of the format."""
    return read_fcs(path)[-1]


def _print_rows(answers: list[dict[str, Any]]) -> None:
    rows = [_flat(found) for found in answers]
    print_csv(rows, list(rows[0]))


def _flat(found: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as one row: the interval and the line in columns of their own."""
    low, high = found["interval_95"] or (None, None)
    line = found["line"] or {}
    nested = ("interval_95", "line", "checks", "notes")
    plain = {key: value for key, value in found.items() if key not in nested}
    return {
        **{key: plain.pop(key) for key in ("pair", "verdict", "antibodies_bound_per_cell")},
        "interval_95_low": low,
        "interval_95_high": high,
        **{key: plain[key] for key in plain if key not in ("reasons", "lot")},
        "slope": line.get("slope"),
        "r_squared": line.get("r_squared"),
        "reasons": plain["reasons"],
    }


def _check_report(report: Path, *, batch: bool, inputs: list[Path]) -> None:
    if batch:
        if report.suffix:
            raise typer.BadParameter(f"--report {report.name}: expected a folder, one page a pair")
        check_target(report / "page.html" if report.is_dir() else report, inputs=inputs)
    else:
        if report.suffix.lower() not in REPORT_NAMES:
            raise typer.BadParameter(f"--report {report.name}: expected a name in .html")
        check_target(report, inputs=inputs)
    check_report_extras()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(path, error.strerror) from None


def _write_report(path: Path, pair: Pair, setting: Setting, found: Measurement, state: str) -> None:
    from immunosep.report.hla_dr import write_hla_dr_report

    write_hla_dr_report(
        path,
        trial=setting.trial,
        measurement=found,
        state=state,
        handling=setting.handling,
        source=pair.patient.name,
        beads=pair.beads.name,
        now=datetime.now(UTC).astimezone(),
    )
