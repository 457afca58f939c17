"""From a patient at the door to a place in the list: by thumb, by keyboard, without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from immunosep.protocol.forms import FilledBy
from tests.browser.bedside import answer, answers, by_the_wall, field_of
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import Walk
from tests.web.people import PASSWORD

pytestmark = needs_chromium
MOST_SCREENS = 6


def screens_of(page: Page) -> list[str]:
    """The pages that are opened from here on, in order; one that is only reloaded counts once."""
    seen: list[str] = []

    def note(frame) -> None:
        path = re.sub(r"^https?://[^/]+", "", frame.url)
        if frame == page.main_frame and path not in seen:
            seen.append(path)

    page.on("framenavigated", note)
    return seen


@pytest.mark.parametrize("scripts", [True, False])
def test_participant_is_randomised_within_six_screens_of_a_telephone(walk: Walk, scripts: bool):
    page = walk("Clara Consultant", java_script_enabled=scripts)
    seen = screens_of(page)
    page.goto("/patients/")
    page.get_by_role("button", name="Add a patient").click()
    for name, value in answers(FilledBy.BEDSIDE).items():
        answer(page, name, value)
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("patient", exact=False).first.check()
    answer(page, "given_at", by_the_wall(0.5))
    page.get_by_role("button", name="Record consent").click()
    answer(page, "observed_at", by_the_wall(1))
    for name, value in answers(FilledBy.LABORATORY).items():
        answer(page, name, value)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("^Randomise")).click()
    expect(page.get_by_role("heading", name="Allocated")).to_be_visible()
    assert page.locator(".steps [aria-current]").inner_text() == "First dose"
    assert len(seen) <= MOST_SCREENS, seen


def test_verdict_follows_what_is_typed_and_stays_in_sight(walk: Walk):
    page = walk("Clara Consultant")
    page.goto("/patients/")
    page.get_by_role("button", name="Add a patient").click()
    answer(page, "age_years", "64")
    verdict = page.locator("#verdict .verdict")
    expect(verdict).to_have_class(re.compile("undetermined"))
    expect(verdict).to_be_in_viewport()
    answer(page, "hiv", "yes")
    expect(verdict).to_have_class(re.compile("ineligible"))
    expect(verdict).to_be_in_viewport()
    assert "Ineligible" in verdict.inner_text()


def test_screening_form_is_filled_by_the_keyboard_alone(walk: Walk):
    page = walk("Nora Nurse")
    page.goto("/patients/")
    page.get_by_role("button", name="Add a patient").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/screen/")
    wanted = answers(FilledBy.BEDSIDE)
    typed: set[str] = set()
    for _ in range(200):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here["text"] == "Save and go on":
            break
        if here["name"] in wanted and here["name"] not in typed:
            type_answer(page, here, wanted[here["name"]])
            typed.add(here["name"])
    assert typed == set(wanted)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/screen/" not in url)


HERE = """() => {
  const it = document.activeElement;
  const seen = [...document.querySelectorAll(`input[type=radio][name="${it.name}"]`)];
  return {name: it.name || "", text: it.textContent.trim(), type: it.type || "",
          values: it.options ? [...it.options].map(o => o.value) : seen.map(r => r.value),
          at: it.options ? it.selectedIndex : seen.findIndex(r => r.checked)};
}"""


def type_answer(page: Page, here: dict[str, Any], value: str) -> None:
    """With the keys a person would use in this kind of field."""
    if here["type"] in ("radio", "select-one"):
        steps = here["values"].index(value) - here["at"]
        for _ in range(abs(steps)):
            page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    elif here["type"] == "datetime-local":
        day, clock = value.split("T")
        year, month, of_month = day.split("-")
        hour, minute = clock.split(":")
        half = "AM" if int(hour) < 12 else "PM"
        page.keyboard.type(f"{month}{of_month}{year}")
        page.keyboard.press("Tab")
        page.keyboard.type(f"{(int(hour) - 1) % 12 + 1:02d}{minute}{half}")
    else:
        page.keyboard.type(value)
    assert shown_in(page, here["name"]) == value


def shown_in(page: Page, name: str) -> str:
    """What a question is answered with on the page."""
    chosen = page.locator(f'input[type=radio][name="{name}"]:checked')
    return (chosen if chosen.count() else field_of(page, name)).input_value()
