"""What is written of coming and going: log-ins, log-outs, failures, passwords, second factors.

Of a failed log-in the trail says which account it was for, if there is one, and never what was
typed: people type a password where the address belongs.
"""

from datetime import datetime

from django.db import transaction

from immunosep.web.accounts.models import User
from immunosep.web.audit.actions import Site, record


@transaction.atomic
def note_log_in(user: User, *, methods: list[str], now: datetime) -> None:
    """Somebody came in, by these methods."""
    record(
        "accounts.log_in", by=user, now=now, subject=f"account {user.pk}",
        after={"methods": methods},
    )  # fmt: skip


@transaction.atomic
def note_log_out(user: User, *, now: datetime, reason: str = "") -> None:
    """Somebody left, or was logged out."""
    record("accounts.log_out", by=user, now=now, subject=f"account {user.pk}", reason=reason)


@transaction.atomic
def note_failed_log_in(address: str, *, reauthenticating: User | None, now: datetime) -> None:
    """Somebody gave a wrong password, at log-in or when asked for it again."""
    found = reauthenticating or User.objects.filter(email=address.strip().lower()).first()
    record(
        "accounts.fail_to_log_in",
        by=reauthenticating or Site(),
        now=now,
        subject=f"account {found.pk}" if found else "no account",
    )


@transaction.atomic
def note_wrong_second_factor(user: User, *, now: datetime) -> None:
    """Somebody gave a wrong code."""
    record("accounts.fail_second_factor", by=Site(), now=now, subject=f"account {user.pk}")


@transaction.atomic
def note_unknown_hospital_log_in(*, now: datetime) -> None:
    """The hospital vouched for somebody who has no account here."""
    record("accounts.refuse_hospital_log_in", by=Site(), now=now, subject="no account")


@transaction.atomic
def note_strange_hospital_answer(*, now: datetime) -> None:
    """An answer came that does not belong to the question this browser was sent with."""
    record("accounts.refuse_hospital_answer", by=Site(), now=now, subject="no account")


@transaction.atomic
def change_password(user: User, password: str, *, now: datetime) -> None:
    """A new password; every log-in made with the old one ends."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("accounts.change_password", by=user, now=now, subject=f"account {user.pk}")


@transaction.atomic
def note_way_in(user: User, what: str, *, now: datetime) -> None:
    """A way to log in was added, removed or renewed; `what` says which."""
    record(
        "accounts.change_way_in", by=user, now=now, subject=f"account {user.pk}",
        after={"what": what},
    )  # fmt: skip
