"""The other endpoints of ImmunoSep: mean score of survivors, death, reversal, events, outcome.

Giamarellos-Bourboulis JAMA 2026;335:775 and its supplements; ferritin's fall of 15 %:
Kyriazopoulou BMC Med 2017;15:172. Each sample is day:ferritin/HLA-DR; the first is what later ones
are compared with.
"""

from collections.abc import Iterator

import pytest
from ibis.expr import types as ir

from immunosep.analysis import derivations
from immunosep.analysis.records import Records
from immunosep.analysis.reversal import derive_reversal
from immunosep.protocol.endpoints import (
    AdverseEvents,
    Death,
    MeanSofa,
    OrderedOutcome,
    Reversal,
    SurvivalWithSofaFall,
)
from tests.recorded import DAY_S, FIRST_DOSE_S, Row, days, participant, records_of
from tests.spec.drawn import rows

REVERSAL = Reversal(
    day=28, samples=2, ferritin_fall_fraction=0.15, hla_dr_above=8000, ferritin_below=4420
)
LEVELS = ("resolution", "intermediate", "failure", "superinfection")

REVERSALS = rows("""
| immune_state    | samples                           | response | time_days |
|-----------------|-----------------------------------|----------|-----------|
| immunoparalysis | 0:4000/3000 3:4419/8001           | yes      | 3         |
| immunoparalysis | 0:4000/3000 3:4419/8000           | no       | 28        |
| immunoparalysis | 0:4000/3000 3:4420/9000           | no       | 28        |
| immunoparalysis | 0:4000/9000                       | no       | 28        |
| immunoparalysis | 0:4000/3000 30:900/9000           | no       | 28        |
| mals            | 0:10000/- 4:8500/-                | yes      | 4         |
| mals            | 0:10000/- 4:8501/-                | no       | 28        |
| mals            | 0:10000/- 4:9000/- 15:8000/-      | yes      | 15        |
| mals            | 0:10000/-                         | no       | 28        |
| mals            |                                   | no       | 28        |
""")

DEATHS = rows("""
| died_day | seen_until_day | told      | response | time_days |
|----------|----------------|-----------|----------|-----------|
|          | 90             |           | no       | 28        |
| 28       | 28             |           | yes      | 27.5      |
| 29       | 29             |           | no       | 28        |
| 3        | 3              | 28 dead   | yes      | 2.5       |
|          | 10             | 28 alive  | no       | 28        |
|          | 10             | 28 dead   | yes      | 28        |
|          | 10             |           |          | 10        |
""")


def _samples(name: str, drawn: str | None) -> Iterator[Row]:
    def number(text: str) -> float | None:
        return None if text == "-" else float(text)

    for sample in (drawn or "").split():
        day, values = sample.split(":")
        ferritin, hla_dr = (number(value) for value in values.split("/"))
        yield {"participant": name, "day": int(day), "ferritin_ng_ml": ferritin,
               "hla_dr_per_monocyte": hla_dr}  # fmt: skip


def _answered(records: Records, expression: ir.Table) -> list[Row]:
    found: list[Row] = records.ask(expression.order_by("participant")).to_pylist()
    return found


def _named(drawn: list[Row]) -> list[tuple[str, Row]]:
    return [(f"{at:02}", row) for at, row in enumerate(drawn)]


@pytest.mark.parametrize("column", ["response", "time_days"])
def test_reversal_of_the_worked_participants(column):
    told = {
        "participants": [
            participant(name, immune_state=row["immune_state"]) for name, row in _named(REVERSALS)
        ],
        "samples": [s for name, row in _named(REVERSALS) for s in _samples(name, row["samples"])],
    }
    found = _answered(records_of(told), derive_reversal(REVERSAL))
    assert [row[column] for row in found] == [row[column] for row in REVERSALS]


def _followed(name: str, row: Row) -> Row:
    middle = -DAY_S // 2
    died = FIRST_DOSE_S + row["died_day"] * DAY_S + middle if row["died_day"] else None
    seen = died or FIRST_DOSE_S + row["seen_until_day"] * DAY_S
    return participant(name, died_s=died, last_alive_s=seen)


