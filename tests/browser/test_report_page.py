"""The reports in a browser: nothing wider than a telephone, nothing asked of a network."""

import re
import subprocess
from html import escape
from pathlib import Path

import pytest

from tests.browser.chromium import CHROMIUM, needs_chromium
from tests.unit.reported import FEW, MANY, feasibility_report, patients_report

pytestmark = needs_chromium
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
)
FRAME = """<!doctype html><body>
<iframe style="border:0;width:{width}px;height:900px" srcdoc="{page}">
</iframe><script>onload = () => {{
  const inside = document.querySelector("iframe").contentWindow, seen = inside.document;
  document.body.dataset.measured = [
    inside.innerWidth,
    seen.documentElement.scrollWidth,
    inside.performance.getEntriesByType("resource").length,
    [...seen.querySelectorAll(".drawing")].filter(it => it.getClientRects().length).length,
  ];
}}</script>"""
"""A window narrower than a browser's own smallest is a frame inside a wider one."""


def measured(page: Path, width: int, profile: Path) -> list[int]:
    """The window's width, the page's, what it fetched, and how many drawings can be seen."""
    framed = page.with_name("framed.html")
    held = escape(page.read_text(encoding="utf-8"))
    framed.write_text(FRAME.format(width=width, page=held), encoding="utf-8")
    told = [*FLAGS, f"--user-data-dir={profile}", "--window-size=1400,1000", "--dump-dom"]
    dom = subprocess.run(
        [str(CHROMIUM), *told, framed.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    found = re.search(r'data-measured="([\d,]+)"', dom)
    assert found
    return [int(number) for number in found[1].split(",")]


@pytest.mark.parametrize("width", [390, 1280])
def test_patients_page_fits_its_window(width: int, tmp_path: Path) -> None:
    page = patients_report(tmp_path / "out.html", [*FEW, FEW[0] | {"patient_id": "w" * 300}])
    window, wide, fetched, seen = measured(page, width, tmp_path / "profile")
    assert (window, wide) == (width, width)
    assert (fetched, seen) == (0, 3)


@pytest.mark.parametrize("width", [390, 1280])
def test_page_of_many_patients_fits_its_window(width: int, tmp_path: Path) -> None:
    page = patients_report(tmp_path / "out.html", MANY)
    window, wide, *_ = measured(page, width, tmp_path / "profile")
    assert (window, wide) == (width, width)


@pytest.mark.parametrize("width", [390, 1280])
def test_feasibility_page_fits_its_window(width: int, tmp_path: Path) -> None:
    page = feasibility_report(tmp_path / "out.html", [row | {"unit": "w" * 200} for row in MANY])
    window, wide, fetched, _ = measured(page, width, tmp_path / "profile")
    assert (window, wide) == (width, width)
    assert fetched == 0
