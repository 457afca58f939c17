"""The folder a backup is restored into: made beside its place, and moved there when it is whole."""

import os
import shutil
from pathlib import Path

from immunosep.errors import ImmunosepError
from immunosep.web.backups import archive
from immunosep.web.backups.writing import SETTINGS, TRIAL_FILE
from immunosep.web.folder import SiteFolder, read_settings

DATABASE = "site.sqlite3"
_URL, _TRIAL = "IMMUNOSEP_DATABASE_URL", "IMMUNOSEP_TRIAL"


class Target:
    """A new folder; without `finish`, nothing of it is left."""

    def __init__(self, file: Path, path: Path, *, database_url: str, secret_key: str) -> None:
        self._file, self._path = file, path.absolute()
        self._part = self._path.with_name(f".{self._path.name}.{os.getpid()}.restoring")
        self._database_url = database_url
        self._secret_key = secret_key
        self.settings: dict[str, str] = {}

    def __enter__(self) -> "Target":
        try:
            self._part.mkdir(mode=0o700)
        except OSError as error:
            raise ImmunosepError(
                f"{self._path} cannot be made: {error.strerror}. Name a folder beside which you "
                "may write."
            ) from None
        with archive.readable(self._file):
            for name, stream in archive.streams(self._file):
                if name in (SETTINGS, TRIAL_FILE):
                    (self._part / name).write_bytes(b"".join(stream))
        versions = str(SiteFolder(self._part).versions)
        self.settings = self._settings_at(self._part) | {"IMMUNOSEP_VERSIONS": versions}
        return self

    def __exit__(self, *_failure: object) -> None:
        from django.db import connections

        connections.close_all()
        shutil.rmtree(self._part, ignore_errors=True)

    def finish(self) -> None:
        """Write the settings, and move the folder to its place."""
        from django.db import connections

        connections.close_all()
        settings = self._settings_at(self._path)
        (self._part / SETTINGS).unlink()
        SiteFolder(self._part).write(settings, {})
        self._part.replace(self._path)

    def _settings_at(self, folder: Path) -> dict[str, str]:
        """The backup's settings, with what belongs to this machine."""
        kept = read_settings(self._part / SETTINGS)
        if kept.get(_TRIAL) == TRIAL_FILE:
            kept[_TRIAL] = str(folder / TRIAL_FILE)
        own = {
            "IMMUNOSEP_SECRET_KEY": self._secret_key,
            _URL: self._database_url or f"sqlite:///{folder / DATABASE}",
        }
        return own | kept
