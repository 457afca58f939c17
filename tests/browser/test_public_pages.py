"""What a patient or a referring doctor does on a telephone, with JavaScript and without."""

import pytest

from tests.browser.chromium import needs_chromium
from tests.browser.conftest import DESK, Walk

pytestmark = needs_chromium


@pytest.mark.parametrize("scripts", [True, False])
def test_nearest_centre_is_found_from_patras(walk: Walk, scripts: bool):
    page = walk(java_script_enabled=scripts)
    page.goto("/")
    page.get_by_role("link", name="Find a centre", exact=True).first.click()
    page.get_by_label("Town").fill("Patras")
    page.get_by_role("button", name="Find the nearest centre").click()
    answer = page.get_by_role("region", name="the nearest that takes patients")
    assert "Athens, 171 km" in answer.inner_text()
    assert page.locator("ol.places > li").first.inner_text().startswith("Kardítsa, Greece")
    answer.get_by_role("link", name="How to refer a patient").click()
    assert page.url.endswith("/#refer")


@pytest.mark.parametrize(
    "path", ["/", "/find-centre/", "/find-centre/?town=Patras", "/components/"]
)
@pytest.mark.parametrize("viewport", [{"width": 320, "height": 640}, DESK])
def test_public_page_fits_its_window(walk: Walk, path: str, viewport: dict[str, int]):
    page = walk(viewport=viewport)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


def test_public_pages_set_no_cookie_and_ask_no_other_host(walk: Walk, site_running):
    page = walk()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    page.goto("/find-centre/?town=Patras")
    assert page.context.cookies() == []
    assert [url for url in asked if not url.startswith(site_running.url)] == []


def test_menu_opens_by_the_keyboard_without_scripts(walk: Walk):
    page = walk(java_script_enabled=False)
    page.goto("/components/")
    menu = page.locator("summary", has_text="Menu")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "The study"
