"""Who is to be asked for consent again because an amendment says so. Asking is not done here."""

from immunosep.web.amendments.approving import bound_here
from immunosep.web.amendments.models import Amendment
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient


def to_ask_again(amendment: Amendment, centre: Centre) -> list[Patient]:
    """Participants of a centre, not withdrawn, who have not consented to what came with it."""
    if not amendment.asks_again:
        return []
    bound = {version.pk for version in bound_here(amendment, centre)}
    consented = (
        Patient.objects.filter(centre=centre, consents__isnull=False, withdrawal=None)
        .filter(not_enrolled=None)
        .distinct()
        .prefetch_related("consents")
    )
    return [
        patient
        for patient in consented
        if not bound & {consent.version_id for consent in patient.consents.all()}
    ]
