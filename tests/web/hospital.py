"""A hospital's log-in (OpenID Connect) on localhost, for tests: it vouches for whom it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt


@dataclass
class Hospital:
    """Where it is, what it says of whoever comes, and what its ID token says otherwise."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    nonce: str = ""
    otherwise: dict[str, Any] = field(default_factory=dict)

    @property
    def id_token(self) -> str:
        """About this person, for this site, and for the question with that nonce."""
        claims = {"iss": self.url, "aud": "site", "nonce": self.nonce, **self.person}
        return jwt.encode(claims | self.otherwise, "a key of the hospital's, and of 32 bytes")

    def answer_to(self, path: str) -> dict[str, Any]:
        """The JSON document of one address."""
        documents: dict[str, dict[str, Any]] = {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorise",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/person",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/token": {
                "access_token": "a token",
                "token_type": "Bearer",
                "expires_in": 60,
                "id_token": self.id_token,
            },
            "/person": self.person,
        }
        return documents[path.partition("?")[0]]


@contextmanager
def open_hospital() -> Iterator[Hospital]:
    """A hospital that answers until the block ends."""
    hospital = Hospital()

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.dumps(hospital.answer_to(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    hospital.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield hospital
    server.shutdown()
    thread.join()
    server.server_close()
