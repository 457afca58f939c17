"""The website's own tests, once more, on PostgreSQL: in a run of their own, on a server of its own.

The short form takes what touches the database itself: triggers, constraints, locks, JSON, dates.
The full form takes all of `tests/web` but what makes sites of its own, on each engine already.
"""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.postgresql import MISSING, binaries, running_server

SHORT = (
    "test_allocating.py",
    "test_audit_database.py",
    "test_consent.py",
    "test_kits.py",
    "test_ledger.py",
    "test_preparing.py",
    "test_unblinding.py",
    "test_withdrawal.py",
)
WEB = ROOT / "tests" / "web"
OWN_SITES = "from tests.web.running import"
pytestmark = [
    pytest.mark.skipif(binaries() is None, reason=MISSING),
    pytest.mark.skipif(
        "IMMUNOSEP_TEST_DATABASE_URL" in os.environ, reason="this is that run already"
    ),
]


def all_pass(*words: str, minutes: int) -> None:
    """Of these tests on PostgreSQL all pass; where not, the end of what pytest says of them."""
    with running_server() as server:
        environment = os.environ | {"IMMUNOSEP_TEST_DATABASE_URL": server.new_database()}
        environment.pop("PYTEST_XDIST_WORKER", None)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *words],
            capture_output=True, text=True, timeout=60 * minutes, check=False, cwd=ROOT,
            env=environment,
        )  # fmt: skip
    if done.returncode:
        pytest.fail(done.stdout[-4000:] + done.stderr[-1000:], pytrace=False)


def test_the_database_s_own_rules_hold_on_postgresql_too() -> None:
    files = [str(WEB / name) for name in SHORT]
    all_pass("-m", "not slow", *files, minutes=20)


@pytest.mark.slow
def test_the_whole_website_works_on_postgresql_too() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in WEB.glob("test_*.py")}
    files = [str(path) for path, text in texts.items() if OWN_SITES not in text]
    all_pass("-m", "not slow", *files, minutes=90)
