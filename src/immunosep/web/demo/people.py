"""Who works in a rehearsed trial: the staff of each centre, and those of the whole trial.

One person per role can be logged in as, by the address of the role; everybody else has no password.
"""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime

from immunosep.web.accounts.actions import create_account, grant
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import ROLES, Role
from immunosep.web.audit.actions import Actor
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import ConsentVersion
from immunosep.web.pharmacy.stock import Item

PASSWORD = "rehearsal-only"
ADMINISTRATOR_NAME = "Ada Moor"
SECOND_PHARMACIST = "second.pharmacist"
WHOLE_TRIAL = {
    Role.DEPOT: "Robin Field",
    Role.MONITOR: "Jo Brook",
    Role.DATA_MANAGER: "Kim Heath",
    Role.MEDICAL_MONITOR: "Alex Stone",
    Role.SAFETY_OFFICER: "Sam Vale",
    Role.STATISTICIAN: "Lee Marsh",
    Role.COMMITTEE: "Pat Lake",
    Role.SPONSOR: "Chris Wood",
}


@dataclass(frozen=True, kw_only=True)
class LogIn:
    """One account that can be tried, and what for."""

    role: str
    address: str
    name: str
    about: str


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who works at a centre, the information its committee approved, the lot of each product."""

    centre: Centre
    investigator: User
    nurse: User
    laboratory: User
    pharmacist: User
    second_pharmacist: User
    consent: ConsentVersion
    lots: MutableMapping[str, Item] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sponsor:
    """Who works for the whole trial, as far as a rehearsal has them act."""

    monitor: User
    data_manager: User
    medical_monitor: User
    safety_officer: User


AT_CENTRE = {
    "investigator": Role.INVESTIGATOR,
    "nurse": Role.STUDY_NURSE,
    "laboratory": Role.LABORATORY,
    "pharmacist": Role.PHARMACIST,
    SECOND_PHARMACIST: Role.PHARMACIST,
}


def hire(
    centre: Centre,
    consent: ConsentVersion,
    *,
    names: Iterator[str],
    to_try: bool,
    by: Actor,
    now: datetime,
) -> Staff:
    """Accounts and roles for the people of one centre; with a password where they are `to_try`."""
    made = {
        post: _person(
            address_of(post) if to_try else address_of(f"{post}.{centre.number}"),
            next(names), role, centre, password=PASSWORD if to_try else None, by=by, now=now,
        )
        for post, role in AT_CENTRE.items()
    }  # fmt: skip
    return Staff(
        centre=centre,
        consent=consent,
        investigator=made["investigator"],
        nurse=made["nurse"],
        laboratory=made["laboratory"],
        pharmacist=made["pharmacist"],
        second_pharmacist=made[SECOND_PHARMACIST],
    )


def hire_for_the_trial(*, by: Actor, now: datetime) -> Sponsor:
    """Those who belong to no centre."""
    made = {
        role: _person(
            address_of(role.value.replace("_", ".")), name, role, None, password=PASSWORD,
            by=by, now=now,
        )
        for role, name in WHOLE_TRIAL.items()
    }  # fmt: skip
    return Sponsor(
        monitor=made[Role.MONITOR],
        data_manager=made[Role.DATA_MANAGER],
        medical_monitor=made[Role.MEDICAL_MONITOR],
        safety_officer=made[Role.SAFETY_OFFICER],
    )


def log_ins() -> list[LogIn]:
    """Everybody who can be logged in as, in the order of the roles."""
    order = list(Role)
    people = sorted(
        (user for user in User.objects.order_by("pk") if user.has_usable_password()),
        key=lambda user: order.index(_role(user)),
    )
    return [
        LogIn(role=_role(user).label, address=user.email, name=user.name,
              about=ROLES[_role(user)].about)
        for user in people
    ]  # fmt: skip


def address_of(post: str) -> str:
    """Where somebody is reached; nobody is."""
    return f"{post}@example.org"


def _person(
    address: str,
    name: str,
    role: Role,
    centre: Centre | None,
    *,
    password: str | None,
    by: Actor,
    now: datetime,
) -> User:
    user = create_account(
        address, name=name, password=password, by=by, now=now, role=Role.ADMINISTRATOR
    )
    grant(user, role, centre=centre, by=by, now=now, role=Role.ADMINISTRATOR)
    return User.objects.get(pk=user.pk)


def _role(user: User) -> Role:
    return Role(user.memberships.get().role)
