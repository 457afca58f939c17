"""Whether a signature holds: made anew from what it covers, and from the audit trail.

A signature's digest binds what the pages say to whom they are of, who signed, when and what it
means (21 CFR 11.50, 11.70), so that a change of any page, a page added, or the row copied to
another record leaves one that does not hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immunosep.web.audit.models import Event
from immunosep.web.casebook.blocks import Block, blocks_of, pages_in
from immunosep.web.casebook.content import content_of, digest_of, moment, page_digests
from immunosep.web.casebook.models import Page, Signature
from immunosep.web.enrolment.models import Patient
from immunosep.web.trial import trial_of

SIGN = "casebook.sign"


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature, the block it stands under, and whether it holds."""

    signature: Signature
    block: Block
    is_valid: bool


def bound(
    content: str, *, patient: str, block: str, meaning: str, name: str, by: int, at: datetime
) -> str:
    """The digest that a signature keeps: over that of what was signed, and all that it says."""
    return digest_of([content, patient, block, meaning, name, by, moment(at)])


def subject_of(signature: Signature) -> str:
    """What the audit trail calls a signature."""
    return f"signature {signature.pk}"


def signatures_of(
    patients: Sequence[Patient],
    pages: Sequence[Page],
    *,
    digests: Mapping[int, str] | None = None,
) -> dict[str, list[Signed]]:
    """Every signature of each participant, the last first; `pages` are all of theirs."""
    rows = Signature.objects.filter(patient__in=patients).select_related("by").order_by("-id")
    found: dict[str, list[Signature]] = {}
    for signature in rows:
        found.setdefault(signature.patient_id, []).append(signature)
    known = page_digests(pages) if digests is None and found else digests or {}
    said = _in_the_trail(found)
    by_patient = _by_patient(pages)
    return {
        patient.pk: list(
            _judged(patient, found.get(patient.pk, []), by_patient.get(patient.pk, []), known, said)
        )
        for patient in patients
    }


def is_valid(signature: Signature) -> bool:
    """Whether one signature holds now."""
    patient = Patient.objects.select_related("centre").get(pk=signature.patient_id)
    signed = signatures_of(
        [patient], list(Page.objects.filter(patient=patient).select_related("patient__centre"))
    )[patient.pk]
    return any(each.is_valid for each in signed if each.signature.pk == signature.pk)


def standing(signed: Iterable[Signed]) -> dict[str, Signed]:
    """The last signature of each block that holds."""
    found: dict[str, Signed] = {}
    for each in signed:
        if each.is_valid:
            found.setdefault(each.block.id, each)
    return found


def _judged(
    patient: Patient,
    rows: list[Signature],
    pages: list[Page],
    digests: Mapping[int, str],
    said: Mapping[str, Any],
) -> Iterable[Signed]:
    blocks = {block.id: block for block in blocks_of(trial_of(patient.centre))}
    contents = {
        block.id: content_of(pages_in(block, pages), digests) for block in blocks.values() if rows
    }
    for row in rows:
        block = blocks.get(row.block) or Block(id=row.block, label=row.block, visits=frozenset())
        expected = bound(
            contents.get(row.block, ""), patient=patient.pk, block=row.block, meaning=row.meaning,
            name=row.name, by=row.by_id, at=row.at,
        )  # fmt: skip
        holds = row.content == expected == said.get(subject_of(row))
        yield Signed(signature=row, block=block, is_valid=holds)


def _in_the_trail(found: Mapping[str, list[Signature]]) -> dict[str, Any]:
    """What the audit trail kept of each signature when it was made; of nobody it is not asked."""
    events = Event.objects.filter(action=SIGN, participant__in=list(found))
    return {
        subject: (after or {}).get("content")
        for subject, after in events.values_list("subject", "after")
    }


def _by_patient(pages: Iterable[Page]) -> dict[str, list[Page]]:
    found: dict[str, list[Page]] = {}
    for page in pages:
        found.setdefault(page.patient_id, []).append(page)
    return found
