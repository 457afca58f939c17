"""A report of records that hide, lack or await something: unknown there, and it says why."""

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from immunosep.analysis.conduct import count_doses, describe_quality
from immunosep.analysis.flow import count_flow, per_protocol
from immunosep.analysis.harms import analyse_harms
from immunosep.analysis.people import People, gather_people
from immunosep.analysis.records import take_records
from immunosep.analysis.report_data import Report, TrialAnalysis, analyse_trial
from immunosep.errors import AnalysisError
from immunosep.report.trial.document import NO_DEVIATION, NO_DOSE, NO_EVENT, SO_FAR, document_of
from immunosep.report.trial.model import Document, Picture
from immunosep.report.trial.unknown_words import HIDDEN
from immunosep.report.trial.word import word_file
from immunosep.report.trial.written import html_page, json_file
from immunosep.simulation.courses import draw_trial
from tests.recorded import (
    FIRST_DOSE_S,
    IMMUNOSEP,
    LOCKED_S,
    days,
    manifest,
    participant,
    records_of,
    tables_of,
)

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
RESULTS = ("ferritin_ng_ml", "hla_dr_per_monocyte")
Tables = dict[str, pa.Table]


def _with(rows: pa.Table, name: str, values: Any) -> pa.Table:
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, rows.schema.field(at), values)


def _handed_out_while_it_runs() -> Tables:
    """As a site writes them before the trial is locked: no result after entry, nothing signed."""
    tables = dict(draw_trial(np.random.default_rng(5), participants=40))
    samples = tables["samples"]
    for name in RESULTS:
        entry = pc.equal(samples["day"], 0)
        samples = _with(samples, name, pc.if_else(entry, samples[name], pa.scalar(None)))
    people = tables["participants"]
    for name in ("locked", "signed"):
        people = _with(people, name, pa.array([False] * people.num_rows))
    return tables | {"samples": samples, "participants": people}


def _analysed(tables: Tables, report: Report = Report.FINAL) -> TrialAnalysis:
    records = take_records(
        tables, manifest=manifest(locked_s=None), trial=IMMUNOSEP, allow_unlocked=True
    )
    return analyse_trial(records, report=report)


@pytest.fixture(scope="module")
def hidden() -> TrialAnalysis:
    return _analysed(_handed_out_while_it_runs())


@pytest.fixture(scope="module")
def document(hidden) -> Document:
    return document_of(hidden)


@pytest.fixture(scope="module")
def told(hidden, document) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json_file(document, hidden, as_of=MOMENT))
    return found


def _texts(told: dict[str, Any], start: str) -> set[str]:
    return {number["text"] for id_, number in told["numbers"].items() if id_.startswith(start)}


def test_hidden_results_make_no_reversal_of_anybody(hidden):
    reversal = next(one for one in hidden.endpoints if one.endpoint.id == "reversal")
    for line in (reversal.line, *reversal.by_state, *(one.line for one in reversal.sensitivity)):
        assert [(group.events, group.total) for group in line.groups] == [(0, 0), (0, 0)]
        assert line.difference.value is None
    assert set(reversal.times.curves.values()) == {None}
    assert reversal.adjusted.odds_ratio.value is None


def test_hidden_results_are_unknown_of_all_in_every_table(told):
    numbers = {i: n for i, n in told["numbers"].items() if i.startswith("reversal.")}
    assert numbers
    assert not [i for i, n in numbers.items() if re.search(r"\d+/\d|0\.0 %", n["text"])]
    assert numbers["reversal.precision"]["value"]["events"] is None
    assert re.fullmatch(r"unknown of \d+", numbers["reversal.precision"]["text"])
    assert _texts(told, "reversal.difference") == {"not estimable"}


def test_hidden_results_are_said_to_be_in_words_and_for_machines(hidden, document, told):
    said = told["unknown"]["reversal"]["words"]
    assert said.startswith("Not estimable: of none of the")
    assert said.endswith(HIDDEN)
    assert sum(told["unknown"]["reversal"]["because"].values()) == told["unknown"]["reversal"]["of"]
    assert said in html_page(document, hidden, as_of=MOMENT).replace("&#39;", "'")


def test_hidden_results_are_said_to_be_in_word(document, told):
    paper = docx.Document(BytesIO(word_file(document, as_of=MOMENT)))
    assert told["unknown"]["reversal"]["words"] in [p.text for p in paper.paragraphs]


def test_hidden_results_are_drawn_in_no_figure(document):
    pictures = [b.id for s in document.sections for b in s.blocks if isinstance(b, Picture)]
    assert not [id_ for id_ in pictures if "reversal" in id_]
    assert "figure.death_day_90" in pictures


def test_few_samples_of_unknown_result_are_no_intercurrent_event(hidden):
    reversal = next(one for one in hidden.endpoints if one.endpoint.id == "reversal")
    fewer = next(one for one in reversal.happened if one.event.event == "fewer than two samples")
    assert set(fewer.counts.values()) == {0}
    assert sum(fewer.unknown.values()) == sum(g.members.sum() for g in hidden.groups)


