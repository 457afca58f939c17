"""The page on patients: whole, self-contained, safe, and its numbers those of the answers."""

import re
from pathlib import Path

import pytest

from immunosep.concepts.snapshot import snapshot
from immunosep.errors import ImmunosepError
from immunosep.protocol import Criterion, Trial
from tests.unit.reported import FEW, MANY, Page, patients_report, read_page

HOSTILE = "</title><script>alert(1)</script>\"'&{{ 7*7 }}$x$\u202e\x1b"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return patients_report(tmp_path_factory.mktemp("few") / "out.html", FEW)


@pytest.fixture(scope="module")
def page(few: Path) -> Page:
    return read_page(few)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return patients_report(tmp_path_factory.mktemp("many") / "out.html", MANY)


def test_report_asks_for_nothing_from_outside(few: Path) -> None:
    text = few.read_text(encoding="utf-8")
    assert re.findall(r"https?:|//\w|@import|<script|url\((?!#)", text) == []


def test_report_says_what_it_is_and_of_what(page: Page) -> None:
    assert "7 patients" in page.text
    assert "patients.csv" in page.text
    assert "4 March 2026, 09:30 (UTC+00:00)" in page.text
    assert "Not a medical device" in page.text


def test_report_counts_the_verdicts_as_assessed(page: Page) -> None:
    assert re.search(r"✓ 2 Eligible ✕ 2 Ineligible \? 3 Undetermined", page.text)


def test_report_has_a_card_for_every_patient(page: Page) -> None:
    assert [card["id"] for card in page.with_class("card")] == [f"patient-{n}" for n in range(1, 8)]


def test_report_gives_every_criterion_in_each_card(page: Page) -> None:
    assert len(page.with_class("criteria")) == 2 * len(FEW)
    assert page.text.count("A primary immunodeficiency of any kind") >= len(FEW)


def test_report_bounds_a_score_by_its_missing_parts(page: Page) -> None:
    assert "SOFA between 2 and 22" in page.text


def test_every_drawing_says_in_words_what_it_shows(page: Page) -> None:
    drawings = page.with_class("drawing")
    assert len(drawings) == 6
    assert all(drawing["role"] == "img" and drawing["aria-label"] for drawing in drawings)


def test_every_table_has_a_caption(page: Page) -> None:
    assert len(page.all_of("table")) == len(page.all_of("caption"))


def test_no_id_is_used_twice(page: Page) -> None:
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_every_reference_inside_the_page_has_its_target(few: Path) -> None:
    text = few.read_text(encoding="utf-8")
    wanted = set(re.findall(r'(?:href="#|url\(#|aria-labelledby=")([^")]+)', text))
    assert wanted <= set(re.findall(r' id="([^"]+)"', text))


def test_same_patients_give_the_same_bytes(few: Path, tmp_path: Path) -> None:
    assert patients_report(tmp_path / "again.html", FEW).read_bytes() == few.read_bytes()


def test_hostile_name_stays_text(tmp_path: Path) -> None:
    rows = [FEW[0] | {"patient_id": HOSTILE}]
    page = read_page(patients_report(tmp_path / "out.html", rows, source=HOSTILE))
    assert page.all_of("script") == []
    assert len(page.all_of("title")) == 1
    assert "<script>alert(1)</script>\"'&{{ 7*7 }}$x$\N{REPLACEMENT CHARACTER}" in page.text


def test_many_patients_have_closed_cards_and_counted_figures(many: Path) -> None:
    page = read_page(many)
    assert len(page.all_of("details")) == 100
    assert "40 more are counted above" in page.text
    assert "What stands against enrolment" in page.text


def test_page_of_many_patients_stays_light(many: Path) -> None:
    assert many.stat().st_size < 1_500_000


def test_no_patients_give_a_page_that_says_so(tmp_path: Path) -> None:
    page = read_page(patients_report(tmp_path / "out.html", []))
    assert "There are no patients in this source." in page.text


def test_trial_without_immune_states_has_a_page_without_them(tmp_path: Path) -> None:
    adult = Criterion("adult", "An adult", snapshot.age_years >= 18, limit="18", source="invented")
    trial = Trial(id="plain", title="A plain trial", inclusion=(adult,))
    page = read_page(patients_report(tmp_path / "out.html", FEW, trial=trial))
    assert "Where each patient stands" not in page.text
    assert "Immune state" not in page.text
    assert "-hour window" not in page.text


def test_report_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "out.html"
    target.mkdir()
    with pytest.raises(ImmunosepError, match="could not be written"):
        patients_report(target, FEW[:1])
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]


def test_report_replaces_an_older_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.html"
    target.write_text("older")
    read_page(patients_report(target, FEW[:1]))
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]


def test_near_marks_become_one_where_patients_are_very_many(tmp_path: Path) -> None:
    rows = [FEW[0] | {"patient_id": f"p{at}", "ferritin_ng_ml": 300.0 + at} for at in range(320)]
    target = patients_report(tmp_path / "out.html", rows)
    page = read_page(target)
    assert "A larger mark stands for more patients." in page.text
    assert "What stands against enrolment" not in page.text
    assert target.stat().st_size < 1_500_000
