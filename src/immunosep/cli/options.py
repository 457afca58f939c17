"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class SourceName(StrEnum):
    """Where patients come from."""

    BEDSIDE = "bedside"
    MIMIC_IV = "mimic-iv"


class Format(StrEnum):
    """How the answer is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class ProfileName(StrEnum):
    """Whose reading of the records SOFA is scored by."""

    TRIAL = "trial"
    MIMIC_CODE = "mimic-code"


def complete_trial(incomplete: str) -> list[str]:
    """The ids of the trials that begin so."""
    from immunosep.trials import TRIALS

    return [name for name in TRIALS if name.startswith(incomplete)]


PATIENTS_FILE = Annotated[
    Path,
    typer.Argument(
        metavar="FILE|DIR",
        help="Patients as CSV, JSON or Parquet; - reads standard input. A folder with --source.",
        show_default=False,
    ),
]
SOURCE = Annotated[
    SourceName,
    typer.Option(help="bedside: a file of patients. mimic-iv: a folder of hospital records."),
]
TRIAL = Annotated[
    str,
    typer.Option(
        metavar="ID|FILE.py",
        help="The trial: an id of `immunosep trial list`, or your own file.",
        autocompletion=complete_trial,
    ),
]
FORMAT = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
REPORT = Annotated[
    Path | None,
    typer.Option(metavar="OUT.html", help="Also write a report: one page that opens anywhere."),
]
AT = Annotated[
    str | None,
    typer.Option(
        metavar="TIME|now",
        help="When the assessment is made, for patients without assessed_at: 2026-01-31T14:05.",
    ),
]
COUNT = Annotated[
    bool | None,
    typer.Option(
        "--count/--list",
        help="Count patients by criterion, or list each. By default a folder is counted.",
        show_default=False,
    ),
]
