"""The hospital's log-in, asked so that an answer belongs to one question.

Each question carries a nonce that only this session knows; the ID token must bring it back, and be
about the person whom the directory describes (OpenID Connect Core 1.0, 3.1.2.1 and 5.3.2). So a
token that was overheard, or given to another, logs nobody in.
"""

import secrets
from typing import Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

_NONCE = 32  # bytes


class Hospital(OpenIDConnectProvider):  # type: ignore[misc]
    """The library's provider, with a nonce."""

    def redirect(self, request: HttpRequest, *given: Any, **more: Any) -> HttpResponse:
        """Send somebody to the hospital; what the address asks for cannot replace the nonce."""
        nonce = secrets.token_urlsafe(_NONCE)
        asked = {**(more.pop("auth_params", None) or self.get_auth_params()), "nonce": nonce}
        sent: HttpResponse = super().redirect(
            request, *given, auth_params=asked, nonce=nonce, **more
        )
        return sent


def belongs_to_its_question(sociallogin: Any) -> bool:
    """Whether the ID token holds the nonce that was sent, and is about the same person."""
    answered = sociallogin.account.extra_data
    token = answered.get("id_token") or {}
    person = answered.get("userinfo") or token
    asked = sociallogin.state.get("nonce") or secrets.token_urlsafe(_NONCE)
    same_question = constant_time_compare(str(token.get("nonce", "")), asked)
    return same_question and bool(token.get("sub")) and token["sub"] == person.get("sub")
