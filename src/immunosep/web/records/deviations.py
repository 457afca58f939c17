"""Deviations from the protocol, with the judgement that holds.

What was judged to be none is left out, and so is whatever is of somebody who took their data back.
"""

from collections.abc import Iterator

from django.db.models import QuerySet

from immunosep.web.enrolment.models import Withdrawal
from immunosep.web.oversight.listing import with_verdict
from immunosep.web.oversight.models import Deviation, Judgement
from immunosep.web.records.gathering import ERASED
from immunosep.web.records.people import Row, seconds

Verdict = Judgement.Verdict
IMPORTANT = {Verdict.IMPORTANT.value: True, Verdict.NOT_IMPORTANT.value: False}


def deviation_rows(held: "QuerySet[Deviation]") -> Iterator[Row]:
    """One row per deviation; `important` is NULL before anybody judged it."""
    erased = set(Withdrawal.objects.filter(kind=ERASED).values_list("patient", flat=True))
    for each in with_verdict(held.order_by("pk")):
        if each.verdict == Verdict.NONE or each.patient_id in erased:
            continue
        yield {
            "participant": each.patient_id,
            "centre": each.centre_id,
            "kind": each.kind,
            "important": IMPORTANT.get(each.verdict),
            "at_s": seconds(each.happened_at),
            "found_by": each.found_by,
        }
