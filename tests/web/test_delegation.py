"""Training and delegation: who keeps the log, what it gates, and who could do what on a day."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import centres_of, may, require
from immunosep.web.accounts.actions import revoke
from immunosep.web.accounts.clearance import NEVER_WITHHELD
from immunosep.web.accounts.models import Membership, User
from immunosep.web.accounts.roles import ROLES, Permission
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.oversight.delegating import (
    delegate,
    end_delegation,
    record_training,
    tasks_to_delegate,
    who_could,
)
from immunosep.web.oversight.models import Delegation, DelegationEnd, Training
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.proving import proven

pytestmark = pytest.mark.django_db
P = Permission
DAY = timedelta(days=1)
TODAY = NOW.date()
PAGE = "/oversight/delegation/01_jena/"
ASKS = """
from dataclasses import replace
from immunosep.trials.immunosep import IMMUNOSEP
TRIAL = replace(IMMUNOSEP, training_required=("GCP", "Protocol 2.0"))
"""


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def asks(cast: Cast, settings: Any, tmp_path: Path) -> None:
    """From here on the trial asks for two trainings."""
    (tmp_path / "asks.py").write_text(ASKS)
    settings.TRIAL = str(tmp_path / "asks.py")


def anew(user: User) -> User:
    """As the next request finds the account."""
    return User.objects.get(pk=user.pk)


def role_of(user: User) -> Membership:
    return Membership.objects.select_related("user", "centre").get(user=user)


def train(cast: Cast, user: User, *what: str, by: User | None = None) -> None:
    for each in what or ("GCP", "Protocol 2.0"):
        record_training(user, cast.jena, what=each, version="1", on=TODAY,
                        by=by or cast.consultant, now=NOW)  # fmt: skip


def signed(cast: Cast, user: User, *tasks: P, by: User | None = None, **changed: Any) -> Delegation:
    said: dict[str, Any] = {"begins": TODAY, "until": None} | changed
    return delegate(role_of(user), tasks=[each.name for each in tasks or [P.SCREEN]],
                    by=by or cast.consultant, now=NOW, **said)  # fmt: skip


# ── Who keeps it ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["stranger", "nurse", "monitor", "administrator"])
def test_others_neither_sign_nor_record(cast: Cast, who: str) -> None:
    other = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        signed(cast, cast.nurse, by=other)
    with pytest.raises(PermissionDenied):
        train(cast, cast.nurse, by=other)


def test_an_investigator_of_another_centre_signs_nothing_here(cast: Cast) -> None:
    made = signed(cast, cast.nurse)
    for act in (
        lambda: signed(cast, cast.nurse, by=cast.foreign_consultant),
        lambda: train(cast, cast.nurse, by=cast.foreign_consultant),
        lambda: end_delegation(made, reason="So", by=cast.foreign_consultant, now=NOW),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize("who", ["stranger", "nurse", "sponsor", "laboratory"])
def test_others_do_not_open_its_pages(cast: Cast, log_in: LogIn, who: str) -> None:
    client = log_in(getattr(cast, who))
    assert client.get("/oversight/delegation/").status_code == 403
    assert client.get(PAGE).status_code == client.post(PAGE, {"do": "train"}).status_code == 403


def test_a_log_of_another_centre_is_not_there(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.foreign_consultant)
    assert client.get(PAGE).status_code == 404
    assert b"Jena" not in client.get("/oversight/delegation/").content


def test_a_monitor_reads_it_and_adds_nothing(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.monitor)
    assert b"Nora Nurse" in client.get(PAGE).content
    assert client.post(PAGE, {"do": "train"}).status_code == 403


# ── What it gates ───────────────────────────────────────────────────────────────────────────────


def test_where_no_training_is_asked_nobody_waits(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    nurse = anew(cast.nurse)
    with django_assert_num_queries(1):
        assert may(nurse, P.SCREEN, cast.jena)
        assert may(nurse, P.ENTER_FOLLOW_UP, cast.jena)


@pytest.mark.parametrize("who", ["nurse", "consultant", "laboratory", "pharmacist"])
def test_without_either_a_role_sees_and_does_not_enter(cast: Cast, asks: None, who: str) -> None:
    user = anew(getattr(cast, who))
    for each in ROLES[role_of(user).role].permissions:  # type: ignore[index]
        assert may(user, each, cast.jena) is (each in NEVER_WITHHELD)
        assert (cast.jena in centres_of(user, each)) is (each in NEVER_WITHHELD)


def test_it_is_asked_by_require(cast: Cast, asks: None) -> None:
    with pytest.raises(PermissionDenied):
        require(anew(cast.nurse), P.SCREEN, cast.jena)


def test_an_emergency_never_waits(cast: Cast, asks: None) -> None:
    assert may(anew(cast.consultant), P.UNBLIND, cast.jena)


@pytest.mark.parametrize("who", ["monitor", "data_manager", "safety_officer"])
def test_roles_of_the_whole_trial_are_not_gated(cast: Cast, asks: None, who: str) -> None:
    user = anew(getattr(cast, who))
    assert all(may(user, each) for each in ROLES[role_of(user).role].permissions)  # type: ignore[index]


def test_training_alone_or_delegation_alone_is_not_enough(cast: Cast, asks: None) -> None:
    train(cast, cast.nurse)
    assert not may(anew(cast.nurse), P.SCREEN, cast.jena)
    signed(cast, cast.laboratory, P.ENTER_LABORATORY)
    assert not may(anew(cast.laboratory), P.ENTER_LABORATORY, cast.jena)


def test_one_of_two_trainings_is_not_enough(cast: Cast, asks: None) -> None:
    train(cast, cast.nurse, "GCP")
    signed(cast, cast.nurse)
    assert not may(anew(cast.nurse), P.SCREEN, cast.jena)


def test_with_both_the_delegated_tasks_are_open_and_no_others(cast: Cast, asks: None) -> None:
    train(cast, cast.nurse)
    signed(cast, cast.nurse, P.SCREEN)
    nurse = anew(cast.nurse)
    assert may(nurse, P.SCREEN, cast.jena)
    assert not may(nurse, P.RECORD_CONSENT, cast.jena)
    assert not may(nurse, P.SCREEN, cast.athens)


def test_it_holds_from_its_first_day_to_its_last(
    cast: Cast, asks: None, clock: time_machine.Traveller
) -> None:
    train(cast, cast.nurse)
    signed(cast, cast.nurse, begins=TODAY + DAY, until=TODAY + 2 * DAY)
    open_on = []
    for days in range(4):
        clock.move_to(NOW + days * DAY, tick=False)
        open_on.append(may(anew(cast.nurse), P.SCREEN, cast.jena))
    assert open_on == [False, True, True, False]


def test_what_is_taken_back_ends_at_once(cast: Cast, asks: None) -> None:
    train(cast, cast.nurse)
    made = signed(cast, cast.nurse)
    end_delegation(made, reason="Leaves", by=cast.consultant, now=NOW)
    assert not may(anew(cast.nurse), P.SCREEN, cast.jena)
    with pytest.raises(RefusedError, match="already"):
        end_delegation(made, reason="Leaves", by=cast.consultant, now=NOW)


def test_a_page_that_enters_is_closed_and_one_that_shows_is_open(
    cast: Cast, asks: None, log_in: LogIn
) -> None:
    assert log_in(cast.laboratory).get(reverse("laboratory")).status_code == 403
    assert log_in(cast.nurse).get("/patients/").status_code == 200


# ── The log ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tasks", "changed", "says"),
    [
        ([P.RANDOMISE], {}, "none of this role"),
        ([P.SCREEN], {"begins": TODAY - DAY}, "before today"),
        ([P.SCREEN], {"until": TODAY - DAY}, "before it begins"),
    ],
)
def test_what_cannot_be_delegated(
    cast: Cast, tasks: list[P], changed: dict[str, Any], says: str
) -> None:
    with pytest.raises(RefusedError, match=says):
        signed(cast, cast.nurse, *tasks, **changed)


def test_a_training_says_what_and_was_not_tomorrow(cast: Cast) -> None:
    with pytest.raises(RefusedError) as refused:
        record_training(cast.monitor, cast.jena, what="", version="", on=TODAY + DAY,
                        by=cast.consultant, now=NOW)  # fmt: skip
    assert len(refused.value.problems) == 3


def test_a_training_is_recorded_once(cast: Cast) -> None:
    train(cast, cast.nurse, "GCP")
    train(cast, cast.nurse, "GCP")
    assert Training.objects.count() == Event.objects.filter(
        action="oversight.record_training").count() == 1  # fmt: skip


def test_who_could_do_what_on_a_day(cast: Cast, asks: None) -> None:
    train(cast, cast.nurse)
    signed(cast, cast.nurse, begins=TODAY + DAY)
    revoke(role_of(cast.laboratory), by=Site(), now=NOW + DAY)

    def could(on: date) -> dict[str, tuple[P, ...]]:
        return {line.membership.user.name: line.could for line in who_could(cast.jena, on=on)}

    assert could(TODAY - DAY) == {}
    assert P.SCREEN not in could(TODAY)["Nora Nurse"]
    assert P.SCREEN in could(TODAY + DAY)["Nora Nurse"]
    assert "Lena Laboratory" in could(TODAY + DAY)
    assert "Lena Laboratory" not in could(TODAY + 2 * DAY)


def test_more_people_ask_the_database_no_more(
    cast: Cast, asks: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        assert len(who_could(cast.jena, on=TODAY)) == 5


# ── The page ────────────────────────────────────────────────────────────────────────────────────


def test_an_investigator_signs_with_the_password_again(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    sent = {"do": "delegate", "membership": role_of(cast.nurse).pk, "tasks": ["SCREEN"],
            "begins": TODAY.isoformat(), "until": ""}  # fmt: skip
    assert "reauthenticate" in client.post(PAGE, sent)["Location"]
    assert not Delegation.objects.exists()
    proven(client, cast.consultant)
    client.post(PAGE, sent)
    assert (Delegation.objects.get().tasks, Delegation.objects.get().signed_by) == (
        ["SCREEN"], cast.consultant,
    )  # fmt: skip
    assert b"signed by Clara Consultant" in client.get(PAGE).content


def test_training_and_its_end_are_recorded_on_the_page(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    made = signed(cast, cast.nurse)
    train_nurse = {"do": "train", "membership": role_of(cast.nurse).pk, "what": "GCP",
                   "version": "E6(R3)", "trained_on": TODAY.isoformat()}  # fmt: skip
    assert client.post(PAGE, train_nurse).status_code == 302
    assert b"GCP, E6(R3)" in client.get(PAGE).content
    ended = {"do": "end", "delegation": made.pk, "reason": "Leaves"}
    assert client.post(PAGE, ended).status_code == 302
    assert DelegationEnd.objects.get().reason == "Leaves"


@pytest.mark.parametrize(
    "sent",
    [{}, {"do": "x"}, {"do": "train"}, {"do": "train", "trained_on": "0001-01-01"},
     {"do": "end", "delegation": "9" * 30}, {"do": "train", "membership": "0", "what": "GCP"}],
)  # fmt: skip
def test_what_cannot_be_read_is_said(cast: Cast, log_in: LogIn, sent: dict[str, str]) -> None:
    assert log_in(cast.consultant).post(PAGE, sent).status_code == 422


@pytest.mark.parametrize("on", ["", "x", "0001-01-01", "9999-12-31", "2026-03-02"])
def test_any_day_may_be_asked_for(cast: Cast, log_in: LogIn, on: str) -> None:
    assert log_in(cast.monitor).get(PAGE, {"on": on}).status_code == 200


# ── In the database ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [({"tasks": []}, "a delegation is of tasks"),
     ({"until": TODAY - DAY}, "a delegation ends after it begins")],
)  # fmt: skip
def test_the_database_refuses(cast: Cast, changed: dict[str, Any], sentence: str) -> None:
    said = {"user": cast.nurse, "centre": cast.jena, "role": "study_nurse", "tasks": ["SCREEN"],
            "begins": TODAY, "signed_at": NOW, "signed_by": cast.consultant}  # fmt: skip
    with pytest.raises(IntegrityError, match=sentence):
        Delegation.objects.create(**said | changed)


def test_the_database_refuses_a_training_in_nothing(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="a training says in what"):
        Training.objects.create(user=cast.nurse, centre=cast.jena, what="", version="1", on=TODAY,
                                recorded_at=NOW, recorded_by=cast.consultant)  # fmt: skip


def test_the_database_refuses_an_end_without_a_reason(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="a delegation ends for a reason"):
        DelegationEnd.objects.create(delegation=signed(cast, cast.nurse), last_day=TODAY,
                                     reason="", at=NOW, by=cast.consultant)  # fmt: skip


@pytest.mark.parametrize("model", [Training, Delegation, DelegationEnd])
def test_nothing_is_changed_or_taken_away(cast: Cast, model: Any) -> None:
    train(cast, cast.nurse)
    end_delegation(signed(cast, cast.nurse), reason="So", by=cast.consultant, now=NOW)
    table = model._meta.db_table
    for sql in (f"UPDATE {table} SET id = 7", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)


def test_only_what_enters_waits_for_delegation() -> None:
    assert P.SEE_PATIENTS not in tasks_to_delegate("study_nurse")
    assert P.SCREEN in tasks_to_delegate("study_nurse")
