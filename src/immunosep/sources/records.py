"""A trial's records as files: one folder with a Parquet file per table, and `manifest.json`.

The website's export and the simulation write them here, the analysis reads them. The manifest says
of which trial they are, whose arms they hold, when they were written and locked, and the SHA-256
and the rows of each file. The same tables and manifest give the same bytes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from immunosep.errors import SourceError
from immunosep.tables.records import RECORDS

MANIFEST = "manifest.json"
FORMAT = 1  # raised when a reader of this one would misread what is written
_SUBJECT = "A trial's records"


class Arms(StrEnum):
    """What the column `arm` of the participants holds."""

    REAL = "real"  # the code was opened
    DUMMY = "dummy"  # invented, to try an analysis out while blinded
    CLOSED = "closed"  # NULL: the code was not opened


@dataclass(frozen=True, kw_only=True)
class FileDigest:
    """What one file must be: its SHA-256, and how many rows it holds."""

    sha256: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Of which trial the records are, and in which state; times in seconds since 1970 UTC.

    `locked_s` is None while the records may still change.
    """

    trial: str
    trial_version: str
    trial_digest: str
    arms: Arms
    written_s: int
    locked_s: int | None
    software: str
    format: int = FORMAT
    files: Mapping[str, FileDigest] = field(default_factory=dict)

    @property
    def as_of_s(self) -> int:
        """The moment a report is dated: of locking, or of writing where they are not locked."""
        return self.written_s if self.locked_s is None else self.locked_s


def write_records(tables: Mapping[str, pa.Table], folder: Path, *, manifest: Manifest) -> Manifest:
    """Write every table of RECORDS and the manifest, which comes back with the files' digests."""
    absent = sorted(set(RECORDS) - set(tables))
    if absent:
        raise SourceError(
            _SUBJECT, [f"table {name} was not given to be written" for name in absent]
        )
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, about in RECORDS.items():
        rows = _as_promised(tables[name], about.schema().to_pyarrow())
        path = folder / f"{name}.parquet"
        pq.write_table(rows, path, compression="zstd")
        files[name] = FileDigest(sha256=_digest(path), rows=rows.num_rows)
    told = asdict(manifest) | {"files": {name: asdict(file) for name, file in files.items()}}
    text = json.dumps(told, indent=2, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    return _manifest(told)


def read_files(folder: Path) -> tuple[Manifest, dict[str, pa.Table]]:
    """The manifest and every table as written; SourceError says all that is wrong with them."""
    manifest = _manifest(_read_manifest(folder))
    problems: list[str] = []
    tables: dict[str, pa.Table] = {}
    for name in RECORDS:
        found = list(_problems_of_file(folder, name, manifest))
        problems += found
        if not found:
            tables[name] = pq.read_table(folder / f"{name}.parquet")
    for name, rows in tables.items():
        problems += _problems_of_table(name, rows)
    if problems:
        raise SourceError(_SUBJECT, problems)
    return manifest, {
        name: rows.select(RECORDS[name].columns).cast(RECORDS[name].schema().to_pyarrow())
        for name, rows in tables.items()
    }


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not folder.is_dir() or not path.is_file():
        raise SourceError(
            _SUBJECT,
            [
                f"there is no {MANIFEST} in {folder.name!r}; expected a folder that holds one "
                "beside the Parquet files: name the folder that was exported"
            ],
        )
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise SourceError(_SUBJECT, [f"{MANIFEST} is not JSON; export the records again"]) from None
    return _checked(told)


def _checked(told: Any) -> dict[str, Any]:
    """The manifest's object, every key and type as expected."""
    wrong = []
    expected: dict[str, tuple[type, ...]] = {
        "trial": (str,), "trial_version": (str,), "trial_digest": (str,), "arms": (str,),
        "written_s": (int,), "locked_s": (int, type(None)), "software": (str,), "format": (int,),
        "files": (dict,),
    }  # fmt: skip
    for key, types in expected.items():
        if not isinstance(told, dict) or key not in told or not isinstance(told[key], types):
            wrong.append(f"{MANIFEST} lacks {key!r}, or holds it in another form; export again")
    if not wrong and told["format"] != FORMAT:
        wrong.append(
            f"{MANIFEST} is of format {told['format']}; expected {FORMAT}: export with this version"
        )
    if not wrong and told["arms"] not in list(Arms):
        wrong.append(f"{MANIFEST} says nothing known of the arms; expected {', '.join(Arms)}")
    for name, file in told["files"].items() if not wrong else ():
        if not isinstance(file, dict) or set(file) != {"sha256", "rows"}:
            wrong.append(f"{MANIFEST} does not say sha256 and rows of {name!r}; export again")
    if wrong:
        raise SourceError(_SUBJECT, wrong)
    return dict(told)


def _manifest(told: Mapping[str, Any]) -> Manifest:
    files = {name: FileDigest(**file) for name, file in told["files"].items()}
    known = {key: told[key] for key in Manifest.__dataclass_fields__ if key in told}
    return Manifest(**known | {"arms": Arms(told["arms"]), "files": files})


def _problems_of_file(folder: Path, name: str, manifest: Manifest) -> Iterator[str]:
    path = folder / f"{name}.parquet"
    if name not in manifest.files:
        yield f"{MANIFEST} does not list {path.name}; expected every table of a trial's records"
    elif not path.is_file():
        yield f"{path.name} is absent; expected it beside {MANIFEST}: copy the whole folder"
    elif _digest(path) != manifest.files[name].sha256:
        yield f"{path.name} is not the file that was exported (SHA-256 differs): export again"
    else:
        try:
            rows = pq.read_metadata(path).num_rows
        except pa.ArrowException:
            yield f"{path.name} is no Parquet file; export again"
        else:
            if rows != manifest.files[name].rows:
                yield f"{path.name} has {rows} rows; {MANIFEST} says otherwise: export again"


def _problems_of_table(name: str, rows: pa.Table) -> Iterator[str]:
    for column in RECORDS[name].schema().to_pyarrow():
        where = f"{name}.parquet, column {column.name}"
        if column.name not in rows.column_names:
            yield f"{where}: absent; expected {column.type}"
            continue
        found = rows.schema.field(column.name).type
        if found not in (column.type, pa.null()):
            yield f"{where}: {found} came; expected {column.type}"
        elif not column.nullable and rows[column.name].null_count:
            count = rows[column.name].null_count
            yield f"{where}: empty in {count} rows; expected a value in each"


def _as_promised(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    return rows.select(schema.names).cast(schema).replace_schema_metadata(None)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        whole = sha256()
        while part := file.read(1 << 20):
            whole.update(part)
    return whole.hexdigest()
