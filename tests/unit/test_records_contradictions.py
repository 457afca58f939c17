"""Records that contradict themselves are refused, each contradiction with its rows."""

import pytest

from immunosep.analysis.records import take_records
from immunosep.errors import AnalysisError
from immunosep.sources.records import Arms
from immunosep.trials import find_trial
from tests.recorded import (
    DAY_S,
    FIRST_DOSE_S,
    IMMUNOSEP,
    Row,
    days,
    manifest,
    participant,
    records_of,
    tables_of,
)

A = [participant("a")]
WITHDRAWN = participant("w", data_withdrawn=True)
EARLY = FIRST_DOSE_S - 10

CASES: dict[str, tuple[dict[str, list[Row]], str]] = {
    "a participant twice": (
        {"participants": A + A},
        "participants.parquet: 1 row (2) repeat participant",
    ),
    "a day twice": (
        {"participants": A, "days": days("a", [9]) + days("a", [8])},
        "days.parquet: 1 row (2) repeat participant and day",
    ),
    "a day of nobody": (
        {"participants": A, "days": days("b", [9, 9])},
        "days.parquet: 2 rows (1, 2) of somebody who is not in participants.parquet",
    ),
    "a day of somebody who left": (
        {"participants": [WITHDRAWN], "days": days("w", [9])},
        "days.parquet: 1 row (1) of participants who took back their data",
    ),
    "present after being dead": (
        {"participants": A, "days": days("a", [9, "dead", 8])},
        "days.parquet: 1 row (3) are present after a day on which they were dead",
    ),
    "present after the moment of death": (
        {
            "participants": [participant("a", died_s=FIRST_DOSE_S + 60,
                                         last_alive_s=FIRST_DOSE_S + 60)],
            "days": days("a", [9, 9, 9, 9]),
        },
        "days.parquet: 2 rows (3, 4) are present after the moment of death",
    ),
    "a score outside its bounds": (
        {"participants": A, "days": [days("a", [9])[0] | {"sofa_highest": 8}]},
        "days.parquet, column sofa: 1 row (1) lie outside",
    ),
    "an arm of no trial": (
        {"participants": [participant("a", arm="third")]},
        "column arm: 1 row (1) hold none of the trial's arms",
    ),
    "an arm that is missing": (
        {"participants": [participant("a", arm=None)]},
        "column arm: 1 row (1) are empty, while the manifest says that the arms are real",
    ),
    "an immune state of no trial": (
        {"participants": [participant("a", immune_state="well")]},
        "column immune_state: 1 row (1) hold another word",
    ),
    "death before the first dose": (
        {"participants": [participant("a", died_s=EARLY, last_alive_s=EARLY)]},
        "in 1 row (1) died_s lies before first_dose_s",
    ),
    "alive after death": (
        {"participants": [participant("a", died_s=FIRST_DOSE_S + DAY_S)]},
        "in 1 row (1) died_s lies before last_alive_s",
    ),
    "not signed": ({"participants": [participant("a", signed=False)]}, "1 row (1) not signed"),
    "not locked": ({"participants": [participant("a", locked=False)]}, "1 row (1) not locked"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(CASES))
def test_a_contradiction_is_refused(case):
    told, said = CASES[case]
    with pytest.raises(AnalysisError) as caught:
        records_of(told)
    assert said in str(caught.value)


def test_all_contradictions_are_named_at_once():
    told = {"participants": [participant("a", arm="third", signed=False)], "days": days("b", [9])}
    with pytest.raises(AnalysisError) as caught:
        records_of(told)
    assert len(caught.value.problems) == 3


def test_many_rows_at_fault_are_counted_and_the_first_named():
    with pytest.raises(AnalysisError, match=r"9 rows \(1, 2, 3, 4, 5, …\)"):
        records_of({"participants": A, "days": days("b", [9] * 9)})


def test_no_message_holds_a_value():
    with pytest.raises(AnalysisError) as caught:
        records_of({"participants": [participant("secret", arm="third", immune_state="well")]})
    assert not {"secret", "third", "well"} & set(str(caught.value).replace(",", " ").split())


def test_arms_that_are_filled_while_the_code_is_closed_are_refused():
    with pytest.raises(AnalysisError, match="the code is closed"):
        records_of({"participants": A}, arms=Arms.CLOSED)


def test_unlocked_records_make_a_draft_where_that_is_asked_for():
    told = tables_of({"participants": A})
    with pytest.raises(AnalysisError, match="--unlocked"):
        take_records(told, manifest=manifest(locked_s=None), trial=IMMUNOSEP)
    draft = take_records(
        told, manifest=manifest(locked_s=None), trial=IMMUNOSEP, allow_unlocked=True
    )
    assert draft.draft
    assert not records_of({"participants": A}).draft


def test_records_of_another_trial_are_refused():
    with pytest.raises(AnalysisError, match="expected 'provide'"):
        take_records(tables_of({}), manifest=manifest(), trial=find_trial("provide"))