@pytest.mark.parametrize("column", ["response", "time_days"])
def test_death_by_day_28_of_the_worked_participants(column):
    told = {
        "participants": [_followed(name, row) for name, row in _named(DEATHS)],
        "status": [
            {"participant": name, "day": int(day), "status": word}
            for name, row in _named(DEATHS)
            if row["told"]
            for day, word in [row["told"].split()]
        ],
    }
    found = _answered(records_of(told), derivations.derive_death(Death(day=28)))
    assert [row[column] for row in found] == [row[column] for row in DEATHS]


def test_mean_sofa_is_of_survivors_alone():
    told = {
        "participants": [participant("a"), participant("b")],
        "days": [*days("a", [9, 8, 7, "discharged"]), *days("b", [9, 9, "dead"])],
    }
    found = records_of(told).ask(derivations.derive_mean_sofa(MeanSofa(first_day=1, last_day=4)))
    assert {row["participant"]: row["value"] for row in found.to_pylist()} == {"a": 7.75, "b": None}


def test_survival_with_a_fall_asks_for_both():
    told = {
        "participants": [participant(name) for name in "abcd"],
        "days": [*days("a", [9, 8]), *days("b", [9, 9]), *days("c", [9, "dead"]),
                 *days("d", [None, 3])],
    }  # fmt: skip
    asked = derivations.derive_survival_with_sofa_fall(SurvivalWithSofaFall(day=2))
    found = {row["participant"]: row["response"] for row in records_of(told).ask(asked).to_pylist()}
    assert found == {"a": True, "b": False, "c": False, "d": None}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (SurvivalWithSofaFall(day=2, fall_points=2), [False, True]),
        (SurvivalWithSofaFall(day=2, fall_fraction=0.25), [False, True]),
    ],
)
def test_survival_with_a_fall_of_so_much(definition, expected):
    told = {
        "participants": [participant("a"), participant("b")],
        "days": [*days("a", [8, 7]), *days("b", [8, 6])],
    }
    asked = derivations.derive_survival_with_sofa_fall(definition).order_by("participant")
    assert records_of(told).ask(asked)["response"].to_pylist() == expected


def test_ordered_outcome_counts_from_the_best():
    told = [participant(word, infection_outcome=word) for word in LEVELS]
    records = records_of({"participants": [*told, participant("unknown")]})
    found = records.ask(derivations.derive_ordered_outcome(OrderedOutcome(day=15, levels=LEVELS)))
    levels = {row["participant"]: row["level"] for row in found.to_pylist()}
    assert levels == {**{word: at for at, word in enumerate(LEVELS)}, "unknown": None}


def test_adverse_events_count_once_treatment_began():
    def event(name: str, number: int, day: int | None, *, serious: bool = True) -> Row:
        began = None if day is None else FIRST_DOSE_S + day * DAY_S - 60
        return {"participant": name, "number": number, "term": "fever", "began_s": began,
                "serious": serious, "susar": False}  # fmt: skip

    told = {
        "participants": [participant(name) for name in "abcde"],
        "events": [event("a", 1, 0), event("b", 1, 1), event("b", 2, 90), event("c", 1, 91),
                   event("d", 1, 3, serious=False), event("e", 1, None)],
    }  # fmt: skip
    asked = derivations.derive_adverse_events(AdverseEvents(day=90, serious=True))
    found = {row["participant"]: row["events"] for row in records_of(told).ask(asked).to_pylist()}
    assert found == {"a": 0, "b": 2, "c": 0, "d": 0, "e": 1}


def test_who_took_back_their_data_is_in_no_endpoint():
    gone = participant("a", data_withdrawn=True, first_dose_s=None, last_alive_s=None)
    records = records_of({"participants": [gone, participant("b")]})
    found = records.ask(derivations.derive_death(Death(day=28)))
    assert found["participant"].to_pylist() == ["b"]
