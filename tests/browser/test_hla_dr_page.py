"""The report on HLA-DR in a browser: nothing wider than a telephone, nothing asked of a network."""

from pathlib import Path

import pytest

from tests.browser.test_report_page import measured as measured_page
from tests.browser.test_report_page import pytestmark as needs_chromium
from tests.invented_tubes import LOT
from tests.unit.measured import beads, blood, measured
from tests.unit.test_report_hla_dr import written

pytestmark = needs_chromium


@pytest.mark.parametrize("width", [390, 1280])
def test_page_of_a_number_fits_its_window(width: int, tmp_path: Path) -> None:
    page = written(tmp_path, measured(tmp_path, blood(), beads()), source="w" * 300)
    window, wide, fetched, seen = measured_page(page, width, tmp_path / "profile")
    assert (window, wide) == (width, width)
    assert (fetched, seen) == (0, 4)


@pytest.mark.parametrize("width", [390, 1280])
def test_page_without_a_number_fits_its_window(width: int, tmp_path: Path) -> None:
    found = measured(tmp_path, blood(), beads(lot=LOT[1:]))
    page = written(tmp_path, found, state="undetermined")
    window, wide, fetched, _ = measured_page(page, width, tmp_path / "profile")
    assert (window, wide) == (width, width)
    assert fetched == 0
