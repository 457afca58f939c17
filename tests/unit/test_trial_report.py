"""The report of a trial: every format, every number with its derivation, the same bytes again."""

import json
import re
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import docx
import numpy as np
import pyarrow as pa
import pytest

from immunosep.analysis.records import take_records
from immunosep.analysis.report_data import Report, TrialAnalysis, analyse_trial
from immunosep.report.trial import numbers, written
from immunosep.report.trial.document import CONFIDENTIAL, DRAFT, DUMMY, NOT_OPENED, document_of
from immunosep.report.trial.written import NO_PANGO, write_trial_report
from immunosep.simulation.courses import draw_trial
from immunosep.sources.records import Arms
from tests.recorded import IMMUNOSEP, manifest, participant, tables_of

TABLES = draw_trial(np.random.default_rng(5), participants=90)


def analysed(
    report: Report = Report.FINAL, tables: dict[str, pa.Table] = TABLES, **changes: Any
) -> TrialAnalysis:
    records = take_records(tables, manifest=manifest(**changes), trial=IMMUNOSEP)
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


def test_every_number_of_the_word_file_leads_to_its_derivation(folder, told):
    body = docx.Document(BytesIO((folder / "report.docx").read_bytes())).element.body
    links = body.xpath(".//w:hyperlink/@w:anchor")
    marks = body.xpath(".//w:bookmarkStart/@w:name")
    assert len(links) == len(told["numbers"])
    assert len(marks) == len(set(marks))
    assert set(links) <= set(marks)
    said = {
        "".join(words)
        for words in (link.xpath(".//w:t/text()") for link in body.xpath(".//w:hyperlink"))
    }
    assert told["numbers"]["sofa_response_day_9.difference"]["text"] in said
    assert not [words for words in said if "\N{REPLACEMENT CHARACTER}" in words]


def test_imputed_scores_stand_beside_the_other_readings(page, told):
    readings = page.split("Read in another way")[1].split("</table>")[0]
    assert "Missing scores imputed, 20 times" in readings
    number = told["numbers"]["sofa_response_day_9.imputed.difference"]
    assert number["value"]["method"] == "Multiple imputation, Rubin's rules"
    assert number["derivation"] == "derivation.imputation"
    assert "sofa_response_day_9.shift.8.p" in told["numbers"]


def test_pairs_and_the_course_are_compared(told):
    counts = [told["numbers"][f"pairs.whole.{name}"]["value"] for name in ("won", "lost", "tied")]
    sizes = [told["numbers"][f"set.analysed.{arm}"]["value"] for arm in ("precision", "placebo")]
    assert sum(counts) == sizes[0] * sizes[1]
    assert told["numbers"]["course.all.slope"]["value"]["method"] == "Linear mixed model"


def test_a_final_report_has_no_looks(told):
    assert not [name for name in told["numbers"] if name.startswith(("look.", "limits."))]


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
    records = take_records(
        tables_of({"participants": people}),
        manifest=manifest(**changes),
        trial=IMMUNOSEP,
        allow_unlocked=True,
    )
    return analyse_trial(records, report=report)


def _warned(analysis: TrialAnalysis) -> tuple[str, ...]:
    return document_of(analysis).warnings


def test_a_draft_says_so():
    assert DRAFT in _warned(_small(locked_s=None))


def test_dummy_arms_say_so():
    assert DUMMY in _warned(_small(arms=Arms.DUMMY))


def test_arms_that_are_closed_say_so():
    assert NOT_OPENED in _warned(_small(arms=Arms.CLOSED))


def test_a_closed_report_says_for_whom_it_is():
    document = document_of(_small(Report.CLOSED))
    assert CONFIDENTIAL in document.warnings
    assert "looks" in [section.id for section in document.sections]


def test_an_open_report_names_no_arm():
    arms, ids = {"precision", "placebo"}, [c.id for c in document_of(analysed(Report.OPEN)).cells()]
    assert not [id_ for id_ in ids if arms & set(id_.split("."))]
    assert not [id_ for id_ in ids if id_.endswith((".difference", ".odds_ratio", ".z"))]
    assert "look.information" in ids


@pytest.mark.parametrize(
    ("p", "said"), [(0.0004, "< 0.001"), (0.00152, "0.0015"), (0.0342, "0.034"), (0.3349, "0.33"),
                    (None, "–")],
)  # fmt: skip
def test_a_p_value_in_words(p, said):
    assert numbers.say_p(p).replace("\N{NO-BREAK SPACE}", " ") == said
