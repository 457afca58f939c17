"""Twin worlds: the same trial twice, equal in every event, with the arms swapped.

`live` makes one world through the site's own actions, `crawling` looks at it. Chance is seeded
alike in both, and the clock stands still, so that whatever differs differs because of the arms.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import time_machine
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import TestCase, override_settings

from immunosep.protocol.consent import WithdrawalKind
from immunosep.randomisation.code import SealedCode
from immunosep.web.accounts.actions import create_account, grant
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import ROLES, Role
from immunosep.web.amendments.models import Amendment, Version
from immunosep.web.audit.actions import Site
from immunosep.web.casebook.models import Page, PageEntry, Query
from immunosep.web.casebook.querying import raise_query
from immunosep.web.casebook.recording import write_page
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Allocation
from immunosep.web.enrolment.randomising import mark_in_error
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.importing.models import Import
from immunosep.web.importing.recording import take_in
from immunosep.web.outbox.models import Delivery, Notice, Webhook
from immunosep.web.oversight.models import Deviation
from immunosep.web.oversight.recording import look_for_deviations, report_deviation
from immunosep.web.pharmacy.preparing import check
from immunosep.web.safety.cases import products_of
from immunosep.web.safety.coding import code
from immunosep.web.safety.judging import assess, submit
from immunosep.web.safety.reporting import follow_up, report_serious
from immunosep.web.supply.handover import discard, hand_over
from immunosep.web.supply.models import Excursion, Kit, Order, Preparation, Shipment
from immunosep.web.unblinding.models import Unblinding
from immunosep.web.unblinding.opening import arm_of
from immunosep.web.unblinding.revealing import reveal
from tests.web import amended, by_token, dumped
from tests.web.amended import STRICT, proposed, taken
from tests.web.filled_in import LEAVING
from tests.web.people import NOW, PASSWORD, Cast, keys, make_site
from tests.web.supplied import (
    MALS,
    give,
    on_the_ward,
    prepared,
    randomised,
    screened,
    stocked,
)

PARTICIPANTS = 8
GIVEN, ERASED, UNBLINDED, CONSENTED = "01-0002", "01-0004", "01-0005", "01-0009"
TOLD = (UNBLINDED, CONSENTED, GIVEN)  # those looked at where not all of them are
LATER = NOW + timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class World:
    """One of two worlds: who is in it, blinded, and what the parts of an address may be."""

    cast: Cast
    blinded: Mapping[str, User]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)  # of the tokens of who has one
    rename: Callable[[bytes], bytes] = bytes  # where a world's own chance goes with its arms


@cache
def code_with(*, swapped: bool) -> SealedCode:
    """The list of the test sites, or the same with each place holding the other arm."""
    return dumped.code(swapped=swapped)


def live(cast: Cast, blinded: Mapping[str, User]) -> World:
    """Eight participants of both states, and all that may happen to them up to a first dose."""
    stocked(cast)
    people = [
        randomised(
            cast, f"01-{n + 1:04d}", now=NOW + timedelta(minutes=n), **(MALS if n % 2 else {})
        )
        for n in range(PARTICIPANTS)
    ]
    screened(cast, CONSENTED)
    Centre.objects.filter(pk=cast.jena.pk).update(last_patient=PARTICIPANTS + 1)
    _treat(cast, people)
    _follow(cast, people[1])
    _amend(cast)
    reveal(people[4].patient, reason="Anaphylaxis after the dose", by=cast.consultant, now=LATER)
    _oversee(cast, people[1])
    _import(blinded)
    by_token.listen(blinded, cast.administrator, now=LATER)
    secrets = {name: by_token.secret_of(user) for name, user in blinded.items()}
    return World(cast=cast, blinded=blinded, names=names_here(), secrets=secrets)


def _import(blinded: Mapping[str, User]) -> None:
    """Files of results, looked at and not recorded: of what is hidden, of what is new."""
    file = (
        "number,moment,visit,ferritin_ng_ml,hla_dr_per_monocyte\n"
        f"{GIVEN},{LATER.isoformat()},day_2,700,4000\n{CONSENTED},{NOW.isoformat()},,700,\n"
    )
    for role in ("laboratory", "investigator"):
        take_in(file.encode(), by=blinded[role], now=LATER)


def _oversee(cast: Cast, allocation: Allocation) -> None:
    """A deviation that somebody reported, and what the rules find."""
    report_deviation(
        cast.jena, kind="other", what="Seen late", happened_at=NOW, by=cast.nurse, now=LATER,
        participant=allocation.patient_id,
    )  # fmt: skip
    look_for_deviations(by=Site(), now=LATER)


def _amend(cast: Cast) -> None:
    """A version is live in Jena, not in Athens, and another is proposed."""
    folder = Path(settings.VERSIONS).parent
    version, other = taken(folder), taken(folder, STRICT, name="3.0")
    amended.live(proposed(version, cast.data_manager), cast.jena, cast.data_manager, now=LATER)
    proposed(other, cast.data_manager, asks_again=True, now=LATER)


def _treat(cast: Cast, people: list[Allocation]) -> None:
    """Doses at every stage: ordered, prepared, on the ward, given, discarded; three who leave."""
    orders = {order.participant: order for order in Order.objects.all()}
    for n, allocation in enumerate(people[:6]):
        order, at = orders[allocation.patient_id], NOW + timedelta(hours=1, minutes=n)
        made = prepared(cast, order, "iv", at) if n == 5 else on_the_ward(cast, order, "iv", at)
        if n < 4:
            give(cast, allocation, made[0], at + timedelta(minutes=30))
        if n == 3:
            discard(made[1], because="dropped", by=cast.nurse, now=at + timedelta(hours=1))
        if n == 4:
            _handed_over(cast, order, at)
        else:
            on_the_ward(cast, order, "sc", at)
    at = NOW + timedelta(hours=3)
    withdraw(
        people[6].patient_id, kind=WithdrawalKind.ALL_KEEP_DATA, at=at, reason="Family's wish",
        by=cast.consultant, now=at,
    )  # fmt: skip
    withdraw(
        people[3].patient_id, kind=WithdrawalKind.ALL_ERASE_DATA, at=at, reason="His own wish",
        by=cast.consultant, now=at,
    )  # fmt: skip
    mark_in_error(people[7].patient_id, reason="Culture came late", by=cast.consultant, now=at)


def _follow(cast: Cast, allocation: Allocation) -> None:
    """Pages of a participant's first day; the results of the laboratory follow the arm."""
    number = allocation.patient_id
    ferritin = 500 if arm_of(allocation.slot) == "precision" else 5000
    drawn: dict[str, Any] = {"sample_drawn_at": LATER.isoformat(), "ferritin_ng_ml": ferritin}
    write_page(
        number, "biomarkers", drawn, visit="day_2", by=cast.laboratory, now=LATER,
        request=UUID(int=1),
    )  # fmt: skip
    present = {"day_status": "present", "platelets_10e3_ul": 40, "pao2_mmhg": 80}
    write_page(
        number, "daily_sofa", present, visit="day_1", by=cast.nurse, now=LATER, request=UUID(int=2)
    )
    at_entry = {"apache_ii": 21, "charlson": 4, "vasopressor_for_map_65": True}
    write_page(
        number, "baseline", at_entry, visit="day_1", by=cast.nurse, now=LATER, request=UUID(int=5)
    )
    asked = Page.objects.get(form="biomarkers")
    raise_query(asked, text="Which tube?", by=cast.monitor, now=LATER)
    event = {"event_term": "Rash", "event_from": LATER.isoformat(), "serious": True}
    rash = write_page(
        number, "adverse_event", event, by=cast.nurse, now=LATER, request=UUID(int=3)
    ).page
    _report(cast, rash)


