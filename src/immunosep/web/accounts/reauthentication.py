"""Asking for the password again before what must not be done from a desk left unattended."""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.http import HttpRequest


def require_recent_proof(request: HttpRequest) -> None:
    """Raise what sends somebody to prove who they are, unless they did within two minutes.

    What they were about to do is kept, and done once they have.
    """
    raise_if_reauthentication_required(request, app="immunosep.web.accounts")
