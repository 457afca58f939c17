"""Sending one message to one webhook, signed (Standard Webhooks 1.0: standardwebhooks.com).

Three headers: `webhook-id`, the same for each attempt, so that a receiver takes a message once;
`webhook-timestamp`, seconds since 1970, so that it refuses an old one; `webhook-signature`, HMAC of
both and the body. No redirect is followed. What a receiver answers is not kept.
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from datetime import datetime
from http.client import HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult

from immunosep import __version__
from immunosep.errors import RefusedError
from immunosep.web.outbox.addresses import HTTPS, find_address

SECONDS = 10
GONE = 410
PREFIX = "whsec_"


class Pinned(HTTPSConnection):
    """A connection to the very IP address that was looked at, its certificate that of the name."""

    def __init__(self, parts: SplitResult, address: str) -> None:
        host, port = parts.hostname or "", parts.port or HTTPS
        self.address, self.tls = address, ssl.create_default_context()
        super().__init__(host, port, timeout=SECONDS, context=self.tls)

    def connect(self) -> None:
        """As the library does, to the address that was pinned."""
        plain = socket.create_connection((self.address, self.port), timeout=SECONDS)
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)


def post(url: str, body: dict[str, Any], *, id_: str, secret: str, now: datetime) -> str:
    """Send it; the answer is what went wrong, as a word or a number, empty if nothing did."""
    content = json.dumps(body, separators=(",", ":")).encode()
    try:
        parts, address = find_address(url)
        return _sent(Pinned(parts, address), parts, content, _headers(id_, content, secret, now))
    except RefusedError:
        return "refused"
    except ssl.SSLError:
        return "certificate"
    except (OSError, HTTPException):
        return "unreachable"


def signature_of(id_: str, moment: int, content: bytes, secret: str) -> str:
    """What a receiver computes too, and compares in constant time."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{id_}.{moment}.".encode() + content
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def _headers(id_: str, content: bytes, secret: str, now: datetime) -> dict[str, str]:
    moment = int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": f"immunosep/{__version__}",
        "webhook-id": id_,
        "webhook-timestamp": str(moment),
        "webhook-signature": signature_of(id_, moment, content, secret),
    }


def _sent(
    connection: HTTPSConnection, parts: SplitResult, content: bytes, headers: dict[str, str]
) -> str:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body=content, headers=headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    return "" if 200 <= status < 300 else str(status)
