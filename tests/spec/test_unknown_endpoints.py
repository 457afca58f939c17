"""What is absent from the records is unknown: never a 0, never a no, unless the estimand names it.

Of a sample, ? is a result that is not there although blood was drawn; - in a table's cell is nothing.
An open record is one that is not locked: more may come into it. Whoever the row is of, others of the
trial have results and events, unless the test takes them away.
"""

from collections.abc import Iterator

import pytest

from immunosep.analysis import derivations
from immunosep.analysis.intercurrent import derive_discharge
from immunosep.analysis.records import Records, take_records
from immunosep.analysis.reversal import NO_RESULT, NOBODY, NOT_LOCKED, derive_reversal
from immunosep.protocol.endpoints import (
    AdverseEvents,
    Death,
    MeanSofa,
    OrderedOutcome,
    Reversal,
    SofaFall,
    SurvivalWithSofaFall,
)
from tests.recorded import (
    DAY_S,
    FIRST_DOSE_S,
    IMMUNOSEP,
    Row,
    days,
    manifest,
    participant,
    tables_of,
)
from tests.spec.drawn import rows

REVERSAL = Reversal(
    day=28, samples=2, ferritin_fall_fraction=0.15, hla_dr_above=8000, ferritin_below=4420
)
FALL = SofaFall(baseline_day=1, first_day=2, last_day=4, responds_above=1.4, dead_counts_as=24)
SERIOUS = AdverseEvents(day=90, serious=True)
OPEN = {"locked": False, "signed": False, "last_alive_s": FIRST_DOSE_S}
WHY = {"result": NO_RESULT, "locked": NOT_LOCKED, "followed": derivations.not_followed(28)}

REVERSALS = rows("""
| immune_state    | locked | samples                 | response | time_days | why      |
|-----------------|--------|-------------------------|----------|-----------|----------|
| immunoparalysis | yes    | 0:4000/3000 3:?/?       |          |           | result   |
| immunoparalysis | yes    | 0:4000/3000 3:900/?     |          |           | result   |
| immunoparalysis | yes    | 0:4000/3000 3:5000/?    | no       | 28        |          |
| immunoparalysis | yes    | 0:?/? 3:900/9000        |          |           | result   |
| immunoparalysis | yes    | 0:4000/3000 3:?/? 5:900/9000 | yes | 5         |          |
| immunoparalysis | yes    | 0:4000/3000             | no       | 28        |          |
| immunoparalysis | yes    |                         | no       | 28        |          |
| immunoparalysis | no     | 0:4000/3000             |          |           | locked   |
| immunoparalysis | no     |                         |          |           | locked   |
| immunoparalysis | no     | 0:4000/3000 3:900/3000  |          | 3         | followed |
| immunoparalysis | no     | 0:4000/3000 3:900/9000  | yes      | 3         |          |
| mals            | yes    | 0:9000/3000 3:?/900     |          |           | result   |
| mals            | yes    | 0:?/3000 3:4000/900     |          |           | result   |
""")

# Scores of days 1 to 4; response of the fall by day 4, and the survivors' mean.
FALLS = rows("""
| locked | days          | response | mean | why                                    |
|--------|---------------|----------|------|----------------------------------------|
| yes    | 9 - - -       | no       | 9    |                                        |
| no     | 9 - - -       |          |      | not known to have been followed to day 4 |
| no     | 9 5 - -       |          |      | not known to have been followed to day 4 |
| no     | 9 - - 5       | no       | 8    |                                        |
| no     | 9 5 → →       | yes      | 6    |                                        |
| no     | 9 † - -       | no       |      |                                        |
| no     | - 5 5 5       |          |      | no score on day 1                      |
""")
SIGNS = {"†": "dead", "→": "discharged", "-": None}


def _people(drawn: list[Row]) -> list[Row]:
    return [
        participant(f"{at:02}", **({} if row["locked"] else OPEN))
        | ({"immune_state": row["immune_state"]} if "immune_state" in row else {})
        for at, row in enumerate(drawn)
    ]


def _records(tables: dict[str, list[Row]]) -> Records:
    return take_records(
        tables_of(tables), manifest=manifest(), trial=IMMUNOSEP, allow_unlocked=True
    )


def _samples(name: str, drawn: str | None) -> Iterator[Row]:
    for sample in (drawn or "").split():
        day, values = sample.split(":")
        ferritin, hla_dr = (None if v == "?" else float(v) for v in values.split("/"))
        yield {"participant": name, "day": int(day), "drawn_s": FIRST_DOSE_S + int(day) * DAY_S,
               "ferritin_ng_ml": ferritin, "hla_dr_per_monocyte": hla_dr}  # fmt: skip


@pytest.fixture(scope="module")
def reversals() -> list[Row]:
    drawn = [s for at, row in enumerate(REVERSALS) for s in _samples(f"{at:02}", row["samples"])]
    records = _records({"participants": _people(REVERSALS), "samples": drawn})
    found: list[Row] = records.ask(derive_reversal(REVERSAL).order_by("participant")).to_pylist()
    return found


