"""Checks of what is installed: files, versions, settings, permissions."""

import base64
import hashlib
import platform
import sqlite3
import stat
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from django.conf import settings
from django.db import connection

from immunosep import __version__
from immunosep.web.backups.schema import (
    applied_migrations,
    unknown_migrations,
    waiting_migrations,
)
from immunosep.web.folder import SiteFolder
from immunosep.web.validation.evidence import Seen

OURS = "immunosep"
SECRET_CHARACTERS = 50


def installed_files() -> Seen:
    """Every file of every installed package against the digest in the package's RECORD."""
    packages = sorted(distributions(), key=lambda package: package.name.lower())
    files, faults = 0, []
    for package in packages:
        for path, problem in _files_of(package):
            files += 1
            if problem:
                faults.append(f"{package.name} {package.version}: {path} {problem}")
    ours = next((package for package in packages if package.name == OURS), None)
    hashed = ours is not None and any(_is_ours(path) for path, _problem in _files_of(ours))
    return Seen(
        seen=(f"{files:,} files of {len(packages)} packages compared",),
        faults=tuple(faults),
        untried=""
        if hashed
        else f"{OURS} is installed from a checkout, whose files no RECORD "
        "lists: install the released wheel to qualify it.",
    )


def _files_of(package: Distribution) -> Iterator[tuple[str, str]]:
    """Each file that has a digest, and what is wrong with it, if anything."""
    for file in package.files or ():
        if file.hash is None:
            continue
        path = Path(str(package.locate_file(file)))
        yield str(file), _problem(path, file.hash.mode, file.hash.value)


def _problem(path: Path, mode: str, expected: str) -> str:
    try:
        digest = hashlib.new(mode, path.read_bytes()).digest()
    except OSError:
        return "is missing"
    found = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    return "" if found == expected else "is not as it was released"


def _is_ours(path: str) -> bool:
    return path.startswith(f"{OURS}/") and path.endswith(".py")


def versions() -> Seen:
    """What it runs on."""
    named = {package.name: package.version for package in distributions()}
    return Seen(
        seen=(
            f"immunosep {__version__}",
            f"Python {platform.python_version()} ({platform.python_implementation()})",
            f"{platform.system()} {platform.release()} on {platform.machine()}",
            f"database: {_database_version()}",
            *(f"{name} {named[name]}" for name in sorted(named, key=str.lower)),
        )
    )


def _database_version() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


def migrations() -> Seen:
    """The database went through every migration of this version, and no other."""
    applied = applied_migrations("default")
    faults = [f"{app}.{name} waits" for app, name in waiting_migrations("default")]
    newer = unknown_migrations((m.key for m in applied), alias="default")
    faults += [f"{name} is of another version" for name in newer]
    last = max((m.at for m in applied), default="never")
    return Seen(seen=(f"{len(applied)} migrations, the last at {last}",), faults=tuple(faults))


def live_settings() -> Seen:
    """What a site with patients must have."""
    expected = (
        ("IMMUNOSEP_DEBUG is no", not settings.DEBUG),
        ("IMMUNOSEP_DEMO is no", not settings.DEMO),
        ("IMMUNOSEP_HTTPS is yes", settings.HTTPS),
        ("cookies travel over HTTPS alone", settings.SESSION_COOKIE_SECURE),
        ("IMMUNOSEP_SECOND_FACTOR is yes", settings.SECOND_FACTOR),
        (f"the secret key has {SECRET_CHARACTERS} characters or more",
         len(settings.SECRET_KEY) >= SECRET_CHARACTERS),
        ("the names of the site are listed", "*" not in settings.ALLOWED_HOSTS),
    )  # fmt: skip
    return Seen(
        seen=tuple(words for words, holds in expected if holds),
        faults=tuple(f"not so: {words}" for words, holds in expected if not holds),
    )


def files_of_the_owner(folder: SiteFolder) -> Seen:
    """Nobody but the owner reads settings, keys or an SQLite database."""
    names = [folder.settings_file, folder.keyed_file, *folder.path.glob("*.pem")]
    there = [file for file in names if file.exists()]
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in there}
    return Seen(
        seen=tuple(f"{name} has mode {mode:o}" for name, mode in modes.items()),
        faults=tuple(f"{name} can be read by others" for name, m in modes.items() if m & 0o077),
    )
