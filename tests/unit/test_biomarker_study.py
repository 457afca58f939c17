"""A marker studied in three cohorts: how they are made, read, and what comes out."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from immunosep.analysis.biomarker.cohorts import Cohort, assign_cohorts, split_cohorts
from immunosep.analysis.biomarker.cut_offs import CutOffRule
from immunosep.analysis.biomarker.reading import read_markers
from immunosep.analysis.biomarker.study import Question, Study, study_marker
from immunosep.errors import AnalysisError, SourceError

PEOPLE = 900
RNG = np.random.default_rng(11)
ILL = RNG.random(PEOPLE) < 0.2
FERRITIN = np.exp(RNG.normal(6.5 + 1.5 * ILL, 1.0))
CRP = np.exp(RNG.normal(4.5 + 0.3 * ILL, 0.8))
COHORTS = [Cohort.TEST] * 500 + [Cohort.VALIDATION] * 250 + [Cohort.CONFIRMATION] * 150
QUESTION = Question(
    markers=("ferritin", "crp"),
    rule=CutOffRule(rule="specificity", value=0.9),
    prevalences=(0.04,),
    limits=(0.1, 0.3),
    logarithm=True,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def study(ill: Any = ILL) -> Study:
    return study_marker({"ferritin": FERRITIN, "crp": CRP}, ill, COHORTS, QUESTION)


def test_split_is_two_thirds_within_each_outcome():
    cohorts = np.array([cohort.value for cohort in split_cohorts(ILL, rng=rng())])
    assert (cohorts[ILL] == "test").sum() == round(ILL.sum() * 2 / 3)
    assert (cohorts[~ILL] == "test").sum() == round((~ILL).sum() * 2 / 3)


def test_the_same_generator_splits_alike():
    assert split_cohorts(ILL, rng=rng()) == split_cohorts(ILL, rng=rng())
    assert split_cohorts(ILL, rng=rng()) != split_cohorts(ILL, rng=np.random.default_rng(4))


def test_a_confirmation_cohort_is_left_as_told():
    told = [None] * 700 + ["confirmation"] * 200
    found = assign_cohorts(told, ILL, rng=rng())
    assert found[700:] == [Cohort.CONFIRMATION] * 200
    assert set(found[:700]) == {Cohort.TEST, Cohort.VALIDATION}


def test_cohorts_that_are_all_told_are_kept():
    told = [cohort.value for cohort in COHORTS]
    assert assign_cohorts(told, ILL, rng=rng()) == COHORTS


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (["Sweden"] * PEOPLE, "1 other words stand in the column"),
        (["test", None] * (PEOPLE // 2), "450 rows have no cohort"),
    ],
)
def test_cohorts_that_cannot_be_told_are_refused(told, said):
    with pytest.raises(AnalysisError, match=said):
        assign_cohorts(told, ILL, rng=rng())


@pytest.mark.parametrize("share", [0, 1])
def test_a_share_leaves_both_parts_someone(share):
    with pytest.raises(AnalysisError, match="the share of the test cohort"):
        split_cohorts(ILL, rng=rng(), share=share)


def test_cut_off_comes_from_the_test_cohort_alone():
    scrambled = ILL.copy()
    scrambled[500:] = ~scrambled[500:]
    assert study(ill=scrambled).cut_off == study().cut_off


def test_every_cohort_is_judged_by_that_cut_off():
    found = study()
    assert [result.cohort for result in found.cohorts] == list(Cohort)
    assert [result.people for result in found.cohorts] == [500, 250, 150]
    counts = found.cohorts[2].accuracy.counts
    assert counts.true_positive == ((found.cut_off < FERRITIN) & ILL)[750:].sum()


def test_specificity_in_the_test_cohort_is_at_least_the_one_asked():
    accuracy = study().cohorts[0].accuracy
    assert accuracy.specificity.value is not None
    assert 0.9 <= accuracy.specificity.value < 0.91


def test_risk_is_fitted_to_the_test_cohort_alone():
    found = study()
    calibrations = [result.calibration for result in found.cohorts]
    assert calibrations[0] is not None
    assert calibrations[1] is not None
    assert calibrations[0].slope.value == pytest.approx(1)
    assert calibrations[1].slope.value != pytest.approx(1, abs=1e-3)
    assert found.risk is not None
    assert list(found.risk.weights) == ["ferritin"]


def test_a_further_marker_is_compared_in_each_cohort():
    for result in study().cohorts:
        (comparison,) = result.comparisons
        assert comparison.marker == "crp"
        assert comparison.difference.difference.value == pytest.approx(
            (comparison.area.value or 0) - (result.area.value or 0)
        )
        assert comparison.added is not None
        assert comparison.added.categorical is not None


def test_order_of_the_people_does_not_matter():
    order = rng().permutation(PEOPLE)
    turned = study_marker(
        {"ferritin": FERRITIN[order], "crp": CRP[order]},
        ILL[order],
        [COHORTS[at] for at in order],
        QUESTION,
    )
    assert turned.cut_off == study().cut_off
    assert turned.cohorts[1].accuracy == study().cohorts[1].accuracy


def test_a_marker_that_tells_all_apart_has_no_risk_but_a_cut_off():
    found = study_marker(
        {"ferritin": ILL + FERRITIN * 1e-9, "crp": CRP},
        ILL,
        COHORTS,
        Question(markers=("ferritin", "crp")),
    )
    result = found.cohorts[1]
    assert (found.risk, result.calibration, result.decision) == (None, None, None)
    assert result.accuracy.sensitivity.value == 1
    assert result.comparisons[0].added is None


def test_all_that_keeps_a_study_from_being_done_is_said_at_once():
    with pytest.raises(AnalysisError) as raised:
        study_marker(
            {"ferritin": np.zeros(PEOPLE), "crp": -CRP}, ILL, [Cohort.VALIDATION] * PEOPLE, QUESTION
        )
    assert len(raised.value.problems) == 3


def test_a_cohort_with_too_few_is_refused():
    few = ILL.copy()
    few[750:] = False
    with pytest.raises(
        AnalysisError, match="the confirmation cohort has 0 with the condition of 150"
    ):
        study(ill=few)


def test_a_marker_the_same_for_everyone_is_refused():
    with pytest.raises(AnalysisError, match="has the same value for everyone"):
        study_marker({"ferritin": np.ones(PEOPLE)}, ILL, COHORTS, Question(markers=("ferritin",)))


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_rows_that_lack_a_value_are_left_out_and_counted(tmp_path):
    path = write(tmp_path / "m.csv", "f,ill,group\n1.5,1,test\n,0,test\n3,,\n4,no,\n")
    table = read_markers(path, markers=["f"], outcome="ill", cohort="group")
    assert table.markers["f"].tolist() == [1.5, 4]
    assert table.outcome.tolist() == [True, False]
    assert (table.cohorts, table.left_out) == (("test", None), 2)


def test_parquet_is_read_like_csv(tmp_path):
    parquet.write_table(
        pa.table({"f": [1.5, None, 4.0], "ill": [True, False, False]}), tmp_path / "m.parquet"
    )
    table = read_markers(tmp_path / "m.parquet", markers=["f"], outcome="ill")
    assert table.markers["f"].tolist() == [1.5, 4]
    assert (table.outcome.tolist(), table.left_out) == ([True, False], 1)


def test_every_wrong_cell_is_said_by_its_line_and_never_by_its_value(tmp_path):
    path = write(tmp_path / "m.csv", "f,ill\nsecret,1\n2,maybe\ninf,0\n")
    with pytest.raises(SourceError) as raised:
        read_markers(path, markers=["f"], outcome="ill")
    assert len(raised.value.problems) == 3
    assert "line 2: f: is no number" in raised.value.problems[0]
    assert "secret" not in str(raised.value)
    assert "maybe" not in str(raised.value)


def test_a_misspelt_column_is_answered_with_the_nearest(tmp_path):
    path = write(tmp_path / "m.csv", "ferritin,ill\n1,1\n")
    with pytest.raises(SourceError) as raised:
        read_markers(path, markers=["feritin"], outcome="x")
    assert "the nearest is 'ferritin'" in raised.value.problems[0]
    assert "it has ferritin, ill" in raised.value.problems[1]
