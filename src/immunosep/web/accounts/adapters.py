"""How allauth makes and finds accounts here: nobody signs up, an administrator does it for them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Log-in with an account that exists."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a person without an account asks the administrator."""
        return False


class HospitalAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Log-in through the hospital, for an account of the same verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: the hospital's directory is wider than the trial's list of people."""
        return False
