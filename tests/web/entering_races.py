"""Many processes recording at once: adding patients, one value, one consent.

Run as `python -m tests.web.entering_races DATABASE`: it makes a site in an empty database, lets
processes loose on it and prints one JSON object of what they were told and what is kept.
"""

import json
import multiprocessing as mp
import sys
from datetime import timedelta
from typing import Any

from tests.web.races import NOW, enter, furnish, in_child

FORK = mp.get_context("fork")
PROCESSES, EACH = 8, 5
PATIENT, COLUMN = "01-0001", "gcs"


def record_at_once(process: int, by: int) -> list[str]:
    """One process: adds patients, then answers the same question, then records the same consent."""
    from immunosep.errors import RefusedError
    from immunosep.protocol.consent import ConsentBy
    from immunosep.protocol.forms import FilledBy
    from immunosep.web.accounts.models import User
    from immunosep.web.centres.models import Centre
    from immunosep.web.enrolment.consenting import record_consent
    from immunosep.web.enrolment.recording import add_patient, record_values

    who, centre = User.objects.get(pk=by), Centre.objects.get(number="01")
    told = [add_patient(centre, by=who, now=NOW).pk for _ in range(EACH)]
    try:
        record_values(
            PATIENT, {COLUMN: 3 + process}, filled_by=FilledBy.BEDSIDE, seen=0, by=who, now=NOW
        )
    except RefusedError as error:
        told.append("changed meanwhile" if "meanwhile" in str(error) else str(error))
    version, at = centre.consentversion_set.get(), NOW + timedelta(hours=1)
    record_consent(
        PATIENT, given_by=ConsentBy.PATIENT, version=version, given_at=at, by=who, now=at
    )
    return told


def kept() -> dict[str, Any]:
    """What the database holds afterwards."""
    from immunosep.web.audit.chain import faults_of
    from immunosep.web.audit.models import Event, Head
    from immunosep.web.enrolment.models import Consent, Entry, Patient

    patient = Patient.objects.get(pk=PATIENT)
    head = Head.objects.get().digest
    return {
        "numbers": sorted(Patient.objects.values_list("pk", flat=True)),
        "entries": Entry.objects.filter(patient=patient, column=COLUMN).count(),
        "entries_made": patient.entries_made,
        "consents": Consent.objects.filter(patient=patient).count(),
        "faults": list(faults_of(Event.objects.order_by("sequence"), head=head)),
    }


def main(database: str) -> None:
    """The race, then what is kept, as one JSON object."""
    enter(database)
    by = in_child(furnish, 1)
    with FORK.Pool(PROCESSES) as pool:
        told = pool.starmap(record_at_once, [(n, by) for n in range(PROCESSES)], chunksize=1)
    print(json.dumps({"told": told, **in_child(kept)}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
