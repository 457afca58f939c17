"""A serious event: entered and reported at the bedside, judged a SUSAR, listed, each with axe."""

from playwright.sync_api import Page, expect

from tests.browser.axe import graves
from tests.browser.bedside import answer, by_the_wall
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import DESK, PHONE, RunningSite, Walk

pytestmark = needs_chromium


def test_a_serious_event_is_reported_and_its_clock_seen(walk: Walk, site_running: RunningSite):
    page = walk("Nora Nurse")
    number = site_running.numbers["looked_at"]
    page.goto(f"/patients/{number}/casebook/new/adverse_event/")
    for name, value in {
        "event_term": "Haemorrhage", "event_from": by_the_wall(3), "event_grade": "3",
        "serious": "yes", "relatedness": "possible", "event_outcome": "not_recovered",
    }.items():  # fmt: skip
        answer(page, name, value)
    expect(page.locator('input[name="serious_hospitalisation"]').first).to_be_visible()
    answer(page, "serious_hospitalisation", "yes")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"/patients/{number}/")
    looked_at(page)
    page.get_by_role("link", name="Haemorrhage").click()
    expect(page.get_by_text("23 h 59 min left")).to_be_visible()
    looked_at(page)
    page.get_by_label("When you knew of it").fill(by_the_wall(2))
    page.get_by_role("button", name="Report now").click()
    expect(page.get_by_text("Done in time")).to_be_visible()
    expect(page.get_by_text("14 d 23 h left")).to_be_visible()
    looked_at(page)
    judged(walk("Sven Safety", viewport=DESK), "Haemorrhage")


def judged(page: Page, term: str) -> None:
    """A safety officer finds it, judges it unexpected and life-threatening, and it has 7 days."""
    page.goto("/safety/")
    assert graves(page) == []
    page.get_by_role("link", name=term).click()
    page.get_by_label("unexpected", exact=True).check()
    page.get_by_label("Related to the study treatment, says the sponsor").select_option("unlikely")
    page.get_by_label("yes: 7 days").check()
    page.get_by_role("button", name="Keep the judgement").click()
    expect(page.get_by_text("Submit the SUSAR to the authority")).to_be_visible()
    expect(page.get_by_text("6 d 23 h left")).to_be_visible()
    assert graves(page) == []
    page.goto("/safety/listing/")
    expect(page.get_by_role("row", name=term)).to_contain_text("SUSAR")
    assert graves(page) == []
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    looked_at(page)


def looked_at(page: Page) -> None:
    """Nobody is kept out, by day or by night; nothing is wider than a telephone."""
    assert graves(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
