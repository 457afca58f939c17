"""What a backup says of itself: `manifest.json`, the first part of the file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from immunosep.errors import SourceError
from immunosep.web.backups.schema import Applied

FORMAT, VERSION = "immunosep backup", 1
NAME = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the file beside the manifest."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its part, its columns in order, how many rows."""

    name: str
    part: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All that tells whether a backup is whole, and whether this software can take it."""

    software: str
    made_at: str
    engine: str
    trial: Mapping[str, str]  # id, version, digest
    trail: Mapping[str, Any]  # events, digest of the last
    lists: tuple[Mapping[str, Any], ...]  # commitment, digest, live
    migrations: tuple[Applied, ...]
    tables: tuple[Table, ...]
    parts: tuple[Part, ...]
    left_out: Mapping[str, str]  # table: why
    kept_apart: tuple[str, ...]  # settings that are secret, by name, to be kept elsewhere

    def as_text(self) -> str:
        """As the file has it."""
        held = {"format": FORMAT, "format_version": VERSION} | asdict(self)
        return json.dumps(held, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    def table(self, name: str) -> Table | None:
        """The table of this name; None where the backup has none."""
        return next((table for table in self.tables if table.name == name), None)


def parse_manifest(text: bytes, *, name: str) -> Manifest:
    """The manifest of a backup called `name`; SourceError where it is none, or a newer one."""
    try:
        held = json.loads(text)
        is_ours = held["format"] == FORMAT
        version = held["format_version"]
    except (ValueError, KeyError, TypeError):
        is_ours, version = False, None
    if not is_ours:
        raise _refused(
            name, "It is no backup of a site; expected a file that `immunosep site backup` made."
        )
    if version != VERSION:
        raise _refused(
            name,
            f"It is of format {version}; this software reads format {VERSION}. Restore it with the "
            f"version that made it, {held.get('software', 'a newer one')}, or a newer one.",
        )
    try:
        return _built(held)
    except (KeyError, TypeError, ValueError):
        raise _refused(name, "Its manifest is damaged; take another copy of the file.") from None


def _built(held: Mapping[str, Any]) -> Manifest:
    plain = ("software", "made_at", "engine", "trial", "trail", "left_out")
    tables = (Table(**{**row, "columns": tuple(row["columns"])}) for row in held["tables"])
    return Manifest(
        **{name: held[name] for name in plain},
        lists=tuple(held["lists"]),
        migrations=tuple(Applied(**row) for row in held["migrations"]),
        tables=tuple(tables),
        parts=tuple(Part(**row) for row in held["parts"]),
        kept_apart=tuple(held["kept_apart"]),
    )


def _refused(name: str, problem: str) -> SourceError:
    return SourceError(f"{name} cannot be read", [problem])
