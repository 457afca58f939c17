"""Virtual patients have the published mix, and the trial's own rules say of each what was drawn."""

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep.concepts.snapshot import PATIENTS
from immunosep.screening.assess import assess, met
from immunosep.simulation.apportioning import apportion
from immunosep.simulation.rehearsal import FOLLOWED, RANDOMISED, WAITING, with_a_day_to_try
from immunosep.simulation.virtual_patients import DAYS, MOMENTS, draw_patients
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.installing import TEACHING_SLOTS

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(20, 1000)
SCHEMA = PATIENTS.schema().to_pyarrow()


def drawn(seed: int = 1, **more: Any) -> pa.Table:
    return draw_patients(IMMUNOSEP, rng=np.random.default_rng(seed), **more)


def to_try(seed: int = 1, **more: Any) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    patients = draw_patients(IMMUNOSEP, rng=rng, **more)
    return list(with_a_day_to_try(patients, IMMUNOSEP, rng=rng).to_pylist())


def against(rows: list[dict[str, Any]]) -> list[set[str]]:
    """The criteria that stand against each row when it is decided; a consent asked for is given."""
    known = [
        {name: row.get(name) for name in SCHEMA.names}
        | {
            "patient_id": str(n),
            "consent_given": row["consent_hour"] is not None or None,
            "sepsis_onset_at": round(row["sepsis_hour"] * 3600),
            "assessed_at": round(row["decided_hour"] * 3600),
        }
        for n, row in enumerate(rows)
    ]
    answers = assess(IMMUNOSEP, pa.Table.from_pylist(known, schema=SCHEMA)).to_pylist()
    return [
        {c.id for c in IMMUNOSEP.inclusion if answer[met(c.id)] is False}
        | {c.id for c in IMMUNOSEP.exclusion if answer[met(c.id)] is True}
        | ({"open"} if answer["verdict"] == "undetermined" else set())
        for answer in answers
    ]


def test_the_published_numbers_are_screened_and_randomised():
    reasons = Counter(drawn()["reason"].to_pylist())
    assert (sum(reasons.values()), reasons[""], reasons["immune_state"]) == (672, 281, 355)
    assert sorted(reasons.values(), reverse=True)[2:] == [14, 8, 5, 2, 2, 2, 2, 1]


def test_17_percent_of_the_randomised_have_mals():
    joined = [row for row in drawn().to_pylist() if not row["reason"]]
    assert sum(row["ferritin_ng_ml"] > 4420 for row in joined) == 49  # 17.4 % of 281


def test_five_withdraw_after_their_first_dose():
    left = [row for row in drawn().to_pylist() if row["withdrew_hour"] is not None]
    assert len(left) == 5
    assert all(row["first_dose_hour"] < row["withdrew_hour"] < 24 * DAYS for row in left)


def test_medians_are_the_published_ones():
    rows = [row for seed in range(8) for row in drawn(seed).to_pylist() if not row["reason"]]
    waits = [row["first_dose_hour"] - row["sepsis_hour"] for row in rows]
    assert np.median([row["sofa"] for row in rows]) == 9
    assert 36 <= np.median(waits) <= 47
    assert min(waits) > 0
    assert max(waits) < 72


def test_centres_are_uneven():
    sizes = Counter(row["centre"] for row in drawn().to_pylist() if not row["reason"])
    assert max(sizes.values()) > 3 * np.median(list(sizes.values()))


@given(SEEDS, SIZES)
def test_whoever_is_randomised_is_eligible_then(seed, size):
    rows = [row for row in drawn(seed, patients=size).to_pylist() if not row["reason"]]
    assert all(problems == set() for problems in against(rows))


@given(SEEDS, SIZES)
def test_whoever_is_not_enrolled_is_kept_out_by_the_reason_and_nothing_else(seed, size):
    rows = [
        row
        for row in drawn(seed, patients=size).to_pylist()
        if row["reason"] not in ("", "declined", "excluded_infection")
    ]
    assert against(rows) == [{row["reason"]} for row in rows]


@given(SEEDS)
def test_an_infection_that_excludes_does_not_include(seed):
    rows = [row for row in drawn(seed).to_pylist() if row["reason"] == "excluded_infection"]
    assert against(rows) == [{"infection", "excluded_infection"}] * 2


@given(SEEDS)
def test_whoever_declines_had_nothing_else_against_them(seed):
    rows = [row for row in drawn(seed).to_pylist() if row["reason"] == "declined"]
    assert against(rows) == [{"open"}] * 14


@given(SEEDS, SIZES)
def test_every_step_follows_the_one_before(seed, size):
    for row in to_try(seed, patients=size):
        happened = [row[moment] for moment in MOMENTS if row[moment] is not None]
        assert happened == sorted(happened)


@given(SEEDS, SIZES)
def test_a_teaching_list_has_places_for_the_largest_centre(seed, size):
    rows = to_try(seed, patients=size)
    sizes = Counter(row["centre"] for row in rows if row["first_dose_hour"] is not None)
    assert max(sizes.values()) < TEACHING_SLOTS


@given(SEEDS)
def test_a_seed_draws_the_same_table_again(seed):
    assert drawn(seed).equals(drawn(seed))
    assert not drawn(seed).equals(drawn(seed + 1))


@pytest.mark.parametrize("size", [20, 60, 672])
def test_a_day_to_try_adds_four_who_wait_and_nobody_who_is_decided(size):
    rows = to_try(patients=size)
    stories = {row["story"]: row for row in rows if row["story"]}
    assert set(stories) == {*WAITING, *RANDOMISED, *FOLLOWED} - {""}
    assert len(rows) == size + 4
    assert sum(row["decided_hour"] is None for row in rows) == 4
    assert len({row["centre"] for row in stories.values()}) == 1


@given(st.integers(0, 10_000), st.dictionaries(st.text(), st.integers(1, 1000), min_size=1))
def test_apportioning_adds_up_and_is_never_one_away(total, weights):
    parts = apportion(total, weights)
    assert sum(parts.values()) == total
    exact = {name: total * weight / sum(weights.values()) for name, weight in weights.items()}
    assert all(abs(parts[name] - exact[name]) < 1 for name in weights)
