"""The fall of SOFA: day 1 minus the mean of days 2 to 9; a response is more than 1.4.

Giamarellos-Bourboulis JAMA 2026;335:775, Supplement 1. Each day dead counts 24; a day without a
score takes the last one before it. Of a day: a number is its score, † dead, → discharged alive,
- nothing recorded. Row 4 dies and responds by the formula (choice `death_and_response`); row 7 can
never respond, its first score being 1; without a first score nothing can be told.
"""

import pytest

from immunosep.analysis.derivations import Reading, derive_daily_sofa, derive_sofa_fall
from immunosep.protocol.endpoints import SofaFall
from tests.recorded import Row, days, participant, records_of
from tests.spec.drawn import rows

BY_DAY_9 = SofaFall(baseline_day=1, first_day=2, last_day=9, responds_above=1.4, dead_counts_as=24)
SIGNS = {"†": "dead", "→": "discharged", "-": None}

VECTORS = rows("""
| #  | days               | mean   | fall   | response |
|----|--------------------|--------|--------|----------|
| 1  | 9 9 8 8 7 7 7 7 7  | 7.5    | 1.5    | yes      |
| 2  | 9 9 8 8 8 7 7 7 7  | 7.625  | 1.375  | no       |
| 3  | 9 8 8 9 † † † † †  | 18.125 | -9.125 | no       |
| 4  | 12 10 8 7 6 5 5 4 † | 8.625 | 3.375  | yes      |
| 5  | 9 8 7 6 6 5 5 5 †  | 8.25   | 0.75   | no       |
| 6  | 6 5 3 2 → → → → →  | 2.5    | 3.5    | yes      |
| 7  | 1 0 0 0 0 0 0 0 0  | 0      | 1.0    | no       |
| 8  | 2 1 1 1 1 0 0 0 0  | 0.5    | 1.5    | yes      |
| 9  | 2 1 1 1 1 1 0 0 0  | 0.625  | 1.375  | no       |
| 10 | 9 9 9 9 9 9 9 9 9  | 9      | 0      | no       |
| 11 | 9 - 7 7 7 7 7 7 7  | 7.25   | 1.75   | yes      |
| 12 | - 5 5 5 5 5 5 5 5  | 5      |        |          |
""")

READINGS = rows("""
| days                | as_planned | death_is_no_response | complete_cases | days_at_hand | components_carried |
|---------------------|------------|----------------------|----------------|--------------|--------------------|
| 12 10 8 7 6 5 5 4 † | yes        | no                   | yes            | yes          | yes                |
| 9 9 8 8 7 7 7 7 7   | yes        | yes                  | yes            | yes          | yes                |
| 6 5 3 2 → → → → →   | yes        | yes                  |                | yes          | yes                |
| 9 9 9 9 - 6 6 6 9   | no         | no                   | no             | no           | no                 |
| 9 9 9 9 - - - 6 6   | no         | no                   | no             | no           | no                 |
| 9 - - - - - - - 7   | no         | no                   | no             | yes          | no                 |
""")


def _told(drawn: str) -> list[int | str | None]:
    return [SIGNS[sign] if sign in SIGNS else int(sign) for sign in drawn.split()]


def _falls(drawings: list[str], reading: Reading = Reading.AS_PLANNED) -> list[Row]:
    """One answer per drawing, in their order."""
    names = [f"{at:02}" for at, _ in enumerate(drawings)]
    told = [
        day for name, drawn in zip(names, drawings, strict=True) for day in days(name, _told(drawn))
    ]
    records = records_of({"participants": [participant(name) for name in names], "days": told})
    asked = derive_sofa_fall(BY_DAY_9, reading=reading).order_by("participant")
    found: list[Row] = records.ask(asked).to_pylist()
    return found


@pytest.mark.parametrize("column", ["mean", "fall", "response"])
def test_sofa_response_of_the_worked_participants(column):
    found = _falls([row["days"] for row in VECTORS])
    assert [row[column] for row in found] == [row[column] for row in VECTORS]


@pytest.mark.parametrize("reading", list(Reading))
def test_sofa_response_under_each_named_reading(reading):
    found = _falls([row["days"] for row in READINGS], reading)
    assert [row["response"] for row in found] == [row[reading.value] for row in READINGS]


def test_sofa_response_in_death_is_flagged():
    found = _falls([row["days"] for row in VECTORS])
    assert [at for at, row in enumerate(found, start=1) if row["dead_responder"]] == [4]


def test_each_day_says_where_its_score_comes_from():
    told = {"participants": [participant("a")], "days": days("a", _told("9 - 7 → → † † † †"))}
    found = records_of(told).ask(derive_daily_sofa(1, 9, dead_counts_as=24)).to_pylist()
    how = [row["how"] for row in sorted(found, key=lambda row: row["day"])]
    assert how == ["observed", "carried", "observed", "carried", "carried", *["dead"] * 4]


def test_components_are_carried_one_by_one():
    told = days("a", [6, 4, *[None] * 7])
    told[1]["coagulation"] = None  # 2 on day 1, not known on day 2
    records = records_of({"participants": [participant("a")], "days": told})
    whole = derive_sofa_fall(BY_DAY_9, reading=Reading.AS_PLANNED)
    by_part = derive_sofa_fall(BY_DAY_9, reading=Reading.COMPONENTS_CARRIED)
    assert records.ask(whole)["mean"].to_pylist() == [4.0]
    assert records.ask(by_part)["mean"].to_pylist() == [6.0]


def test_a_death_without_a_day_counts_from_its_moment():
    died = participant("a", died_s=participant("a")["first_dose_s"] + 4 * 86_400 + 60)
    died["last_alive_s"] = died["died_s"]
    told = {"participants": [died], "days": days("a", [9, 8, 8, 9, None])}
    assert records_of(told).ask(derive_sofa_fall(BY_DAY_9))["mean"].to_pylist() == [18.125]
