"""Twin worlds: the same trial twice, equal in every event, with the arms swapped.

`live` makes one world through the site's own actions; `everything_seen` visits every address of
both kinds of process as every blinded role and keeps each answer whole: status, headers, body.
Chance is seeded alike in both, and so is time; what must differ (digests of the list) is masked.
"""

import random
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import time_machine
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, clear_url_caches, get_resolver

from immunosep.protocol.consent import WithdrawalKind
from immunosep.randomisation.code import Purpose, SealedCode, seal_sequence
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import Slot, draw_sequence, specify
from immunosep.randomisation.strata import plan_of, strata_of
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.accounts.actions import create_account, grant
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import ROLES, Role
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event, Head
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Allocation
from immunosep.web.enrolment.randomising import mark_in_error
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.supply.handover import discard
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.unblinding.models import Unblinding
from immunosep.web.unblinding.revealing import reveal
from tests.web.people import NOW, PASSWORD, SEED, SLOTS, Cast, keys, make_site
from tests.web.supplied import MALS, give, on_the_ward, prepared, randomised, stocked

OTHER_ARM = {"precision": "placebo", "placebo": "precision"}
PARTICIPANTS = 8
LATER = NOW + timedelta(hours=6)
SITE, KEYED = "immunosep.web.urls", "immunosep.web.keyed_urls"
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*')
NOT_COMPARED = {"Set-Cookie"}  # random tokens; that one is set at all is compared below


def code_with(*, swapped: bool) -> SealedCode:
    """The list of the test sites, or the same with each place holding the other arm."""
    specification = specify(
        plan_of(IMMUNOSEP), strata=strata_of(IMMUNOSEP), slots_per_stratum=SLOTS
    )
    drawn = draw_sequence(specification, draw_for=streams_of(SEED))
    slots = tuple(replace(slot, arm=OTHER_ARM[slot.arm]) for slot in drawn) if swapped else drawn
    return _sealed(slots, specification)


def _sealed(slots: tuple[Slot, ...], specification: Any) -> SealedCode:
    return seal_sequence(
        slots,
        specification=specification,
        public_pem=keys().public_pem,
        nonce=sha256(SEED).digest(),
        trial=IMMUNOSEP.id,
        trial_version=IMMUNOSEP.version,
        trial_digest=IMMUNOSEP.digest,
        purpose=Purpose.TEST,
    )


@dataclass(frozen=True, kw_only=True)
class World:
    """One of two worlds: who is in it, blinded, and what an address may name."""

    cast: Cast
    blinded: Mapping[str, User]
    names: Mapping[str, tuple[str, ...]]
    secret: tuple[bytes, ...]


def live(*, swapped: bool) -> World:
    """Eight participants of both states, and all that may happen to them up to a first dose."""
    cast = make_site(code_with(swapped=swapped))
    blinded = _blinded_people(cast)
    stocked(cast)
    people = [
        randomised(
            cast, f"01-{n + 1:04d}", now=NOW + timedelta(minutes=n), **(MALS if n % 2 else {})
        )
        for n in range(PARTICIPANTS)
    ]
    Centre.objects.filter(pk=cast.jena.pk).update(last_patient=PARTICIPANTS)
    _treat(cast, people)
    reveal(people[4].patient, reason="Anaphylaxis after the dose", by=cast.consultant, now=LATER)
    return World(cast=cast, blinded=blinded, names=_names(), secret=_secrets(cast))


def _treat(cast: Cast, people: list[Allocation]) -> None:
    """Doses at every stage: ordered, prepared, on the ward, given, discarded; two who leave."""
    orders = {order.participant: order for order in Order.objects.all()}
    for n, allocation in enumerate(people[:6]):
        order, at = orders[allocation.patient_id], NOW + timedelta(hours=1, minutes=n)
        made = prepared(cast, order, "iv", at) if n == 5 else on_the_ward(cast, order, "iv", at)
        if n < 4:
            give(cast, allocation, made[0], at + timedelta(minutes=30))
        if n == 3:
            discard(made[1], because="dropped", by=cast.nurse, now=at + timedelta(hours=1))
        on_the_ward(cast, order, "sc", at)
    at = NOW + timedelta(hours=3)
    withdraw(
        people[6].patient_id, kind=WithdrawalKind.ALL_KEEP_DATA, at=at, reason="Family's wish",
        by=cast.consultant, now=at,
    )  # fmt: skip
    mark_in_error(people[7].patient_id, reason="Culture came late", by=cast.consultant, now=at)


def _blinded_people(cast: Cast) -> dict[str, User]:
    """One person for each blinded role, the physician who unblinds among them; and a stranger."""
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