def _report(cast: Cast, page: Page) -> None:
    """A serious event is reported, judged, submitted, coded; of another nobody knows yet."""
    by, now = cast.safety_officer, LATER
    report = report_serious(page, aware_at=LATER, by=cast.nurse, now=now)
    expected = {each.id: False for each in products_of(page.patient.allocation)}
    assess(report, expected=expected, relatedness="possible", fatal=True, by=by, now=now,
           seen=PageEntry.objects.latest("id").pk)  # fmt: skip
    submit(report, to="authority", kind="initial", sent_at=now, reference="EV-1", by=by, now=now)
    code(page, version="28.0", preferred_term="Rash", organ_class="Skin", by=by, now=now)
    follow_up(report, text="Better by the evening.", by=cast.nurse, now=now)
    other = {"event_term": "Bleeding", "serious": True}
    write_page(page.patient_id, "adverse_event", other, by=cast.nurse, now=now, request=UUID(int=4))


def _handed_over(cast: Cast, order: Order, at: datetime) -> None:
    for each in prepared(cast, order, "sc", at):
        check(each, label=each.number, by=cast.second_pharmacist, now=at)
        hand_over(each, by=cast.pharmacist, now=at)


def blinded_people(cast: Cast) -> dict[str, User]:
    """One person for each blinded role; one of another centre, and a stranger."""
    found = {"stranger": cast.stranger, "investigator of another centre": cast.foreign_consultant}
    for role, described in ROLES.items():
        if not described.blinded:
            continue
        account = create_account(
            f"{role.value}@example.org", name=role.label, password=PASSWORD, by=Site(), now=NOW
        )
        centre = cast.jena if described.at_centre else None
        grant(account, Role(role), centre=centre, by=Site(), now=NOW)
        found[role.value] = User.objects.get(pk=account.pk)
    return found


