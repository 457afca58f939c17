"""What of the casebooks waits for somebody: pages to compare, blocks to sign; counted.

In as many questions to the database for one participant as for all of a centre. A signature counts
here until one of its pages is completed anew; whether it holds is `signatures`' to say, and takes
reading every entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count, Max

from immunosep.protocol.check_blocks import WHOLE
from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.casebook.blocks import Block, blocks_of, pages_in
from immunosep.web.casebook.due import lacking_pages
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import Page, Query, Signature, Step
from immunosep.web.casebook.verifying import is_targeted
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient, Withdrawal
from immunosep.web.trial import trial_of

Stage = Page.Stage
DONE = (Step.Kind.COMPLETED, Step.Kind.MISSED)


def pages_to_verify(centres: Iterable[Centre]) -> int:
    """How many complete pages the plan asks for that nobody compared since they last changed."""
    kept = {centre.pk: centre for centre in centres}
    waiting = Page.objects.filter(patient__centre__in=kept, stage=Stage.COMPLETE, verified=False)
    rows = (
        waiting.order_by().values_list("patient__centre", "patient", "form").annotate(Count("pk"))
    )
    return sum(
        count
        for centre, number, form, count in rows
        if is_targeted(find_form(form, trial_of(kept[centre])), number)
    )


def blocks_to_sign(centres: Iterable[Centre]) -> int:
    """How many blocks have every page complete, no open question, and no name under them."""
    theirs = _pages_of(centres)
    lacking = lacking_pages(list(theirs), [page for pages in theirs.values() for page in pages])
    open_ = Query.objects.filter(page__patient__in=list(theirs), status=Query.Status.OPEN)
    asked = set(open_.values_list("page", flat=True))
    rows = Signature.objects.filter(patient__in=list(theirs)).order_by()
    signed = {(number, block): at for number, block, at in
              rows.values_list("patient", "block").annotate(Max("at"))}  # fmt: skip
    done = Step.objects.filter(page__patient__in=list(theirs), kind__in=DONE).order_by()
    changed = dict(done.values_list("page").annotate(Max("at")))
    return sum(
        all(page.stage != Stage.STARTED and page.pk not in asked for page in held)
        and not _is_signed(patient.pk, block, signed, [changed.get(page.pk) for page in held])
        for patient, pages in theirs.items()
        for block in blocks_of(trial_of(patient.centre))
        if not any(block.holds(each.visit.id) for each in lacking[patient.pk])
        and (held := pages_in(block, pages))
    )


def _pages_of(centres: Iterable[Centre]) -> dict[Patient, list[Page]]:
    """The pages of everybody who did not take all consent back."""
    gone = Withdrawal.objects.exclude(kind=WithdrawalKind.TREATMENT_KEEP_FOLLOW_UP)
    pages = Page.objects.filter(patient__centre__in=centres).exclude(
        patient__in=gone.values("patient")
    )
    found: dict[Patient, list[Page]] = defaultdict(list)
    for page in pages.select_related("patient__centre"):
        found[page.patient].append(page)
    return found


def _is_signed(
    number: str,
    block: Block,
    signed: Mapping[tuple[str, str], datetime],
    changed: Iterable[datetime | None],
) -> bool:
    """Whether the block, or all of the casebook, was signed after its last page was changed."""
    names = [at for each in (block.id, WHOLE) if (at := signed.get((number, each)))]
    return bool(names) and all(at is None or at <= max(names) for at in changed)