def _names() -> dict[str, tuple[str, ...]]:
    """Every value that a part of an address may take, by the route it begins with."""
    participants = tuple(f"01-{n + 1:04d}" for n in range(PARTICIPANTS))
    orders = tuple(Order.objects.values_list("number", flat=True))
    made = tuple(Preparation.objects.order_by("pk").values_list("number", flat=True))
    people = tuple(str(pk) for pk in User.objects.values_list("pk", flat=True)[:3])
    return {
        "patients/number": participants,
        "unblinding/number": participants,
        "reveal/number": participants,
        "supply/number": made[::3],
        "pharmacy/number": (*orders[:4], *made[::3]),
        "pharmacy/centre": ("01_jena",),
        "people/pk": people,
        "centres/pk": ("01_jena",),
        "unblinding/pk": tuple(str(pk) for pk in Unblinding.objects.values_list("pk", flat=True)),
        "pk": ("1", "2"),
        "account/key": ("a-key",),
        "account/uidb36": ("1",),
        "account/provider_id": ("hospital",),
    }


def _secrets(cast: Cast) -> tuple[bytes, ...]:
    """What differs because the lists do: the commitment, and the trail's digests."""
    digests = [*Event.objects.values_list("digest", flat=True), Head.objects.get().digest]
    return tuple(text.encode() for text in {cast.code.commitment, *digests} if text)


@contextmanager
def world(*, swapped: bool, folder: Path) -> Iterator[World]:
    """A world that is gone afterwards; its chance and its clock are those of its twin."""
    chance = random.Random(20211005)
    key = folder / "code.private.pem"
    key.write_bytes(keys().private_pem)
    mail.outbox.clear()
    with (
        transaction.atomic(),
        override_settings(CODE_KEY_FILE=str(key)),
        patch("secrets.randbelow", chance.randrange),
        patch("secrets.choice", chance.choice),
        patch("secrets.token_bytes", lambda n=32: chance.randbytes(n)),
        time_machine.travel(LATER + timedelta(minutes=5), tick=False),
    ):
        yield live(swapped=swapped)
        transaction.set_rollback(True)


Answers = dict[tuple[str, str, str], tuple[int, dict[str, str], bytes]]


def everything_seen(lived: World) -> Answers:
    """Each answer to each blinded person, by (person, process, address)."""
    seen: Answers = {}
    for process in (SITE, KEYED):
        with override_settings(ROOT_URLCONF=process, KEYED=process == KEYED):
            clear_url_caches()
            addresses = list(addresses_of(process, lived.names))
            for name, person in lived.blinded.items():
                client = _logged_in(person)
                for address in addresses:
                    response = client.get(address)
                    seen[name, process, address] = _kept(response, lived)
                    if response.wsgi_request.user.is_anonymous:  # it was an address to log out at
                        client = _logged_in(person)
    clear_url_caches()
    return seen


def _logged_in(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _kept(response: Any, lived: World) -> tuple[int, dict[str, str], bytes]:
    body = TOKEN.sub(rb"\1", b"".join(response) if response.streaming else response.content)
    for secret in lived.secret:
        body = body.replace(secret, b"#" * len(secret))
    headers = {k: v for k, v in response.headers.items() if k not in NOT_COMPARED}
    headers["cookies"] = " ".join(sorted(response.cookies))
    return response.status_code, headers, body


def addresses_of(process: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Every address of a process, each part of it filled with every value it may take."""
    for parts in patterns_of(process):
        yield from (f"/{address}" for address in _filled("".join(parts), names))


def patterns_of(process: str) -> Iterator[tuple[str, ...]]:
    """The parts of every route."""
    yield from _patterns(get_resolver(process).url_patterns, ())


def _patterns(patterns: Any, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for pattern in patterns:
        here = (*before, _plain(str(pattern.pattern)))
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here


def _plain(route: str) -> str:
    """A route as `path` writes it; of a regular expression, its groups as parts."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).strip("^$").replace("\\Z", "")


def _filled(route: str, names: Mapping[str, tuple[str, ...]]) -> list[str]:
    found = re.search(r"<(?:\w+:)?(\w+)>", route)
    if found is None:
        return [route]
    part = f"{route.split('/')[0]}/{found.group(1)}"
    values = names.get(part) or names[found.group(1)]  # a KeyError: say what it may be in `_names`
    return [
        address
        for value in values
        for address in _filled(route[: found.start()] + value + route[found.end() :], names)
    ]


def differences(one: Answers, other: Answers) -> list[str]:
    """Where two worlds can be told apart."""
    return [
        f"{name}: {address} of {process.rsplit('.', 1)[-1]}"
        for name, process, address in sorted(one.keys() | other.keys())
        if one.get((name, process, address)) != other.get((name, process, address))
    ]


def sent_mail() -> list[tuple[Any, ...]]:
    """Every e-mail sent, whole."""
    return [(m.subject, m.body, tuple(m.to), tuple(m.cc), m.from_email) for m in mail.outbox]


assert settings.configured
