"""Who may be randomised, which slot comes next, who may have the first dose."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol import Criterion, Trial
from immunosep.randomisation.allocation import (
    SENTENCES,
    Reason,
    Refusal,
    Standing,
    check_may_randomise,
    may_give_first_dose,
    next_slot,
)
from tests.unit.sealed_list import code
from tests.unit.small_trial import VALID

ONSET = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CLOSES = ONSET + timedelta(hours=72)
NOW = ONSET + timedelta(hours=10)
PREGNANT = Criterion("pregnancy", "Pregnancy", snapshot.pregnant, source="a paper")
IN_TIME = Criterion("window", "Within 72 hours", snapshot.hours_since_sepsis < 72, source="a paper")
TRIAL = Trial(
    **VALID
    | {
        "inclusion": (*VALID["inclusion"], IN_TIME),
        "exclusion": (PREGNANT,),
        "window_hours": 72.0,
        "version": "2",
    }
)
READY = Standing(consented=True, withdrawn=False, randomised=False, centre_open=True, supplied=True)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """An assessment with nothing against it."""

    criteria: dict[str, str] = field(
        default_factory=lambda: {"adult": "met", "window": "met", "pregnancy": "not_met"}
    )
    immune_state: str = "high"
    window_closes_at: datetime | None = CLOSES
    trial: str = "mine"
    trial_version: str = "2"


def refusals(
    *, trial: Trial = TRIAL, standing: Standing = READY, now: datetime = NOW, **changes: object
) -> list[tuple[Reason, str]]:
    answers = replace(Answers(), **changes)  # type: ignore[arg-type]
    found = check_may_randomise(trial, answers, standing=standing, now=now)
    return [(refusal.reason, refusal.criterion) for refusal in found]


def test_nothing_stands_against_an_eligible_participant():
    assert refusals() == []


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("consented", False, Reason.CONSENT_MISSING),
        ("withdrawn", True, Reason.CONSENT_WITHDRAWN),
        ("randomised", True, Reason.ALREADY_RANDOMISED),
        ("centre_open", False, Reason.CENTRE_NOT_OPEN),
        ("supplied", False, Reason.NO_SUPPLY),
    ],
)
def test_what_is_recorded_stands_against_it(name, value, reason):
    assert refusals(standing=replace(READY, **{name: value})) == [(reason, "")]


@pytest.mark.parametrize(
    ("criteria", "reason", "criterion"),
    [
        ({"adult": "not_met", "pregnancy": "not_met"}, Reason.CRITERION_NOT_MET, "adult"),
        ({"adult": "unknown", "pregnancy": "not_met"}, Reason.CRITERION_UNKNOWN, "adult"),
        ({"pregnancy": "not_met"}, Reason.CRITERION_UNKNOWN, "adult"),
        ({"adult": "met", "pregnancy": "met"}, Reason.EXCLUSION_MET, "pregnancy"),
        ({"adult": "met", "pregnancy": "unknown"}, Reason.CRITERION_UNKNOWN, "pregnancy"),
        ({"adult": "met"}, Reason.CRITERION_UNKNOWN, "pregnancy"),
    ],
)
def test_every_criterion_must_be_decided_and_met(criteria, reason, criterion):
    assert refusals(criteria={"window": "met", **criteria}) == [(reason, criterion)]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("undetermined", Reason.IMMUNE_STATE_UNDECIDED),
        ("", Reason.IMMUNE_STATE_UNDECIDED),
        ("unclassified", Reason.IMMUNE_STATE_NOT_TREATED),
    ],
)
def test_the_immune_state_must_be_decided_and_treated(state, reason):
    assert refusals(immune_state=state) == [(reason, "")]


def test_a_trial_without_immune_states_asks_for_none():
    changes = {"immune_states": (), "regimens": (), "window_hours": None, "exclusion": (PREGNANT,)}
    trial = Trial(**VALID | {"version": "2"} | changes)
    assert refusals(trial=trial, immune_state="unclassified", window_closes_at=None) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (CLOSES - timedelta(seconds=1), []),
        (CLOSES, [(Reason.WINDOW_CLOSED, "")]),
        (CLOSES.astimezone(ZoneInfo("Europe/Athens")), [(Reason.WINDOW_CLOSED, "")]),
    ],
)
def test_the_window_closes_to_the_second(now, expected):
    assert refusals(now=now) == expected


def test_an_unknown_onset_stands_against_it():
    assert refusals(window_closes_at=None) == [(Reason.WINDOW_UNKNOWN, "")]


@pytest.mark.parametrize("other", [{"id": "yours"}, {"version": "3"}])
def test_an_assessment_by_another_protocol_does_not_count(other):
    assert refusals(trial=replace(TRIAL, **other)) == [(Reason.OTHER_PROTOCOL, "")]


def test_every_reason_is_given_at_once():
    standing = replace(READY, consented=False, supplied=False)
    found = refusals(
        standing=standing, criteria={}, immune_state="undetermined", window_closes_at=None
    )
    assert [reason for reason, _ in found] == [
        Reason.CONSENT_MISSING,
        Reason.NO_SUPPLY,
        *[Reason.CRITERION_UNKNOWN] * 3,
        Reason.IMMUNE_STATE_UNDECIDED,
        Reason.WINDOW_UNKNOWN,
    ]


def test_every_reason_has_a_sentence_that_names_no_arm():
    assert set(SENTENCES) == set(Reason)
    assert all(Refusal(reason=reason).sentence.endswith(".") for reason in Reason)
    assert not any("placebo" in sentence.lower() for sentence in SENTENCES.values())


def test_slots_are_taken_in_order():
    taken = [next_slot(code(), stratum="south", used=used) for used in (0, 1, 47)]
    assert [getattr(slot, "position", None) for slot in taken] == [1, 2, 48]


def test_a_stratum_that_is_used_up_is_refused():
    refused = next_slot(code(), stratum="south", used=48)
    assert refused == Refusal(reason=Reason.STRATUM_EXHAUSTED)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), True),
        (timedelta(hours=71, minutes=59), True),
        (timedelta(hours=71, minutes=59, seconds=59), True),
        (timedelta(hours=72), False),
        (timedelta(hours=72, seconds=1), False),
    ],
)
def test_the_first_dose_is_given_while_the_window_is_open(after, expected):
    assert (
        may_give_first_dose(sepsis_onset_at=ONSET, now=ONSET + after, window_hours=72) is expected
    )


@pytest.mark.parametrize(
    ("onset", "now", "expected"),
    [  # the clock of Athens goes forward on 29 March 2026 and back on 25 October
        ("2026-03-28T12:00", "2026-03-31T12:59", True),
        ("2026-03-28T12:00", "2026-03-31T13:00", False),
        ("2026-10-24T12:00", "2026-10-27T10:59", True),
        ("2026-10-24T12:00", "2026-10-27T11:00", False),
    ],
)
def test_hours_are_counted_through_a_change_of_the_clock(onset, now, expected):
    athens = ZoneInfo("Europe/Athens")
    begun, given = (datetime.fromisoformat(text).replace(tzinfo=athens) for text in (onset, now))
    assert may_give_first_dose(sepsis_onset_at=begun, now=given, window_hours=72) is expected


def test_a_time_without_a_zone_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="without a zone"):
        may_give_first_dose(sepsis_onset_at=ONSET.replace(tzinfo=None), now=NOW, window_hours=72)
