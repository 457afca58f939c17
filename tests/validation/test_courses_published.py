"""Virtual courses give back what was published: Giamarellos-Bourboulis JAMA 2026;335:775.

Proportions of the report and its supplements (`simulation.published_outcomes`), over 40,000 drawn;
a tolerance of 2.5 standard errors beside half a per cent for what rejection and rounding bend.
"""

from math import sqrt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from immunosep.analysis.derivations import derive_sofa_fall
from immunosep.analysis.followed import kept
from immunosep.analysis.records import take_records
from immunosep.protocol.endpoints import SofaFall
from immunosep.simulation import published_outcomes as outcomes
from immunosep.simulation.courses import draw_trial
from tests.recorded import IMMUNOSEP, manifest

DRAWN = 40_000
BENT = 0.005
ARMS = [(0, "precision"), (1, "placebo")]


@pytest.fixture(scope="module")
def everybody():
    tables = draw_trial(np.random.default_rng(20260), participants=DRAWN)
    records = take_records(tables, manifest=manifest(), trial=IMMUNOSEP)
    people = records.ask(kept())
    for last_day in (9, 15):
        fall = SofaFall(baseline_day=1, first_day=2, last_day=last_day, responds_above=1.4,
                        dead_counts_as=24)  # fmt: skip
        found = records.ask(derive_sofa_fall(fall))
        named = [f"{name}_{last_day}" for name in found.column_names[1:]]
        found = found.rename_columns(["participant", *named])
        people = people.join(found, "participant")
    return people


def _share(
    people: pa.Table, column: str, *, arm: str, state: str | None = None
) -> tuple[float, int]:
    rows = people.filter(pc.equal(people["arm"], arm))
    if state:
        rows = rows.filter(pc.equal(rows["immune_state"], state))
    return pc.mean(pc.cast(rows[column], "float64")).as_py(), rows.num_rows


def _close(found: tuple[float, int], wanted: float) -> bool:
    share, count = found
    return abs(share - wanted) < BENT + 2.5 * sqrt(wanted * (1 - wanted) / count)


@pytest.mark.parametrize(("at", "arm"), ARMS)
@pytest.mark.parametrize("state", ["mals", "immunoparalysis"])
@pytest.mark.parametrize(
    ("day", "wanted"), [(9, outcomes.RESPOND_DAY_9), (15, outcomes.RESPOND_DAY_15)]
)
def test_responders_of_each_arm_and_state(everybody, day, wanted, state, at, arm):
    assert _close(_share(everybody, f"response_{day}", arm=arm, state=state), wanted[state][at])


@pytest.mark.parametrize(("at", "arm"), ARMS)
@pytest.mark.parametrize(
    ("day", "wanted"),
    [(9, outcomes.DEAD_BY_DAY_9), (28, outcomes.DEAD_BY_DAY_28), (90, outcomes.DEAD_BY_DAY_90)],
)
def test_deaths_of_each_arm(everybody, day, wanted, at, arm):
    lived_days = pc.divide(pc.subtract(everybody["died_s"], everybody["first_dose_s"]), 86_400)
    died = pc.fill_null(pc.less(lived_days, day), False)
    assert _close(_share(everybody.append_column("dead", died), "dead", arm=arm), wanted[at])


@pytest.mark.parametrize(("at", "arm"), ARMS)
def test_scores_carried_forward_on_day_9(everybody, at, arm):
    carried = pc.equal(everybody["last_day_is_9"], "carried")
    rows = everybody.append_column("carried", carried)
    assert _close(_share(rows, "carried", arm=arm), outcomes.CARRIED_ON_DAY_9[at])


@pytest.mark.parametrize(("at", "arm"), ARMS)
def test_treatment_stopped_early(everybody, at, arm):
    stopped = pc.invert(everybody["treatment_completed"])
    rows = everybody.append_column("stopped", stopped)
    assert _close(_share(rows, "stopped", arm=arm), outcomes.STOPPED_EARLY[at])


@pytest.mark.parametrize(
    ("column", "at_least", "share"),
    [("apache_ii", 25, 78 / 276), ("charlson", 5, 130 / 276), ("sofa_at_entry", 10, 135 / 276)],
)
def test_subgroups_have_their_published_size(everybody, column, at_least, share):
    found = pc.mean(pc.cast(pc.greater_equal(everybody[column], at_least), "float64")).as_py()
    assert _close((found, DRAWN), share)


def test_the_same_seed_draws_the_same_trial():
    once, again = (draw_trial(np.random.default_rng(5), participants=60) for _ in range(2))
    assert all(once[name].equals(again[name]) for name in once)
