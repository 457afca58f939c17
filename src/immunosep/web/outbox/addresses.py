"""Where a webhook may lead: HTTPS, and no machine of our own network.

Whoever may add an address must not reach with it what only this machine can (OWASP, Server-Side
Request Forgery). A name is looked up anew for each message, every address it has must be public,
and the message goes to the very address that was looked at. The setting `WEBHOOKS_INSIDE` lifts it.
"""

import ipaddress
import socket
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from immunosep.errors import RefusedError
from immunosep.languages import say

HTTPS = 443
LONGEST = 500
EMBEDDING = (  # addresses that stand for one of IPv4, RFC 6052 and RFC 8215
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
)
NOT_PUBLIC = say(
    "The address leads into a network of its own, or nowhere. Give one that is reached from "
    "everywhere, or set IMMUNOSEP_WEBHOOKS_INSIDE."
)


def problems_of(url: str) -> Iterator[str]:
    """What is wrong with an address, as far as it can be told without asking anybody."""
    parts = _parts(url)
    if parts is None or parts.scheme != "https" or not parts.hostname:
        yield say("This is no address such as https://hospital.example/immunosep. Correct it.")
        return
    if parts.username is not None or parts.password is not None or parts.fragment:
        yield say("The address holds a name, a password or a fragment. Leave them out.")
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        yield say(
            "The address is longer than {count} characters, or holds others than ASCII.",
            count=LONGEST,
        )
    literal = _literal(parts.hostname)
    if literal is not None and not _may_be_told(literal):
        yield NOT_PUBLIC


def find_address(url: str) -> tuple[SplitResult, str]:
    """The parts of an address and the one IP address to send to; RefusedError for none."""
    problems = list(problems_of(url))
    parts = urlsplit(url)
    found: list[str] = []
    if not problems:
        found = _looked_up(parts.hostname or "", parts.port or HTTPS)
        if not found or not all(_may_be_told(ipaddress.ip_address(each)) for each in found):
            problems = [NOT_PUBLIC]
    if problems:
        raise RefusedError("the address is not told", problems)
    return parts, found[0]


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _looked_up(host: str, port: int) -> list[str]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(answer[4][0]).partition("%")[0] for answer in answers]


def _may_be_told(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return settings.WEBHOOKS_INSIDE or _is_public(address)


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return _is_public(inner)
        if any(address in network for network in EMBEDDING):
            return False
    return address.is_global and not address.is_multicast
