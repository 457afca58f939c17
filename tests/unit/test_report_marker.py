"""The page of a marker's study: every figure, whole by itself, the same bytes again."""

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.unit.test_cli import run


@pytest.fixture(scope="module")
def markers(tmp_path_factory):
    """600 invented people, 100 of them of the confirmation cohort."""
    path = tmp_path_factory.mktemp("marker") / "markers.csv"
    rng = np.random.default_rng(3)
    ill = rng.random(600) < 0.2
    values = np.exp(rng.normal(6 + 1.5 * ill))
    lines = [f"{v:.0f},{y:d},{'confirmation' if at >= 500 else ''}"
             for at, (v, y) in enumerate(zip(values, ill, strict=True))]  # fmt: skip
    path.write_text("\n".join(["ferritin,<b>mals</b>,cohort", *lines]) + "\n")
    return path


def study(markers: Any, *more: Any, exit_code: int = 0) -> Any:
    columns = ("--marker", "ferritin", "--outcome", "<b>mals</b>", "--cohort", "cohort")
    return run("biomarker", markers, *columns, "--prevalence", "0.04", *more, exit_code=exit_code)


@pytest.fixture(scope="module")
def page(markers, tmp_path_factory):
    report = tmp_path_factory.mktemp("page") / "report.html"
    done = study(markers, "--log", "--report", report)
    assert done.exit_code == 0, done.stderr
    return report.read_text(encoding="utf-8")


def test_it_has_the_three_figures_drawn_for_both_widths(page):
    for title in ("Receiver operating characteristic", "Calibration", "Decision curve"):
        assert f"<h3>{title}" in page
    for svg in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        ElementTree.fromstring(svg)
    assert page.count('role="img"') == 6


def test_it_needs_nothing_else_and_trusts_no_header(page):
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "<b>mals" not in page


def test_it_says_what_the_terminal_says(page, markers):
    said = study(markers, "--log").stdout
    area = re.search(r"Area under curve\s+(0\.\d+ \(0\.\d+ to)", said)  # a narrow terminal
    assert area is not None
    assert area[1] in page


def test_the_same_data_make_the_same_page(page, markers, tmp_path):
    study(markers, "--log", "--report", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_a_marker_that_tells_everyone_apart_has_its_curve_alone(tmp_path):
    rows = [f"{at},{int(at >= 20)},test" for at in range(40)]
    path = tmp_path / "apart.csv"
    path.write_text("\n".join(["ferritin,<b>mals</b>,cohort", *rows]) + "\n")
    assert study(path, "--report", tmp_path / "apart.html").exit_code == 0
    page = (tmp_path / "apart.html").read_text(encoding="utf-8")
    assert "not estimable" in page
    assert page.count('role="img"') == 2


def test_a_report_is_not_written_over_the_data(markers):
    refused = study(markers, "--report", markers, exit_code=2)
    assert "nothing was written" in refused.stderr
    other = study(markers, "--report", "report.pdf", exit_code=2)
    assert "expected a name in .html" in other.stderr
