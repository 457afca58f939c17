"""Amendments for the website's tests: versions of ImmunoSep as files, and the way to live."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from django.test import override_settings

from immunosep.web.accounts.models import User
from immunosep.web.amendments.activating import activate
from immunosep.web.amendments.approving import approve
from immunosep.web.amendments.models import Activation, Amendment, Version
from immunosep.web.amendments.proposing import propose
from immunosep.web.amendments.taking import take_version
from immunosep.web.centres.models import Body, Centre
from tests.web.people import NOW

HEAD = """
from dataclasses import replace
from immunosep.concepts.snapshot import snapshot
from immunosep.trials.immunosep import IMMUNOSEP

def one(items, id_, **changed):
    return tuple(replace(each, **changed) if each.id == id_ else each for each in items)

def components(trial, **changed):
    return tuple(
        replace(each, components=tuple(replace(c, **changed) for c in each.components))
        for each in trial.regimens
    )

"""
LIMIT = 'exclusion=one(IMMUNOSEP.exclusion, "neutropenia", rule=snapshot.neutrophils_per_mm3 < {})'
TODAY = NOW.date()
STRICT = LIMIT.format(10_000)  # the eligible man of the cast has 9,000
LENIENT = LIMIT.format(1_000)


def version_text(changed: str = LENIENT, *, name: str = "2.0") -> str:
    """A trial file: ImmunoSep with fields changed, as its Python says."""
    return f"{HEAD}TRIAL = replace(IMMUNOSEP, version={name!r}, {changed})\n"


def write_version(folder: Path, changed: str = LENIENT, *, name: str = "2.0") -> Path:
    """The same in a file."""
    file = folder / "amended.py"
    file.write_text(version_text(changed, name=name), encoding="utf-8")
    return file


@contextmanager
def versions_in(folder: Path) -> Iterator[None]:
    """What is done within is done by a process that keeps versions in this folder."""
    with override_settings(VERSIONS=str(folder / "versions")):
        yield


def taken(
    folder: Path, changed: str = LENIENT, *, name: str = "2.0", now: datetime = NOW
) -> Version:
    """A version that the site has."""
    return take_version(write_version(folder, changed, name=name), now=now)


def proposed(
    version: Version,
    by: User,
    *,
    authority: bool = False,
    asks_again: bool = False,
    now: datetime = NOW,
) -> Amendment:
    """An amendment to a version."""
    return propose(
        version, reason="Slow recruitment", needs_authority=authority, asks_again=asks_again,
        by=by, now=now,
    )  # fmt: skip


def approved(
    amendment: Amendment,
    centre: Centre,
    by: User,
    *,
    body: Body = Body.ETHICS_COMMITTEE,
    on: date = TODAY,
    now: datetime = NOW,
) -> None:
    """Approved for a centre on a day."""
    approve(
        amendment, centre, body=body, given_by=body.label,
        reference=f"{amendment.pk}/{body.value}", approved_on=on, by=by, now=now,
    )  # fmt: skip


def live(amendment: Amendment, centre: Centre, by: User, *, now: datetime = NOW) -> Activation:
    """Approved, and gone live."""
    approved(amendment, centre, by, on=now.date(), now=now)
    return activate(amendment, centre, by=by, now=now)
