"""The page on a hospital's records: its numbers are those counted, and what is unknown is said."""

import re
from pathlib import Path

import pytest

from tests.property.invented import HOUR
from tests.unit.reported import FEW, MANY, Page, feasibility_report, read_page

YEAR_2110 = 4_418_064_000


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [row | {"consent_given": None} for row in MANY]
    return feasibility_report(tmp_path_factory.mktemp("all") / "out.html", rows)


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return read_page(written)


def test_feasibility_page_counts_as_counted(page: Page) -> None:
    assert "140 Screened ? 100 Possible: no criterion decided against ✓ 0 Eligible" in page.text


def test_feasibility_page_names_what_the_records_cannot_tell(page: Page) -> None:
    assert "What these records cannot tell" in page.text
    assert "2 criteria are unknown for every patient" in page.text


def test_feasibility_page_says_that_it_holds_counts(page: Page) -> None:
    assert "This page holds counts, no patient" in page.text
    assert "holds patients’ data" not in page.text


def test_feasibility_page_asks_for_nothing_from_outside(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert re.findall(r"https?:|//\w|@import|<script|url\((?!#)", text) == []


def test_feasibility_page_has_words_for_every_drawing(page: Page) -> None:
    assert len(page.with_class("drawing")) >= 8
    assert all(drawing["aria-label"] for drawing in page.with_class("drawing"))


def test_feasibility_page_repeats_its_flow_as_a_table(page: Page) -> None:
    assert len(page.with_class("flow")) == 1
    assert len(page.all_of("table")) == len(page.all_of("caption"))


def test_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    pages = [feasibility_report(tmp_path / name, FEW).read_bytes() for name in ("a", "b")]
    assert pages[0] == pages[1]


def test_dates_that_lie_ahead_give_no_number_a_month(tmp_path: Path) -> None:
    rows = [row | {"assessed_at": YEAR_2110 + at * 900 * HOUR} for at, row in enumerate(FEW)]
    page = read_page(feasibility_report(tmp_path / "out.html", rows))
    assert "lie in the future" in page.text
    assert "Possible enrolments a month: not known" in page.text
    assert "By year" not in page.text


def test_no_records_give_a_page_that_says_so(tmp_path: Path) -> None:
    page = read_page(feasibility_report(tmp_path / "out.html", []))
    assert "There are no patients in this source." in page.text
