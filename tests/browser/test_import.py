"""Results by file: a laboratory gives one, looks at what it would do, and records it."""

from datetime import datetime, timedelta

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.axe import graves
from tests.browser.bedside import BERLIN
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import DESK, PHONE, RunningSite, Walk

pytestmark = needs_chromium


def at(hours_ago: float) -> str:
    """A moment with its offset, as a laboratory's computer writes it."""
    return (datetime.now(BERLIN) - timedelta(hours=hours_ago)).isoformat(timespec="seconds")


def file_of(*lines: str) -> FilePayload:
    header = "number,moment,visit,ferritin_ng_ml,hla_dr_per_monocyte"
    content = "\n".join((header, *lines)).encode()
    return {"name": "results.csv", "mimeType": "text/csv", "buffer": content}


def give(page: Page, *lines: str) -> None:
    page.goto("/imports/")
    page.get_by_label("A table as CSV").set_input_files(file_of(*lines))
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="A file of results")).to_be_visible()


def test_laboratory_records_a_file_without_scripts(walk: Walk, site_running: RunningSite):
    laboratory = walk("Lena Laboratory", java_script_enabled=False)
    screened, followed = (site_running.numbers[who] for who in ("screened", "looked_at"))
    give(
        laboratory,
        f"{screened},{at(1)},,812,3000",
        f"{followed},{at(24 * 25)},day_3,51234,",
        f"99-0001,{at(1)},,800,",
    )
    expect(laboratory.locator("main")).to_contain_text("Ferritin: 812 ng/mL")
    expect(laboratory.locator("main")).to_contain_text("no patient of yours has this number")
    assert "51234" not in laboratory.content()
    with laboratory.expect_download() as told:
        laboratory.get_by_role("link", name="As a file").click()
    assert "line 4,ferritin_ng_ml" in told.value.path().read_text(encoding="utf-8")
    laboratory.get_by_role("button", name="Record what is not refused").click()
    expect(laboratory.locator("main")).to_contain_text("Recorded: 3. Left out: 1.")
    assert "51234" not in laboratory.content()


def test_pages_of_a_file_keep_nobody_out(walk: Walk, site_running: RunningSite):
    page = walk("Clara Consultant")
    ready = site_running.numbers["ready"]
    give(page, f"{ready},{at(1)},,300000,", f"{ready},{at(1)},,,twelve", f"99-1,{at(1)},,8,")
    assert graves(page) == []
    give(page, f"{ready},{at(1)},,300000,", f"99-1,{at(1)},,8,")
    for size in (PHONE, DESK):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert graves(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    page.get_by_role("button", name="Record what is not refused").click()
    expect(page.get_by_role("alert")).to_contain_text("say that they are right")
    assert graves(page) == []
    page.get_by_role("button", name="Put it away").click()
    expect(page.locator("main")).to_contain_text("Nothing of it was recorded.")
