"""A rehearsal: peopled through the site's own actions, in order, up to now, and the same again."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from django.test import override_settings

from immunosep.errors import SettingsError
from immunosep.randomisation.opening import open_code, read_private_key
from immunosep.simulation.rehearsal import AFTERWARDS_DAYS, with_a_day_to_try
from immunosep.simulation.rehearsed_courses import with_courses
from immunosep.simulation.virtual_patients import draw_patients
from immunosep.tables.records import RECORDS
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.accounts.access import may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Lock, Page, PageEntry, Query, Signature, Step
from immunosep.web.casebook.scoring import scores_of
from immunosep.web.casebook.values import values_of_pages
from immunosep.web.checking import check_site
from immunosep.web.demo.names import NAMES, names_of
from immunosep.web.demo.people import PASSWORD
from immunosep.web.demo.peopling import SET_UP_BEFORE, Peopled, people_site
from immunosep.web.enrolment.models import Allocation, Dose, Entry, NotEnrolled, Patient
from immunosep.web.enrolment.progress import Stage, standing_of
from immunosep.web.followup.planned_doses import State, doses_of
from immunosep.web.installing import Administrator, furnish
from immunosep.web.oversight.models import Deviation
from immunosep.web.oversight.recording import look_for_deviations
from immunosep.web.pharmacy.preparing import content_of
from immunosep.web.records.tables import tables_of
from immunosep.web.safety.cases import serious_cases
from immunosep.web.safety.clocks import clocks_of
from immunosep.web.supply.ending import ends_of
from immunosep.web.supply.following import starts_of
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.waiting import CARDS
from tests.web.people import NOW, keys, sealed_code

DAYS = 60  # of enrolment
BEGAN = NOW - timedelta(days=DAYS + AFTERWARDS_DAYS)
HOUR = timedelta(hours=1)
KEPT = 3  # participants of the centre that is locked; as many patients who were not enrolled


@cache
def arms() -> dict[tuple[str, int], str]:
    opened = open_code(sealed_code(), read_private_key(keys().private_pem))
    return {(slot.stratum, slot.position): slot.arm for slot in opened.slots}


@cache
def rows() -> list[dict[str, Any]]:
    """Few of those drawn for two centres: whoever waits for a visitor, and some of the other."""
    rng = np.random.default_rng(1)
    drawn = draw_patients(IMMUNOSEP, patients=40, days=DAYS, rng=rng)
    made = with_a_day_to_try(drawn, IMMUNOSEP, days=DAYS + AFTERWARDS_DAYS, rng=rng).to_pylist()
    to_try = next(row["centre"] for row in made if row["story"])
    others = [row for row in made if row["centre"] != to_try]
    joined = [row for row in others if row["first_dose_hour"] is not None]
    refused = [row for row in others if row["reason"]]
    running = [row for row in made if row["centre"] == to_try and _is_of_late(row)]
    kept = sorted([*running, *joined[:KEPT], *refused[:KEPT]], key=lambda row: row["seen_hour"])
    return with_courses(kept, IMMUNOSEP, arms=arms(), rng=rng)


def _is_of_late(row: dict[str, Any]) -> bool:
    return bool(row["seen_hour"] > 24 * (DAYS + AFTERWARDS_DAYS - 40))


def people() -> Peopled:
    administrator = Administrator(email="administrator@example.org", name="Ada", password=PASSWORD)
    furnish(sealed_code(), live=False, administrator=administrator, now=BEGAN - SET_UP_BEFORE)
    return people_site(rows(), began=BEGAN, now=NOW)


def content() -> list[Any]:
    """What a seed repeats: everything but numbers drawn from the system and what is sealed."""
    return [
        list(model.objects.order_by("pk").values_list(*fields))
        for model, fields in (
            (Patient, ("number", "added_at", "added_by__email")),
            (Entry, ("patient", "column", "value", "observed_at", "entered_at")),
            (NotEnrolled, ("patient", "reasons", "recorded_at")),
            (Allocation, ("patient", "slot__stratum__key", "slot__position", "allocated_at")),
            (Dose, ("allocation__patient", "preparation__route", "given_at")),
            (PageEntry, ("page__patient", "page__form", "column", "value", "entered_at")),
            (Step, ("page__patient", "kind", "at", "by__email")),
            (Query, ("page__patient", "column", "status", "opened_at")),
            (Signature, ("patient", "block", "at")),
            (Event, ("sequence", "at", "by_name", "action", "participant")),
        )
    ]


@pytest.fixture(scope="module")
def keyed_process(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A process that has the key, and undoes in the end what the tests of this file did."""
    file = tmp_path_factory.mktemp("key") / "code.private.pem"
    file.write_bytes(keys().private_pem)
    with (
        django_db_blocker.unblock(),
        override_settings(CODE_KEY_FILE=str(file), KEYED=True),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def site(keyed_process: None) -> Peopled:
    """A small rehearsal, made once for the tests of this file."""
    return people()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_seed_peoples_a_site_alike(keyed_process: None) -> None:
    held = []
    for _ in range(2):
        with transaction.atomic():
            people()
            held.append(content())
            transaction.set_rollback(True)
    assert held[0] == held[1]


@pytest.mark.django_db
def test_all_are_screened_and_decided_but_those_to_try(site: Peopled) -> None:
    assert (site.screened, site.not_enrolled) == (len(rows()), KEPT)
    assert site.randomised == len([row for row in rows() if row.get("course")])


@pytest.mark.django_db
def test_nothing_that_must_hold_of_a_site_is_broken(site: Peopled) -> None:
    assert [finding.checked for finding in check_site() if finding.faults] == []


@pytest.mark.django_db
def test_events_are_in_the_order_of_time_and_none_is_to_come(site: Peopled) -> None:
    moments = list(Event.objects.order_by("sequence").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert moments[-1] <= NOW


@pytest.mark.django_db
def test_every_step_is_audited_as_a_page_does_it(site: Peopled) -> None:
    actions = Counter(Event.objects.values_list("action", flat=True))
    assert actions["enrolment.add_patient"] == site.screened
    assert actions["enrolment.randomise"] == site.randomised
    assert actions["enrolment.give_dose"] == Dose.objects.count()
    assert actions["pharmacy.check"] == Preparation.objects.exclude(checked_at=None).count()
    assert actions["casebook.open_page"] == Page.objects.count()
    assert actions["casebook.sign"] == Signature.objects.count()


@pytest.mark.django_db
def test_each_course_is_of_the_arm_that_the_place_holds(site: Peopled) -> None:
    """The list is opened before anybody is randomised: each took the place that was foreseen."""
    orders = Order.objects.filter(day=1).select_related("slot__stratum", "centre")
    for order in orders:
        products = {content_of(order, dose["route"]).intervention.id for dose in order.doses}
        arm = arms()[order.slot.stratum.key, order.slot.position]
        assert (products == {"saline"}) is (arm == "placebo")


@pytest.mark.parametrize(
    ("story", "stage"),
    [
        ("screening", Stage.SCREENING),
        ("consent", Stage.CONSENT),
        ("laboratory", Stage.LABORATORY),
        ("ready", Stage.READY),
        ("to_prepare", Stage.RANDOMISED),
        ("to_receive", Stage.RANDOMISED),
    ],
)
@pytest.mark.django_db
def test_a_story_waits_where_it_is_said_to(site: Peopled, story: str, stage: Stage) -> None:
    patient = Patient.objects.get(pk=site.stories[story])
    assert patient.centre == site.centre
    assert standing_of(patient, now=NOW).stage is stage


@pytest.mark.django_db
def test_one_order_waits_for_the_pharmacy_and_one_for_the_ward(site: Peopled) -> None:
    waiting = Order.objects.get(participant=site.stories["to_prepare"])
    on_the_way = Order.objects.get(participant=site.stories["to_receive"])
    assert not waiting.preparations.exists()
    assert {each.status for each in on_the_way.preparations.all()} == {"handed_over"}


@pytest.mark.django_db
def test_every_dose_that_was_due_was_given_or_somebody_says_why_not(site: Peopled) -> None:
    unsaid = [
        dose
        for allocation in Allocation.objects.select_related("patient__centre")
        for plan in doses_of(allocation.patient, now=NOW)
        for dose in plan.doses
        if dose.wants_reason or dose.state is State.UNRECORDED
    ]
    assert Dose.objects.count() > 100
    assert unsaid == []


@pytest.mark.django_db
def test_the_days_score_as_they_were_drawn(site: Peopled) -> None:
    drawn = {
        (site.stories["followed"], f"day_{day['day']}"): day
        for row in rows()
        if row["story"] == "followed"
        for day in row["course"]["days"]
    }
    pages = list(Page.objects.filter(patient=site.stories["followed"], form="daily_sofa"))
    scores = scores_of(values_of_pages(pages)[page.pk] for page in pages)
    parts = [
        {part: drawn[page.patient_id, page.visit][part] for part in score.parts}
        for page, score in zip(pages, scores, strict=True)
        if score
    ]
    assert len(parts) >= 3
    assert parts == [dict(score.parts) for score in scores if score]


@pytest.mark.django_db
def test_the_records_hold_each_baseline_as_it_was_drawn(site: Peopled) -> None:
    names = ("apache_ii", "charlson", "septic_shock")
    written = [
        tuple(row[name] for name in names)
        for row in tables_of(trial_locked=False)["participants"].to_pylist()
        if row["baseline_unknown"] is None and not row["data_withdrawn"]
    ]
    drawn = [tuple(row["course"][name] for name in names) for row in rows() if row.get("course")]
    assert len(written) > len(drawn) / 2
    assert not Counter(written) - Counter(drawn)


@pytest.mark.django_db
def test_the_centre_whose_last_day_90_has_passed_is_locked(site: Peopled) -> None:
    locks = Lock.objects.filter(locked=True)
    held = Allocation.objects.exclude(patient__centre=site.centre)
    assert set(locks.filter(scope="participant").values_list("patient", flat=True)) == {
        each.patient_id for each in held
    }
    assert [lock.centre_id for lock in locks.filter(scope="centre")] == [held[0].patient.centre_id]
    assert not locks.filter(scope="trial").exists()


@pytest.mark.django_db
def test_a_suspected_reaction_waits_for_the_authority(site: Peopled) -> None:
    cases = serious_cases([site.centre])
    running = [c for case in cases if case.susar for c in clocks_of(case, now=NOW) if c.runs]
    assert [clock.what for clock in running] == ["Submit the SUSAR to the authority"]
    assert not running[0].late


@pytest.mark.django_db
def test_questions_of_each_state_wait_where_a_visitor_works(site: Peopled) -> None:
    theirs = Query.objects.filter(page__patient__centre=site.centre, check_id="")
    states = Counter(theirs.values_list("status", flat=True))
    turns = [list(query.steps.values_list("status", flat=True)) for query in theirs]
    assert all(states[each] for each in ("open", "answered", "closed"))
    assert ["open", "answered", "open"] in turns  # asked again, and not answered since
    assert max(query.steps.latest("id").at for query in theirs) > NOW - timedelta(days=1)
    assert site.questions == Query.objects.exclude(status="closed").count()


@pytest.mark.parametrize(
    ("who", "title", "nothing"),
    [
        ("investigator", "Signatures", "0 "),
        ("nurse", "Hand-over", "0 "),
        ("nurse", "Follow-up", "0 due today, 0 overdue"),
        ("laboratory", "Laboratory", "0 "),
        ("pharmacist", "Pharmacy worklist", "0 orders"),
        ("monitor", "Verification", "0 "),
        ("data.manager", "Questions asked", "0 "),
        ("safety.officer", "Safety review", "0 "),
    ],
)
@pytest.mark.django_db
def test_whoever_logs_in_finds_something_to_do_on_the_first_page(
    site: Peopled, who: str, title: str, nothing: str
) -> None:
    card = next(card for card in CARDS if card.title == title)
    user = User.objects.get(email=f"{who}@example.org")
    assert may(user, card.permission)
    assert not card.says(user, NOW).startswith(nothing)


@pytest.mark.django_db
def test_nothing_is_ordered_for_whoever_is_treated_no_more(site: Peopled) -> None:
    numbers = list(Allocation.objects.values_list("patient", flat=True))
    ended, started = ends_of(numbers), {
        order.participant: starts_of([order.slot_id])[order.slot_id]
        for order in Order.objects.filter(day=1, preparations__given__isnull=False)
    }  # fmt: skip
    standing = Order.objects.filter(participant__in=ended, cancelled_at=None)
    assert len(ended) > 1
    for order in standing:
        last = max(dose["hour"] for dose in order.doses) * HOUR
        assert started[order.participant] + last < ended[order.participant]


@pytest.mark.django_db
def test_whoever_sees_deviations_has_some_to_see(site: Peopled) -> None:
    assert Deviation.objects.filter(recorded_by=None).exists()


@pytest.mark.django_db
def test_the_records_hold_rows_of_every_kind(site: Peopled) -> None:
    tables = tables_of(trial_locked=False)
    assert set(tables) == set(RECORDS)
    assert all(tables[name].num_rows for name in set(RECORDS) - {"procedures", "queries"})


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.django_db
def test_no_question_to_sqlite_grows_with_the_number_of_doses(site: Peopled) -> None:
    """Beyond a depth of 1,000 it refuses an expression: a thousand doses are 25 participants."""
    connection.ensure_connection()
    before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100)
    try:
        look_for_deviations(by=Site(), now=NOW)
        assert tables_of(trial_locked=False)["doses"].num_rows > 100
    finally:
        connection.connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, before)


