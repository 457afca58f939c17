"""A site to walk through: the cast, a stocked pharmacy, a participant at each step.

Run as a module in the environment of a keyed process; writes the numbers of all of it, as JSON,
to the file that is named.
Everything is made through the site's own actions, by the real clock.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from immunosep.protocol.consent import ConsentBy  # noqa: E402
from immunosep.protocol.forms import FilledBy  # noqa: E402
from immunosep.protocol.supply import SupplyModel  # noqa: E402
from immunosep.web.accounts.actions import create_account, grant  # noqa: E402
from immunosep.web.accounts.models import User  # noqa: E402
from immunosep.web.accounts.roles import Role  # noqa: E402
from immunosep.web.audit.actions import Site  # noqa: E402
from immunosep.web.casebook.completing import complete_page  # noqa: E402
from immunosep.web.casebook.recording import write_page  # noqa: E402
from immunosep.web.enrolment.consenting import record_consent  # noqa: E402
from immunosep.web.enrolment.dosing import give_dose  # noqa: E402
from immunosep.web.enrolment.models import Patient  # noqa: E402
from immunosep.web.enrolment.questions import columns_of  # noqa: E402
from immunosep.web.enrolment.randomising import randomise  # noqa: E402
from immunosep.web.enrolment.recording import (  # noqa: E402
    add_patient,
    last_entry,
    record_values,
)
from immunosep.web.pharmacy.binding import most_of, ship  # noqa: E402
from immunosep.web.pharmacy.packing import pack_batch  # noqa: E402
from immunosep.web.pharmacy.preparing import check, content_of, prepare  # noqa: E402
from immunosep.web.pharmacy.stock import Item, receive_lot  # noqa: E402
from immunosep.web.supply.handover import hand_over, receive  # noqa: E402
from immunosep.web.supply.kits import receive_shipment  # noqa: E402
from immunosep.web.supply.models import Order, Preparation  # noqa: E402
from immunosep.web.supply.needing import treated_states  # noqa: E402
from immunosep.web.trial import site_trial  # noqa: E402
from immunosep.web.unblinding.revealing import reveal  # noqa: E402
from tests.web.amended import taken  # noqa: E402
from tests.web.people import ELIGIBLE, PASSWORD, Cast, keys, make_site  # noqa: E402

LONG_AGO = 27  # days since the first dose of who is followed: day 28 is today
EXPIRY = (datetime.now(UTC) + timedelta(days=200)).date()  # read once: midnight may pass
PRODUCTS = ("anakinra", "interferon_gamma", "saline")


def main() -> None:
    """Make the database that the environment names."""
    Path(os.environ["IMMUNOSEP_CODE_KEY_FILE"]).write_bytes(keys().private_pem)
    call_command("migrate", verbosity=0)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    cast = make_site(now=now - timedelta(days=LONG_AGO + 1))
    plan = site_trial().supply
    in_kits = plan is not None and plan.model is SupplyModel.KITS
    made = kits(cast, now) if in_kits else participants(cast, now)
    Path(sys.argv[1]).write_text(json.dumps(made), encoding="utf-8")


def kits(cast: Cast, now: datetime) -> dict[str, str]:
    """A depot with a batch, a shipment received in Jena, and one on its way."""
    site = Site()
    depot = create_account("dora.depot@example.org", name="Dora Depot", password=PASSWORD, by=site,
                           now=now)  # fmt: skip
    grant(depot, Role.DEPOT, centre=None, by=site, now=now)
    depot = User.objects.get(pk=depot.pk)
    wanted = {key: 12 * most for key, most in most_of(treated_states()).items()}
    pack_batch(wanted, batch="B1", expires_on=EXPIRY,
               by=cast.pharmacist, now=now)  # fmt: skip
    sent = ship(cast.jena, 4, by=depot, now=now)
    arrived = set(sent.kits.values_list("pk", flat=True))
    receive_shipment(sent, arrived=arrived, by=cast.nurse, now=now)
    ship(cast.jena, 2, by=depot, now=now)
    return {"randomised": randomised_patient(cast, now).pk}


def participants(cast: Cast, now: datetime) -> dict[str, str]:
    """A stocked pharmacy, and one patient at each step of the way, by the name of the step."""
    then = now - timedelta(days=LONG_AGO)
    for product in PRODUCTS:
        lot = Item(product=product, lot="L-1", expires_on=EXPIRY)
        receive_lot(cast.jena, lot, 500, by=cast.pharmacist, now=then - timedelta(hours=2))
    followed = [followed_patient(cast, then) for _ in range(3)]
    cleaned = ended_patient(cast, then, now)
    added = add_patient(cast.jena, by=cast.nurse, now=now - timedelta(hours=2))
    screened = patient_with(cast, now, FilledBy.BEDSIDE)
    ready = ready_patient(cast, now)
    randomised, unblinded = randomised_patient(cast, now), randomised_patient(cast, now)
    ordered, emergency = randomised_patient(cast, now), randomised_patient(cast, now)
    prepared, received = randomised_patient(cast, now), randomised_patient(cast, now)
    for each in doses_of(cast, prepared, now)[:1]:
        check(each, label=each.number, by=cast.second_pharmacist, now=now)
    for each in doses_of(cast, received, now):
        check(each, label=each.number, by=cast.second_pharmacist, now=now)
        hand_over(each, by=cast.pharmacist, now=now)
        receive(each, by=cast.nurse, now=now)
    taken(Path(settings.VERSIONS).parent, now=now - timedelta(hours=1))
    reveal(unblinded, reason="Anaphylaxis five minutes after the infusion", by=cast.consultant,
           now=now)  # fmt: skip
    return {
        "added": added.pk,
        "followed": followed[0].pk,
        "followed_without_scripts": followed[1].pk,
        "looked_at": followed[2].pk,
        "page": str(followed[2].pages.get().pk),
        "cleaned": cleaned.pk,
        "screened": screened.pk,
        "ready": ready.pk,
        "randomised": randomised.pk,
        "ordered": ordered.pk,
        "emergency": emergency.pk,
        "unblinded": unblinded.pk,
        "prepared": prepared.pk,
        "received": received.pk,
        "order": Order.objects.get(participant=prepared.pk).number,
        "preparation": Preparation.objects.filter(
            order__participant=prepared.pk, status="prepared"
        )[0].number,
        "centre": cast.jena.pk,
        "person": str(cast.nurse.pk),
    }


def patient_with(cast: Cast, now: datetime, *forms: FilledBy) -> Patient:
    """A patient of Jena of whom the eligible man's values were recorded."""
    patient = add_patient(cast.jena, by=cast.nurse, now=now - timedelta(hours=2))
    for filled_by in forms:
        values = ELIGIBLE | {"sepsis_onset_at": (now - timedelta(hours=20)).isoformat()}
        answers = {name: values[name] for name in columns_of(filled_by) if name in values}
        drawn = now - timedelta(hours=1) if filled_by is FilledBy.LABORATORY else None
        record_values(
            patient.pk, answers, filled_by=filled_by, seen=last_entry(patient), observed_at=drawn,
            by=cast.consultant, now=now,
        )  # fmt: skip
    return patient


