"""The report of a trial: every format, every number with its derivation, the same bytes again."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import numpy as np
import pyarrow as pa
import pytest

from immunosep.analysis.records import take_records
from immunosep.analysis.report_data import Report, TrialAnalysis, analyse_trial
from immunosep.report.trial import numbers, written
from immunosep.report.trial.document import CONFIDENTIAL, DRAFT, DUMMY, NOT_OPENED
from immunosep.report.trial.written import NO_PANGO, write_trial_report
from immunosep.simulation.courses import draw_trial
from immunosep.sources.records import Arms
from tests.recorded import IMMUNOSEP, manifest, participant, records_of

TABLES = draw_trial(np.random.default_rng(5), participants=90)


def analysed(
    report: Report = Report.FINAL, tables: dict[str, pa.Table] = TABLES, **changes: Any
) -> TrialAnalysis:
    records = take_records(
        tables, manifest=manifest(**changes), trial=IMMUNOSEP, allow_unlocked=True
    )
    return analyse_trial(records, report=report)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    write_trial_report(folder, analysed())
    return folder


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def told(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def test_the_same_records_make_the_same_bytes(folder, tmp_path):
    write_trial_report(tmp_path, analysed())
    assert {f.name for f in tmp_path.iterdir()} == {f.name for f in folder.iterdir()}
    assert all((folder / f.name).read_bytes() == f.read_bytes() for f in tmp_path.iterdir())


def test_every_number_leads_to_a_derivation_on_the_page(page, told):
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert len(told["numbers"]) > 300
    assert {number["derivation"] for number in told["numbers"].values()} <= ids
    assert set(told["numbers"]) <= ids
    assert set(told["derivations"]) <= ids


def test_no_id_is_there_twice(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_every_link_of_the_page_arrives(page):
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids


def test_the_page_needs_nothing_else(page):
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "url(http" not in page


def test_page_and_machine_say_the_same(page, told):
    number = told["numbers"]["sofa_response_day_9.difference"]
    assert f">{number['text']}</a>" in page
    assert number["value"]["method"] == "Newcombe"


def test_the_word_file_holds_every_table_and_figure(folder, page):
    paper = docx.Document(BytesIO((folder / "report.docx").read_bytes()))
    assert len(paper.tables) == page.count("<table")
    assert len(paper.inline_shapes) == page.count('<figure class="illustration"')


def test_a_figure_is_drawn_for_both_widths_and_said_in_words(page):
    for svg in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        ElementTree.fromstring(svg)
    assert page.count('role="img"') == 2 * page.count('<figure class="illustration"')


def test_the_pdf_is_one(folder):
    if not (folder / "report.pdf").exists():
        pytest.skip("no Pango: run .ci/pango")
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_without_pango_the_rest_is_written_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(written, "pdf_file", lambda page: None)
    (tmp_path / "report.pdf").write_bytes(b"of another report")
    done = write_trial_report(tmp_path, _small())
    assert done.notes == (NO_PANGO,)
    assert sorted(f.name for f in tmp_path.iterdir()) == [
        "report.docx", "report.html", "results.json",
    ]  # fmt: skip


def _small(report: Report = Report.FINAL, **changes: Any) -> TrialAnalysis:
    people = [participant("a", arm="precision"), participant("b", arm="placebo")]
    if changes.get("arms") is Arms.CLOSED:
        people = [person | {"arm": None} for person in people]
    records = records_of({"participants": people}, **changes)
    return analyse_trial(records, report=report)


def _warned(analysis: TrialAnalysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(written, "pdf_file", lambda page: None)
    write_trial_report(tmp_path, analysis)
    told: list[str] = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))[
        "warnings"
    ]
    return told


def test_a_draft_says_so(tmp_path, monkeypatch):
    assert DRAFT in _warned(analysed(locked_s=None), tmp_path, monkeypatch)


def test_dummy_arms_say_so(tmp_path, monkeypatch):
    assert DUMMY in _warned(_small(arms=Arms.DUMMY), tmp_path, monkeypatch)


def test_arms_that_are_closed_say_so(tmp_path, monkeypatch):
    assert NOT_OPENED in _warned(_small(arms=Arms.CLOSED), tmp_path, monkeypatch)


def test_a_closed_report_says_for_whom_it_is(tmp_path, monkeypatch):
    assert CONFIDENTIAL in _warned(_small(Report.CLOSED), tmp_path, monkeypatch)


def test_an_open_report_names_no_arm(tmp_path, monkeypatch):
    monkeypatch.setattr(written, "pdf_file", lambda page: None)
    write_trial_report(tmp_path, analysed(Report.OPEN))
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    arms = {"precision", "placebo"}
    assert not [id_ for id_ in told["numbers"] if arms & set(id_.split("."))]
    assert not [id_ for id_ in told["numbers"] if id_.endswith((".difference", ".odds_ratio"))]


@pytest.mark.parametrize(
    ("p", "said"), [(0.0004, "< 0.001"), (0.00152, "0.0015"), (0.0342, "0.034"), (0.3349, "0.33"),
                    (None, "–")],
)  # fmt: skip
def test_a_p_value_in_words(p, said):
    assert numbers.say_p(p).replace("\N{NO-BREAK SPACE}", " ") == said