def test_a_draft_says_that_more_events_may_come(document):
    assert SO_FAR in _paragraphs(document)


def _paragraphs(document: Document) -> set[str]:
    return {
        paragraph
        for section in document.sections
        for block in section.blocks
        for paragraph in getattr(block, "paragraphs", ())
    }


@pytest.mark.parametrize("report", list(Report))
def test_empty_tables_are_no_counts_of_zero(report):
    two = [participant("a"), participant("b", arm="placebo", last_alive_s=None)]
    document = document_of(_analysed(tables_of({"participants": two}), report))
    assert {NO_EVENT, NO_DOSE, NO_DEVIATION} <= _paragraphs(document)
    texts = {c.id: c.text for c in document.cells()}
    whose = ("all",) if report is Report.OPEN else ("precision", "placebo")
    of = 2 if report is Report.OPEN else 1
    for id_ in ("serious_adverse_events", "sofa_response_day_9", "reversal"):
        assert {texts[f"{id_}.{group}"] for group in whose} == {f"unknown of {of}"}
    assert {texts[f"infection_outcome_day_15.failure.{group}"] for group in whose} == {"unknown"}
    assert {texts[f"death_day_28.{group}"] for group in whose} <= {
        "0/1 (0.0\N{NO-BREAK SPACE}%); 1 unknown", "0/1 (0.0\N{NO-BREAK SPACE}%)", "unknown of 1",
    }  # fmt: skip


def _people(told: dict[str, list[dict[str, Any]]]) -> People:
    records = take_records(
        tables_of(told), manifest=manifest(), trial=IMMUNOSEP, allow_unlocked=True
    )
    return gather_people(records)


def _branch(**changes: Any) -> Any:
    told = {"participants": [participant("a", **changes), participant("b", arm="placebo")]}
    return count_flow(_people(told)).branches[0]


def test_who_may_still_be_asked_about_is_not_lost():
    asked = {"last_alive_s": FIRST_DOSE_S, "died_s": None}
    waiting, lost = _branch(locked=False, **asked), _branch(**asked)
    assert (waiting.lost, waiting.pending) == (0, 1)
    assert (lost.lost, lost.pending) == (1, 0)


def test_an_end_of_treatment_that_is_not_recorded_is_counted_apart():
    branch = _branch(treatment_completed=None)
    assert (branch.completed, dict(branch.stopped), branch.end_unknown) == (0, {}, 1)


def test_a_deviation_that_nobody_judged_leaves_the_set_open():
    told = {
        "participants": [participant(name) for name in "abc"],
        "deviations": [
            {"participant": name, "centre": "athens", "kind": "late dose", "important": important,
             "found_by": "rule"}
            for name, important in (("a", None), ("b", True), ("b", None))
        ],
    }  # fmt: skip
    found = per_protocol(_people(told))
    assert np.array_equal(found, [np.nan, 0.0, 1.0], equal_nan=True)


def test_a_dose_still_to_come_is_no_dose_missed():
    def dose(number: int, due_s: int, given_s: int | None) -> dict[str, Any]:
        return {"participant": "a", "route": "iv", "number": number, "due_s": due_s,
                "given_s": given_s}  # fmt: skip

    told = {
        "participants": [participant("a")],
        "doses": [dose(1, FIRST_DOSE_S, FIRST_DOSE_S), dose(2, FIRST_DOSE_S + 60, None),
                  dose(3, LOCKED_S + 60, None)],
    }  # fmt: skip
    (line,) = count_doses(_people(told))
    assert (line.planned, line.given) == ((2, 0), (1, 0))


def test_days_without_a_word_are_counted_as_such():
    told = {"participants": [participant("a"), participant("b", arm="placebo")],
            "days": [*days("a", [9, None, "discharged"]), *days("b", [9, "dead"])]}  # fmt: skip
    assert describe_quality(_people(told)).days_unrecorded == 15 - 2


@pytest.mark.parametrize("grade", [None, 3])
def test_an_event_of_unknown_grade_is_not_taken_for_a_mild_one(grade):
    event = {"participant": "a", "number": 1, "term": "fever", "began_s": FIRST_DOSE_S,
             "serious": False, "grade": grade, "susar": False}  # fmt: skip
    told = {"participants": [participant("a"), participant("b", arm="placebo")], "events": [event]}
    harms = analyse_harms(_people(told))
    severe = next(kind for kind in harms.kinds if kind.line.id == "harms.severe").line.groups[0]
    assert (severe.events, severe.unknown) == ((0, 1) if grade is None else (1, 0))


def test_an_outcome_in_another_word_is_refused_not_taken_as_absent():
    told = {"participants": [participant("a", infection_outcome="cured")]}
    with pytest.raises(AnalysisError, match="column infection_outcome: 1 row"):
        records_of(told)