def ready_patient(cast: Cast, now: datetime) -> Patient:
    """The same with every value and with consent."""
    patient = patient_with(cast, now, FilledBy.BEDSIDE, FilledBy.LABORATORY)
    record_consent(
        patient.pk, given_by=ConsentBy.PATIENT, version=cast.jena.consentversion_set.get(),
        given_at=now - timedelta(minutes=30), by=cast.nurse, now=now,
    )  # fmt: skip
    return patient


def randomised_patient(cast: Cast, now: datetime) -> Patient:
    """The same, randomised."""
    patient = ready_patient(cast, now)
    randomise(patient.pk, by=cast.consultant, now=now)
    return Patient.objects.get(pk=patient.pk)


def followed_patient(cast: Cast, then: datetime) -> Patient:
    """A participant who was given the first dose then, with one page begun on that day."""
    patient = randomised_patient(cast, then)
    first = doses_of(cast, patient, then)[0]
    check(first, label=first.number, by=cast.second_pharmacist, now=then)
    hand_over(first, by=cast.pharmacist, now=then)
    receive(first, by=cast.nurse, now=then)
    give_dose(patient.pk, first.number, given_at=then, by=cast.nurse, now=then)
    present = {"day_status": "present", "platelets_10e3_ul": 90, "gcs": 14}
    write_page(patient.pk, "daily_sofa", present, visit="day_1", by=cast.nurse, now=then)
    return patient


def ended_patient(cast: Cast, then: datetime, now: datetime) -> Patient:
    """A participant who died on day 2, every page of whose casebook is complete."""
    patient = followed_patient(cast, then)
    died = (then + timedelta(days=1)).isoformat()
    entry = {"apache_ii": 21, "charlson": 4, "vasopressor_for_map_65": False}
    for form, visit, answers, by in (
        ("baseline", "day_1", entry, cast.nurse),
        ("daily_sofa", "day_2", {"day_status": "present", "gcs": 6}, cast.nurse),
        ("biomarkers", "day_2", {"sample_drawn_at": died, "ferritin_ng_ml": 5120}, cast.laboratory),
        ("vital_status", "day_28", {"vital_status": "dead", "died_at": died}, cast.nurse),
    ):
        write_page(patient.pk, form, answers, visit=visit, by=by, now=now)
    for page in patient.pages.all():
        by = cast.laboratory if page.form == "biomarkers" else cast.nurse
        complete_page(page, by=by, now=now)
    return patient


def doses_of(cast: Cast, patient: Patient, now: datetime) -> list[Preparation]:
    """All doses of the participant's first order, made up from whatever their place says."""
    order = Order.objects.get(participant=patient.pk)
    made: list[Preparation] = []
    for route in dict.fromkeys(dose["route"] for dose in order.doses):
        product = content_of(order, route).intervention.id
        lot = Item(product=product, lot="L-1", expires_on=EXPIRY)
        made += prepare(order, route, item=lot, per_dose=1, by=cast.pharmacist, now=now)
    return made


if __name__ == "__main__":
    main()
