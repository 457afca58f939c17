"""Whether the records of a centre, or of one of its patients, are locked.

Locks are rows of `casebook`, which builds on what is asked here: whatever is written of a patient
below it asks first, and the database refuses what did not (`casebook.closing`).
"""

from django.apps import apps
from django.db.models import Q

from immunosep.languages import say

LOCKED = say("The records are locked. Ask the data manager to open them.")


def is_locked(centre: str, patient: str = "") -> bool:
    """Whether the trial, the centre or, if one is named, the patient is locked; one question."""
    which = Q(scope="trial") | Q(centre=centre)
    if patient:
        which |= Q(patient=patient)
    rows = apps.get_model("casebook", "Lock")._default_manager.filter(which).order_by("id")
    return any(dict(rows.values_list("scope", "locked")).values())
