"""Looking at a world as each blinded person: every address of both kinds of process.

An answer is kept whole: status, headers, cookies, body. Only what comes from the sealed list itself
is masked, the commitment and the digests of the audit trail; and what a browser's own token is.
"""

import io
import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.apps import apps
from django.core import mail
from django.test import Client, TestCase, override_settings
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, clear_url_caches, get_resolver
from django.utils import timezone

from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.accounts.models import User
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.code.models import Code
from immunosep.web.logs import configure
from immunosep.web.records.archive.writing import write_archive
from tests.web import by_token
from tests.web.filled_in import plausible
from tests.web.twins import World

SITE, KEYED = "immunosep.web.urls", "immunosep.web.keyed_urls"
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*')
DIGEST = re.compile(rb"\b[0-9a-f]{64}\b")
OF_THE_LIST = {"document", "commitment", "digest", "previous"}  # columns that differ as it does
ENTRANCE = {SITE: "stranger", KEYED: "investigator"}  # who also walks through the log-in pages
OF_WHOM = "account_authentication_methods_user"  # whose proof a session holds
HIDDEN = {name for form in IMMUNOSEP.casebook for name in form.hidden}
LISTED = 2  # values of a part of an address, where not all are tried

Key = tuple[str, str, str, str]  # person, process, method, address
Answer = tuple[int, dict[str, str], bytes]


@dataclass(kw_only=True)
class Seen:
    """Everything that came out of one world."""

    answers: dict[Key, Answer] = field(default_factory=dict)
    routes: set[tuple[str, str]] = field(default_factory=set)  # process, pattern
    mail: list[tuple[Any, ...]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, list[str]] = field(default_factory=dict)  # of every table, once all is done
    files: dict[str, bytes] = field(default_factory=dict)  # of the centre's archive, likewise


@dataclass(frozen=True, kw_only=True)
class Walk:
    """How much is looked at: by default no more than may tell; `whole` is all of it."""

    whole: bool = False
    persons: tuple[str, ...] = ()  # none: every blinded role
    only: str = ""  # addresses that match; none: all


def everything_seen(lived: World, walk: Walk = Walk()) -> Seen:
    """Each person opens every address of each process, then sends every form, empty and filled."""
    seen, stream = Seen(), io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure({"level": "INFO"}, stream)
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            _visit_all(lived, walk, seen)
    finally:
        root.handlers, root.level = handlers, level
        clear_url_caches()
    seen.log = [_unclocked(json.loads(line)) for line in stream.getvalue().splitlines()]
    seen.mail = [(m.subject, m.body, m.to, m.cc, m.from_email) for m in mail.outbox]
    listed = _digests_of_the_list()
    for model in apps.get_models(include_auto_created=True):
        rows = "\n".join(_rows(model, listed)).encode()
        seen.rows[model._meta.db_table] = lived.rename(rows).decode().splitlines()
    seen.files = dict(_archive(lived))
    return seen


