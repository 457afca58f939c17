"""A centre of a rehearsed trial, before its first patient: approved, staffed, supplied, open."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.administration.consent_versions import add_consent_version
from immunosep.web.centres.actions import record_approval, set_status
from immunosep.web.centres.models import Centre, Status
from immunosep.web.demo.courses import World
from immunosep.web.demo.people import hire
from immunosep.web.demo.playing import Course
from immunosep.web.pharmacy.stock import Item, receive_lot
from immunosep.web.trial import site_trial

READY_BEFORE = timedelta(days=3)  # the first patient
APPROVED_BEFORE = timedelta(days=20)  # the centre opens
SHELF_LIFE = timedelta(days=700)
DELIVERED = 10_000  # containers of each product, more than the largest centre uses
LANGUAGES = {
    "Germany": "de", "Greece": "el", "Italy": "it", "Netherlands": "nl", "Romania": "ro",
    "Switzerland": "fr",
}  # fmt: skip


def open_centre(
    pk: str, world: World, *, to_try: bool, first_seen: datetime, names: Iterator[str], by: User
) -> Course:
    """Everything a centre needs before its first patient is seen."""
    now = first_seen - READY_BEFORE
    yield now
    centre = Centre.objects.get(pk=pk)
    approved_on = (now - APPROVED_BEFORE).date()
    record_approval(
        centre, given_by=f"Ethics committee of {centre.city} (rehearsal)",
        reference=f"{approved_on.year}/{centre.number}", approved_on=approved_on,
        by=by, now=now, role=Role.ADMINISTRATOR,
    )  # fmt: skip
    consent = add_consent_version(
        centre, version="1.0", language=LANGUAGES.get(centre.country, "en"),
        approved_on=approved_on, by=by, now=now, role=Role.ADMINISTRATOR,
    )  # fmt: skip
    set_status(centre, Status.OPEN, by=by, now=now, role=Role.ADMINISTRATOR)
    centre.refresh_from_db()
    staff = hire(centre, consent, names=names, to_try=to_try, by=by, now=now)
    for product in site_trial().interventions:
        item = Item(
            expires_on=(now + SHELF_LIFE).date(), product=product.id,
            lot=f"{product.id[:3].upper()}-{now:%y%m}",
        )  # fmt: skip
        receive_lot(centre, item, DELIVERED, by=staff.pharmacist, now=now)
        staff.lots[product.id] = item
    world.staff[pk] = staff
