"""From a file's bytes to a sheet of cells. The format is read from the content, not from the name.

CSV: UTF-8, with or without a byte order mark; commas, or semicolons or tabs, which is noted.
JSON: one object, a list of objects, {"patients": [...]}, or one object to a line. A value may be
{"value": 33, "unit": "umol/L"}; or a FHIR Bundle (`sources.fhir`). Parquet: one column per header.
CSV and JSON may be gzipped.
"""

import gzip
import io
import re
import sys
import zlib
from codecs import BOM_UTF8
from pathlib import Path
from typing import BinaryIO

from immunosep.errors import SourceError
from immunosep.sources.bedside.json_files import is_json, read_json
from immunosep.sources.bedside.parquet_files import read_parquet
from immunosep.sources.bedside.sheets import MAX_BYTES, Sheet
from immunosep.sources.bedside.text_files import decode, read_csv

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
OTHERS = (
    (b"PK\x03\x04", "a workbook (Excel, LibreOffice) or an archive"),
    (b"\xd0\xcf\x11\xe0", "a workbook (Excel 97 to 2003)"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"<", "a web page or XML"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"$FL2", "an SPSS file"),
)
"""How files of other programs begin, whatever their name says."""
BUNDLE = re.compile(r'"resourceType"\s*:\s*"Bundle"')
STDIN = "-"


def read_sheet(path: str | Path) -> Sheet:
    """One row per patient of the file; `-` reads standard input."""
    subject = subject_of(path)
    content = _read_bytes(path, subject)
    if content.startswith(GZIP):
        content = _unzip(content, subject)
    refuse_others(content, subject)
    if content.startswith(PARQUET) or str(path).endswith(".parquet"):
        return read_parquet(content, subject)
    text = decode(content, subject)
    if is_json(text):
        return _read_bundle(text, subject) if BUNDLE.search(text) else read_json(text, subject)
    return read_csv(text, subject)


def _read_bundle(text: str, subject: str) -> Sheet:
    from immunosep.sources.fhir.sheets import sheet_of_bundle  # itself built on this package

    return sheet_of_bundle(text, subject)


def subject_of(path: str | Path) -> str:
    """The head of a message about this file: its name, without the folders that lead to it."""
    if str(path) == STDIN:
        return "cannot read standard input"
    name = Path(path).name
    return f"cannot read {name if name not in ('', '..') else Path(path).resolve().name or '/'}"


def refuse_others(content: bytes, subject: str) -> None:
    """Refuse what another program wrote for itself, by its first bytes."""
    start = content[:64].removeprefix(BOM_UTF8).lstrip()
    looks = next((name for begin, name in OTHERS if start.startswith(begin)), "")
    if looks:
        raise SourceError(
            subject,
            [f"is {looks}, not a table of text; save the sheet as CSV UTF-8 and give that file"],
        )


def _read_bytes(path: str | Path, subject: str) -> bytes:
    if str(path) == STDIN:
        return _up_to_limit(sys.stdin.buffer, subject)
    try:
        with Path(path).open("rb") as file:
            return _up_to_limit(file, subject)
    except FileNotFoundError:
        raise SourceError(subject, ["there is no such file; check the path"]) from None
    except IsADirectoryError:
        raise SourceError(
            subject, ["is a folder, expected a file; for a hospital's records add --source"]
        ) from None
    except OSError as error:
        raise SourceError(subject, [f"{error.strerror}; check the file's permissions"]) from None


def _unzip(content: bytes, subject: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return _up_to_limit(file, subject)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SourceError(subject, ["the gzip is damaged or cut short; copy it again"]) from None


def _up_to_limit(file: BinaryIO | gzip.GzipFile, subject: str) -> bytes:
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SourceError(
            subject,
            [
                f"is larger than {MAX_BYTES // 2**20} MiB, the limit for one file; split it, or "
                "read a hospital's records in place with --source"
            ],
        )
    if not content.strip():
        raise SourceError(subject, ["is empty; expected a header line and one line per patient"])
    return content
