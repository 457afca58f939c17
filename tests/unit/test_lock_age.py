"""How soon libraries are renewed is promised, and an old lock says so without failing."""

import runpy
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from tests.conftest import ROOT

SCRIPT = str(ROOT / ".ci" / "lock_age.py")
PROJECT = '[tool.uv]\nexclude-newer = "2026-01-01T00:00:00Z"\n'


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(SCRIPT)


@pytest.mark.parametrize(("day", "says"), [(date(2026, 4, 1), False), (date(2026, 4, 2), True)])
def test_a_lock_is_told_to_be_old_after_the_promised_days(
    script: dict[str, Any], day: date, says: bool
) -> None:
    line = script["age_line"](PROJECT, today=day)
    assert bool(line) is says
    assert ("91 days ago" in line) is says


def test_the_promise_is_the_one_in_print(script: dict[str, Any]) -> None:
    promised = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert f"| {script['PROMISED_DAYS']} days after its cut-off |" in promised
    for grade in ("critical", "high", "any other"):
        assert f"| {grade}" in promised


def test_an_old_checkout_is_told_and_not_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(datetime(2100, 1, 1, tzinfo=UTC)):
        runpy.run_path(SCRIPT, run_name="__main__")
    assert "make lock" in capsys.readouterr().out


def test_every_check_asks(script: dict[str, Any]) -> None:
    check = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2]
    assert ".ci/lock_age.py" in check.partition("\n\n")[0]
