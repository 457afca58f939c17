"""A database as somebody without the code key could copy it: every table, every column."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import models, transaction

from immunosep.randomisation.code import Purpose, SealedCode, seal_sequence
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import draw_sequence, specify
from immunosep.randomisation.strata import plan_of, strata_of
from immunosep.randomisation.tokens import SIGNS
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.supply.following import bring_up_to_date
from immunosep.web.supply.handover import discard
from immunosep.web.supply.models import Order
from immunosep.web.unblinding.models import Unblinding
from immunosep.web.unblinding.register import record_unblinding
from immunosep.web.unblinding.revealing import reveal
from tests.web.people import NOW, SEED, SLOTS, Cast, keys
from tests.web.supplied import MALS, give, on_the_ward, prepared, randomised, stocked

OTHER = {"precision": "placebo", "placebo": "precision"}
RANDOM = (  # what is drawn anew each time: codes of labels, digests, references, hashed passwords
    (re.compile(rf"\b[{SIGNS}]{{7}}[0-9A-Z]\b"), "CODE"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "REFERENCE"),
    (re.compile(r"'md5\$\w+\$\w+'|'!\w{40}'"), "PASSWORD"),
)
UNREAD = {("code", "document"), ("code", "commitment")}  # of the sealed list itself, and public


def code(*, swapped: bool) -> SealedCode:
    """The test list, or the one with each arm exchanged for the other."""
    specification = specify(
        plan_of(IMMUNOSEP), strata=strata_of(IMMUNOSEP), slots_per_stratum=SLOTS
    )
    slots = draw_sequence(specification, draw_for=streams_of(SEED))
    if swapped:
        slots = tuple(replace(slot, arm=OTHER[slot.arm]) for slot in slots)
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


def live_a_while(cast: Cast, participants: int = 40) -> None:
    """What a centre does in a trial, the same whatever the arms are."""
    stocked(cast, 2_000)
    for serial in range(1, participants + 1):
        now = NOW + timedelta(minutes=serial)
        changed = MALS if serial % 3 else {}
        allocation = randomised(cast, f"01-{serial:04}", now, **changed)
        order = Order.objects.get(slot=allocation.slot)
        for route in ("iv", "sc"):
            if serial % 5:
                prepared(cast, order, route, now)
            else:
                give(cast, allocation, on_the_ward(cast, order, route, now)[0], now)
    bring_up_to_date([cast.jena], now=NOW + timedelta(hours=2))
    dropped = Order.objects.get(participant="01-0001").preparations.get(route="iv", dose=2)
    discard(dropped, because="dropped", by=cast.pharmacist, now=NOW + timedelta(hours=2))
    later = NOW + timedelta(hours=3)
    known = randomised_as("01-0002")
    reveal(known.patient, reason="anaphylaxis", by=cast.consultant, now=later)
    record_unblinding(known, who=cast.nurse, kind=Unblinding.Kind.ACCIDENTAL, reason="overheard",
                      at=later, by=cast.consultant, now=later)  # fmt: skip


def randomised_as(number: str) -> Any:
    """A participant's allocation."""
    return apps.get_model("enrolment", "Allocation").objects.get(patient=number)


def dump_of(build: Callable[[], None]) -> dict[str, list[str]]:
    """Every table of the site that `build` makes, with what is random masked; nothing stays."""
    with transaction.atomic():
        build()
        dumped = {model._meta.db_table: sorted(_rows(model)) for model in tables()}
        transaction.set_rollback(True)
    return dumped


def tables() -> Iterable[type[models.Model]]:
    """The site's own tables."""
    return [m for m in apps.get_models(include_auto_created=True)
            if m.__module__.startswith("immunosep.web")]  # fmt: skip


def _rows(model: type[models.Model]) -> Iterator[str]:
    fields = model._meta.concrete_fields
    for row in model._default_manager.values_list(*(field.attname for field in fields)):
        yield repr(
            [_masked(model, field.attname, value) for field, value in zip(fields, row, strict=True)]
        )


def _masked(model: type[models.Model], name: str, value: Any) -> Any:
    if (model._meta.model_name, name) in UNREAD:
        return "SEALED LIST"
    if isinstance(value, bytes | memoryview):
        return f"{len(value)} BYTES"
    text = value.isoformat() if hasattr(value, "isoformat") else repr(value)
    for pattern, word in RANDOM:
        text = pattern.sub(word, text)
    return text
