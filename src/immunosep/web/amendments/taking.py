"""Taking a version of the trial into the site: its file, kept under its digest, and its row."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.protocol.loading import load_trial
from immunosep.protocol.trial import Trial
from immunosep.web.amendments.fitting import misfits
from immunosep.web.amendments.models import Version
from immunosep.web.audit.actions import Site, record
from immunosep.web.trial import site_trial, trial_with, version_file


@transaction.atomic
def take_version(file: Path, *, now: datetime) -> Version:
    """Keep a version that a Python file holds; taken already, it is found. RefusedError if not."""
    new = load_trial(file)
    made = Version.objects.filter(digest=new.digest).first()
    if made is None:
        if problems := _problems(new):
            raise RefusedError(f"{file.name} cannot be taken as a version", problems)
        _keep_first(now)
        text = file.read_text(encoding="utf-8")
        made = Version.objects.create(
            digest=new.digest, name=new.version, source=text, taken_at=now
        )
        record(
            "amendments.take_version",
            by=Site(),
            now=now,
            subject=str(made),
            after={"version": new.version, "trial_digest": new.digest},
        )
    _keep(file.read_bytes(), new.digest)
    return made


def put_back() -> list[Version]:
    """Write the files that are missing, where a site was restored or moved; which they were.

    This runs what the database holds, so it is for whoever runs the site, who trusts the backup.
    """
    held = Version.objects.exclude(source="")
    missing = [version for version in held if not version_file(version.digest).exists()]
    for version in missing:
        _keep(version.source.encode(), version.digest)
    return missing


def _problems(new: Trial) -> list[str]:
    names = {site_trial().version, *Version.objects.values_list("name", flat=True)}
    problems = misfits(new)
    if new.digest == site_trial().digest:
        problems.append("It is the version the site began with, in every word and number.")
    elif not new.version.strip():
        problems.append("It has no version. Name it, so that an approval can say what of.")
    elif new.version in names:
        problems.append(
            f"It calls itself version {new.version}, as another here does. Name it otherwise."
        )
    return problems


def _keep_first(now: datetime) -> None:
    """The version the site began with, so that one can go back to it: it needs no file."""
    first = site_trial()
    name = first.version or "as begun with"
    Version.objects.get_or_create(digest=first.digest, defaults={"name": name, "taken_at": now})


def _keep(text: bytes, digest: str) -> None:
    """The file under its digest, and proof that what is kept can be read back as that version.

    What a trial file says may rest on files beside it, or on what its own name is: a copy may then
    be another value, or none, and must not stay.
    """
    kept = version_file(digest)
    if kept.exists():
        trial_with(digest)
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(text)
    try:
        trial_with(digest)
    except BaseException:
        kept.unlink()
        raise
