"""An emergency at night: one physician learns one treatment, others learn that they did."""

import re

from playwright.sync_api import expect

from immunosep.trials.immunosep import IMMUNOSEP
from tests.browser.axe import graves
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import RunningSite, Walk
from tests.web.people import PASSWORD

pytestmark = needs_chromium
TREATMENT = re.compile(
    "|".join(one.label for one in IMMUNOSEP.interventions if one.active) + "|Placebo"
)


def test_one_treatment_is_learnt_at_once_and_the_register_keeps_silent(
    walk: Walk, site_running: RunningSite
):
    number = site_running.numbers["emergency"]
    page = walk("Clara Consultant")
    page.goto(f"/unblinding/{number}/")
    page.get_by_label("Why you must know").fill("Anaphylaxis five minutes after the infusion")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    assert page.url.startswith(site_running.keyed_url)
    assert not TREATMENT.search(page.locator("main").inner_text())
    assert graves(page) == []
    page.get_by_role("button", name="Show the treatment now").click()
    expect(page.get_by_role("heading", name=f"Treatment of {number}")).to_be_visible()
    assert TREATMENT.search(page.locator("main").inner_text())
    assert graves(page) == []
    reviewer = walk("Max Medical")
    reviewer.goto("/unblinding/")
    entry = reviewer.get_by_role("region", name=number)
    expect(entry).to_contain_text("Clara Consultant")
    assert not TREATMENT.search(reviewer.locator("main").inner_text())


def test_nurse_is_led_to_no_unblinding(walk: Walk, site_running: RunningSite):
    page = walk("Nora Nurse")
    answer = page.goto(f"/unblinding/{site_running.numbers['emergency']}/")
    assert answer is not None
    assert answer.status == 403
