"""The report on HLA-DR: what it draws and says of a number, and of none."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from immunosep.cytometry.hla_dr import Measurement
from immunosep.report.hla_dr import write_hla_dr_report
from immunosep.trials import find_trial
from tests.invented_tubes import LOT, Drawn
from tests.unit.measured import LEAFLET, WELL_HANDLED, beads, blood, measured
from tests.unit.reported import Page, read_page

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


def written(folder: Path, found: Measurement, **given: Any) -> Path:
    asked: dict[str, Any] = {
        "trial": find_trial("immunosep"),
        "state": "immunoparalysis",
        "handling": WELL_HANDLED,
        "source": "bed7_patient.fcs",
        "beads": "bed7_beads.fcs",
        "now": NOW,
    }
    path = folder / "report.html"
    write_hla_dr_report(path, measurement=found, **asked | given)
    return path


def page(folder: Path, patient: Drawn, bead_tube: Drawn, **given: Any) -> Page:
    """The page on a pair, parsed."""
    return read_page(written(folder, measured(folder, patient, bead_tube), **given))


def headings(found: Page) -> list[str | None]:
    return [drawing["aria-label"] for drawing in found.with_class("wide")]


def test_report_of_a_number(tmp_path):
    found = page(tmp_path, blood(abc=3000), beads())
    assert "Report the number" in found.text
    assert "below 5,000" in found.text
    assert "Sepsis-induced immunoparalysis" in found.text
    assert len(headings(found)) == 4


def test_report_draws_every_gate_with_its_counts(tmp_path):
    alt = headings(page(tmp_path, blood(), beads()))[1]
    assert alt is not None
    steps = [step.split(":")[0] for step in alt.split(". ")[1].split("; ")]
    assert steps == ["Single cells", "Leukocytes, by CD45", "Monocytes, by CD14"]


def test_report_draws_width_where_no_height_was_stored(tmp_path):
    tall = blood(doublets=0.1)
    width = tall.columns["FSC-A"] / tall.columns["FSC-H"]
    tube = replace(tall, columns=tall.columns | {"FSC-W": width}).without("FSC-H")
    alt = headings(page(tmp_path, tube, beads()))[1]
    assert alt is not None
    assert "Single cells" in alt


def test_report_of_a_grey_number_asks_to_repeat(tmp_path):
    found = page(tmp_path, blood(), beads())
    assert "the test is to be repeated" in found.text


def test_report_without_a_number_says_why(tmp_path):
    found = page(tmp_path, blood(monocytes=0), beads(), state="undetermined", handling=None)
    assert "Give no number" in found.text
    assert "No CD14 population stands apart" in found.text
    assert "immune state" not in found.text
    assert "No CD14 population stands apart." in str(headings(found)[0])


def test_report_of_a_missing_level_shows_where_it_should_be(tmp_path):
    found = page(tmp_path, blood(), beads(lot=(LOT[0], LOT[2], LOT[3])))
    assert any("1 not found" in str(alt) for alt in headings(found))


@pytest.mark.parametrize(("abc", "said"), [(400, "below the dimmest"), (75_000, "no number")])
def test_report_beyond_the_beads(tmp_path, abc, said):
    assert said in page(tmp_path, blood(abc=abc), beads()).text


def test_report_above_the_beads(tmp_path):
    lot = (100.0, 1000.0, 3000.0, 9000.0)

    found = measured(
        tmp_path, blood(abc=15_000), beads(lot=lot), lot=replace(LEAFLET, pe_per_bead=lot)
    )
    assert "above the brightest bead" in read_page(written(tmp_path, found)).text


def test_report_of_a_tube_with_few_channels(tmp_path):
    tube = blood(compensated=True).without("FITC-A", "FSC-H", "Time")
    alt = headings(page(tmp_path, tube, beads()))[1]
    assert str(alt).startswith("Density plots of the gates. Monocytes, by CD14")


def test_report_of_empty_tubes(tmp_path):

    empty = replace(beads(), columns={n: c[:0] for n, c in beads().columns.items()})
    assert "Give no number" in page(tmp_path, empty, empty).text


def test_report_shows_every_check_the_worst_first(tmp_path):
    found = measured(tmp_path, blood(monocytes=500), beads())
    shown = read_page(written(tmp_path, found))
    answers = [row for row in shown.with_class("answer") if row.get("data-label") == "Outcome"]
    assert len(answers) == len(found.checks)
    assert answers[0]["class"] == "answer again"


def test_report_says_how_the_sample_was_handled(tmp_path):
    assert "no-wash" in page(tmp_path, blood(), beads()).text


def test_report_asks_nothing_of_a_network_and_is_small(tmp_path):
    path = written(tmp_path, measured(tmp_path, blood(granulocytes=60_000), beads()))
    text = path.read_text()
    assert path.stat().st_size < 500_000
    assert "http" not in text.replace("http://www.w3.org", "")
    assert "<script" not in text


def test_report_shows_names_of_files_safely(tmp_path):
    found = page(tmp_path, blood(), beads(), source="<b>\u202e.fcs", beads="<i>.fcs")
    assert "<b>\N{REPLACEMENT CHARACTER}.fcs" in found.text
