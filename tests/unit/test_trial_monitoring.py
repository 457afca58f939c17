"""What a committee sees at a look: limits, power, forecasts; and nothing of arms where pooled."""

from dataclasses import replace
from typing import Any

import pytest

from immunosep.analysis.records import take_records
from immunosep.analysis.report_data import Report, TrialAnalysis, analyse_trial
from immunosep.protocol import Futility, Looks, Spending
from immunosep.protocol.trial import Trial
from immunosep.report.trial.monitoring_tables import monitoring_blocks
from tests.recorded import DAY_S, FIRST_DOSE_S, IMMUNOSEP, days, manifest, participant, tables_of

LOOKS = Looks(
    information=(0.1, 0.5, 1.0),
    spending=Spending.LAN_DEMETS_OBRIEN_FLEMING,
    alpha=0.025,
    sided=1,
    tests="sofa_response_day_9",
    futility=Futility(binding=False, z=(-1.0, 0.0)),
    source="a test",
)
KEPT = ("sofa_response_day_9", "death_day_28")


def trial(looks: Looks | None) -> Trial:
    """ImmunoSep with two endpoints, and looks if given."""
    plan = IMMUNOSEP.plan
    assert plan is not None
    bare = replace(plan, subgroups=(), hierarchy=(), imputation=None, large_centre_share=None)
    few = tuple(one for one in IMMUNOSEP.endpoints if one.id in KEPT)
    return replace(IMMUNOSEP, endpoints=few, interim=looks, plan=bare)


def midway(looks: Looks | None, *, report: Report = Report.CLOSED) -> TrialAnalysis:
    """Twenty-four participants ten days after their first dose: 7 and 4 responded, 2 died."""
    people, scores = [], []
    for at in range(24):
        joined = FIRST_DOSE_S - (at % 12) * 10 * DAY_S
        told: dict[str, Any] = {"arm": ("precision", "placebo")[at % 2], "locked": False}
        told |= {"centre": ("athens", "patras")[at // 12], "stratum": "athens"}
        told |= {"first_dose_s": joined, "randomised_s": joined - 3600, "position": at + 1}
        told |= {"last_alive_s": FIRST_DOSE_S + 10 * DAY_S}
        if at in (3, 5):  # controls
            told |= {"died_s": joined + 8 * DAY_S, "last_alive_s": joined + 7 * DAY_S}
        people.append(participant(f"p{at:02}", **told))
        falls = at < (14, 8)[at % 2]
        scores += days(f"p{at:02}", [10, *[5 if falls else 10] * 8])
    tables = tables_of({"participants": people, "days": scores})
    told_of = manifest(written_s=FIRST_DOSE_S + 10 * DAY_S, locked_s=None)
    records = take_records(
        tables, manifest=told_of, trial=trial(looks), allow_unlocked=True
    )  # fmt: skip
    return analyse_trial(records, report=report)


def seen(analysis: TrialAnalysis) -> Any:
    return analysis.monitoring


@pytest.fixture(scope="module")
def closed() -> TrialAnalysis:
    return midway(LOOKS)


def test_the_limits_are_those_of_the_looks_made(closed):
    now = seen(closed).now
    assert now.information == pytest.approx(24 / 234)
    assert now.limits.information == pytest.approx((0.1, 24 / 234))
    assert now.limits.upper[0] == pytest.approx(seen(closed).limits.upper[0])


def test_power_follows_from_what_was_seen(closed):
    now = seen(closed).now
    assert now.z > 0
    assert 0 < now.power.null < now.power.design < now.power.trend < 1
    assert now.power.null < now.predictive < now.power.trend


def test_what_is_to_come_is_forecast(closed):
    found = seen(closed)
    assert found.recruitment.enrolled == 24
    assert found.recruitment.target == 280
    assert found.recruitment.early < found.recruitment.middle < found.recruitment.late
    assert found.events.events == 2
    assert found.events_of.id == "death_day_28"
    assert all(by.low <= by.expected <= by.high for by in found.events.curve)


def test_every_number_of_the_chapter_is_named(closed):
    cells = [c for block in monitoring_blocks(closed) for row in getattr(block, "rows", ())
             for c in row.cells]  # fmt: skip
    assert {c.derivation for c in cells} == {"derivation.monitoring"}
    assert {"limits.1.lower", "look.z", "look.predictive", "recruitment.target"} <= {
        c.id for c in cells
    }


def test_an_open_report_has_no_z_and_no_power():
    now = seen(midway(LOOKS, report=Report.OPEN)).now
    assert (now.z, now.power, now.predictive) == (None, None, None)
    assert now.limits.upper


def test_a_trial_without_looks_has_one_test_at_its_end():
    found = seen(midway(None))
    assert found.looks is None
    assert found.limits.upper == pytest.approx((1.959964,), abs=1e-6)
    assert found.now.power.design is not None


def test_limits_that_cannot_be_moved_are_not_shown_at_another_time():
    found = seen(midway(replace(LOOKS, spending=Spending.POCOCK)))
    assert found.now.limits is None


def test_of_a_death_fewer_are_the_benefit():
    found = seen(midway(replace(LOOKS, tests="death_day_28")))
    assert found.now.endpoint.id == "death_day_28"
    assert found.now.z > 0
