"""Asking for a code: allauth's forms, which also write a wrong code into the audit trail."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from immunosep.web.accounts.log_ins import note_wrong_second_factor
from immunosep.web.accounts.recovery_codes import as_kept


class CodeAtLogIn(AuthenticateForm):  # type: ignore[misc]
    """The code of an authenticator app, or a recovery code, at log-in."""

    def clean_code(self) -> Any:
        """The code if it is right."""
        return _noted(super().clean_code, self)


class CodeAgain(ReauthenticateForm):  # type: ignore[misc]
    """The same, asked again before something that matters."""

    def clean_code(self) -> Any:
        """The code if it is right."""
        return _noted(super().clean_code, self)


def _noted(clean: Any, form: Any) -> Any:
    form.cleaned_data["code"] = as_kept(form.cleaned_data["code"], user=form.user)
    try:
        return clean()
    except ValidationError:
        note_wrong_second_factor(form.user, now=timezone.now())
        raise
