"""The page of OWASP's standard: every requirement of level 2 has its line, every test is there."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest
from django.test import Client

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "reference" / "asvs.md").read_text(encoding="utf-8")
LINE = re.compile(r"^\| (\d+\.\d+\.\d+) \|(.*)\|$", re.MULTILINE)
LINES = {no: [part.strip() for part in rest.split("|")] for no, rest in LINE.findall(PAGE)}
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)))
STANDINGS = {"met", "by design", "not applicable", "open"}
LEVEL_2 = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1
4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2
7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2
10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5
14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""  # ASVS 5.0.0: each section, and how many of its requirements are of levels 1 and 2, its first
USED = ("Argon2id", "SHA-256", "AES-256-GCM", "X25519", "HKDF-SHA256", "HMAC-SHA256")


def asked() -> Iterator[str]:
    """Every requirement of levels 1 and 2, by its number."""
    for section in LEVEL_2.split():
        name, count = section.split(":")
        yield from (f"{name}.{number}" for number in range(1, int(count) + 1))


def test_every_requirement_of_level_2_has_its_line() -> None:
    assert list(LINES) == list(asked())
    assert len(LINES) == 253  # 70 of level 1 and 183 of level 2, as the standard counts


def test_each_line_says_how_it_stands_and_why() -> None:
    wrong = [
        number
        for number, (what, standing, how, shown) in LINES.items()
        if not what
        or not how
        or standing not in STANDINGS
        or bool(shown) is not (standing == "met")
    ]
    assert wrong == []


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_test_that_is_named_is_there() -> None:
    assert len(NAMED) > 80
    assert [(file, name) for file, name in NAMED if name not in names_in(file)] == []


def test_the_page_counts_itself() -> None:
    standings = [standing for _what, standing, *_ in LINES.values()]
    assert PAGE.count("\n## V") == 17
    for standing in STANDINGS:
        assert f"{standings.count(standing)} {standing}" in PAGE


def test_what_is_used_is_listed() -> None:
    listed = PAGE.partition("## What is used")[2]
    assert [used for used in USED if used not in listed] == []


# ── What a site with patients tells a browser ───────────────────────────────────────────────────

ASKED = (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT",
)  # fmt: skip


@pytest.fixture(scope="module")
def settings_of_a_site() -> dict[str, object]:
    """The settings of a site with patients: nothing is given but its secret key."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("IMMUNOSEP_")}
    said = "import json; from immunosep.web import settings as s; " \
           f"print(json.dumps({{name: getattr(s, name) for name in {ASKED!r}}}))"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", said], env=kept | {"IMMUNOSEP_SECRET_KEY": "x" * 50},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_cookies_of_a_site_with_patients_are_of_its_host_alone(
    settings_of_a_site: dict[str, object],
) -> None:
    found = settings_of_a_site
    names = [str(found[name]) for name in ASKED[:3]]
    assert all(name.startswith("__Host-") for name in names)
    assert (found["SESSION_COOKIE_SECURE"], found["CSRF_COOKIE_SECURE"]) == (True, True)
    assert (found["SESSION_COOKIE_HTTPONLY"], found["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")


def test_browsers_are_told_to_come_by_https_alone(settings_of_a_site: dict[str, object]) -> None:
    found = settings_of_a_site
    assert found["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    assert (found["SECURE_HSTS_INCLUDE_SUBDOMAINS"], found["SECURE_SSL_REDIRECT"]) == (True, True)


@pytest.mark.django_db
def test_a_trace_is_refused() -> None:
    assert [Client().trace(url).status_code for url in ("/", "/health/")] == [405, 405]
