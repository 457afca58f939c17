"""The folder of one site: its settings, and on a small site its database and its logs.

`site.env` has the settings that every process reads, `keyed.env` those of the keyed process alone:
where the code key is. Both are lines of `NAME=value`, as systemd reads them, for the owner only.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import django

from immunosep.errors import SettingsError

PREFIX = "IMMUNOSEP_"


@dataclass(frozen=True)
class SiteFolder:
    """Where a site keeps what is not in its database."""

    path: Path

    @property
    def settings_file(self) -> Path:
        """The settings of every process."""
        return self.path / "site.env"

    @property
    def keyed_file(self) -> Path:
        """The settings of the keyed process alone."""
        return self.path / "keyed.env"

    @property
    def versions(self) -> Path:
        """The trial's later versions, a file for each, named by its digest."""
        return self.path / "versions"

    def settings(self) -> dict[str, str]:
        """What every process is started with; SettingsError where the folder has no site."""
        if not self.settings_file.is_file():
            raise SettingsError(
                f"{self.path} has no site: site.env is not there. Expected a folder that "
                "`immunosep site init` made; make one, or name the right folder."
            )
        beside = {"IMMUNOSEP_VERSIONS": str(self.versions.resolve())}
        return beside | read_settings(self.settings_file)

    def keyed_settings(self) -> dict[str, str]:
        """What the keyed process is started with; the site's own where there is no key."""
        return self.settings() | (
            read_settings(self.keyed_file) if self.keyed_file.is_file() else {}
        )

    @property
    def has_key(self) -> bool:
        """Whether the code key is known here, so that a keyed process can be started."""
        return self.keyed_file.is_file()

    def write(self, settings: Mapping[str, str], keyed: Mapping[str, str]) -> None:
        """Write both files, readable by their owner alone."""
        self.path.mkdir(parents=True, exist_ok=True)
        _write(self.settings_file, settings)
        if keyed:
            _write(self.keyed_file, keyed)


def use(settings: Mapping[str, str]) -> None:
    """Make this process one of the site: what the environment already says wins."""
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    os.environ["DJANGO_SETTINGS_MODULE"] = "immunosep.web.settings"
    django.setup()


def read_settings(file: Path) -> dict[str, str]:
    """The settings in a file; SettingsError for a line that is none."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    wrong = [pair[0] for pair in pairs if len(pair) != 2 or not pair[0].startswith(PREFIX)]
    if wrong:
        raise SettingsError(
            f"{file.name} has {len(wrong)} lines that are no setting; expected "
            f"{PREFIX}NAME=value on each. Correct or remove them."
        )
    return {name: value.strip('"') for name, value in pairs}


def _write(file: Path, settings: Mapping[str, str]) -> None:
    text = "".join(f'{name}="{value}"\n' for name, value in settings.items())
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
