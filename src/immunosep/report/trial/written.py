"""The report as files: HTML, PDF, Word and JSON, from one document.

Every date in them is that of the records, so the same records and version give the same bytes. PDF
needs Pango on the machine; where it is absent the other files are written, and it is said.
"""

import json
import logging
import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from immunosep import __version__
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.errors import ImmunosepError
from immunosep.report.document import render_plain, write_bytes
from immunosep.report.drawing import COLOUR_VARIABLES
from immunosep.report.trial.document import TITLES, document_of
from immunosep.report.trial.model import Cell, Document, Words
from immunosep.report.trial.unknown_words import unknown_of
from immunosep.report.trial.word import word_file

HTML, PDF, WORD, JSON = "report.html", "report.pdf", "report.docx", "results.json"
NO_PANGO = (
    "report.pdf was not written: this machine lacks Pango, which sets its type. Debian: apt-get "
    "install libpango-1.0-0 libpangoft2-1.0-0; or print report.html from a browser."
)
_SANS = "DejaVu Sans, Helvetica, Arial, sans-serif"


@dataclass(frozen=True, kw_only=True)
class Written:
    """The files that were written, and what has to be said about those that were not."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def write_trial_report(folder: Path, analysis: TrialAnalysis) -> Written:
    """Write every format into the folder, which is made if need be."""
    document = document_of(analysis)
    as_of = datetime.fromtimestamp(analysis.manifest.as_of_s, tz=UTC)
    page = html_page(document, analysis, as_of=as_of)
    whole: dict[str, bytes] = {
        HTML: page.encode(),
        JSON: json_file(document, analysis, as_of=as_of),
        WORD: _dated(word_file(document, as_of=as_of), as_of),
    }
    pdf = pdf_file(page)
    if pdf is not None:
        whole[PDF] = pdf
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImmunosepError(
            f"cannot make the folder {folder}: {error.strerror}. Name one that you may write to."
        ) from None
    for name, content in whole.items():
        write_bytes(folder / name, content)
    if pdf is None:
        with suppress(OSError):
            (folder / PDF).unlink(missing_ok=True)  # one of another report would mislead
    return Written(
        files=tuple(folder / name for name in whole),
        notes=() if pdf is not None else (NO_PANGO,),
    )


def html_page(document: Document, analysis: TrialAnalysis, *, as_of: datetime) -> str:
    """The report as one page that needs nothing else."""
    sheets = (files("immunosep.report").joinpath(name) for name in ("style.css", "trial.css"))
    return render_plain(
        "trial.html.j2",
        document=document,
        kicker=TITLES[analysis.report],
        name=analysis.trial.acronym or analysis.trial.title,
        as_of=as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        version=__version__,
        style="\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets),
    )


def pdf_file(page: str) -> bytes | None:
    """The page as PDF; None where the machine cannot set type."""
    try:
        from weasyprint import HTML as PRINTED  # type: ignore[import-untyped]
    except OSError:
        return None
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # of CSS that is for screens
    found = PRINTED(string=_printable(page), url_fetcher=_fetch_nothing).write_pdf()
    assert isinstance(found, bytes)
    return found


def json_file(document: Document, analysis: TrialAnalysis, *, as_of: datetime) -> bytes:
    """Every number by its id, every derivation, of whom an endpoint is unknown, the curves, and of
    which records they are.
    """
    manifest = analysis.manifest
    told = {
        "trial": manifest.trial,
        "report": analysis.report.value,
        "software": f"immunosep {__version__}",
        "as_of": as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "locked": manifest.locked_s is not None and not analysis.draft,
        "arms": manifest.arms.value,
        "trial_digest": analysis.trial.digest,
        "records_digest": manifest.trial_digest,
        "files": {name: file.sha256 for name, file in sorted(manifest.files.items())},
        "warnings": list(document.warnings),
        "numbers": {cell.id: _number(cell) for cell in document.cells()},
        "derivations": {
            block.id: dict(block.terms)
            for section in document.sections
            for block in section.blocks
            if isinstance(block, Words) and block.id.startswith("derivation.")
        },
        "unknown": unknown_of(analysis),
        "curves": _curves(analysis),
    }
    return (json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _number(cell: Cell) -> dict[str, Any]:
    return {"text": cell.text, "value": cell.value, "derivation": cell.derivation}


def _curves(analysis: TrialAnalysis) -> Mapping[str, Any]:
    return {
        result.endpoint.id: {
            group: None
            if curve is None
            else {
                "time_days": [round(float(t), 6) for t in curve.times],
                "at_risk": [int(n) for n in curve.at_risk],
                "events": [int(n) for n in curve.events],
                "survival": [float(s) for s in curve.survival],
            }
            for group, curve in result.times.curves.items()
        }
        for result in analysis.endpoints
        if result.times is not None
    }


def _printable(page: str) -> str:
    """The page for paper: a figure's colours written out, for SVG in print knows no variables."""

    def fixed(match: re.Match[str]) -> str:
        figure = match[0].replace("var(--sans)", _SANS)
        for colour, variable in COLOUR_VARIABLES.items():
            figure = figure.replace(f"var({variable})", colour)
        return figure

    wide = re.sub(r'<div class="drawing narrow".*?</svg></div>', "", page, flags=re.DOTALL)
    return re.sub(r"<svg.*?</svg>", fixed, wide, flags=re.DOTALL)


def _fetch_nothing(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError("a report fetches nothing")


def _dated(archive: bytes, as_of: datetime) -> bytes:
    """The same archive, every entry of one date and in one order."""
    whole = BytesIO()
    moment = (max(as_of.year, 1980), as_of.month, as_of.day, as_of.hour, as_of.minute, as_of.second)
    with zipfile.ZipFile(BytesIO(archive)) as source, zipfile.ZipFile(whole, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return whole.getvalue()
