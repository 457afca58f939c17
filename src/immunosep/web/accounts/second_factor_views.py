"""Setting up a second factor: the library's pages, after which recovery codes are made."""

from allauth.account.adapter import get_adapter
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from immunosep.web.accounts.access import account_of
from immunosep.web.accounts.reauthentication import require_recent_proof
from immunosep.web.accounts.recovery_codes import codes_left, make_codes
from immunosep.web.accounts.second_factor import has_second_factor

MADE = "mfa/email/recovery_codes_generated"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """How many are left; a POST makes new ones, and shows them this once."""
    user = account_of(request)
    if not has_second_factor(user):
        return redirect("mfa_index")
    if request.method != "POST":
        return render(request, "mfa/recovery_codes.html", {"left": codes_left(user)})
    require_recent_proof(request)
    codes = make_codes(user, by=user, now=timezone.now())
    get_adapter(request).send_notification_mail(MADE, user)
    return render(request, "mfa/recovery_codes.html", {"codes": codes, "left": len(codes)})


class SetUpApp(ActivateTOTPView):  # type: ignore[misc]
    """An authenticator app."""

    def get_success_url(self) -> str:
        """On to recovery codes, for whoever has none."""
        return _next(self.request)


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    """A passkey."""

    def get_success_url(self) -> str:
        """On to recovery codes, for whoever has none."""
        return _next(self.request)


def _next(request: HttpRequest) -> str:
    return reverse("mfa_index" if codes_left(account_of(request)) else "mfa_recovery_codes")