@pytest.mark.parametrize("column", ["response", "time_days"])
def test_reversal_is_unknown_where_no_result_tells(reversals, column):
    assert [row[column] for row in reversals] == [row[column] for row in REVERSALS]


def test_reversal_that_is_unknown_says_why(reversals):
    expected = [WHY.get(row["why"] or "") for row in REVERSALS]
    assert [row["unknown_because"] for row in reversals] == expected


def test_reversal_without_a_later_result_of_anybody_is_unknown_of_everybody():
    told = {"participants": [participant("a"), participant("b")],
            "samples": list(_samples("a", "0:4000/3000"))}  # fmt: skip
    found = _records(told).ask(derive_reversal(REVERSAL)).to_pylist()
    assert [row["response"] for row in found] == [None, None]
    assert [row["event"] for row in found] == [False, False]
    assert {row["unknown_because"] for row in found} == {NOBODY}


def _scored() -> Records:
    told = [
        day
        for at, row in enumerate(FALLS)
        for day in days(f"{at:02}", [SIGNS[s] if s in SIGNS else int(s) for s in
                                     row["days"].split()])
    ]  # fmt: skip
    return _records({"participants": _people(FALLS), "days": told})


def test_scores_are_not_carried_into_days_that_may_still_come():
    asked = derivations.derive_sofa_fall(FALL).order_by("participant")
    found = _scored().ask(asked).to_pylist()
    assert [row["response"] for row in found] == [row["response"] for row in FALLS]
    assert [row["unknown_because"] for row in found] == [row["why"] for row in FALLS]


@pytest.mark.parametrize("reading", list(derivations.Reading))
def test_no_reading_answers_for_days_that_may_still_come(reading):
    asked = derivations.derive_sofa_fall(FALL, reading=reading).order_by("participant")
    assert _scored().ask(asked)["response"].to_pylist()[1:3] == [None, None]


def test_the_mean_of_survivors_waits_for_the_last_day():
    asked = derivations.derive_mean_sofa(MeanSofa(first_day=1, last_day=4)).order_by("participant")
    found = _scored().ask(asked).to_pylist()
    assert [row["value"] for row in found] == [row["mean"] for row in FALLS]
    assert [row["unknown_because"] for row in found] == [row["why"] for row in FALLS]


def test_survival_with_a_fall_waits_for_its_day():
    asked = derivations.derive_survival_with_sofa_fall(SurvivalWithSofaFall(day=4))
    found = _scored().ask(asked.order_by("participant"))["response"].to_pylist()
    assert found == [False, None, None, True, True, False, None]


def test_death_is_unknown_of_whom_nobody_asked():
    lost = participant("a", last_alive_s=None)
    asked = derivations.derive_death(Death(day=28))
    found = _records({"participants": [lost, participant("b")]}).ask(asked.order_by("participant"))
    assert found["response"].to_pylist() == [None, False]
    assert found["time_days"].to_pylist() == [0.0, 28.0]
    assert found["unknown_because"].to_pylist() == ["not known to be alive or dead on day 28", None]


def test_an_outcome_that_nobody_recorded_is_unknown():
    asked = derivations.derive_ordered_outcome(OrderedOutcome(day=15, levels=("good", "bad")))
    found = _records({"participants": [participant("a")]}).ask(asked).to_pylist()
    assert found == [{"participant": "a", "level": None, "unknown_because": "no outcome recorded"}]


def _event(name: str, *, serious: bool | None) -> Row:
    return {"participant": name, "number": 1 if serious is None else 2, "term": "fever",
            "began_s": FIRST_DOSE_S, "serious": serious, "susar": False}  # fmt: skip


def test_an_event_of_unknown_seriousness_leaves_the_answer_open():
    told = {
        "participants": [participant(name) for name in "abcd"],
        "events": [_event("a", serious=None), _event("b", serious=None), _event("b", serious=True),
                   _event("c", serious=False)],
    }  # fmt: skip
    asked = derivations.derive_adverse_events(SERIOUS).order_by("participant")
    assert _records(told).ask(asked)["response"].to_pylist() == [None, True, False, False]


def test_no_event_of_anybody_says_nothing_of_anybody():
    asked = derivations.derive_adverse_events(SERIOUS)
    found = _records({"participants": [participant("a")]}).ask(asked).to_pylist()
    assert [(row["response"], row["events"]) for row in found] == [(None, 0)]


def test_a_discharge_may_still_come():
    gone = FIRST_DOSE_S + 3 * DAY_S
    told = {
        "participants": [participant("a"), participant("b", **OPEN), participant("c", **OPEN),
                         participant("d", left_hospital_s=gone)],
        "days": days("c", [9, "discharged"]),
    }  # fmt: skip
    found = _records(told).ask(derive_discharge(9).order_by("participant"))
    assert found["response"].to_pylist() == [False, None, True, True]
