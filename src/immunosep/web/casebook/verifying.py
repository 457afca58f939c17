"""Source data verification: which pages a monitor compares with the source, and that it was done.

The plan is the trial's (`protocol.casebook.Verification`): a share of the participants, drawn from
the digest of the trial and the participant's number, so that nobody can choose, and everybody can
draw again. An entry takes a page's verification back (`recording`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.protocol.casebook import CaseForm
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import Page, Step
from immunosep.web.casebook.steps import hold, is_done, reason_problems, take_step
from immunosep.web.centres.models import Centre
from immunosep.web.trial import site_trial, trial_of


def draw_of(number: str, digest: str) -> float:
    """A participant's place between 0 and 1: those below a form's share are verified."""
    drawn = sha256(f"{digest}:{number}".encode()).digest()[:8]
    return int.from_bytes(drawn, "big") / 2**64


def is_targeted(form: CaseForm, number: str) -> bool:
    """Whether the plan asks for a participant's pages of this form.

    Drawn by the version the site began with: an amendment draws nobody anew.
    """
    if form.verification is None:
        return False
    return draw_of(number, site_trial().digest) < form.verification.share


def columns_to_verify(form: CaseForm) -> tuple[str, ...]:
    """What of a page is compared: the plan's columns, or all."""
    planned = form.verification.columns if form.verification else ()
    return planned or form.columns


@transaction.atomic
def verify(page: Page, *, seen: int, by: User, now: datetime) -> Step:
    """Say that the page as it stood at `seen` entries was compared with the source."""
    page = hold(page)
    role = require(by, Permission.VERIFY, page.patient.centre)
    problems = [
        problem
        for problem, applies in (
            ("The page is not complete.", not is_done(page)),
            ("The page is locked.", page.stage == Page.Stage.LOCKED),
            ("It was verified already.", page.verified),
            ("The page changed since you opened it. Compare again.", seen != page.entries_made),
        )
        if applies
    ]
    if problems:
        raise RefusedError(f"page {page.pk} was not verified", problems)
    page.verified = True
    page.save(update_fields=["verified"])
    return take_step(page, Step.Kind.VERIFIED, by=by, role=role, now=now)


@transaction.atomic
def take_back(page: Page, *, reason: str, by: User, now: datetime) -> Step:
    """Say that the page must be compared again."""
    page = hold(page)
    role = require(by, Permission.VERIFY, page.patient.centre)
    problems = reason_problems(reason, page)
    problems += [] if page.verified else ["The page is not verified."]
    problems += ["The page is locked."] if page.stage == Page.Stage.LOCKED else []
    if problems:
        raise RefusedError(f"page {page.pk} stays verified", problems)
    page.verified = False
    page.save(update_fields=["verified"])
    return take_step(page, Step.Kind.UNVERIFIED, by=by, role=role, now=now, reason=reason)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a centre's verification is: of the pages that the plan asks for and that exist."""

    centre: Centre
    asked: int
    verified: int


def progress_of(centres: Iterable[Centre]) -> list[Progress]:
    """Each centre's verification, in one question to the database."""
    kept = {centre.pk: centre for centre in centres}
    rows = Page.objects.filter(patient__centre__in=kept).values_list(
        "patient__centre", "patient", "form", "verified"
    )
    asked = dict.fromkeys(kept, 0)
    verified = dict.fromkeys(kept, 0)
    for centre, number, form, done in rows:
        if is_targeted(find_form(form, trial_of(kept[centre])), number):
            asked[centre] += 1
            verified[centre] += done
    return [
        Progress(centre=centre, asked=asked[pk], verified=verified[pk])
        for pk, centre in kept.items()
    ]
