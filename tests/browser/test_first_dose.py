"""From the order to the first dose: prepared, checked by a second person, labelled, given."""

import re
from datetime import datetime
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.bedside import BERLIN, answer
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import DESK, RunningSite, Walk

pytestmark = needs_chromium


@pytest.mark.parametrize(("who", "scripts"), [("randomised", True), ("ordered", False)])
def test_dose_is_prepared_checked_handed_over_and_given(
    walk: Walk, site_running: RunningSite, who: str, scripts: bool
):
    number = site_running.numbers[who]
    first = walk("Paul Pharmacist", viewport=DESK, java_script_enabled=scripts)
    prepare(first, number)
    labels = labels_of(first)
    assert len(labels) == 3
    check(walk("Petra Pharmacist", viewport=DESK, java_script_enabled=scripts), number, labels[0])
    first.reload()
    first.get_by_role("button", name=f"Hand over {labels[0]}").click()
    expect(first.locator("tr", has_text=labels[0])).to_contain_text("handed over")
    nurse = walk("Nora Nurse", java_script_enabled=scripts)
    give(nurse, number, labels[0])
    expect(nurse.locator("main")).to_contain_text("Day 1 began with the first dose")
    row = nurse.locator("tr", has_text=re.compile(labels[0].replace("-", "-?")))
    expect(row).to_contain_text("given")


def prepare(page: Page, number: str) -> None:
    """From the head of any page to the doses of one route, made up."""
    page.get_by_role("link", name="Worklist").first.click()
    page.get_by_role("link", name=number).first.click()
    part = page.get_by_role("region", name="Intravenous", exact=True)
    part.get_by_role("button", name="Prepared").click()


def labels_of(page: Page) -> list[str]:
    """The numbers of the preparations made, once their labels could be printed."""
    part = page.get_by_role("region", name="Intravenous", exact=True)
    expect(part.locator("tbody tr")).to_have_count(3)
    address = page.get_by_role("link", name="Labels (PDF)").get_attribute("href")
    sheet = page.request.get(urljoin(page.url, address))
    assert sheet.headers["content-type"] == "application/pdf"
    return part.locator("tbody th").all_inner_texts()


def check(page: Page, number: str, label: str) -> None:
    """A second pharmacist types the number from the container."""
    page.get_by_role("link", name="Worklist").first.click()
    page.get_by_role("link", name=number).first.click()
    page.get_by_role("link", name=f"Check {label}").click()
    page.get_by_label("Number on the label").fill(label)
    page.get_by_role("button", name="Content and label are right").click()
    expect(page.locator("tr", has_text=label)).to_contain_text("checked")


def give(page: Page, number: str, label: str) -> None:
    """The nurse receives it by its number, and records that it was given now."""
    page.goto(f"/patients/{number}/doses/")
    for title, action in (("Receive", "Receive"), ("Give", "Record the dose")):
        form = page.locator("form", has=page.get_by_role("heading", name=title, exact=True))
        form.get_by_label("Number on the label").fill(label)
        if title == "Give":  # to the second: here a dose is made up and given within one minute
            answer(page, "given_at", datetime.now(BERLIN).strftime("%Y-%m-%dT%H:%M:%S"))
        form.get_by_role("button", name=action).click()
    assert not re.search("placebo|anakinra|interferon", page.locator("main").inner_text(), re.I)
