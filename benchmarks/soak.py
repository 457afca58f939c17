"""Claim: a site of two workers takes five requests a second for half an hour, and grows by < 5 %.

A site is made and served as `immunosep serve` does it; people of every role ask for their pages,
and every twentieth request randomises a participant. Printed: requests, answers by kind, median and
99th percentile of their times, and the memory of the workers after the first fifth of the run and
in its last fifth. It ends with 1 where a request failed (5xx) or the records are not whole.

    python benchmarks/soak.py [--minutes 30] [--per-second 5] [--postgresql]
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.postgresql import running_server
from tests.web import races

PASSWORD = "nine green bottles standing"
PORT = 18740
WORKERS = 2
EVERY = 20  # one request of so many randomises
PAGES = {
    "investigator": ("/home/", "/patients/", "/patients/log/", "/patients/01-0001/"),
    "study_nurse": ("/home/", "/patients/", "/patients/01-0002/", "/supply/orders/"),
    "laboratory": ("/home/", "/patients/laboratory/"),
    "monitor": ("/home/", "/patients/", "/patients/02-0001/record/", "/audit/"),
    "administrator": ("/people/", "/people/access/", "/centres/"),
    "nobody": ("/", "/health/", "/account/login/"),
}  # fmt: skip


@dataclass
class Log:
    """What was asked and how it went; the lock is for the threads that ask."""

    times: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, status: int, seconds: float) -> None:
        """One request."""
        with self.lock:
            self.times.append(seconds)
            self.answers[f"{kind} {status}"] += 1


def furnish(patients: int) -> dict[str, str]:
    """A site with these participants to randomise; the cookie of a log-in for each role."""
    from django.conf import settings
    from django.test import Client

    from immunosep.web.accounts.actions import create_account, grant
    from immunosep.web.accounts.models import User
    from immunosep.web.accounts.roles import ROLES, Role
    from immunosep.web.audit.actions import Site
    from immunosep.web.centres.models import Centre
    from tests.web import people

    settings.ALLOWED_HOSTS = ["*"]
    now = datetime.now(UTC)
    races.NOW = now
    people.ELIGIBLE["sepsis_onset_at"] = (now - timedelta(hours=20)).isoformat()
    consultant = User.objects.get(pk=races.furnish(patients))
    consultant.set_password(PASSWORD)
    consultant.save()
    cookies = {}
    for role in (Role(name) for name in PAGES if name != "nobody"):
        who = consultant
        if role is not Role.INVESTIGATOR:
            address = f"{role.value}@example.org"
            who = create_account(address, name=role.label, password=None, by=Site(), now=now)
            for centre in Centre.objects.all() if ROLES[role].at_centre else [None]:
                grant(who, role, centre=centre, by=Site(), now=now)
        client = Client()
        client.force_login(
            User.objects.get(pk=who.pk),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        cookies[role.value] = client.cookies["sessionid"].value
    return cookies


@contextmanager
def served(database: str, folder: Path) -> Iterator[None]:
    """The site, as `immunosep serve` runs it."""
    settings = {k: v for k, v in os.environ.items() if k.startswith("IMMUNOSEP_")}
    text = "".join(f'{name}="{value}"\n' for name, value in settings.items())
    (folder / "site.env").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "immunosep", "serve", str(folder)]
    start = [*command, "--background", "--port", str(PORT), "--workers", str(WORKERS)]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(start, check=True, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        subprocess.run([*command, "--stop"], check=True, env=environment, stdout=subprocess.DEVNULL)


def ask(log: Log, kind: str, path: str, cookie: str, form: dict[str, str] | None = None) -> str:
    """One request; the body of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Cookie": cookie, "Referer": f"http://localhost:{PORT}/"}
    began = time.monotonic()
    try:
        if form is None:
            connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urlencode(form), headers)
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
        log.note(kind, answer.status, time.monotonic() - began)
        return body
    except OSError:  # no answer is a failure, too
        log.note(kind, 599, time.monotonic() - began)
        return ""
    finally:
        connection.close()


def randomise(log: Log, number: str, session: str) -> None:
    """As a browser does: the page, then its form with the password."""
    token = "a" * 32
    cookie = f"sessionid={session}; csrftoken={token}"
    form = {"csrfmiddlewaretoken": token, "password": PASSWORD}
    ask(log, "randomise", f"/patients/{number}/randomise/", cookie, form)


def soak(
    log: Log, cookies: dict[str, str], numbers: list[str], options: argparse.Namespace
) -> None:
    """Ask at an even pace, whatever the answers take; look at the memory once a second."""
    rng, began = random.Random(options.seed), time.monotonic()
    total = round(options.minutes * 60 * options.per_second)
    with ThreadPoolExecutor(16) as pool:
        for n in range(total):
            time.sleep(max(0.0, began + n / options.per_second - time.monotonic()))
            if n % options.per_second == 0:
                log.memory.append((n / total, memory_of_workers()))
            if n % EVERY == 0 and numbers:
                pool.submit(randomise, log, numbers.pop(0), cookies["investigator"])
                continue
            role = rng.choice(list(PAGES))
            cookie = f"sessionid={cookies[role]}" if role in cookies else ""
            pool.submit(ask, log, role, rng.choice(PAGES[role]), cookie)


def memory_of_workers() -> int:
    """Bytes that the processes of the site's port hold, pages they share counted by their share."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"127.0.0.1:{PORT}".encode() in (process / "cmdline").read_bytes().split(b"\0"):
                rollup = (process / "smaps_rollup").read_text()
                total += 1024 * int(rollup.split("Pss:", 1)[1].split(None, 1)[0])
        except (OSError, IndexError):  # it ended meanwhile
            continue
    return total


def said(log: Log, found: dict[str, Any]) -> bool:
    """Print what was measured; whether all went well."""
    times = sorted(log.times)
    after = statistics.median(size for at, size in log.memory if 0.2 <= at < 0.4)
    last = statistics.median(size for at, size in log.memory if at >= 0.8)
    failed = sum(n for kind, n in log.answers.items() if kind.split()[1].startswith("5"))
    print(f"requests   {len(times)}, failed (5xx) {failed}")
    print(f"times      median {times[len(times) // 2]:.3f} s, 99 % within "
          f"{times[int(len(times) * 0.99)]:.3f} s")  # fmt: skip
    megabytes = f"{after / 2**20:.1f} MiB after the first fifth, {last / 2**20:.1f} MiB in the last"
    print(f"memory     {megabytes}: {last / after - 1:+.1%}")
    print(f"records    {found['allocations']} allocations, {len(found['findings'])} faults")
    print("answers    " + ", ".join(f"{kind}: {n}" for kind, n in sorted(log.answers.items())))
    return not failed and not found["findings"]


def main() -> None:
    """Make the site, soak it, say what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--per-second", type=int, default=5)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    patients = max(3, round(options.minutes * 60 * options.per_second / EVERY))
    server: Any = running_server() if options.postgresql else nullcontext()
    with tempfile.TemporaryDirectory() as folder, server as running:
        database = running.new_database() if running else f"sqlite:///{folder}/site.sqlite3"
        races.enter(database)
        cookies = races.in_child(furnish, patients)
        log = Log()
        with served(database, Path(folder)):
            soak(log, cookies, races._numbers(patients), options)
        found = races.in_child(races.found_afterwards)
        print(json.dumps({"workers": WORKERS, "engine": database.split(":")[0], **vars(options)}))
        if not said(log, found):
            sys.exit(1)


if __name__ == "__main__":
    main()
