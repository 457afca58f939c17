"""Making a site: its folder, its database, its centres, its code, its administrator."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.validators import validate_email
from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.randomisation.code import (
    KeyPair,
    Purpose,
    SealedCode,
    make_keys,
    seal_sequence,
)
from immunosep.randomisation.code_files import code_text
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import draw_sequence, specify
from immunosep.randomisation.strata import plan_of, strata_of
from immunosep.web.accounts.actions import create_account, grant
from immunosep.web.accounts.roles import Role
from immunosep.web.audit.actions import Site
from immunosep.web.centres.actions import take_centres
from immunosep.web.code.loading import load_code
from immunosep.web.trial import site_trial

TEACHING_SLOTS = 60  # places per stratum: more than a centre of ImmunoSep enrolled


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """Who makes the other accounts; the password is said once and changed at first log-in."""

    email: str
    name: str
    password: str


def migrate() -> None:
    """Bring the database's tables to this version; those that exist keep their rows."""
    call_command("migrate", verbosity=0, interactive=False)


@transaction.atomic
def furnish(code: SealedCode, *, live: bool, administrator: Administrator, now: datetime) -> None:
    """Fill an empty database: the trial's centres, the sealed code, the first account."""
    try:
        validate_email(administrator.email)
    except ValidationError:
        raise RefusedError(
            "the administrator's account cannot be made",
            ["The address is not one. Expected somebody@hospital.example."],
        ) from None
    site = Site()
    take_centres(site_trial(), by=site, now=now)
    load_code(code, live=live, by=site, now=now)
    account = create_account(
        administrator.email,
        name=administrator.name,
        password=administrator.password,
        by=site,
        now=now,
    )
    grant(account, Role.ADMINISTRATOR, centre=None, by=site, now=now)


def teaching_code(seed: bytes) -> tuple[SealedCode, KeyPair]:
    """A test list for every stratum of the trial, and the key that opens it: to rehearse with."""
    trial, keys = site_trial(), make_keys()
    specification = specify(
        plan_of(trial), strata=strata_of(trial), slots_per_stratum=TEACHING_SLOTS
    )
    sealed = seal_sequence(
        draw_sequence(specification, draw_for=streams_of(seed)),
        specification=specification,
        public_pem=keys.public_pem,
        nonce=secrets.token_bytes(32),
        trial=trial.id,
        trial_version=trial.version,
        trial_digest=trial.digest,
        purpose=Purpose.TEST,
    )
    return sealed, keys


def keep_teaching_code(folder: Path, sealed: SealedCode, keys: KeyPair) -> Path:
    """Write a teaching list's code and key into the site's folder; where the key is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "code.json").write_text(code_text(sealed), encoding="utf-8")
    key = folder / "code.private.pem"
    key.touch(mode=0o600)
    key.write_bytes(keys.private_pem)
    return key.resolve()
