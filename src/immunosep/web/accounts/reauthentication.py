"""Asking for the password again before what must not be done from a desk left unattended."""

from datetime import datetime

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.conf import settings
from django.http import HttpRequest


def require_recent_proof(request: HttpRequest) -> None:
    """Raise what sends somebody to prove who they are, unless they did within two minutes.

    What they were about to do is kept, and done once they have.
    """
    raise_if_reauthentication_required(request, app="immunosep.web.accounts")


def proved_since(request: HttpRequest, since: float, *, now: datetime) -> bool:
    """Whether the person proved again who they are, after `since` and within two minutes."""
    since = max(since, now.timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
    user = request.user if request.user.is_authenticated else None
    return any(
        record.get("reauthenticated") and record["at"] >= since
        for record in get_authentication_records(request, user)
    )
