"""A site in its two kinds of process, with people and participants in it, and a browser to walk."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import CHROMIUM
from tests.conftest import ROOT
from tests.web.people import PASSWORD

PATIENCE_SECONDS = 120
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

Walk = Callable[..., Page]


@dataclass(frozen=True, kw_only=True)
class RunningSite:
    """Where the two processes answer, and the numbers of what is in the database."""

    url: str
    keyed_url: str
    numbers: dict[str, str]


@pytest.fixture(scope="session")
def site_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """One site for all journeys: each walks with a participant of its own."""
    with _running(tmp_path_factory.mktemp("site"), trial="immunosep") as site:
        yield site


@pytest.fixture(scope="session")
def kits_site_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site whose trial is supplied in numbered kits."""
    trial = str(ROOT / "tests" / "web" / "kits_trial.py")
    with _running(tmp_path_factory.mktemp("kits"), trial=trial) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def log_ins() -> dict[str, Any]:
    """What the browser keeps of those who are logged in, by name."""
    return {}


@pytest.fixture
def walk(browser: Browser, site_running: RunningSite, log_ins: dict[str, Any]) -> Iterator[Walk]:
    """A new window, logged in as somebody unless nobody is named; errors of its console fail.

    `kept` takes up an earlier log-in of theirs, for tests that only look.
    """
    contexts: list[Any] = []
    said: list[str] = []

    def open_window(name: str = "", *, kept: bool = False, **options: Any) -> Page:
        known = {"storage_state": log_ins[name]} if kept and name in log_ins else {}
        given = {"viewport": PHONE, "base_url": site_running.url, **known, **options}
        context = browser.new_context(**given)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: said.append(line.text) if _is_ours(line) else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        if name and not known:
            log_in(page, name)
        if kept:
            log_ins[name] = context.storage_state()
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert said == []


def log_in(page: Page, name: str) -> None:
    """By the form, as a person does."""
    page.goto("/account/login/")
    page.get_by_label("Email").fill(f"{name.lower().replace(' ', '.')}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/home/")


@contextmanager
def _running(folder: Path, *, trial: str) -> Iterator[RunningSite]:
    ports = _free_ports()
    url, keyed_url = (f"http://localhost:{port}" for port in ports)
    here = os.environ | {
        "DJANGO_SETTINGS_MODULE": "immunosep.web.settings",
        "IMMUNOSEP_TRIAL": trial,
        "IMMUNOSEP_VERSIONS": str(folder / "versions"),
        "IMMUNOSEP_SECRET_KEY": "a key for journeys, which protects nothing at all, ever",
        "IMMUNOSEP_DEMO": "yes",
        "IMMUNOSEP_LOG_LEVEL": "ERROR",
        "IMMUNOSEP_DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "IMMUNOSEP_SITE_URL": url,
        "IMMUNOSEP_KEYED_URL": keyed_url,
    }
    keyed = here | {"IMMUNOSEP_CODE_KEY_FILE": str(folder / "code.private.pem")}
    numbers = _populated(keyed, folder / "numbers.json")
    processes = [_serve(ports[0], here, folder), _serve(ports[1], keyed, folder)]
    try:
        for address in (url, keyed_url):
            _wait_for(f"{address}/health/", processes)
        yield RunningSite(url=url, keyed_url=keyed_url, numbers=numbers)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=PATIENCE_SECONDS)


def _is_ours(line: Any) -> bool:
    """Chromium reports the status of every refused page; a refusal is not a fault."""
    return line.type == "error" and "status of 4" not in line.text


def _free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], other.getsockname()[1]]


def _populated(environment: dict[str, str], file: Path) -> dict[str, str]:
    made = subprocess.run(
        [sys.executable, "-m", "tests.browser.populate", str(file)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    numbers: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return numbers


def _serve(port: int, environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    command = ["gunicorn", "immunosep.web.wsgi", f"--bind=127.0.0.1:{port}", "--threads=4"]
    with (folder / f"{port}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=environment, stdout=log, stderr=log
        )


def _wait_for(address: str, processes: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert all(process.poll() is None for process in processes), "the site ended by itself"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the site did not answer")
