"""What a new version would say of those enrolled: counted over their frozen snapshots."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol.trial import Trial
from immunosep.screening.impact import Impact, impact_in_words, impact_of, together
from immunosep.sources.bedside import patients_of
from immunosep.trials.immunosep import IMMUNOSEP
from tests.unit.test_trial_difference import one
from tests.web.people import ELIGIBLE, NOW


def enrolled(*changed: dict[str, Any]) -> pa.Table:
    """Participants as the eligible man of the cast, each with something else."""
    rows = [
        {**ELIGIBLE, "patient_id": str(at), "assessed_at": NOW.isoformat(), "consent_given": True,
         **each}
        for at, each in enumerate(changed)
    ]  # fmt: skip
    return patients_of(rows).table


@pytest.fixture(scope="module")
def stricter() -> Trial:
    """MALS already above 500 ng/mL, HIV from ferritin on, and a window of 48 hours."""
    ferritin, hours = snapshot.ferritin_ng_ml, snapshot.hours_since_sepsis
    states = one(IMMUNOSEP.immune_states, "mals", rule=ferritin > 500)
    states = one(states, "immunoparalysis",
                 rule=(ferritin <= 500) & (snapshot.hla_dr_per_monocyte < 5000))  # fmt: skip
    inclusion = one(IMMUNOSEP.inclusion, "window", rule=(hours >= 0) & (hours < 48))
    return replace(IMMUNOSEP, version="2", immune_states=states, inclusion=inclusion,
                   window_hours=48)  # fmt: skip


PEOPLE: tuple[dict[str, Any], ...] = (
    {},
    {"ferritin_ng_ml": 400},
    {"ferritin_ng_ml": 9000},
    {"sepsis_onset_at": None},
)


def test_the_same_version_changes_nothing() -> None:
    found = impact_of(IMMUNOSEP, IMMUNOSEP, enrolled(*PEOPLE), days=[None] * 4)
    assert impact_in_words(found, IMMUNOSEP) == [
        "Nothing would change for 4 participants enrolled."
    ]


def test_states_windows_and_verdicts_are_counted(stricter: Trial) -> None:
    long_ago = {"sepsis_onset_at": (NOW - timedelta(hours=60)).isoformat()}
    people = enrolled(*PEOPLE[:3], long_ago | {"ferritin_ng_ml": 300})
    found = impact_of(IMMUNOSEP, stricter, people, days=[1, 1, 1, 1])
    assert found.states == {("immunoparalysis", "mals"): 1}
    assert (found.windows, found.not_eligible, found.undecided) == (4, 1, 0)
    assert impact_in_words(found, stricter) == [
        "1 of 4 would change state: 1 from Sepsis-induced immunoparalysis to Macrophage "
        "activation-like syndrome (fulminant hyper-inflammation).",
        "1 of 4 would not be eligible.",
        "4 windows for the first dose would move.",
    ]


def test_what_was_not_asked_leaves_undecided() -> None:
    asks = replace(IMMUNOSEP.inclusion[0], id="heavy", rule=snapshot.bilirubin_mg_dl < 3)
    new = replace(IMMUNOSEP, inclusion=(*IMMUNOSEP.inclusion, asks))
    found = impact_of(IMMUNOSEP, new, enrolled({}, {"bilirubin_mg_dl": 1}), days=[None, None])
    assert (found.not_eligible, found.undecided) == (0, 1)


def test_only_visits_still_to_come_move() -> None:
    schedule = one(IMMUNOSEP.schedule[:-1], "day_28", day=30)
    new = replace(IMMUNOSEP, schedule=schedule, blocks=())
    found = impact_of(IMMUNOSEP, new, enrolled({}, {}, {}), days=[None, 29, 31])
    assert found.visits_moved == {"Follow-up contact (day 30, was 28)": 2}
    assert found.visits_removed == {"Last contact (day 90)": 3}
    assert impact_in_words(found, new) == [
        "Follow-up contact (day 30, was 28), still to come, moves for 2 participants.",
        "Last contact (day 90), still to come, is no longer planned for 3 participants.",
    ]


def test_a_wider_window_of_a_visit_moves_it_without_another_day() -> None:
    new = replace(IMMUNOSEP, schedule=one(IMMUNOSEP.schedule, "day_28", days_after=2))
    found = impact_of(IMMUNOSEP, new, enrolled({}), days=[30])
    assert found.visits_moved == {"Follow-up contact (day 28)": 1}


def test_nobody_enrolled_is_said() -> None:
    nobody = impact_of(IMMUNOSEP, IMMUNOSEP, enrolled({}).slice(1), days=[])
    assert impact_in_words(nobody, IMMUNOSEP) == ["Nobody is enrolled yet."]


def test_centres_by_different_versions_are_counted_together(stricter: Trial) -> None:
    one_by_one = [
        impact_of(old, stricter, enrolled({}), days=[None]) for old in (IMMUNOSEP, stricter)
    ]
    whole = together(one_by_one)
    assert (whole.participants, whole.windows, whole.states.total()) == (2, 1, 1)
    assert together([]) == Impact()


def test_three_hundred_participants_are_one_question(stricter: Trial) -> None:
    found = impact_of(IMMUNOSEP, stricter, enrolled(*[{}] * 300), days=[5] * 300)
    assert (found.participants, found.windows) == (300, 300)
