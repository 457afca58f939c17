"""When a participant's treatment ended, whoever says so: from then on no dose is due.

Consent taken back, an allocation made in error, and what pages say: that treatment ended, or that
the participant died. The earliest counts. What is corrected later counts no more. All of it is
recorded alike for every arm. The tables lie above supply: they are found by the place of the list,
and that of entries by its name.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.apps import apps

from immunosep.web.code.models import Slot

PATIENT = "allocation__patient"
RECORDED = (f"{PATIENT}__withdrawal__at", "allocation__in_error__recorded_at")
MOMENTS = ("treatment_ended_at", "died_at")
"""Columns that say when."""
ANSWERS = {"treatment_completed": False, "vital_status": "dead", "day_status": "dead"}
"""Answers that say only that it ended: then it ended by the time at which they were entered."""


def ends_of(participants: Iterable[str]) -> dict[str, datetime]:
    """When the treatment of each ended; nothing of those whose treatment goes on."""
    numbers = list(participants)
    found: dict[str, list[datetime]] = defaultdict(list)
    theirs = Slot.objects.filter(**{f"{PATIENT}__in": numbers})
    for number, *moments in theirs.values_list(PATIENT, *RECORDED):
        found[number] += [at for at in moments if at is not None]
    for number, column, value, entered_at in _said(numbers):
        if column in MOMENTS:
            found[number].append(datetime.fromisoformat(value))
        elif value == ANSWERS[column]:
            found[number].append(entered_at)
    return {number: min(moments) for number, moments in found.items() if moments}


def _said(numbers: list[str]) -> list[tuple[str, str, Any, datetime]]:
    """The last value of each column of each page; what was taken back is left out."""
    entries = apps.get_model("casebook", "PageEntry")._default_manager
    theirs = entries.filter(page__patient__in=numbers, column__in=(*MOMENTS, *ANSWERS))
    rows = theirs.order_by("id").values_list(
        "page__patient", "page", "column", "value", "entered_at"
    )
    last = {(page, column): (number, column, value, at) for number, page, column, value, at in rows}
    return [row for row in last.values() if row[2] is not None]
