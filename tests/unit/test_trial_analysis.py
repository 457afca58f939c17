"""A whole trial analysed, and the trials that leave nothing to compare."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from immunosep.analysis.endpoints import NO_DEFINITION
from immunosep.analysis.records import take_records
from immunosep.analysis.report_data import Report, TrialAnalysis, analyse_trial
from immunosep.errors import AnalysisError
from immunosep.simulation.courses import draw_trial
from immunosep.sources.records import Arms
from immunosep.trials import find_trial
from tests.recorded import DAY_S, FIRST_DOSE_S, IMMUNOSEP, days, manifest, participant, records_of

TABLES = draw_trial(np.random.default_rng(11), participants=120)


def analysed(tables: dict[str, pa.Table], *, arms: Arms = Arms.REAL,
             report: Report = Report.FINAL) -> TrialAnalysis:  # fmt: skip
    records = take_records(tables, manifest=manifest(arms=arms), trial=IMMUNOSEP)
    return analyse_trial(records, report=report)


def with_arms(arms: pa.Array) -> dict[str, pa.Table]:
    people = TABLES["participants"]
    at = people.schema.get_field_index("arm")
    return TABLES | {"participants": people.set_column(at, people.schema.field(at), arms)}


@pytest.fixture(scope="module")
def whole() -> TrialAnalysis:
    return analysed(TABLES)


def result(analysis: TrialAnalysis, id_: str):
    return next(one for one in analysis.endpoints if one.endpoint.id == id_)


def test_every_endpoint_is_answered(whole):
    assert [one.not_derived for one in whole.endpoints] == [""] * len(IMMUNOSEP.endpoints)


def test_the_primary_endpoint_has_every_planned_part(whole):
    found = result(whole, "sofa_response_day_9")
    assert found.line.difference.method == "Newcombe"
    assert found.stratified.tarone.p_value is not None
    assert [one.subgroup for one in found.subgroups] == ["apache_ii_25", "charlson_5", "sofa_10"]
    assert len(found.sensitivity) == 4
    assert found.adjusted.odds_ratio.value is not None


def test_states_add_up_to_everybody(whole):
    found = result(whole, "sofa_response_day_9")
    for at, group in enumerate(found.line.groups):
        assert sum(line.groups[at].events for line in found.by_state) == group.events
        assert sum(line.groups[at].total for line in found.by_state) == group.total


def test_the_flow_adds_up(whole):
    flow = whole.flow
    assert flow.screened - sum(flow.not_enrolled.values()) == flow.randomised == 120
    for branch in flow.branches:
        assert branch.randomised - branch.withdrew == branch.analysed
        assert branch.completed + sum(branch.stopped.values()) == branch.treated


def test_the_days_add_up(whole):
    filled = result(whole, "sofa_response_day_9").filled
    assert [sum(one.days.values()) for one in filled] == [
        8 * branch.analysed for branch in whole.flow.branches
    ]


def test_intercurrent_events_are_counted(whole):
    happened = {
        one.event.event: one.counts for one in result(whole, "sofa_response_day_9").happened
    }
    dead = sum(line.dead for line in whole.days if line.day == 9)
    assert sum(happened["death"].values()) == dead
    stopped = {b.group: sum(b.stopped.values()) for b in whole.flow.branches}
    assert happened["treatment stopped early"] == stopped


def test_harms_count_participants_once(whole):
    serious = next(kind for kind in whole.harms.kinds if kind.line.id == "harms.serious")
    safety = result(whole, "serious_adverse_events")
    assert [g.events for g in serious.line.groups] == [g.events for g in safety.line.groups]
    assert all(e >= g.events for e, g in zip(serious.events, serious.line.groups, strict=True))


def test_an_open_report_is_the_same_whoever_had_which_arm(whole):
    opened = analysed(TABLES, report=Report.OPEN)
    other = pc.if_else(pc.equal(TABLES["participants"]["arm"], "placebo"), "precision", "placebo")
    swapped = analysed(with_arms(other), report=Report.OPEN)
    assert not opened.compared
    for one, two in zip(opened.endpoints, swapped.endpoints, strict=True):
        assert (one.line, one.by_state, one.numbers, one.order, one.happened) == (
            two.line, two.by_state, two.numbers, two.order, two.happened,
        )  # fmt: skip
    assert (opened.flow, opened.harms, opened.days, opened.baseline, opened.deviations) == (
        swapped.flow, swapped.harms, swapped.days, swapped.baseline, swapped.deviations,
    )  # fmt: skip


def test_records_with_the_code_closed_are_one_group():
    found = analysed(with_arms(pa.nulls(120, pa.string())), arms=Arms.CLOSED)
    assert [group.id for group in found.groups] == ["all"]
    assert found.flow.branches[0].randomised == 120


@pytest.mark.parametrize("arms", [Arms.DUMMY, Arms.CLOSED])
def test_a_closed_report_needs_real_arms(arms):
    column = pa.nulls(120, pa.string()) if arms is Arms.CLOSED else TABLES["participants"]["arm"]
    with pytest.raises(AnalysisError, match="a closed report compares real ones"):
        analysed(with_arms(column), arms=arms, report=Report.CLOSED)


def test_an_arm_of_nobody_is_not_estimable():
    found = analysed(with_arms(pa.array(["precision"] * 120)))
    line = result(found, "sofa_response_day_9").line
    assert line.groups[1].total == 0
    assert line.difference.value is None
    assert line.fisher is None
    assert result(found, "sofa_response_day_9").adjusted.odds_ratio.value is None
    assert result(found, "death_day_28").times.hazard_ratio is None
    assert result(found, "mean_sofa_day_9").numbers.student.value is None


def test_everyone_dead_leaves_means_without_a_number():
    people = [
        participant(name, arm=arm, died_s=FIRST_DOSE_S + DAY_S + 60,
                    last_alive_s=FIRST_DOSE_S + DAY_S + 60)
        for name, arm in (("a", "precision"), ("b", "placebo"), ("c", "precision"))
    ]  # fmt: skip
    told = {"participants": people, "days": [d for p in "abc" for d in days(p, [9, "dead"])]}
    found = analyse_trial(records_of(told))
    death = result(found, "death_day_28")
    assert [group.events for group in death.line.groups] == [2, 1]
    assert death.line.odds_ratio.value is None
    assert result(found, "mean_sofa_day_9").numbers.groups[0].mean is None
    assert result(found, "sofa_response_day_9").line.groups[0].events == 0


def test_nobody_with_data_is_refused():
    gone = participant("a", data_withdrawn=True)
    with pytest.raises(AnalysisError, match="no participant whose data are kept"):
        analyse_trial(records_of({"participants": [gone]}))


def test_an_endpoint_in_words_alone_is_named_as_not_derived():
    provide = find_trial("provide")
    people = [participant("a", immune_state="mals", arm=provide.arms[0].id),
              participant("b", immune_state="mals", arm=provide.arms[1].id)]  # fmt: skip
    from tests.recorded import tables_of

    records = take_records(
        tables_of({"participants": people}), manifest=manifest(trial="provide"), trial=provide
    )
    found = analyse_trial(records)
    assert result(found, "immune_classification").not_derived == NO_DEFINITION
    assert result(found, "survival_with_sofa_fall_day_7").line.groups[0].unknown == 1