def _archive(lived: World) -> Iterator[tuple[str, bytes]]:
    """What Jena's investigator would be given to keep."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "jena"
        write_archive(out, lived.cast.jena, by=Site(), now=timezone.now())
        for file in sorted(out.rglob("*.*")):
            yield str(file.relative_to(out)), lived.rename(file.read_bytes())


def _visit_all(lived: World, walk: Walk, seen: Seen) -> None:
    handler = ClientHandler(enforce_csrf_checks=False)
    for method in ("GET", "POST"):
        for process in (SITE, KEYED):
            with _process(process):
                for person in walk.persons or lived.blinded:
                    _Visit(lived, walk, seen, person, process, handler).all(method)


def _process(process: str) -> Any:
    """Settings as that kind of process has them: only the keyed one was given the key."""
    clear_url_caches()
    if process == KEYED:
        return override_settings(ROOT_URLCONF=process, KEYED=True)
    return override_settings(ROOT_URLCONF=process, KEYED=False, CODE_KEY_FILE="")


class _Visit:
    """One person at one kind of process."""

    def __init__(
        self,
        lived: World,
        walk: Walk,
        seen: Seen,
        person: str,
        process: str,
        handler: ClientHandler,
    ) -> None:
        self.lived, self.walk, self.seen, self.handler = lived, walk, seen, handler
        self.person, self.process = person, process
        self.client = logged_in(lived.blinded[person], handler)

    def all(self, method: str) -> None:
        for route in routes_of(self.process):
            if route.startswith("account/") and not self._goes_through_entrance():
                continue
            for address in self._addresses(route):
                if not re.search(self.walk.only, address):
                    continue
                refused = (self._get if method == "GET" else self._post)(address)
                if refused and not self.walk.whole:
                    break  # nobody asks who the patient is before asking what one may do

    def _goes_through_entrance(self) -> bool:
        return self.walk.whole or self.person == ENTRANCE[self.process]

    def _addresses(self, route: str) -> list[str]:
        found = [f"/{address}" for address in filled(route, self.lived.names)]
        listed = 1 if route.startswith("api/") else LISTED
        return found if self.walk.whole else found[:listed]

    def _get(self, address: str) -> bool:
        headers = self._token(address)
        return self._keep("GET", address, self.client.get(address, headers=headers)) == 403

    def _post(self, address: str) -> bool:
        name = self.lived.rename(address.encode()).decode()
        got = self.seen.answers[self.person, self.process, "GET", name][0]
        if got == 403 and not self.walk.whole:
            return True
        if address.startswith(by_token.API):
            answer = by_token.post(self.client, address, self._token(address))
            return self._keep("POST", address, answer) == 403
        body = plausible(address)
        if self._keep("POST nothing", address, self.client.post(address)) != 405:
            self._keep("POST", address, self.client.post(address, body))
        return False

    def _token(self, address: str) -> dict[str, str]:
        return by_token.headers(address, self.lived.secrets.get(self.person, ""))

    def _keep(self, method: str, address: str, response: Any) -> int:
        match = response.wsgi_request.resolver_match
        if match is not None:
            self.seen.routes.add((self.process, match.route))
        name = self.lived.rename(address.encode()).decode()
        kept = _kept(response, self.lived)
        self.seen.answers[self.person, self.process, method, name] = kept
        if response.wsgi_request.user.is_anonymous:  # that was an address to log out at
            self.client = logged_in(self.lived.blinded[self.person], self.handler)
        return int(response.status_code)


def logged_in(person: User, handler: ClientHandler | None = None) -> Client:
    """A browser in which somebody proved a moment ago who they are."""
    client = Client(raise_request_exception=False)
    client.handler = handler or client.handler  # each new one would look for static files again
    account = User.objects.get(pk=person.pk)  # as it is now, should every log-in have been ended
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    proof = {"method": "password", "at": time.time(), "reauthenticated": True}
    session[OF_WHOM] = str(account.pk)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [proof]  # by its form, no more than ten a minute
    session.save()
    return client


def _kept(response: Any, lived: World) -> Answer:
    body = b"".join(response) if response.streaming else response.content
    headers = {name: value for name, value in response.headers.items()}
    headers["cookies"] = str(response.cookies)
    return response.status_code, headers, lived.rename(_masked(TOKEN.sub(rb"\1", body)))


def _masked(body: bytes) -> bytes:
    found = set(DIGEST.findall(body))
    if not found:
        return body
    words = [digest.decode() for digest in found]
    of_list = set(Event.objects.filter(digest__in=words).values_list("digest", flat=True))
    of_list |= set(Code.objects.filter(commitment__in=words).values_list("commitment", flat=True))
    return DIGEST.sub(lambda m: b"#" * 64 if m[0].decode() in of_list else m[0], body)


def _unclocked(line: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != "milliseconds"}


def _digests_of_the_list() -> re.Pattern[str]:
    """What the trail keeps of the list itself: its commitment, its file's digest."""
    loaded = Event.objects.get(action="code.load")
    return re.compile(
        "|".join(word.decode() for word in DIGEST.findall(repr(loaded.after).encode()))
    )


def _rows(model: Any, listed: re.Pattern[str]) -> Iterator[str]:
    names = [field.attname for field in model._meta.concrete_fields]
    for row in model._base_manager.order_by("pk").values_list(*names):
        shown = {name: _shown(name, value) for name, value in zip(names, row, strict=True)}
        if shown.get("column") in HIDDEN and "page_id" in shown:
            shown["value"] = "#"  # what it says follows the arm, as in a hospital
        yield listed.sub("#", repr(shown))


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return len(value)  # ciphertext is new every time it is made
    return "#" if name in OF_THE_LIST else value


def routes_of(process: str) -> Iterator[str]:
    """Every pattern of a process, as Django names it when it answers."""
    yield from _patterns(get_resolver(process).url_patterns, "")


def _patterns(patterns: Any, before: str) -> Iterator[str]:
    for pattern in patterns:
        here = before + str(pattern.pattern).removeprefix("^" if before else "")
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here


def filled(route: str, names: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A pattern's addresses, each part of it with every value it may take."""
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).rstrip("$")
    part = re.search(r"<(?:\w+:)?(\w+)>", plain)
    if part is None:
        return [plain]
    way = f"{plain[: part.start()].rstrip('/').rsplit('/', 1)[-1]}/{part[1]}"
    after = plain[part.end() :].strip("/").split("/", 1)[0]
    values = (  # a KeyError: say in `names_here` what it may be
        names.get(way) or names.get(f"{part[1]}/{after}") or names[part[1]]
    )
    return [
        address
        for value in values
        for address in filled(plain[: part.start()] + value + plain[part.end() :], names)
    ]


def differences(one: Seen, other: Seen) -> list[str]:
    """Where two worlds can be told apart; none if they cannot."""
    told = [
        f"{key[0]}: {key[2]} {key[3]} of {key[1].rsplit('.', 1)[-1]}"
        for key in sorted(one.answers.keys() | other.answers.keys())
        if one.answers.get(key) != other.answers.get(key)
    ]
    told += [f"table {name}" for name in one.rows if one.rows[name] != other.rows[name]]
    told += [f"file {name}" for name in one.files if one.files[name] != other.files.get(name)]
    told += ["e-mail"] if one.mail != other.mail else []
    return told + (["log"] if one.log != other.log else [])
