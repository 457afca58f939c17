"""Webhooks: HTTPS alone, no address of an own network, signed, and pinned to what was looked at."""

import base64
import hashlib
import hmac
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from immunosep.errors import RefusedError
from immunosep.web.outbox.addresses import find_address, problems_of
from immunosep.web.outbox.posting import post, signature_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of Standard Webhooks 1.0
AT = datetime(2022, 8, 26, tzinfo=UTC)


def test_a_signature_is_that_of_the_standard() -> None:
    """`v1,g0hM9SsE…` is what the standard's own libraries test themselves with."""
    signed = signature_of(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', SECRET
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://", "told", "https://[::1", "",
        "https://user@example.org/", "https://:x@example.org/", "https://example.org/#part",
        "https://example.org:0/", "https://example.org:99999/", "https://exämple.org/",
        "https://example.org/a b", f"https://example.org/{'x' * 500}", "https://127.0.0.1/",
        "https://10.1.2.3/", "https://192.168.0.1/", "https://169.254.169.254/latest/meta-data",
        "https://[::1]/", "https://[fd00::1]/", "https://[fe80::1]/", "https://0.0.0.0/",
        "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/",
        "https://224.0.0.1/", "https://100.64.0.1/",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_told_is_refused(url: str) -> None:
    assert list(problems_of(url))


@pytest.mark.parametrize("url", ["https://example.org/", "https://1.1.1.1:8443/a?b=c"])
def test_a_public_address_may_be_told(url: str) -> None:
    assert list(problems_of(url)) == []


def answering(*addresses: str) -> Any:
    kind = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
    return lambda host, port, *_, **__: [(*kind, (each, port)) for each in addresses]


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("1.1.1.1", "10.0.0.1"), ("fe80::1%eth0",), ()]
)
def test_a_name_that_leads_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering(*addresses))
    with pytest.raises(RefusedError, match="network of its own"):
        find_address("https://hospital.example/")
    assert post("https://hospital.example/", {}, id_="1", secret=SECRET, now=AT) == "refused"


def test_a_name_nobody_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(RefusedError):
        find_address("https://nowhere.example/")


class Receiver(BaseHTTPRequestHandler):
    """Takes a message; answers as the path says."""

    taken: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).taken.append((dict(self.headers), body))
        self.send_response(int(self.path.strip("/") or 204))
        self.send_header("Location", "https://example.org/")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of localhost, by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([
            x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "receiver.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ) + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return file


@pytest.fixture
def receiver(certificate: Path, settings: Any) -> Iterator[str]:
    """The address of a program that is told."""
    settings.WEBHOOKS_INSIDE = True
    Receiver.taken = []
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that trusts the receiver's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def told(url: str) -> str:
    body = {"kind": "query.asked", "id": "1", "link": "https://example.org/notices/1/"}
    return post(url, body, id_="message-1", secret=SECRET, now=AT)


def test_a_receiver_can_tell_that_a_message_is_ours(receiver: str, trusted: None) -> None:
    assert told(receiver) == ""
    ((headers, body),) = Receiver.taken
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(AT.timestamp()))


@pytest.mark.parametrize("status", ["302", "404", "410", "500"])
def test_anything_but_success_is_a_fault_and_no_redirect_is_followed(
    receiver: str, trusted: None, status: str
) -> None:
    assert told(f"{receiver}/{status}") == status
    assert len(Receiver.taken) == 1


def test_a_certificate_nobody_vouches_for_is_refused(receiver: str) -> None:
    assert told(receiver) == "certificate"
    assert Receiver.taken == []


def test_a_certificate_of_another_name_is_refused(
    receiver: str, trusted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering("127.0.0.1"))
    assert told(receiver.replace("localhost", "hospital.example")) == "certificate"


def test_a_receiver_that_is_not_there_is_a_fault(settings: Any) -> None:
    settings.WEBHOOKS_INSIDE = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert told(f"https://127.0.0.1:{port}/") == "unreachable"
