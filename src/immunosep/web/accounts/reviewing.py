"""Who could see what on a date, and the review of it every 90 days (ICH E6(R3) 4.2.2, 4.3.8)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max, Q

from immunosep.errors import RefusedError
from immunosep.web.accounts.models import AccessReview, Membership, User
from immunosep.web.accounts.roles import ROLES, Permission, Role
from immunosep.web.audit.actions import record

REVIEW_EVERY = timedelta(days=90)  # ICH E6(R3) 4.3.8 asks for periodic review; a quarter is ours


@dataclass(frozen=True, kw_only=True)
class Access:
    """One role somebody held at a moment, what it let them do, and whether they were unblinded."""

    membership: Membership
    permissions: tuple[Permission, ...]
    blinded_role: bool
    unblinded: bool


def access_at(moment: datetime) -> list[Access]:
    """Every role that was held at a moment, by name of the holder."""
    held = (
        Membership.objects.filter(granted_at__lte=moment)
        .filter(Q(revoked_at=None) | Q(revoked_at__gt=moment))
        .select_related("user", "centre")
        .order_by("user__name", "user_id", "role", "centre_id")
    )
    return [
        Access(
            membership=membership,
            permissions=ROLES[Role(membership.role)].permissions,
            blinded_role=ROLES[Role(membership.role)].blinded,
            unblinded=bool(membership.user.unblinded_at and membership.user.unblinded_at <= moment),
        )
        for membership in held
    ]


def end_of_day(day: date) -> datetime:
    """The last moment of a day, in UTC."""
    return datetime.combine(day, time.max, tzinfo=UTC)


def review_due_on() -> date:
    """The day by which access must be looked at again: 90 days after the last time."""
    last = AccessReview.objects.aggregate(last=Max("reviewed_at"))["last"]
    began = last or Membership.objects.order_by("granted_at").values_list(
        "granted_at", flat=True
    ).first()  # fmt: skip
    return (began + REVIEW_EVERY).date() if began else date.max


@transaction.atomic
def record_access_review(findings: str, *, by: User, role: str, now: datetime) -> AccessReview:
    """Somebody looked at who may do what, and says what they found."""
    if not findings.strip():
        raise RefusedError(
            "the review cannot be recorded",
            ["It says nothing. Write what was found, even if that is: nothing to change."],
        )
    accounts = Membership.objects.filter(revoked_at=None).values("user").distinct().count()
    review = AccessReview.objects.create(
        reviewed_at=now, reviewed_by=by, accounts=accounts, findings=findings.strip()
    )
    record(
        "accounts.review_access", by=by, role=role, now=now, subject=f"access review {review.pk}",
        after={"accounts": accounts}, reason=review.findings,
    )  # fmt: skip
    return review
