"""Amendments: versions taken in, proposed, approved, and live at one centre and not at another."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from immunosep.errors import RefusedError, SettingsError
from immunosep.protocol.forms import FilledBy
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.accounts.access import may
from immunosep.web.accounts.roles import Permission
from immunosep.web.amendments import weighing
from immunosep.web.amendments.activating import activate, stands_against
from immunosep.web.amendments.approving import bind_consent
from immunosep.web.amendments.asking_again import to_ask_again
from immunosep.web.amendments.models import Activation, Amendment, Version
from immunosep.web.amendments.proposing import propose
from immunosep.web.amendments.taking import put_back, take_version
from immunosep.web.amendments.weighing import weigh
from immunosep.web.audit.models import Event
from immunosep.web.centres.models import Body, Centre
from immunosep.web.enrolment.allocating import allocate, take_next_slot
from immunosep.web.enrolment.amended import version_note
from immunosep.web.enrolment.models import Allocation, ConsentVersion, Entry
from immunosep.web.enrolment.progress import Stage, standings_of
from immunosep.web.enrolment.recording import last_entry, record_values
from immunosep.web.enrolment.screening import answer, snapshot_of
from immunosep.web.trial import trial_of, trial_with, version_file
from tests.web.amended import (
    LENIENT,
    STRICT,
    approved,
    live,
    proposed,
    taken,
    versions_in,
    write_version,
)
from tests.web.people import NOW, Cast
from tests.web.test_allocating import screened

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def kept_in(tmp_path: Path):
    with versions_in(tmp_path):
        yield tmp_path


@pytest.fixture
def amendment(cast: Cast, tmp_path: Path) -> Amendment:
    """Proposed, approved nowhere."""
    return proposed(taken(tmp_path, STRICT), cast.data_manager)


def refused(do, *args, **given) -> str:
    with pytest.raises(RefusedError) as error:
        do(*args, **given)
    return " ".join(error.value.problems)


@pytest.mark.parametrize(
    "who", ["stranger", "consultant", "nurse", "laboratory", "pharmacist", "monitor",
            "medical_monitor", "sponsor"],
)  # fmt: skip
def test_other_roles_neither_propose_nor_approve_nor_activate(
    cast: Cast, amendment: Amendment, who: str
) -> None:
    user = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        proposed(amendment.version, user)
    with pytest.raises(PermissionDenied):
        approved(amendment, cast.jena, user)
    with pytest.raises(PermissionDenied):
        activate(amendment, cast.jena, by=user, now=NOW)
    assert not may(user, Permission.MANAGE_AMENDMENTS)


def test_a_version_is_kept_under_its_digest_and_taken_once(cast: Cast, tmp_path: Path) -> None:
    version = taken(tmp_path)
    assert taken(tmp_path) == version
    assert version_file(version.digest).is_file()
    assert trial_with(version.digest).version == "2.0"
    assert Event.objects.filter(action="amendments.take_version").count() == 1


def test_the_first_version_is_one_to_go_back_to(cast: Cast, tmp_path: Path) -> None:
    taken(tmp_path)
    assert Version.objects.filter(digest=IMMUNOSEP.digest).exists()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ("id='another'", "this site runs 'immunosep'"),
        ("arms=(*IMMUNOSEP.arms[:1], replace(IMMUNOSEP.arms[1], id='saline')), allocation=replace("
         "IMMUNOSEP.allocation, ratio={'precision': 1, 'saline': 1}), regimens=tuple(replace(r, "
         "arm='saline') if r.arm == 'placebo' else r for r in IMMUNOSEP.regimens)",
         "It has no arm placebo, which the randomisation list still holds"),
        ("allocation=replace(IMMUNOSEP.allocation, ratio={'precision': 2, 'placebo': 1}, "
         "block_sizes=(3, 6))", "another ratio"),
        ("allocation=replace(IMMUNOSEP.allocation, strata=('centre', 'immune_state'))",
         "stratifies by other things"),
        ("allocation=None", "no allocation plan"),
        ("centres=IMMUNOSEP.centres[1:]", "no stratum 01_jena"),
        ("centres=IMMUNOSEP.centres[1:]", "no centre 01_jena"),
        ("supply=None", "whether the site supplies"),
        ("sponsor='Somebody', version=' '", "It has no version"),
        ("sponsor='Somebody', version=IMMUNOSEP.version", "as another here does"),
        ("version=IMMUNOSEP.version", "the version the site began with"),
    ],
)  # fmt: skip
def test_a_version_that_does_not_fit_the_site_is_not_taken(
    cast: Cast, tmp_path: Path, changed: str, problem: str
) -> None:
    file = write_version(tmp_path)
    text = file.read_text(encoding="utf-8").split("TRIAL =")[0]
    named = changed if "version=" in changed else f"version='2.0', {changed}"
    file.write_text(f"{text}TRIAL = replace(IMMUNOSEP, {named})\n", encoding="utf-8")
    assert problem in refused(take_version, file, now=NOW)
    assert not Version.objects.exists()


def test_a_file_that_was_changed_behind_the_site_is_refused(cast: Cast, tmp_path: Path) -> None:
    version = taken(tmp_path)
    elsewhere = tmp_path / "restarted"  # a process that has read nothing yet
    with versions_in(elsewhere):
        version_file(version.digest).parent.mkdir(parents=True)
        version_file(version.digest).write_bytes(write_version(tmp_path, STRICT).read_bytes())
        with pytest.raises(SettingsError, match="holds another version"):
            trial_with(version.digest)


def test_a_version_without_its_file_is_said_with_what_to_do(cast: Cast) -> None:
    with pytest.raises(SettingsError, match="Put the file back"):
        trial_with("f" * 64)


def test_an_amendment_freezes_its_difference(cast: Cast, amendment: Amendment) -> None:
    sentences = [change["sentence"] for change in amendment.difference["changes"]]
    assert "Exclusion criterion neutropenia: below 10,000 per mm³, was 1,500" in sentences
    assert "is proposed already" in refused(proposed, amendment.version, cast.data_manager)


def test_an_amendment_says_why(cast: Cast, amendment: Amendment, tmp_path: Path) -> None:
    version = taken(tmp_path, LENIENT, name="3.0")
    said = refused(propose, version, reason=" ", needs_authority=False, asks_again=False,
                   by=cast.data_manager, now=NOW)  # fmt: skip
    assert "Say why" in said
    with pytest.raises(DatabaseError), transaction.atomic():
        Amendment.objects.filter(pk=amendment.pk).update(reason="")


def test_it_goes_live_only_once_approved(cast: Cast, tmp_path: Path) -> None:
    amendment = proposed(taken(tmp_path), cast.data_manager, authority=True)
    said = refused(activate, amendment, cast.jena, by=cast.administrator, now=NOW)
    assert "ethics committee" in said
    assert "authority" in said
    approved(amendment, cast.jena, cast.administrator)
    assert "authority" in refused(activate, amendment, cast.jena, by=cast.administrator, now=NOW)
    approved(amendment, cast.jena, cast.administrator, body=Body.AUTHORITY)
    activate(amendment, cast.jena, by=cast.administrator, now=NOW)
    assert trial_of(Centre.objects.get(pk=cast.jena.pk)).version == "2.0"


def test_an_approval_for_one_centre_is_none_for_another(cast: Cast, amendment: Amendment) -> None:
    approved(amendment, cast.athens, cast.data_manager)
    assert "No approval" in refused(activate, amendment, cast.jena, by=cast.data_manager, now=NOW)


def test_going_live_twice_is_once(cast: Cast, amendment: Amendment) -> None:
    first = live(amendment, cast.jena, cast.data_manager)
    again = activate(amendment, cast.jena, by=cast.administrator, now=LATER)
    assert again == first
    assert Event.objects.filter(action="amendments.activate").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Activation.objects.create(amendment=amendment, centre=cast.jena, replaced="",
                                  activated_at=NOW, activated_by=cast.administrator)  # fmt: skip


def test_two_centres_work_by_two_versions(cast: Cast, amendment: Amendment) -> None:
    live(amendment, cast.jena, cast.data_manager)
    screened(cast)
    assert "neutrophils" in refused(allocate, "01-0001", by=cast.consultant, now=NOW).lower()
    cast.athens.refresh_from_db()
    assert trial_of(cast.athens) is trial_with(IMMUNOSEP.digest)


def test_screening_begun_before_is_decided_by_the_version_that_is_live(
    cast: Cast, amendment: Amendment
) -> None:
    patient = screened(cast)
    assert standings_of([patient], now=NOW)[0].stage is Stage.READY
    live(amendment, cast.jena, cast.data_manager)
    patient.centre.refresh_from_db()
    assert standings_of([patient], now=NOW)[0].stage is Stage.INELIGIBLE


def test_patients_of_both_versions_stand_in_one_list(cast: Cast, amendment: Amendment) -> None:
    here = screened(cast)
    live(amendment, cast.jena, cast.data_manager)
    cast.jena.refresh_from_db()
    there = screened(cast, "02-0001")
    type(there).objects.filter(pk=there.pk).update(centre=cast.athens)
    both = list(type(there).objects.select_related("centre").order_by("number"))
    assert here in both
    assert [each.stage for each in standings_of(both, now=NOW)] == [Stage.INELIGIBLE, Stage.READY]


def test_rows_and_the_trail_carry_the_version_of_their_centre(cast: Cast, tmp_path: Path) -> None:
    amendment = proposed(taken(tmp_path), cast.data_manager)
    live(amendment, cast.jena, cast.data_manager)
    cast.jena.refresh_from_db()
    patient = screened(cast)
    record_values(patient.pk, {"age_years": 65}, filled_by=FilledBy.BEDSIDE, reason="typo",
                  seen=last_entry(patient), by=cast.nurse, now=NOW)  # fmt: skip
    allocation = allocate(patient.pk, by=cast.consultant, now=NOW)
    digests = {
        Entry.objects.latest("pk").trial_digest,
        allocation.trial_digest,
        Event.objects.latest("sequence").trial_digest,
    }
    assert digests == {amendment.version_id}


def test_what_was_decided_before_stays(cast: Cast, tmp_path: Path) -> None:
    screened(cast)
    before = allocate("01-0001", by=cast.consultant, now=NOW)
    ferritin = ("immune_states=one(one(IMMUNOSEP.immune_states, 'mals', rule=snapshot."
                "ferritin_ng_ml > 500), 'immunoparalysis', rule=(snapshot.ferritin_ng_ml <= 500)"
                " & (snapshot.hla_dr_per_monocyte < 5000))")  # fmt: skip
    amendment = proposed(taken(tmp_path, ferritin), cast.data_manager)
    live(amendment, cast.jena, cast.data_manager)
    after = Allocation.objects.get(pk=before.pk)
    assert (after.immune_state, after.slot_id, after.trial_digest) == (
        "immunoparalysis", before.slot_id, IMMUNOSEP.digest,
    )  # fmt: skip
    told = Event.objects.get(action="amendments.activate").after
    assert told is not None
    assert told["impact"][0].startswith("1 of 1 would change state")


def test_going_back_is_another_amendment(cast: Cast, amendment: Amendment, tmp_path: Path) -> None:
    live(amendment, cast.jena, cast.data_manager)
    first = Version.objects.get(digest=IMMUNOSEP.digest)
    back = proposed(first, cast.data_manager, now=LATER)
    assert "No approval" in refused(activate, back, cast.jena, by=cast.data_manager, now=LATER)
    live(back, cast.jena, cast.data_manager, now=LATER)
    cast.jena.refresh_from_db()
    assert trial_of(cast.jena).digest == IMMUNOSEP.digest
    third = proposed(taken(tmp_path, LENIENT, name="3.0"), cast.data_manager, now=LATER)
    live(third, cast.athens, cast.data_manager, now=LATER)
    said = " ".join(stands_against(amendment, cast.athens, now=LATER))
    assert "A later amendment is live here" in said


def test_an_interval_changes_only_once_courses_are_over(cast: Cast, tmp_path: Path) -> None:
    screened(cast)
    allocate("01-0001", by=cast.consultant, now=NOW)
    often = (
        "supply=replace(IMMUNOSEP.supply, doses_per_order={each: 1 for each in "
        "IMMUNOSEP.supply.doses_per_order})"
    )
    amendment = proposed(taken(tmp_path, often), cast.data_manager)
    approved(amendment, cast.jena, cast.data_manager)
    said = refused(activate, amendment, cast.jena, by=cast.data_manager, now=NOW)
    assert "1 here is under treatment" in said
    live(amendment, cast.athens, cast.data_manager)


def test_consent_that_comes_with_it_is_there_before_it_goes_live(
    cast: Cast, tmp_path: Path
) -> None:
    screened(cast)
    amendment = proposed(taken(tmp_path), cast.data_manager, asks_again=True)
    approved(amendment, cast.jena, cast.data_manager)
    said = refused(activate, amendment, cast.jena, by=cast.data_manager, now=NOW)
    assert "No consent version" in said
    version = ConsentVersion.objects.create(
        centre=cast.jena, version="2.0", language="en", approved_on=NOW.date()
    )
    bound = bind_consent(amendment, version, by=cast.data_manager, now=NOW)
    assert bind_consent(amendment, version, by=cast.data_manager, now=NOW) == bound
    activate(amendment, cast.jena, by=cast.data_manager, now=NOW)
    assert [each.pk for each in to_ask_again(amendment, cast.jena)] == ["01-0001"]


def test_a_consent_version_comes_with_one_amendment_that_asks(
    cast: Cast, amendment: Amendment
) -> None:
    version = cast.jena.consentversion_set.get()
    said = refused(bind_consent, amendment, version, by=cast.data_manager, now=NOW)
    assert "asks nobody" in said
    assert to_ask_again(amendment, cast.jena) == []


def test_a_value_that_left_the_dictionary_is_counted_as_unread(
    cast: Cast, amendment: Amendment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("01-0001", "01-0002"):
        screened(cast, number)
        allocate(number, by=cast.consultant, now=NOW)
    frozen = weighing._row

    def with_an_old_column(allocation: Allocation) -> dict[str, object]:
        old = {"shoe_size": 43} if allocation.patient_id == "01-0002" else {}
        return {**frozen(allocation), **old}

    monkeypatch.setattr(weighing, "_row", with_an_old_column)
    said = weigh([cast.jena], trial_with(amendment.version_id), now=NOW)
    assert said == ["1 of 1 would not be eligible.", "1 could not be read again."]


def test_nothing_of_an_amendment_is_changed_afterwards(cast: Cast, amendment: Amendment) -> None:
    live(amendment, cast.jena, cast.data_manager)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Version.objects.update(taken_at=LATER)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Amendment.objects.update(reason="another")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Activation.objects.update(activated_at=LATER)


def test_a_site_that_lost_its_files_has_them_back_from_the_database_when_asked(
    cast: Cast, tmp_path: Path
) -> None:
    version = taken(tmp_path)
    with versions_in(tmp_path / "restored"):
        with pytest.raises(SettingsError, match="writes what is missing"):
            trial_with(version.digest)
        assert put_back() == [version]
        assert trial_with(version.digest).version == "2.0"
        assert put_back() == []


def test_what_the_database_holds_under_a_false_name_is_not_kept(cast: Cast, tmp_path: Path) -> None:
    text = write_version(tmp_path).read_text(encoding="utf-8")
    Version.objects.create(digest="a" * 64, name="9.0", source=text, taken_at=NOW)
    with pytest.raises(SettingsError, match="holds another version"):
        put_back()
    assert not version_file("a" * 64).exists()


def test_a_version_that_goes_live_while_one_decides_is_told(cast: Cast, tmp_path: Path) -> None:
    patient = screened(cast)
    snapshot = snapshot_of(patient)
    found = answer(snapshot.values, number=patient.pk, consent=True, now=NOW)
    live(proposed(taken(tmp_path), cast.data_manager), cast.jena, cast.data_manager)
    said = refused(
        take_next_slot, snapshot, found, order_number="FREE", by=cast.consultant, role="", now=NOW
    )
    assert "changed while you were deciding" in said
    assert not Allocation.objects.exists()


def test_one_version_costs_no_query(cast: Cast, django_assert_num_queries: Any) -> None:
    patient = screened(cast)
    with django_assert_num_queries(0):
        assert trial_of(patient.centre).digest == IMMUNOSEP.digest
        assert version_note(patient) == ""
