"""Who a failed log-in is counted for: the address that was typed, from one place in the network."""

from collections.abc import Mapping
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest


def address_of(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """The address that was typed, whatever its case; the one of the account if asked again."""
    given = (credentials or {}).get("email") or request.POST.get("login") or ""
    return str(given).strip().lower()


def place_of(request: HttpRequest) -> str:
    """The client's network address, as the trusted proxies tell it."""
    return get_client_ip(request) or ""
