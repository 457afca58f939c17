"""Packing numbered kits, so that nothing on them or about them tells what is inside.

A batch holds every content under one printed batch number and one printed expiry date, the earliest
of its contents; numbers are drawn at random and given to contents in random order. Batches of one
content each, or numbers in the order of packing, would let an arm be guessed (Yu & Coleman, Trials
2015, PMC5935824).
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import Figure, say
from immunosep.protocol.treatment import Component
from immunosep.randomisation.tokens import draw_tokens
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.supply.contents import about_kit, seal_content
from immunosep.web.supply.ledger import post
from immunosep.web.supply.models import Kit
from immunosep.web.supply.needing import kits_plan
from immunosep.web.supply.stations import MovementKind
from immunosep.web.trial import site_trial
from immunosep.web.unblinding.opening import open_contents

BATCH_NAME = re.compile(r"[A-Z0-9-]{1,20}")
MOST_KITS = 5_000


@dataclass(frozen=True, kw_only=True)
class Packed:
    """One line of the packing list."""

    kit: Kit
    content: str


def contents() -> dict[str, Component]:
    """Everything that a kit of this trial may hold, by the key that is sealed."""
    return {
        content_key(component): component
        for regimen in site_trial().regimens
        for component in regimen.components
    }


def content_key(component: Component) -> str:
    """Such as `iv anakinra 200 mg`."""
    dose = f" {component.dose:g} {component.unit}" if component.dose is not None else ""
    return f"{component.route.value} {component.intervention.id}{dose}"


def content_of_kit(kit: Kit) -> str:
    """What a kit holds, opened."""
    return str(open_contents(kit.sealed, about=about_kit(kit.number))["content"])


@transaction.atomic
def pack_batch(
    wanted: Mapping[str, int], *, batch: str, expires_on: date, by: User, now: datetime
) -> list[Kit]:
    """Number and seal the kits of one batch: so many of each content."""
    role = require(by, Permission.PREPARE)
    kits_plan()
    problems = list(_problems(wanted, batch, expires_on, today=now.date()))
    if problems:
        raise RefusedError("the batch cannot be packed", problems)
    held = [key for key, count in wanted.items() for _ in range(count)]
    taken = frozenset(Kit.objects.values_list("pk", flat=True))
    numbers = draw_tokens(len(held), draw=secrets.randbelow, taken=taken)
    secrets.SystemRandom().shuffle(held)
    routes = {key: component.route.value for key, component in contents().items()}
    kits = [
        Kit(
            number=number,
            sealed=seal_content({"content": key}, about=about_kit(number)),
            batch=batch,
            expires_on=expires_on,
            route=routes[key],
        )
        for number, key in zip(numbers, held, strict=True)
    ]
    for kit in Kit.objects.bulk_create(kits):
        post(MovementKind.PACK, by=by, now=now, centre=None, kit=kit)
    record(
        "pharmacy.pack",
        by=by,
        role=role,
        now=now,
        subject=f"batch {batch}",
        after={"kits": len(kits), "expires_on": expires_on.isoformat()},
    )
    return kits


def packing_list(batch: str) -> list[Packed]:
    """What goes into which number, content by content; for whoever packs, and nobody else."""
    kits = Kit.objects.filter(batch=batch)
    packed = [Packed(kit=kit, content=content_of_kit(kit)) for kit in kits]
    return sorted(packed, key=lambda each: (each.content, each.kit.number))


def _problems(
    wanted: Mapping[str, int], batch: str, expires_on: date, *, today: date
) -> Iterator[str]:
    known = contents()
    if set(wanted) != set(known) or min(wanted.values(), default=0) < 1:
        yield say("A batch holds at least one kit of every content, or its number would tell.")
    if sum(wanted.values()) > MOST_KITS:
        yield say("A batch has no more than {most} kits.", most=Figure(f"{MOST_KITS:,}"))
    if not BATCH_NAME.fullmatch(batch):
        yield say("The batch number must be 1 to 20 capital letters, figures or hyphens.")
    elif Kit.objects.filter(batch=batch).exists():
        yield say("There is a batch of this number already.")
    if expires_on <= today:
        yield say("The expiry date is not in the future.")
