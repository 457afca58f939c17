"""What axe finds on a page that would keep somebody out."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def graves(page: Page) -> list[str]:
    """Serious and critical issues by day and by night, one line each."""
    return [
        f"{scheme}: {each['id']} at {node['target']}"
        for scheme in ("light", "dark")
        for each in _violations(page, scheme)
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def _violations(page: Page, scheme: Any) -> list[dict[str, Any]]:
    page.emulate_media(color_scheme=scheme)
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return found
