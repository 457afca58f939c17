"""Coming in: a wrong password, too many of them, and going out again."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import needs_chromium
from tests.browser.conftest import Walk

pytestmark = needs_chromium


def try_to_log_in(page: Page, address: str, password: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(address)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


@pytest.mark.parametrize("scripts", [True, False])
def test_too_many_wrong_passwords_lock_and_say_so(walk: Walk, scripts: bool):
    page = walk(java_script_enabled=scripts)
    address = f"locked.{scripts}@example.org".lower()
    try_to_log_in(page, address, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    for _ in range(4):
        try_to_log_in(page, address, "wrong")
    expect(page.get_by_role("heading", name="Too many attempts")).to_be_visible()
    expect(page.locator("main")).to_contain_text("15 minutes")


def test_whoever_logs_out_is_out(walk: Walk):
    page = walk("Mona Monitor")
    page.get_by_role("button", name="Log out").click()
    page.goto("/patients/")
    expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
