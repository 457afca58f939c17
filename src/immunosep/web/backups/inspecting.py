"""Whether a backup is whole, from the file alone: no database, no settings, no key.

Each part against its digest, the audit trail from its first event to the end that was noted, and
the sealed list against the digest that was written into the trail when it was loaded.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from immunosep.errors import CodeError, SourceError
from immunosep.randomisation.code_files import parse_code
from immunosep.web.audit.digest import faults_of_chain
from immunosep.web.backups.archive import Stream, read_manifest, readable, streams
from immunosep.web.backups.manifest import Manifest, Table
from immunosep.web.finding import Finding

TRAIL = "audit_event"
CODE, STRATA, SLOTS = "code_code", "code_stratum", "code_slot"
Row = dict[str, Any]


def check_backup(path: Path) -> tuple[Finding, ...]:
    """One finding for each thing that must hold of a backup."""
    manifest = read_manifest(path)
    by_part = {table.part: table for table in manifest.tables}
    look = _Look(manifest)
    with readable(path):
        for name, stream in streams(path):
            look.at(name, stream, by_part.get(name))
    return look.findings()


def refuse_damaged(path: Path) -> Manifest:
    """The manifest of a backup that is whole; SourceError with everything wrong with another."""
    faults = [fault for finding in check_backup(path) for fault in finding.faults]
    if faults:
        raise SourceError(f"{path.name} is damaged", faults)
    return read_manifest(path)


class _Look:
    """What is found while the file passes once."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._parts = {part.name: part for part in manifest.parts}
        self._seen: set[str] = set()
        self._faults: list[str] = []
        self._rows = 0
        self._chain: list[str] = []
        self._loaded: dict[str, str] = {}
        self._kept: dict[str, list[Row]] = {CODE: [], STRATA: [], SLOTS: []}

    def at(self, name: str, stream: Stream, table: Table | None) -> None:
        """Look at one part."""
        part = self._parts.get(name)
        if part is None or name in self._seen:
            self._faults.append("it holds a part that its manifest does not list, or one twice")
            return
        self._seen.add(name)
        if table is not None:
            self._read(table, stream)
        if (stream.sha256, stream.bytes) != (part.sha256, part.bytes):
            self._faults.append(f"{name} is not as it was written")

    def _read(self, table: Table, stream: Stream) -> None:
        try:
            if table.name == TRAIL:
                self._follow(_rows(stream, table.columns))
            elif table.name in self._kept:
                self._kept[table.name] = list(_rows(stream, table.columns))
            for _line in stream:  # what nobody looked at is counted all the same
                pass
        except (ValueError, KeyError, TypeError):
            self._faults.append(f"{table.part} holds a line that is no row")
            return
        self._rows += stream.lines
        if stream.lines != table.rows:
            self._faults.append(f"{table.part} has {stream.lines} rows, expected {table.rows}")

    def _follow(self, rows: Iterable[Row]) -> None:
        trail = self._manifest.trail
        found = faults_of_chain(
            self._noting(rows), head=trail["digest"], anchors={trail["events"]: trail["digest"]}
            if trail["events"] else {},
        )  # fmt: skip
        self._chain = [fault.sentence for fault in found]

    def _noting(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            if row["action"] == "code.load" and row["after"]:
                self._loaded[row["after"]["commitment"]] = row["after"]["digest"]
            yield row

    def findings(self) -> tuple[Finding, ...]:
        """What was found, once everything passed."""
        missing = [f"{name} is missing" for name in self._parts if name not in self._seen]
        events = self._manifest.table(TRAIL)
        return (
            Finding(checked="every part is as it was written", rows=self._rows,
                    faults=tuple(self._faults + missing)),
            Finding(checked="audit trail unbroken", rows=events.rows if events else 0,
                    faults=tuple(self._chain if events else ["it has no audit trail"])),
            Finding(checked="the sealed list is as it was loaded", rows=len(self._kept[SLOTS]),
                    faults=tuple(self._wrong_lists())),
        )  # fmt: skip

    def _wrong_lists(self) -> Iterator[str]:
        noted = {entry["commitment"]: entry["digest"] for entry in self._manifest.lists}
        if noted != self._loaded:
            yield "the lists it names are not those that the trail says were loaded"
        for code in self._kept[CODE]:
            if _digest_of(code, self._kept) != self._loaded.get(code["commitment"]):
                yield "the sealed list is not the one that was loaded"


def _rows(stream: Stream, columns: Sequence[str]) -> Iterator[Row]:
    for line in stream:
        yield dict(zip(columns, json.loads(line), strict=True))


def _digest_of(code: Row, kept: dict[str, list[Row]]) -> str | None:
    """The digest of a sealed list put together again from its rows; None if they are not one."""
    keys = {row["id"]: row["key"] for row in kept[STRATA] if row["code_id"] == code["id"]}
    slots = [
        {"stratum": keys[row["stratum_id"]], "position": row["position"], "sealed": row["sealed"]}
        for row in kept[SLOTS]
        if row["stratum_id"] in keys
    ]
    try:
        return parse_code(json.dumps({**code["document"], "slots": slots})).digest
    except CodeError:
        return None
