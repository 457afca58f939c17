"""SOFA of a day's page: in the casebook's units, with bounds where something is missing."""

from typing import Any

import pytest

from immunosep.concepts.sofa_version import ALGORITHM
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.scoring import has_score, score_of, scores_of

WHOLE: dict[str, Any] = {
    "day_status": "present",
    "pao2_mmhg": {"value": 10, "unit": "kPa"},  # 75 mmHg
    "fio2": {"value": 50, "unit": "%"},  # ratio 150
    "respiratory_support": True,
    "platelets_10e3_ul": 90,
    "bilirubin_mg_dl": {"value": 40, "unit": "umol/L"},  # 2.3 mg/dL
    "map_mmhg": 60,
    "norepinephrine_ug_kg_min": 0.05,
    "gcs": 14,
    "creatinine_mg_dl": 1.5,
}


def test_score_of_a_whole_page() -> None:
    score = score_of(WHOLE)
    assert score is not None
    assert dict(score.parts) == {
        "respiration": 3, "coagulation": 2, "liver": 2, "cardiovascular": 3, "cns": 1, "renal": 1,
    }  # fmt: skip
    assert (score.text, score.is_known, score.algorithm) == ("12", True, ALGORITHM)


def test_score_with_a_missing_organ_lies_between() -> None:
    score = score_of({name: value for name, value in WHOLE.items() if name != "bilirubin_mg_dl"})
    assert score is not None
    assert (score.text, score.parts["liver"]) == ("between 10 and 14", None)


@pytest.mark.parametrize("status", ["dead", "discharged", "not_assessed"])
def test_nobody_is_scored_who_was_not_assessed(status: str) -> None:
    assert score_of(WHOLE | {"day_status": status}) is None


def test_a_page_without_values_has_no_score() -> None:
    assert score_of({"day_status": "present"}) is None


def test_many_pages_are_scored_in_their_order() -> None:
    found = scores_of([{"gcs": 15}, {}, {"gcs": 5}])
    assert [score and score.parts["cns"] for score in found] == [0, None, 4]


def test_of_no_page_there_is_no_score() -> None:
    assert scores_of([]) == []


def test_only_the_form_of_the_day_has_a_score() -> None:
    scored = [form.id for form in IMMUNOSEP.casebook if has_score(form)]
    assert scored == [find_form("daily_sofa", IMMUNOSEP).id]
