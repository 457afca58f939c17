"""An amendment goes live at one centre: read, proposed, approved there, asked at the bedside."""

import re

from playwright.sync_api import Page, expect

from immunosep.protocol.forms import FilledBy
from tests.browser.axe import graves
from tests.browser.bedside import answer, answers
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import PHONE, Walk

pytestmark = needs_chromium
FEW = "1200"  # below the 1,500 of the first version, above the 1,000 of the second


def test_an_amendment_goes_live_at_one_centre(walk: Walk):
    page = walk("Dora Data")
    page.goto("/amendments/")
    looked_at(page)
    page.get_by_role("link", name="Version 2.0").click()
    expect(page.get_by_text("below 1,000 per mm³, was 1,500")).to_be_visible()
    looked_at(page)
    page.get_by_label("Why the trial is amended").fill("Slow recruitment")
    page.get_by_label("The authority approves it too").uncheck()
    page.get_by_role("button", name="Propose").click()
    looked_at(page)
    page.get_by_role("link", name=re.compile("ATTIKON")).click()
    expect(page.get_by_text("No approval of this amendment")).to_be_visible()
    page.get_by_label("Its name").fill("Ethics committee of Attikon")
    page.get_by_label("Reference").fill("7/2026")
    page.get_by_label("On", exact=True).fill("2026-03-02")
    page.get_by_role("button", name="Record the approval").click()
    looked_at(page)
    page.get_by_role("button", name="Let it go live here").click()
    expect(page.get_by_text("Version 2.0 is live at this centre.")).to_be_visible()
    looked_at(page)
    assert neutropenia_of(walk("Costas Consultant")) == "does not apply"
    assert neutropenia_of(walk("Clara Consultant")) == "applies"


def looked_at(page: Page) -> None:
    """Nobody is kept out, by day or by night; nothing is wider than a telephone."""
    assert graves(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def neutropenia_of(page: Page) -> str:
    """What the trial says of a new patient's neutrophils, entered by somebody of a centre."""
    page.goto("/patients/")
    page.get_by_role("button", name="Add a patient").click()
    for name, value in (answers(FilledBy.BEDSIDE) | {"neutrophils_per_mm3": FEW}).items():
        answer(page, name, value)
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_text("Each criterion, and why").click()
    row = page.locator("#criteria tr").filter(has_text="Too few neutrophils")
    return row.locator(".badge").inner_text()
