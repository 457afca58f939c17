"""Storage out of its range: everything there is set aside at once, and decided on as a whole.

What is decided, is decided for all kits of the place and time together; no content is looked at.
"""

from datetime import datetime, timedelta

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.models import Centre
from immunosep.web.supply.kits import SAY_WHY, handler
from immunosep.web.supply.ledger import post
from immunosep.web.supply.models import Excursion, Kit
from immunosep.web.supply.needing import kits_plan
from immunosep.web.supply.stations import MovementKind, Station

Decision = Excursion.Decision


@transaction.atomic
def record_excursion(
    centre: Centre | None,
    *,
    began_at: datetime,
    ended_at: datetime,
    lowest_c: float,
    highest_c: float,
    by: User,
    now: datetime,
) -> Excursion:
    """Note how warm or cold it was, and set aside every kit that is there."""
    role = handler(by, centre) if centre else require(by, Permission.MOVE_KITS)
    plan, problems = kits_plan(), []
    if lowest_c > highest_c:
        problems.append(say("The lowest temperature is above the highest."))
    elif plan.storage_low_c <= lowest_c and highest_c <= plan.storage_high_c:
        problems.append(
            say(
                "Nothing was outside {low} to {high} °C.",
                low=f"{plan.storage_low_c:g}",
                high=f"{plan.storage_high_c:g}",
            )
        )
    if not began_at < ended_at <= now:
        problems.append(say("It must end after it began, and not in the future."))
    if problems:
        raise RefusedError("the excursion cannot be recorded", problems)
    made = Excursion.objects.create(
        centre=centre,
        began_at=began_at,
        ended_at=ended_at,
        lowest_c=lowest_c,
        highest_c=highest_c,
        recorded_at=now,
        recorded_by=by,
    )
    stored = (Station.AVAILABLE.value,) if centre else (Station.IN_DEPOT.value,)
    kits = list(Kit.objects.filter(centre=centre, status__in=stored))
    for kit in kits:
        post(MovementKind.QUARANTINE, by=by, now=now, centre=centre, kit=kit)
    made.kits.set(kits)
    _record("supply.excursion", made, by=by, role=role, now=now, kits=len(kits))
    return made


@transaction.atomic
def decide(
    excursion: Excursion, decision: Decision, *, because: str, by: User, now: datetime
) -> None:
    """Release or reject all that was set aside."""
    role = require(by, Permission.MOVE_KITS, excursion.centre)
    if not 1 <= len(because.strip()) <= 300:
        raise RefusedError("the excursion is not decided", [SAY_WHY])
    taken = Excursion.objects.filter(pk=excursion.pk, decision="").update(
        decision=decision.value, decided_at=now, decided_by=by, because=because.strip()
    )
    if taken != 1:
        raise RefusedError("the excursion is not decided", [say("It was decided before.")])
    kind = MovementKind.RELEASE if decision is Decision.RELEASED else MovementKind.REJECT
    kits = list(excursion.kits.filter(status=Station.QUARANTINED.value))
    for kit in kits:
        post(kind, by=by, now=now, centre=kit.centre, kit=kit)
    _record(f"supply.{kind.value}", excursion, by=by, role=role, now=now, kits=len(kits),
            reason=because)  # fmt: skip


def within_allowance(excursion: Excursion) -> bool:
    """Whether the trial's plan lets it pass: not outside its wider limits for longer than so."""
    plan = kits_plan()
    mild = plan.excursion_low_c <= excursion.lowest_c and (
        excursion.highest_c <= plan.excursion_high_c
    )
    lasted = excursion.ended_at - excursion.began_at
    return mild or lasted <= timedelta(days=plan.excursion_days_allowed)


def _record(
    action: str,
    excursion: Excursion,
    *,
    by: User,
    role: str,
    now: datetime,
    kits: int,
    reason: str = "",
) -> None:
    centre = excursion.centre
    record(
        action,
        by=by,
        role=role,
        now=now,
        subject=f"excursion {excursion.pk}",
        centre=centre.pk if centre else "",
        time_zone=centre.time_zone if centre else "UTC",
        after={"kits": kits},
        reason=reason,
    )
