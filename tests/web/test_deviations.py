"""Deviations: who may add one, what each rule finds and does not, and that each is found once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from immunosep.errors import RefusedError
from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.accounts.models import User
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.casebook.completing import miss_visit
from immunosep.web.casebook.models import Lock
from immunosep.web.casebook.recording import write_page
from immunosep.web.enrolment.models import Allocation, Entry
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.oversight import recording
from immunosep.web.oversight.listing import with_verdict
from immunosep.web.oversight.models import Deviation, Judgement, Kind, Search
from immunosep.web.oversight.recording import (
    judge,
    look_as,
    look_by_night,
    look_for_deviations,
    report_deviation,
)
from immunosep.web.safety.reporting import report_serious
from immunosep.web.supply.models import Order
from tests.web.followed import died, log
from tests.web.people import NOW, Cast
from tests.web.supplied import give, on_the_ward, randomised, stocked, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOW + 10 * DAY


@pytest.fixture
def number(cast: Cast) -> str:
    return str(treated(cast).pk)


def look(now: Any = LATER) -> list[tuple[str, str]]:
    """What the rules have found by then, but doses that were not given."""
    look_for_deviations(by=Site(), now=now)
    found = Deviation.objects.exclude(about="").exclude(about__startswith="dose sc")
    return list(found.order_by("kind", "about").values_list("kind", "about"))


def others(now: Any = LATER) -> list[tuple[str, str]]:
    return [each for each in look(now) if each[0] != Kind.DOSE_NOT_GIVEN]


def reported(cast: Cast, by: User, **changed: Any) -> Deviation:
    said: dict[str, Any] = {"kind": "other", "what": "The sheet was lost.", "happened_at": NOW}
    said |= changed
    return report_deviation(cast.jena, by=by, now=LATER, **said)


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "who", ["stranger", "sponsor", "committee_member", "laboratory", "foreign_consultant"]
)
def test_others_report_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        reported(cast, getattr(cast, who))


@pytest.mark.parametrize("who", ["stranger", "nurse", "consultant", "monitor", "data_manager"])
def test_others_judge_nothing(cast: Cast, who: str) -> None:
    made = reported(cast, cast.nurse)
    with pytest.raises(PermissionDenied):
        judge(made, verdict="important", reason="So", by=getattr(cast, who), now=LATER)


@pytest.mark.parametrize("who", ["stranger", "sponsor", "data_manager", "pharmacist"])
def test_others_do_not_let_the_rules_look(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        look_as(getattr(cast, who), now=LATER)


@pytest.mark.parametrize("who", ["nurse", "medical_monitor"])
def test_whoever_reports_or_reviews_lets_them_look(cast: Cast, who: str) -> None:
    assert look_as(getattr(cast, who), now=LATER).by == getattr(cast, who)


def test_every_night_the_rules_look_by_themselves(number: str) -> None:
    search = look_by_night(now=LATER)
    assert search is not None
    assert (search.by, search.found) == (None, Deviation.objects.count())
    assert search.found > 0
    again = look_by_night(now=LATER + DAY)
    assert again is not None
    assert again.found == 0


def test_no_night_is_a_failure_once_the_trial_is_locked(cast: Cast, number: str) -> None:
    Lock.objects.create(scope="trial", locked=True, pages=0, at=LATER, by=cast.data_manager)
    assert look_by_night(now=LATER) is None
    assert not Deviation.objects.exists()


# ── By rule ─────────────────────────────────────────────────────────────────────────────────────


def test_a_course_as_planned_has_none(number: str) -> None:
    assert look(NOW + HOUR) == []


@pytest.mark.parametrize(
    ("hours", "found"), [(52, [("first_dose_outside_window", "first dose")]), (51.9, [])]
)
def test_a_first_dose_when_the_window_has_closed(
    cast: Cast, hours: float, found: list[tuple[str, str]]
) -> None:
    """Sepsis began 20 hours before; the end itself is outside."""
    allocation, at = randomised(cast), NOW + hours * HOUR
    stocked(cast)
    made = on_the_ward(cast, Order.objects.get(), "iv", at - HOUR)
    give(cast, allocation, made[0], at)
    assert look(at) == found


def test_a_dose_that_the_log_says_was_missed(cast: Cast, number: str) -> None:
    write_page(number, "dose_not_given",
               {"dose_route": "intravenous", "dose_number": 2, "dose_deviation": "missed",
                "dose_reason": "no_access"}, by=cast.nurse, now=NOW + 9 * HOUR)  # fmt: skip
    assert look(NOW + 9 * HOUR) == [("dose_not_given", "dose iv 2")]


def test_a_dose_of_which_nothing_is_written_is_not_given_after_three_days(number: str) -> None:
    assert look(NOW + 8 * HOUR + 3 * DAY - HOUR) == []
    assert look(NOW + 8 * HOUR + 3 * DAY) == [("dose_not_given", "dose iv 2")]


@pytest.mark.parametrize(("minutes", "found"), [(60, []), (61, [("dose_late", "dose iv 2")])])
def test_a_dose_more_than_an_hour_late(
    cast: Cast, number: str, minutes: int, found: list[tuple[str, str]]
) -> None:
    allocation = Allocation.objects.get()
    order = Order.objects.get(participant=number, day=1)
    second = order.preparations.get(route="iv", dose=2)
    give(cast, allocation, second, NOW + 8 * HOUR + timedelta(minutes=minutes))
    assert others(NOW + 10 * HOUR) == found


def test_no_dose_is_missed_after_death(cast: Cast, number: str) -> None:
    died(cast, number, 1.1)
    look(NOW + 30 * DAY)
    assert not Deviation.objects.filter(about__startswith="dose iv").exists()


def test_a_visit_that_was_said_not_to_take_place(cast: Cast, number: str) -> None:
    miss_visit(number, "day_2", reason="Moved", by=cast.nurse, now=NOW + DAY)
    assert others(NOW + DAY) == []  # its day is not over
    assert ("visit_missed", "page day_2 daily_sofa") in others()


@pytest.mark.parametrize(("day", "found"), [(2, 0), (3, 1), (1, 1)])
def test_a_sample_drawn_on_another_day(cast: Cast, number: str, day: int, found: int) -> None:
    write_page(number, "biomarkers", {"sample_drawn_at": (NOW + (day - 1) * DAY).isoformat()},
               visit="day_2", by=cast.laboratory, now=LATER)  # fmt: skip
    assert len(others()) == found


def test_a_sample_drawn_before_consent(cast: Cast, number: str) -> None:
    Entry.objects.create(
        patient_id=number, form="laboratory", column="ferritin_ng_ml", value=800,
        observed_at=NOW - HOUR, entered_at=NOW, entered_by=cast.laboratory, trial_digest="0" * 64,
    )  # fmt: skip
    assert others() == [("consent_after_procedure", "sample")]


def test_randomised_before_consent(cast: Cast) -> None:
    randomised(cast, now=NOW - HOUR)
    assert others() == [("consent_after_procedure", "randomisation")]


def test_a_serious_event_reported_after_a_day(cast: Cast, number: str) -> None:
    page = log(cast, number, "adverse_event", event_term="Rash", serious=True)
    report_serious(page, aware_at=NOW + 2 * DAY, by=cast.nurse, now=NOW + 3 * DAY + HOUR)
    assert others(NOW + 40 * DAY) == [("serious_event_late", "event 1")]


def test_a_serious_event_that_nobody_reported(cast: Cast, number: str) -> None:
    log(cast, number, "adverse_event", event_term="Rash", serious=True)
    assert others(NOW + 29 * DAY + 24 * HOUR) == []
    assert others(NOW + 30 * DAY + HOUR) == [("serious_event_late", "event 1")]


def test_looking_again_finds_nothing_twice(number: str) -> None:
    first = look_for_deviations(by=Site(), now=LATER)
    assert first.found == Deviation.objects.count() == 3
    assert look_for_deviations(by=Site(), now=LATER + HOUR).found == 0
    assert Search.objects.count() == Event.objects.filter(action="oversight.look").count() == 2


def test_nothing_is_looked_for_of_whoever_took_their_data_back(cast: Cast, number: str) -> None:
    withdraw(number, kind=WithdrawalKind.ALL_ERASE_DATA, at=NOW + DAY, reason="asked",
             by=cast.consultant, now=NOW + DAY)  # fmt: skip
    assert look_for_deviations(by=Site(), now=LATER).found == 0


def test_more_participants_ask_the_database_no_more(cast: Cast, number: str) -> None:
    died(cast, number, 3)
    with CaptureQueriesContext(connection) as one:
        list(recording._all([cast.jena], now=LATER))
    treated(cast, "01-0002")
    died(cast, "01-0002", 3)
    with CaptureQueriesContext(connection) as two:
        list(recording._all([cast.jena], now=LATER))
    assert len(two) == len(one) < 20


# ── By people ───────────────────────────────────────────────────────────────────────────────────


def test_a_person_reports_of_a_participant_or_of_the_centre(cast: Cast, number: str) -> None:
    of_one, of_all = reported(cast, cast.nurse, participant=number), reported(cast, cast.monitor)
    assert (of_one.patient_id, of_all.patient_id) == (number, None)
    assert [each.found_by for each in (of_one, of_all)] == ["person", "person"]
    assert Event.objects.filter(action="oversight.report_deviation").count() == 2


def test_every_reason_why_not_is_said_at_once(cast: Cast) -> None:
    with pytest.raises(RefusedError) as refused:
        reported(cast, cast.nurse, participant="02-0001", kind="x", what=" ",
                 happened_at=LATER + HOUR)  # fmt: skip
    assert len(refused.value.problems) == 4
    assert not Deviation.objects.exists()


def test_a_treatment_is_not_named(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="names a treatment"):
        reported(cast, cast.nurse, what="Anakinra was left in the sun.")


def test_the_last_judgement_holds_and_all_are_kept(cast: Cast) -> None:
    made = reported(cast, cast.nurse)
    for verdict in ("important", "not_important"):
        judge(made, verdict=verdict, reason="So", by=cast.medical_monitor, now=LATER)
    (found,) = with_verdict(Deviation.objects.all())
    assert (found.verdict, made.judgements.count()) == ("not_important", 2)


def test_a_judgement_says_which_and_why(cast: Cast) -> None:
    with pytest.raises(RefusedError) as refused:
        judge(reported(cast, cast.nurse), verdict="", reason="", by=cast.medical_monitor, now=LATER)
    assert len(refused.value.problems) == 2


def test_nothing_changes_once_the_trial_is_locked(cast: Cast) -> None:
    made = reported(cast, cast.nurse)
    Lock.objects.create(scope="trial", locked=True, pages=0, at=LATER, by=cast.data_manager)
    for act in (
        lambda: reported(cast, cast.nurse),
        lambda: judge(made, verdict="none", reason="So", by=cast.medical_monitor, now=LATER),
        lambda: look_as(cast.nurse, now=LATER),
    ):
        with pytest.raises(RefusedError, match="locked"):
            act()


# ── In the database ─────────────────────────────────────────────────────────────────────────────


def row(cast: Cast, **changed: Any) -> Deviation:
    said = {
        "centre": cast.jena, "kind": "other", "what": "So", "happened_at": NOW, "recorded_at": NOW,
        "recorded_by": cast.nurse, "trial_digest": "0" * 64,
    }  # fmt: skip
    return Deviation.objects.create(**said | changed)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"what": ""}, "a deviation says what happened"),
        ({"kind": "x"}, "a deviation is of a listed kind"),
        ({"happened_at": LATER}, "a deviation happened before it is recorded"),
        ({"recorded_by": None}, "a rule or a person finds a deviation"),
        ({"about": "dose iv 2"}, "a rule or a person finds a deviation"),
    ],
)
def test_the_database_refuses(cast: Cast, changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(IntegrityError, match=sentence):
        row(cast, **changed)


def test_the_database_keeps_one_of_a_rule(cast: Cast, number: str) -> None:
    said = {"patient_id": number, "recorded_by": None, "about": "dose iv 2"}
    row(cast, **said)
    with pytest.raises(IntegrityError):
        row(cast, **said)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reason": ""}, "a judgement has a reason"),
        ({"verdict": "x"}, "a judgement is one of three"),
    ],
)
def test_the_database_refuses_a_judgement(
    cast: Cast, changed: dict[str, str], sentence: str
) -> None:
    said = {"verdict": "none", "reason": "So"} | changed
    with pytest.raises(IntegrityError, match=sentence):
        Judgement.objects.create(deviation=row(cast), at=NOW, by=cast.medical_monitor, **said)


@pytest.mark.parametrize("model", [Deviation, Judgement, Search])
def test_nothing_is_changed_or_taken_away(cast: Cast, model: Any) -> None:
    made = reported(cast, cast.nurse)
    judge(made, verdict="none", reason="So", by=cast.medical_monitor, now=LATER)
    look_for_deviations(by=Site(), now=LATER)
    table = model._meta.db_table
    for sql in (f"UPDATE {table} SET id = 7", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)