def names_here() -> dict[str, tuple[str, ...]]:
    """Every value that a part of an address may take, by the way to it; the telling ones first."""
    held = set(Allocation.objects.values_list("patient", flat=True)) | {CONSENTED}
    participants = (*TOLD, *sorted(held - set(TOLD)))
    ordered = Order.objects.order_by("ordered_at", "pk").values_list("number", flat=True)
    made = Preparation.objects.order_by("-pk").values_list("number", flat=True)
    bound = Kit.objects.filter(slot__isnull=False).order_by(
        "slot", "immune_state", "route", "serial"
    )
    return {
        "number": participants,
        "orders/number": tuple(ordered)[1:6],
        "preparations/number": tuple(made)[::3] or ("NONE",),
        "kits/number": _all(bound.values_list("number", flat=True))[::20],
        "shipments/number": _all(Shipment.objects.values_list("number", flat=True)),
        "packing/batch": _all(Kit.objects.order_by("batch").values_list("batch", flat=True)),
        "excursions/pk": _all(Excursion.objects.values_list("pk", flat=True)),
        "unblinding/pk": _all(Unblinding.objects.values_list("pk", flat=True)),
        "people/pk": _all(User.objects.values_list("pk", flat=True))[:3],
        "centres/pk": ("01_jena", "02_attikon"),
        "number/": _first(participants, UNBLINDED, ERASED),
        "number/withdraw": _first(participants, *LEAVING),
        "number/casebook": (GIVEN, ERASED),
        "number/pages": (GIVEN,),
        "pages/pk": _all(Page.objects.filter(patient=GIVEN).values_list("pk", flat=True)),
        "queries/pk": _all(Query.objects.order_by("-pk").values_list("pk", flat=True)),
        "participants/number": (GIVEN, *(each for each in participants if each != GIVEN)),
        "sign/block": ("casebook", "to_day_9"),
        "events/pk": _all(Page.objects.filter(form="adverse_event").values_list("pk", flat=True)),
        "new/form": ("adverse_event", "biomarkers"),
        "check/form": ("biomarkers", "daily_sofa", "baseline"),
        "deviations/pk": _all(Deviation.objects.order_by("-pk").values_list("pk", flat=True)),
        "imports/pk": _all(Import.objects.order_by("pk").values_list("pk", flat=True)),
        "delegation/centre": ("01_jena",),
        "stock/centre": ("01_jena",),
        "amendments/number": _all(Amendment.objects.values_list("pk", flat=True)),
        "versions/digest": _all(Version.objects.values_list("pk", flat=True)),
        "at/centre": ("01_jena", "02_attikon"),
        "tokens/pk": ("1",),
        "rest": ("nowhere",),
        "notices/pk": _all(Notice.objects.values_list("pk", flat=True)),
        "webhooks/pk": _all(Webhook.objects.values_list("pk", flat=True)),
        "messages/pk": _all(Delivery.objects.values_list("pk", flat=True)),
        "passkeys/pk": ("1",),
        "key/uidb36": ("1",),
        "key": ("a-key",),
        "oidc/provider_id": ("hospital",),
    }


def _first(participants: tuple[str, ...], *first: str) -> tuple[str, ...]:
    """The same, beginning with some of them."""
    return tuple(dict.fromkeys((*(each for each in first if each in participants), *participants)))


def _all(values: QuerySet[Any, Any]) -> tuple[str, ...]:
    """Each in a steady order: PostgreSQL keeps rows wherever there is room."""
    held = values if values.ordered else values.order_by("pk")
    return tuple(dict.fromkeys(str(value) for value in held)) or ("0",)


@contextmanager
def world(
    folder: Path,
    *,
    swapped: bool,
    trial: str = "immunosep",
    build: Callable[[Cast, Mapping[str, User]], World] = live,
) -> Iterator[World]:
    """A world that is gone afterwards; its chance and its clock are those of its twin."""
    chance = random.Random(20211005)
    key = folder / "code.private.pem"
    key.write_bytes(keys().private_pem)
    mail.outbox = []
    with (
        transaction.atomic(),
        override_settings(
            CODE_KEY_FILE=str(key),
            TRIAL=trial,
            VERSIONS=str(folder / "versions"),
            API_RATE="1000000/day",
        ),  # fmt: skip
        patch("secrets.randbelow", lambda n: int(chance.random() * n)),  # one draw, whatever n
        patch("secrets.choice", chance.choice),
        patch("secrets.token_bytes", lambda n=32: chance.randbytes(n)),
        patch(
            "immunosep.web.enrolment.views.patients.uuid4", lambda: UUID(bytes=chance.randbytes(16))
        ),
        patch("immunosep.web.followup.entering.uuid4", lambda: UUID(bytes=chance.randbytes(16))),
        patch("fido2.server.os", SimpleNamespace(urandom=chance.randbytes)),  # of passkeys
        time_machine.travel(LATER + timedelta(minutes=5), tick=False),
    ):
        _count_from_one()
        with TestCase.captureOnCommitCallbacks(execute=True):
            cast = make_site(code_with(swapped=swapped))
            lived = build(cast, blinded_people(cast))
        yield lived
        transaction.set_rollback(True)


def _count_from_one() -> None:
    """PostgreSQL's sequences go on after a rollback; SQLite's do not."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(sql)
