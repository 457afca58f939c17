"""Proposing that centres work by a version: its difference is frozen with it."""

from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.protocol.difference import difference_of
from immunosep.protocol.trial import Trial
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.amendments.fitting import misfits
from immunosep.web.amendments.models import Activation, Amendment, Version
from immunosep.web.audit.actions import record
from immunosep.web.trial import site_trial, trial_with


def newest_live() -> Trial:
    """The version of the newest amendment that is live anywhere; at first that begun with."""
    last = Activation.objects.order_by("-amendment").select_related("amendment").first()
    return trial_with(last.amendment.version_id) if last else site_trial()


@transaction.atomic
def propose(
    version: Version,
    *,
    reason: str,
    needs_authority: bool,
    asks_again: bool,
    by: User,
    now: datetime,
) -> Amendment:
    """An amendment of the newest live version to another; RefusedError with every reason not to."""
    role = require(by, Permission.MANAGE_AMENDMENTS)
    new, old = trial_with(version.digest), newest_live()
    if problems := _problems(version, old, new, reason=reason.strip()):
        raise RefusedError("the amendment cannot be proposed", problems)
    amendment = Amendment.objects.create(
        version=version,
        replaces=old.digest,
        difference=difference_of(old, new).as_json(),
        reason=reason.strip(),
        needs_authority=needs_authority,
        asks_again=asks_again,
        proposed_at=now,
        proposed_by=by,
    )
    record(
        "amendments.propose",
        by=by,
        role=role,
        now=now,
        subject=str(amendment),
        before={"version": old.version, "trial_digest": old.digest},
        after={
            "version": new.version,
            "trial_digest": new.digest,
            "needs_authority": needs_authority,
            "asks_again": asks_again,
        },
        reason=amendment.reason,
    )
    return amendment


def _problems(version: Version, old: Trial, new: Trial, *, reason: str) -> list[str]:
    waiting = version.amendments.filter(activations=None).first()
    return [
        *misfits(new),
        *(["It is the newest version that is live already."] if new.digest == old.digest else []),
        *([f"It is proposed already, as {waiting}."] if waiting else []),
        *(["Say why the trial is amended."] if not reason else []),
    ]