@pytest.mark.django_db
def test_every_role_can_be_tried_and_nobody_else_logged_in_as(site: Peopled) -> None:
    roles = [each.role for each in site.log_ins]
    assert set(roles) == {role.label for role in Role}
    assert roles.count("Unblinded pharmacist") == 2
    known = [user for user in User.objects.all() if user.has_usable_password()]
    assert {user.email for user in known} == {each.address for each in site.log_ins}
    assert known[0].check_password(PASSWORD)


@pytest.mark.django_db
def test_nobody_holds_a_role_at_two_centres(site: Peopled) -> None:
    held = [{m.centre_id for m in user.memberships.all()} for user in User.objects.all()]
    assert all(len(centres) == 1 for centres in held)


@pytest.mark.django_db
def test_a_site_with_patients_is_not_peopled_again(site: Peopled) -> None:
    with pytest.raises(SettingsError, match="without a patient"):
        people_site(rows(), began=BEGAN, now=NOW)


@override_settings(DEMO=False)
def test_a_site_that_is_not_for_teaching_is_never_peopled(db: None) -> None:
    with pytest.raises(SettingsError, match="teaching site"):
        people_site(rows(), began=BEGAN, now=NOW)


@pytest.mark.parametrize("country", [*NAMES, "Elsewhere"])
def test_names_differ_for_a_large_country(country: str) -> None:
    names = names_of(country)
    first = [next(names) for _ in range(30)]
    assert len(set(first)) == 30
