"""Signing pages as the investigator: a block of visits, or the whole casebook.

Who signs was proved by the view (`signing_again`); here it is asked whether it may be signed, and
whether the pages still say what was shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say, say_many
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.casebook.blocks import Block, find_block, pages_in
from immunosep.web.casebook.content import content_of, page_digests
from immunosep.web.casebook.due import lacking_pages
from immunosep.web.casebook.models import Page, Query, Signature
from immunosep.web.casebook.signatures import SIGN, bound, subject_of
from immunosep.web.casebook.steps import is_done
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.recording import lock
from immunosep.web.trial import trial_of

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "endorsed": "I reviewed these records. They are complete and agree with the source.",
        "responsible": "I take responsibility for these records as the investigator.",
    }
)
"""What a signature may mean (21 CFR 11.50(a)(3)), by what a form sends."""


def shown_content(block: Block, pages: Sequence[Page]) -> str:
    """The digest of what a page that asks for a signature shows."""
    held = pages_in(block, pages)
    return content_of(held, page_digests(held))


def problems_before_signing(patient: Patient, block: Block, pages: Sequence[Page]) -> list[str]:
    """Why a block cannot be signed yet; `pages` are all of the participant's."""
    held = pages_in(block, pages)
    lacking = [
        each for each in lacking_pages([patient], pages)[patient.pk] if block.holds(each.visit.id)
    ]
    started = sum(not is_done(page) for page in held)
    asked = Query.objects.filter(page__in=held, status=Query.Status.OPEN).count()
    return [
        problem
        for problem, applies in (
            (say("There is no page to sign."), not held),
            (say_many("{count} planned page not begun.", "{count} planned pages not begun.",
                      count=len(lacking)), bool(lacking)),
            (say_many("{count} page not complete.", "{count} pages not complete.", count=started),
             bool(started)),
            (say_many("{count} question not answered.", "{count} questions not answered.",
                      count=asked), bool(asked)),
        )
        if applies
    ]  # fmt: skip


@transaction.atomic
def sign(
    patient: Patient, block_id: str, *, meaning: str, shown: str, by: User, now: datetime
) -> Signature:
    """Put one's name under a block; `shown` is the digest of what the signer was shown."""
    patient = lock(patient.pk)
    role = require(by, Permission.SIGN, patient.centre)
    block = find_block(block_id, trial_of(patient.centre))
    pages = list(
        Page.objects.select_for_update(of=("self",))
        .select_related("patient__centre")
        .filter(patient=patient)
    )
    content = shown_content(block, pages)
    problems = problems_before_signing(patient, block, pages)
    if meaning not in MEANINGS:
        problems.append(say("Say what the signature means. Choose one of the meanings."))
    if shown != content:
        problems.append(say("The records changed since you looked at them. Look again, then sign."))
    if problems:
        raise RefusedError(f"{block.label} of {patient.pk} was not signed", problems)
    said = MEANINGS[meaning]
    digest = bound(content, patient=patient.pk, block=block.id, meaning=said, name=by.name,
                   by=by.pk, at=now)  # fmt: skip
    signature = Signature.objects.create(
        patient=patient, block=block.id, meaning=said, name=by.name, content=digest, at=now, by=by
    )
    record(
        SIGN, by=by, role=role, now=now, subject=subject_of(signature), centre=patient.centre_id,
        time_zone=patient.centre.time_zone, participant=patient.pk,
        after={"block": block.id, "meaning": said, "name": by.name, "content": digest},
    )  # fmt: skip
    return signature
