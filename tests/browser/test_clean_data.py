"""From a question to a lock: asked, answered, compared, frozen, signed and locked by who may."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.axe import graves
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import DESK, RunningSite, Walk
from tests.web.people import PASSWORD

pytestmark = needs_chromium
PAGES = (
    "SOFA of the day, First dose",
    "SOFA of the day, Treatment day 2",
    "Ferritin and HLA-DR, Treatment day 2",
    "Vital status, Follow-up contact",
    "Baseline, First dose",
)


def test_a_casebook_is_cleaned_signed_and_locked(walk: Walk, site_running: RunningSite):
    number = site_running.numbers["cleaned"]
    monitor = walk("Mona Monitor", viewport=DESK)
    ask(monitor, number)
    answer_it(walk("Nora Nurse"), number)
    close_it(monitor, number)
    for name in PAGES:
        compare_and_freeze(monitor, number, name)
    sign(walk("Clara Consultant"), number)
    lock(walk("Dora Data", viewport=DESK), number)


def ask(page: Page, number: str) -> None:
    """From the head of any page to a question about one value."""
    page.goto("/home/")
    page.get_by_role("navigation", name="Main", exact=True).get_by_role(
        "link", name="Cleaning"
    ).click()
    looked_at(page, "cleaning")
    page.get_by_role("link", name="01 Jena").click()
    looked_at(page, "centre")
    page.get_by_role("link", name=number, exact=True).click()
    page.get_by_role("link", name=PAGES[1], exact=True).click()
    page.get_by_label("About").select_option(label="Glasgow coma score")
    page.get_by_label("Your question").fill("Before sedation?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#queries")).to_contain_text("Before sedation?")
    looked_at(page, "page")


def answer_it(page: Page, number: str) -> None:
    """At the centre."""
    open_question(page, number)
    page.get_by_label("Your answer").fill("Yes, on arrival.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("main")).to_contain_text("Yes, on arrival.")
    looked_at(page, "query")


def close_it(page: Page, number: str) -> None:
    """By whoever asked."""
    open_question(page, number)
    page.get_by_label("Your words").fill("Thank you.")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".facts")).to_contain_text("Closed")


def open_question(page: Page, number: str) -> None:
    page.goto("/casebook/queries/")
    looked_at(page, "queries")
    page.get_by_role("row").filter(has_text=number).get_by_role("link").click()


def compare_and_freeze(page: Page, number: str, name: str) -> None:
    """A page beside its source."""
    page.goto(f"/casebook/participants/{number}/")
    page.get_by_role("link", name=name, exact=True).click()
    assert "5120" not in page.content()
    page.get_by_role("button", name="It agrees with the source").click()
    page.get_by_role("button", name="Freeze", exact=True).click()
    expect(page.locator("#stage")).to_contain_text("Frozen")


def sign(page: Page, number: str) -> None:
    """The whole casebook, with both components."""
    page.goto(f"/casebook/participants/{number}/")
    page.get_by_role("link", name="Sign The whole casebook").click()
    looked_at(page, "sign")
    assert "5120" not in page.content()
    page.get_by_label("They are complete and agree with the source").check()
    page.get_by_label("The address you log in with").fill("clara.consultant@example.org")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="This will stand under the pages")).to_be_visible()
    looked_at(page, "confirm")
    page.get_by_role("button", name="Sign", exact=True).click()
    row = page.get_by_role("row").filter(has_text="The whole casebook")
    expect(row).to_contain_text("Clara Consultant")


def lock(page: Page, number: str) -> None:
    """Nothing stands against it any more."""
    page.goto(f"/casebook/participants/{number}/")
    looked_at(page, "participant")
    page.get_by_role("button", name=f"Lock {number}").click()
    expect(page.get_by_role("region", name="Lock", exact=True)).to_contain_text("by Dora Data")


def looked_at(page: Page, name: str) -> None:
    """Nobody is kept out by a page; with a folder to put it in, a picture of it at two widths."""
    assert graves(page) == []
    if folder := os.environ.get("IMMUNOSEP_PICTURES"):
        was = page.viewport_size
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        assert was is not None
        page.set_viewport_size(was)
