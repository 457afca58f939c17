"""Keeping the log of training and delegation, and reading it as of a day.

An investigator signs for the own centre. Whoever has no role there has nothing to be delegated.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import permissions_of, require
from immunosep.web.accounts.clearance import NEVER_WITHHELD, tasks_in
from immunosep.web.accounts.models import Membership, User, active_memberships
from immunosep.web.accounts.roles import ROLES, Permission, Role
from immunosep.web.audit.actions import record
from immunosep.web.centres.models import Centre
from immunosep.web.oversight.models import Delegation, DelegationEnd, Training
from immunosep.web.trial import trial_of

KEEP = Permission.KEEP_DELEGATION


def tasks_to_delegate(role: str) -> list[Permission]:
    """What of a role waits for delegation."""
    return [each for each in ROLES[Role(role)].permissions if each not in NEVER_WITHHELD]


@transaction.atomic
def record_training(
    user: User, centre: Centre, *, what: str, version: str, on: date, by: User, now: datetime
) -> Training:
    """Somebody of a centre was trained; the same again finds it."""
    role = require(by, KEEP, centre)
    what, version = what.strip(), version.strip()
    problems = [
        problem
        for problem, applies in (
            ("Say in what, and in which version of it.", not what or not version),
            ("Shorten it: 200 characters for what, 100 for the version.",
             len(what) > 200 or len(version) > 100),
            ("That day has not been yet.", on > _today(centre, now)),
            (NO_ROLE, not _roles_at(user, centre)),
        )
        if applies
    ]  # fmt: skip
    if problems:
        raise RefusedError("the training was not recorded", problems)
    made, new = Training.objects.get_or_create(
        user=user, what=what, version=version, on=on,
        defaults={"centre": centre, "recorded_at": now, "recorded_by": by},
    )  # fmt: skip
    if new:
        _audit("record_training", user, centre, by=by, role=role, now=now,
               after={"what": what, "version": version, "on": on.isoformat()})  # fmt: skip
    return made


@transaction.atomic
def delegate(
    held: Membership, *, tasks: Sequence[str], begins: date, until: date | None, by: User,
    now: datetime,
) -> Delegation:  # fmt: skip
    """Sign that somebody may do these tasks of a role, from a day."""
    centre = held.centre
    if centre is None:
        raise RefusedError("nothing was delegated", ["This role belongs to no centre."])
    role = require(by, KEEP, centre)
    offered = {each.name for each in tasks_to_delegate(held.role)}
    problems = [
        problem
        for problem, applies in (
            ("Choose at least one task.", not tasks),
            ("A task is none of this role. Choose from the list.", not offered.issuperset(tasks)),
            ("The role was revoked meanwhile.", held.revoked_at is not None),
            ("It begins before today. A signature does not reach back.",
             begins < _today(centre, now)),
            ("It ends before it begins.", until is not None and until < begins),
        )
        if applies
    ]  # fmt: skip
    if problems:
        raise RefusedError("nothing was delegated", problems)
    made = Delegation.objects.create(
        user=held.user, centre=centre, role=held.role, tasks=sorted(set(tasks)), begins=begins,
        until=until, signed_at=now, signed_by=by,
    )  # fmt: skip
    _audit("delegate", held.user, centre, by=by, role=role, now=now,
           after={"role": held.role, "tasks": made.tasks, "begins": begins.isoformat(),
                  "until": until.isoformat() if until else None})  # fmt: skip
    return made


@transaction.atomic
def end_delegation(
    delegation: Delegation, *, reason: str, by: User, now: datetime
) -> DelegationEnd:
    """Take a delegation back, from this moment: yesterday was its last day."""
    centre = delegation.centre
    role = require(by, KEEP, centre)
    delegation = Delegation.objects.select_for_update().get(pk=delegation.pk)
    problems = [
        problem
        for problem, applies in (
            ("It was taken back already.", hasattr(delegation, "end")),
            ("Say why, in 300 characters or fewer.",
             not reason.strip() or len(reason.strip()) > 300),
        )
        if applies
    ]  # fmt: skip
    if problems:
        raise RefusedError("the delegation stands", problems)
    made = DelegationEnd.objects.create(
        delegation=delegation, last_day=_today(centre, now) - timedelta(days=1),
        reason=reason.strip(), at=now, by=by,
    )  # fmt: skip
    _audit("end_delegation", delegation.user, centre, by=by, role=role, now=now,
           after={"role": delegation.role}, reason=reason.strip())  # fmt: skip
    return made


@dataclass(frozen=True, kw_only=True)
class Line:
    """One role that somebody held on a day, and what it let them do."""

    membership: Membership
    trainings: tuple[Training, ...]
    lacking: tuple[str, ...]  # of the training that the trial asks for
    delegations: tuple[Delegation, ...]  # those that held
    could: tuple[Permission, ...]


def who_could(centre: Centre, *, on: date) -> list[Line]:
    """Everybody with a role at a centre on a day: three queries.

    What training is asked for is what the centre's version asks today.
    """
    opens = datetime.combine(on, time(), centre.zone)
    held = list(
        Membership.objects.filter(centre=centre, granted_at__lt=opens + timedelta(days=1))
        .filter(Q(revoked_at=None) | Q(revoked_at__gte=opens))
        .select_related("user", "centre")
        .order_by("user__name", "role", "pk")
    )
    people = [each.user_id for each in held]
    trained: dict[int, list[Training]] = defaultdict(list)
    for training in Training.objects.filter(user__in=people, on__lte=on):
        trained[training.user_id].append(training)
    signed: dict[int, list[Delegation]] = defaultdict(list)
    rows = Delegation.objects.filter(user__in=people, centre=centre)
    for each in rows.select_related("end", "signed_by"):
        signed[each.user_id].append(each)
    asked = trial_of(centre).training_required
    return [
        _line(each, trained[each.user_id], signed[each.user_id], asked=asked, on=on)
        for each in held
    ]


def _line(
    held: Membership, trained: Iterable[Training], signed: Iterable[Delegation], *,
    asked: Sequence[str], on: date,
) -> Line:  # fmt: skip
    known = {each.what for each in trained}
    lacking = tuple(each for each in asked if each not in known)
    theirs = tuple(each for each in signed if each.role == held.role and each.holds_on(on))
    tasks = frozenset() if lacking else tasks_in(held, theirs, on=on)
    return Line(
        membership=held,
        trainings=tuple(trained),
        lacking=lacking,
        delegations=theirs,
        could=tuple(
            each
            for each in permissions_of(held)
            if not asked or each in NEVER_WITHHELD or each.name in tasks
        ),
    )


NO_ROLE = "This person has no role at the centre. An administrator grants one first."


def _roles_at(user: User, centre: Centre) -> bool:
    return active_memberships(user).filter(centre=centre).exists()


def _today(centre: Centre, now: datetime) -> date:
    return now.astimezone(centre.zone).date()


def _audit(
    action: str, user: User, centre: Centre, *, by: User, role: str, now: datetime,
    after: dict[str, object], reason: str = "",
) -> None:  # fmt: skip
    record(
        f"oversight.{action}", by=by, role=role, now=now, subject=f"account {user.pk}",
        centre=centre.pk, time_zone=centre.time_zone, after=after, reason=reason,
    )  # fmt: skip
