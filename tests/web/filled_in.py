"""What somebody might send from any form of the site: every field's name, with a likely value."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.supply.models import Kit, Order, Preparation
from tests.web.people import ELIGIBLE, PASSWORD

LOCAL = "2026-03-02T15:30"  # of the centre, an hour before the worlds stand still
FIELDS: dict[str, Any] = {
    "reason": "The family asked.",
    "because": "The seal was broken.",
    "note": "Seen twice.",
    "assessment": "It was needed.",
    "findings": "All as it should be.",
    "password": PASSWORD,
    "login": "somebody.else@example.org",
    "email": "new.colleague@example.org",
    "name": "New Colleague",
    "centre": "01_jena",
    "given_by": "patient",
    "version": "1",
    "given_at": LOCAL,
    "at": LOCAL,
    "observed_at": LOCAL,
    "began_at": LOCAL,
    "ended_at": "2026-03-02T15:45",
    "lowest_c": "9",
    "highest_c": "30",
    "decision": "released",
    "places": "1",
    "who": "nora.nurse@example.org",
    "reasons": ["refused"],
    "granted": "monitor",
    "status": "paused",
    "approved_on": "2026-02-01",
    "reference": "2021/7",
    "language": "en",
    "looked_again": "yes",
    "early": "yes",
    "seen": "1",
    "code": "123456",
    "visit": "day_2",
    "day_status": "present",
    "vital_status": "alive",
    "sample_drawn_at": LOCAL,
    "medication": "Meropenem",
    "medication_from": LOCAL,
    "procedure": "surgery",
    "procedure_from": LOCAL,
    "event_term": "Rash",
    "event_from": LOCAL,
    "event_grade": "2",
    "aware_at": LOCAL,
    "known_at": "",
    "sent_at": LOCAL,
    "expected.anakinra": "no",
    "expected.interferon_gamma": "yes",
    "relatedness": "possible",
    "fatal": "no",
    "text": "It went on.",
    "preferred_term": "Rash",
    "organ_class": "Skin",
    "infection_outcome": "resolution",
    "treatment_completed": "yes",
    "dose_route": "intravenous",
    "dose_number": "2",
    "dose_deviation": "missed",
    "dose_reason": "forgotten",
    "batch": "B7",
    "expires_on": "2027-06-30",
}
LEAVING = {  # participants that the walk withdraws; of all others it chooses nothing
    "01-0003": WithdrawalKind.ALL_KEEP_DATA,
    "01-0006": WithdrawalKind.ALL_ERASE_DATA,
}
CHOSEN = {  # what one field means on different pages
    "events": {"kind": "follow_up", "to": "authority", "seen": "100000", "version": "28.0"},
    "unblinding": {"kind": "accidental", "number": "01-0002"},
    "kits": {"act": "lose"},
    "people": {"do": "grant"},
    "centres": {"do": "approve"},
    "casebook/pages": {"do": "ask", "text": "Before sedation?"},
    "casebook/queries": {"do": "answer", "text": "Yes, before."},
    "casebook/participants": {"do": "freeze", "meaning": "endorsed"},
    "amendments": {"do": "approve", "body": "authority"},
    "imports": {"do": "others"},
}


def plausible(address: str) -> dict[str, Any]:
    """A filled-in form, for the page at an address."""
    typed = FIELDS | {name: str(value) for name, value in ELIGIBLE.items()}
    typed |= {"sepsis_onset_at": "2026-03-01T14:00", "route": "iv", "weight_kg": "81"}
    for page, fields in CHOSEN.items():
        if f"/{page}/" in address:
            typed |= fields
    return typed | _of_the_participant(address) | _file(address)


def _file(address: str) -> dict[str, Any]:
    """A file of results, where one is given."""
    if address != "/imports/":
        return {}
    lines = f"number,moment,visit,ferritin_ng_ml\n01-0002,{LOCAL},day_2,640\n02-0001,{LOCAL},,1\n"
    return {"file": SimpleUploadedFile("results.csv", lines.encode())}


def _of_the_participant(address: str) -> dict[str, Any]:
    """The label of a preparation on the ward, what is taken back, the numbers of a shipment."""
    if found := re.search(r"/shipments/(\w+)/", address):
        kits = Kit.objects.filter(shipment__number=found[1]).order_by("number")
        return {"arrived": list(kits.values_list("pk", flat=True))}
    found = re.search(r"/patients/([\d-]+)/", address)
    if found is None:
        return {}
    if address.endswith("/withdraw/"):
        return {"kind": LEAVING.get(found[1], "")}
    orders = Order.objects.filter(participant=found[1])
    status = "received" if address.endswith("/give/") else "handed_over"
    made = Preparation.objects.filter(order__in=orders, status=status).order_by("pk").first()
    return {"label": made.number if made else "NONE"}
