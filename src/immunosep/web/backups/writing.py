"""Writing a backup of a site that may be in use: all of it as it was at one moment."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.models import Model

from immunosep import __version__
from immunosep.errors import ImmunosepError, SettingsError
from immunosep.web.backups import archive
from immunosep.web.backups.inspecting import refuse_damaged
from immunosep.web.backups.manifest import Manifest, Part, Table
from immunosep.web.backups.rows import columns_of, sha256_of, write_rows
from immunosep.web.backups.schema import (
    LEFT_OUT,
    Applied,
    applied_migrations,
    tables_of,
    unknown_migrations,
)
from immunosep.web.backups.snapshot import snapshot
from immunosep.web.trial import site_trial
from immunosep.web.variables import VARIABLES

SETTINGS, TRIAL_FILE = "settings.env", "trial.py"
OF_ONE_MACHINE = ("CODE_KEY_FILE", "STATIC_ROOT", "VERSIONS")
PREFIX = "IMMUNOSEP_"


@dataclass(frozen=True, kw_only=True)
class Written:
    """A backup that was written, and read again: its file's digest and what is in it."""

    path: Path
    sha256: str
    manifest: Manifest


def write_backup(path: Path, *, settings: Mapping[str, str], now: datetime) -> Written:
    """Write a new file, whole and checked, or leave none."""
    archive.check_name(path)
    with _writable(path), _folder_beside(path) as parts:
        part = parts / f"whole{''.join(path.suffixes[-2:])}"
        with snapshot() as alias:
            manifest = _collect(parts, alias=alias, settings=settings, now=now)
        archive.pack(part, manifest, parts, now=now)
        refuse_damaged(part)
        part.replace(path)
    return Written(path=path, sha256=sha256_of(path), manifest=manifest)


def without_secrets(settings: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The settings a backup keeps, and the names of those that must be kept elsewhere.

    What is not on the list of settings is taken for a secret.
    """
    kept, apart = {}, []
    for name, value in settings.items():
        word = name.removeprefix(PREFIX)
        known = VARIABLES.get(word)
        if known is None or known.secret:
            apart.append(name)
        elif word not in OF_ONE_MACHINE:
            kept[name] = value
    return kept, apart


def _collect(parts: Path, *, alias: str, settings: Mapping[str, str], now: datetime) -> Manifest:
    applied = applied_migrations(alias)
    _refuse_newer(applied, alias=alias)
    models = tables_of((m.key for m in applied), alias=alias)
    tables, files = _write_tables(parts, models, alias=alias)
    apart = _write_settings(parts, settings)
    beside = [name for name in (SETTINGS, TRIAL_FILE) if (parts / name).exists()]
    head: Any = models["audit_head"]._base_manager.using(alias).get()
    trial = site_trial()
    return Manifest(
        software=__version__,
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        engine=connections[alias].vendor,
        trial={"id": trial.id, "version": trial.version, "digest": trial.digest},
        trail={"events": head.sequence, "digest": head.digest},
        lists=tuple(_lists(models["audit_event"], alias=alias)),
        migrations=applied,
        tables=tuple(tables),
        parts=tuple(files + [_part(parts, name) for name in beside]),
        left_out=dict(LEFT_OUT),
        kept_apart=tuple(apart),
    )


def _refuse_newer(applied: Iterable[Applied], *, alias: str) -> None:
    if newer := unknown_migrations((m.key for m in applied), alias=alias):
        raise SettingsError(
            f"the database went through {', '.join(newer)}, which this software does not have; "
            "expected a database of this version or an older one. Use the newer software."
        )


def _write_tables(
    parts: Path, models: Mapping[str, type[Model]], *, alias: str
) -> tuple[list[Table], list[Part]]:
    (parts / "tables").mkdir()
    tables, files = [], []
    for name, model in models.items():
        part = f"tables/{name}.jsonl"
        with (parts / part).open("wb") as out:
            rows, sha256 = write_rows(model, out, alias=alias)
            files.append(Part(name=part, sha256=sha256, bytes=out.tell()))
        tables.append(Table(name=name, part=part, columns=tuple(columns_of(model)), rows=rows))
    return tables, files


def _part(parts: Path, name: str) -> Part:
    return Part(name=name, sha256=sha256_of(parts / name), bytes=(parts / name).stat().st_size)


def _lists(events: Any, *, alias: str) -> Iterator[dict[str, Any]]:
    """What the trail says was loaded; commitment and digest are public."""
    loads = events._base_manager.using(alias).filter(action="code.load").order_by("sequence")
    for after in loads.values_list("after", flat=True):
        if after:
            yield {name: after[name] for name in ("commitment", "digest", "live")}


def _write_settings(parts: Path, settings: Mapping[str, str]) -> list[str]:
    """Write what is no secret, and the trial if it is a file of the user's own."""
    kept, apart = without_secrets(settings)
    own = Path(kept.get("IMMUNOSEP_TRIAL", ""))
    if own.is_file():
        shutil.copyfile(own, parts / TRIAL_FILE)
        kept["IMMUNOSEP_TRIAL"] = TRIAL_FILE
    text = "".join(f'{name}="{value}"\n' for name, value in sorted(kept.items()))
    (parts / SETTINGS).write_text(text, encoding="utf-8")
    return apart


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder of our own on the same disk; it is gone afterwards, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield folder
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ImmunosepError(
            f"the backup {path} cannot be written: {error.strerror}; nothing was left there. Name "
            "a file in a folder that exists, that you may write to, and that has room."
        ) from None
