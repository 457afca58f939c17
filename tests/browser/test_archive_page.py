"""A centre's archive in a browser: no grave issue for axe, no wider than the window."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from immunosep.web.audit.actions import Site
from immunosep.web.records.archive.writing import write_archive
from tests.browser.axe import graves
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import DESK, PHONE
from tests.web.followed import drawn, sofa
from tests.web.made_once import site_for_a_test
from tests.web.people import NOW
from tests.web.supplied import randomised

pytestmark = [needs_chromium, pytest.mark.django_db]


@pytest.mark.parametrize("file", ["index.html", "participants/01-0001.html"])
def test_a_page_of_an_archive_keeps_nobody_out(browser: Browser, tmp_path: Path, file: str) -> None:
    cast = site_for_a_test()
    number = randomised(cast).patient_id
    sofa(cast, number, 2)
    drawn(cast, number, 2)
    write_archive(tmp_path / "jena", cast.jena, by=Site(), now=NOW)
    page = browser.new_page()
    page.goto((tmp_path / "jena" / file).as_uri())
    for size in (PHONE, DESK):
        page.set_viewport_size(ViewportSize(width=size["width"], height=size["height"]))
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        assert graves(page) == []
    page.close()
