"""`immunosep sofa`: the score of each patient, or of every hour of a hospital's stays."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import typer
from ibis.expr import types as ir
from rich.table import Table
from rich.text import Text

from immunosep.cli.options import Format, ProfileName, SourceName
from immunosep.cli.output import (
    check_target,
    note,
    print_csv,
    print_json,
    print_page,
    progress,
    replaced_whole,
)
from immunosep.cli.pages.words import say_sofa_shortly
from immunosep.cli.scoring import derive_rows
from immunosep.concepts.sofa import COMPONENTS
from immunosep.concepts.sofa_profiles import MIMIC_CODE, TRIAL
from immunosep.screening.assessment import Score
from immunosep.screening.explain import score_of
from immunosep.screening.wording import COMPONENT_NAMES
from immunosep.sources.bedside import read_patients

PROFILES = {ProfileName.TRIAL: TRIAL, ProfileName.MIMIC_CODE: MIMIC_CODE}


def run(
    path: Path,
    *,
    source: SourceName,
    hourly: bool,
    profile: ProfileName,
    out: Path | None,
    format_: Format,
) -> None:
    """Score the patients of a file, or every hour of a hospital's stays."""
    if source is SourceName.BEDSIDE:
        if hourly or out:
            raise typer.BadParameter("--hourly and --out need --source, a hospital's records")
        _print_patients(path, format_)
        return
    if not hourly:
        raise typer.BadParameter(f"add --hourly: --source {source.value} is scored hour by hour")
    if out:
        _write_hours(path, profile, out)
    else:
        _print_hours(path, profile, format_)


def _print_patients(path: Path, format_: Format) -> None:
    rows = derive_rows(read_patients(path).table)
    scores = {row["patient_id"]: score_of(row) for row in rows}
    plain = [{"patient_id": name, **score.as_json()} for name, score in scores.items()]
    match format_:
        case Format.JSON:
            print_json(plain)
        case Format.CSV:
            print_csv(plain, list(plain[0]))
        case Format.TABLE:
            print_page(_page(scores))


def _page(scores: dict[str, Score]) -> Table:
    lines = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        padding=(0, 2, 0, 0),
        caption="? missing, normal in the total; the range is what it can be. - total entered.",
        caption_justify="left",
    )
    lines.add_column("Patient", overflow="fold")
    for name in (*(_SHORT.get(part, part.capitalize()) for part in COMPONENTS), "Total", "Range"):
        lines.add_column(name, justify="right", no_wrap=True)
    for name, score in scores.items():
        lines.add_row(
            Text(name),
            *(_points(points, score) for points in score.components.values()),
            Text(str(score.total), style="bold"),
            say_sofa_shortly(score) if score.lowest != score.highest else "",
        )
    return lines


def _points(points: int | None, score: Score) -> str:
    if points is None:
        return "-" if score.entered else "?"
    return str(points)


_SHORT = {
    "respiration": "Resp.",
    "coagulation": "Coag.",
    "cardiovascular": "Cardio.",
    "cns": "Nerv.",
}


def _hours(folder: Path, profile: ProfileName) -> ir.Table:
    from immunosep.sources.mimic_iv.hourly import hourly_sofa

    return hourly_sofa(folder, profile=PROFILES[profile]).order_by(["stay_id", "hr"])


def _write_hours(folder: Path, profile: ProfileName, out: Path) -> None:
    from immunosep.sources.extract import WRITERS, write_rows

    suffix = out.suffix.lower()
    if suffix not in WRITERS:
        raise typer.BadParameter(f"--out {out.name}: expected a name in .parquet or .csv")
    check_target(out, inputs=[folder])
    with progress(f"Scoring {folder.name}"), replaced_whole(out) as part:
        write_rows(_hours(folder, profile), part, suffix=suffix)
    note(f"The hours are in {out}")


def _print_hours(folder: Path, profile: ProfileName, format_: Format) -> None:
    with progress(f"Scoring {folder.name}"):
        hours = _hours(folder, profile).to_pyarrow()
    match format_:
        case Format.JSON:
            print_json([_plain(row) for row in hours.to_pylist()])
        case Format.CSV:
            print_csv(hours.to_pylist(), hours.column_names)
        case Format.TABLE:
            print_page(_summary(hours, profile))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}


def _summary(hours: pa.Table, profile: ProfileName) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right")
    lines.add_row(f"{pc.count_distinct(hours['stay_id']).as_py():,}", "stays")
    lines.add_row(f"{hours.num_rows:,}", f"hours, scored by the profile {profile.value}")
    for name in COMPONENTS:
        missing = hours[f"{name}_24hours"].null_count
        label = COMPONENT_NAMES.get(name, name)
        lines.add_row(f"{missing:,}", f"hours without {label}")
    if hours.num_rows:
        middle = pc.quantile(hours["sofa_24hours"], q=0.5)[0].as_py()
        highest = pc.max(hours["sofa_24hours"]).as_py()
        lines.add_row(f"{middle:g}", f"median SOFA; highest {highest}")
    lines.add_row("", "--out FILE.parquet keeps the hours")
    return lines
