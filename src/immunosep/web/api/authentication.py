"""Who a request is from: the token in its header, and nothing else. A log-in in a browser is none.

`Authorization: Bearer immunosep_…` (RFC 6750). Whoever needs a second factor and has none any more
is refused, as on the pages.
"""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from immunosep.web.accounts.models import User
from immunosep.web.accounts.second_factor import has_second_factor, needs_second_factor
from immunosep.web.api.models import Token
from immunosep.web.api.tokens import find_token

SCHEME = "Bearer "


class BearerToken(BaseAuthentication):
    """Finds the token, and with it the person and the one role."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """The person and the token; None where there is no token."""
        sent = request.headers.get("Authorization", "")
        if not sent.startswith(SCHEME):
            return None
        token = find_token(sent.removeprefix(SCHEME).strip(), now=timezone.now())
        if token is None:
            raise AuthenticationFailed
        if needs_second_factor(token.user) and not has_second_factor(token.user):
            raise PermissionDenied
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What to send, said with a 401."""
        return "Bearer"


class ReachesFarEnough(BasePermission):
    """A token that only reads changes nothing."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """By the method alone; what a role may do is asked by the endpoint."""
        return request.method in SAFE_METHODS or token_of(request).scope != Token.Scope.READ


def token_of(request: Request) -> Token:
    """The token a request came with, once it was found."""
    return cast("Token", request.auth)


class BearerInDocument(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same in the OpenAPI document."""

    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """As OpenAPI 3 writes it."""
        return {"type": "http", "scheme": "bearer"}
