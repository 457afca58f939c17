"""The trial that this site runs, as a value, and the version of it by which a centre works.

A site begins with one version, which the settings name. Later ones are files in the folder of
versions, each named by the digest of its value, so that a row's digest finds the version it was
written under. A file is read once per process and refused if its value has another digest. It is a
program, so no process that serves takes one out of the database: who may write there must not learn
what a keyed process knows.
"""

from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from immunosep.errors import SettingsError, TrialError
from immunosep.protocol.loading import load_trial
from immunosep.protocol.trial import Trial
from immunosep.trials import find_trial


class WorksByVersion(Protocol):
    """A centre: `trial_digest` is that of its version, empty for the one the site began with."""

    @property
    def trial_digest(self) -> Any: ...


def site_trial() -> Trial:
    """The trial the settings name; a user's own file is read once per process.

    For what no amendment may change: its id, its list, its arms. What a version decides is asked of
    `trial_of`.
    """
    return _found(settings.TRIAL)


def trial_of(centre: WorksByVersion | None) -> Trial:
    """The version by which a centre works; without a centre, the one the site began with."""
    return trial_with(centre.trial_digest) if centre else site_trial()


def trial_with(digest: str) -> Trial:
    """The version with a digest; SettingsError where the site has no such file as it was."""
    first = site_trial()
    return first if digest in ("", first.digest) else _version(settings.VERSIONS, digest)


def version_file(digest: str) -> Path:
    """Where a version's file is."""
    if not settings.VERSIONS:
        raise SettingsError(
            "IMMUNOSEP_VERSIONS is not set; expected the folder that holds the trial's later "
            "versions. Set it to DIR/versions, where DIR is the folder of the site."
        )
    return Path(settings.VERSIONS) / f"{digest}.py"


@cache
def _found(name_or_path: str) -> Trial:
    return find_trial(name_or_path)


@cache
def _version(folder: str, digest: str) -> Trial:
    """Read once: what a digest stands for never changes. `folder` is what the settings say."""
    file = version_file(digest)
    try:
        found = load_trial(file)
    except TrialError as error:
        raise SettingsError(
            f"the version {digest[:12]} of the trial cannot be read: {'; '.join(error.problems)}. "
            "Put the file back: `immunosep site amend DIR`, without a file, writes what is missing."
        ) from error
    if found.digest != digest or found.id != site_trial().id:
        raise SettingsError(
            f"the file of version {digest[:12]} holds another version, {found.digest[:12]}; "
            "expected the one it is named after. Put the file back as it was kept; if it builds on "
            "a trial of the package, put back the package's version too."
        )
    return found
