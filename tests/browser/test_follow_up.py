"""Following a participant to day 28: what is due, a day's score, a missed visit, the contact."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import graves
from tests.browser.bedside import answer, by_the_wall
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import RunningSite, Walk

pytestmark = needs_chromium


@pytest.mark.parametrize(
    ("who", "scripts"), [("followed", True), ("followed_without_scripts", False)]
)
def test_participant_is_followed_to_day_28(
    walk: Walk, site_running: RunningSite, who: str, scripts: bool
):
    number = site_running.numbers[who]
    nurse = walk("Nora Nurse", java_script_enabled=scripts)
    open_from_the_worklist(nurse, f"SOFA of the day, day 2 of {number}")
    enter_a_score(nurse, scripts=scripts)
    open_casebook(nurse, number)
    miss(nurse, "Day 3")
    open_from_the_worklist(nurse, f"Vital status, day 28 of {number}")
    enter_the_contact(nurse, scripts=scripts)
    open_casebook(nurse, number)
    rows = nurse.locator("table").first.locator("tbody tr")
    expect(rows.filter(has_text="Day 2Treat")).to_contain_text("Complete")
    expect(rows.filter(has_text="Day 3Treat")).to_contain_text("Missed")
    expect(rows.filter(has_text="Day 28")).to_contain_text("Complete")
    nurse.get_by_role("link", name="Course").click()
    expect(nurse.get_by_role("heading", name="SOFA by day")).to_be_visible()
    expect(nurse.locator("ol")).to_contain_text("First dose")


def test_page_being_filled_in_keeps_nobody_out(walk: Walk, site_running: RunningSite):
    nurse = walk("Nora Nurse", kept=True)
    number = site_running.numbers["looked_at"]
    nurse.goto(f"/patients/{number}/casebook/new/daily_sofa/?visit=day_4")
    answer(nurse, "day_status", "present")
    answer(nurse, "pao2_mmhg", "80")
    expect(nurse.locator("#fault-fio2")).to_contain_text("A blood gas needs the oxygen fraction")
    assert graves(nurse) == []


def test_laboratory_enters_a_result_and_sees_it_no_more(walk: Walk, site_running: RunningSite):
    laboratory = walk("Lena Laboratory")
    number = site_running.numbers["followed"]
    open_from_the_worklist(laboratory, f"Ferritin and HLA-DR, day 2 of {number}")
    answer(laboratory, "sample_drawn_at", by_the_wall(26 * 24))
    answer(laboratory, "ferritin_ng_ml", "51234")
    laboratory.get_by_role("button", name="Save", exact=True).click()
    expect(laboratory.locator("main")).to_contain_text(
        "entered, hidden until the records are locked"
    )
    assert "51234" not in laboratory.content()


def open_from_the_worklist(page: Page, name: str) -> None:
    """From the head of any page to a page that is due or overdue."""
    page.goto("/follow-up/")
    page.get_by_role("link", name=name, exact=True).click()


def open_casebook(page: Page, number: str) -> None:
    """The participant's casebook, from the participant's page."""
    page.goto(f"/patients/{number}/")
    page.get_by_role("link", name="Casebook", exact=True).click()


def enter_a_score(page: Page, *, scripts: bool) -> None:
    """Values of a day; what follows from the status unfolds, or is unfolded by hand."""
    answer(page, "day_status", "present")
    if not scripts:
        page.locator("summary", has_text="is present").click()
    answer(page, "platelets_10e3_ul", "45")
    answer(page, "gcs", "15")
    if scripts:
        expect(page.locator("#verdict")).to_contain_text("SOFA between 3 and 19")
    page.get_by_role("button", name="Save and complete").click()
    page.wait_for_url("**/follow-up/")


def miss(page: Page, day: str) -> None:
    """A visit that did not take place, with its reason."""
    page.locator("summary", has_text="A visit did not take place").click()
    visits = page.get_by_label("Visit")
    visits.select_option(label=f"{day}: Treatment day 3")
    page.get_by_label("Why").fill("At theatre all day")
    page.get_by_role("button", name="Record as missed").click()
    expect(page.locator("main")).to_contain_text("Recorded as missed")


def enter_the_contact(page: Page, *, scripts: bool) -> None:
    """Alive on day 28, by telephone."""
    answer(page, "vital_status", "alive")
    if not scripts:
        page.locator("summary", has_text="is alive or unknown").click()
    answer(page, "last_seen_alive_at", by_the_wall(0.1))
    answer(page, "status_learned_by", "telephone")
    page.get_by_role("button", name="Save and complete").click()
    page.wait_for_url("**/follow-up/")
