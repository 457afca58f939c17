"""The file of a backup: a tar archive, with gzip where its name ends so. Read part by part.

Nothing is ever extracted by the names the archive gives: only parts its manifest lists are looked
at, as streams.
"""

import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from immunosep.errors import ImmunosepError, SourceError
from immunosep.web.backups.manifest import NAME, Manifest, parse_manifest

SUFFIXES = (".tar", ".tar.gz", ".tgz")
LARGEST_MANIFEST = 16 << 20  # bytes
_BLOCK = 1 << 20
_BROKEN = (tarfile.TarError, EOFError, zlib.error, OSError)


def check_name(path: Path) -> None:
    """Refuse a name that would overwrite something, or is not one of an archive."""
    if not path.name.endswith(SUFFIXES):
        raise ImmunosepError(
            f"{path.name} is no name for a backup; expected one that ends with "
            f"{', '.join(SUFFIXES)}. Name it so."
        )
    if path.exists():
        raise ImmunosepError(
            f"{path} is there already, and no backup is overwritten. Name another file."
        )


def pack(path: Path, manifest: Manifest, parts: Path, *, now: datetime) -> None:
    """Write the manifest, then the parts from the folder `parts`, readable by the owner alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        mode: Literal["w", "w:gz"] = "w" if path.name.endswith(".tar") else "w:gz"
        with tarfile.open(fileobj=file, mode=mode, format=tarfile.PAX_FORMAT) as archive:
            text = parts / NAME
            text.write_text(manifest.as_text(), encoding="utf-8")
            for name in (NAME, *(part.name for part in manifest.parts)):
                _add(archive, parts / name, name, now=now)
        file.flush()
        os.fsync(file.fileno())


def _add(archive: tarfile.TarFile, path: Path, name: str, *, now: datetime) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode, about.mtime = path.stat().st_size, 0o600, int(now.timestamp())
    with path.open("rb") as part:
        archive.addfile(about, part)


def read_manifest(path: Path) -> Manifest:
    """The manifest of a backup; SourceError if the file is none."""
    with readable(path), tarfile.open(path, "r:*") as archive:
        first = archive.next()
        if first is None or first.name != NAME or first.size > LARGEST_MANIFEST:
            raise _damaged(path, "It is no backup of a site, or its beginning is lost.")
        held = archive.extractfile(first)
        return parse_manifest(held.read() if held else b"", name=path.name)


class Stream:
    """One part as it is read: counts and digests what passes."""

    def __init__(self, held: IO[bytes]) -> None:
        self._held = held
        self._seen = hashlib.sha256()
        self.bytes = self.lines = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._held:
            self._seen.update(line)
            self.bytes += len(line)
            self.lines += 1
            yield line

    @property
    def sha256(self) -> str:
        """Of everything, what was not asked for too."""
        while block := self._held.read(_BLOCK):
            self._seen.update(block)
            self.bytes += len(block)
        return self._seen.hexdigest()


def streams(path: Path) -> Iterator[tuple[str, Stream]]:
    """Each part after the manifest, by its name, in the order of the file."""
    with tarfile.open(path, "r:*") as archive:
        while (about := archive.next()) is not None:
            held = archive.extractfile(about) if about.isreg() else None
            if about.name != NAME and held is not None:
                yield about.name, Stream(held)
        while archive.fileobj.read(_BLOCK):  # to the end, where gzip has its own sum
            pass


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what a damaged file does to whoever reads it into one clear error."""
    try:
        yield
    except FileNotFoundError:
        raise _damaged(path, "It is not there; name the file of a backup.") from None
    except _BROKEN:
        raise _damaged(
            path, "It is no backup, or damaged or cut short; take another copy of it."
        ) from None


def _damaged(path: Path, problem: str) -> SourceError:
    return SourceError(f"{path.name} cannot be read", [problem])
