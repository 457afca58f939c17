"""Consent on a page: who may give it, to which version, when, and what is to be asked again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction

from immunosep.errors import RefusedError
from immunosep.protocol.consent import ConsentBy
from immunosep.web.enrolment.consenting import (
    consent_to_ask,
    may_give,
    record_consent,
    versions_open,
)
from immunosep.web.enrolment.models import Consent, ConsentVersion, Patient
from immunosep.web.enrolment.not_enrolling import not_enrol
from tests.web.at_bedside import consent, patient_of, told_last, url, wall
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast

DEFERRING = """
from dataclasses import replace
from immunosep.protocol.consent import ConsentBy
from immunosep.trials.immunosep import IMMUNOSEP

TRIAL = replace(
    IMMUNOSEP,
    consent=replace(
        IMMUNOSEP.consent,
        given_by=tuple(ConsentBy),
        deferred_countries=("Germany",),
        deferred_within_hours=24,
    ),
)
"""

PLAIN = """
from dataclasses import replace
from immunosep.trials.immunosep import IMMUNOSEP

TRIAL = replace(IMMUNOSEP, consent=None)
"""


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def deferring(settings: Any, tmp_path: Path) -> None:
    """The same trial, were consent deferred in Germany."""
    file = tmp_path / "deferring.py"
    file.write_text(DEFERRING)
    settings.TRIAL = str(file)


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("laboratory", 403), ("monitor", 403), ("foreign_consultant", 404)],
)
def test_others_record_no_consent(cast: Cast, log_in: LogIn, who: str, status: int) -> None:
    answer = log_in(getattr(cast, who)).post(url("consent", patient_of(cast)), consent(cast))
    assert (answer.status_code, Consent.objects.count()) == (status, 0)


def test_consent_is_recorded_with_who_what_and_when(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    sent = consent(cast, given_by="relative")
    assert log_in(cast.nurse).post(url("consent", patient), sent).status_code == 302
    given = Consent.objects.get()
    assert (given.given_by, given.given_at) == ("relative", NOW - timedelta(minutes=30))
    assert told_last()["by"] == "relative"
    patient.refresh_from_db()
    assert patient.entries_made == 1


def test_the_same_consent_again_is_one(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    client.post(url("consent", patient), consent(cast))
    client.post(url("consent", patient), consent(cast))
    assert Consent.objects.count() == 1


def test_what_is_left_out_is_told_beside_its_field(cast: Cast, log_in: LogIn) -> None:
    sent = {"version": "none", "given_at": "yesterday"}
    answer = log_in(cast.nurse).post(url("consent", patient_of(cast)), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "choose who consented" in page
    assert "choose the version" in page
    assert "not a time" in page


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"given_at": wall(NOW + timedelta(minutes=1))}, "in the future"),
        ({"given_at": wall(NOW - timedelta(days=60))}, "not yet approved on that day"),
        ({"given_by": "deferred"}, "not allowed at this centre"),
    ],
)
def test_consent_that_cannot_be_is_refused(
    cast: Cast, log_in: LogIn, changed: dict[str, str], told: str
) -> None:
    answer = log_in(cast.nurse).post(url("consent", patient_of(cast)), consent(cast, **changed))
    assert (answer.status_code, Consent.objects.count()) == (422, 0)
    assert told in answer.content.decode()


def version(cast: Cast, number: str, days_ago: int, **more: Any) -> ConsentVersion:
    approved = (NOW - timedelta(days_ago)).date()
    return ConsentVersion.objects.create(
        centre=cast.jena, version=number, language="de", approved_on=approved, **more
    )


def test_versions_are_offered_newest_first_without_those_withdrawn(cast: Cast) -> None:
    version(cast, "0.9", 50, withdrawn_on=(NOW - timedelta(30)).date())
    version(cast, "2.0", 5)
    version(cast, "3.0", -5)
    offered = [each.version for each in versions_open(cast.jena, NOW.date())]
    assert offered == ["2.0", "1.0"]


def test_a_version_no_longer_in_use_is_refused(cast: Cast) -> None:
    old = version(cast, "0.9", 50, withdrawn_on=(NOW - timedelta(30)).date())
    with pytest.raises(RefusedError, match="no longer in use"):
        record_consent(
            patient_of(cast).pk, given_by=ConsentBy.PATIENT, version=old, given_at=NOW,
            by=cast.nurse, now=NOW,
        )  # fmt: skip


def test_another_centres_version_is_refused(cast: Cast) -> None:
    other = cast.athens.consentversion_set.get()
    with pytest.raises(RefusedError, match="another centre"):
        record_consent(
            patient_of(cast).pk, given_by=ConsentBy.PATIENT, version=other, given_at=NOW,
            by=cast.nurse, now=NOW,
        )  # fmt: skip


def test_a_patient_not_enrolled_does_not_consent(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    not_enrol(patient.pk, reasons=["declined"], by=cast.nurse, now=NOW)
    answer = log_in(cast.nurse).post(url("consent", patient), consent(cast))
    assert b"recorded as not enrolled" in answer.content


def test_after_a_relative_the_participant_is_asked(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    client.post(url("consent", patient), consent(cast, given_by="relative"))
    assert "ask the participant as soon as able" in consent_to_ask(patient, now=NOW)
    client.post(url("consent", patient), consent(cast, given_at=wall(NOW)))
    assert consent_to_ask(patient, now=NOW) == ""
    assert Consent.objects.count() == 2


def test_a_revised_version_is_asked_about(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    assert consent_to_ask(patient, now=NOW) == ""
    log_in(cast.nurse).post(url("consent", patient), consent(cast))
    version(cast, "2.0", 5)
    assert "revised since" in consent_to_ask(patient, now=NOW)


def test_deferred_consent_is_offered_only_where_the_trial_allows(
    cast: Cast, log_in: LogIn, deferring: None
) -> None:
    page = log_in(cast.nurse).get(url("consent", patient_of(cast))).content.decode()
    assert "Deferred only in Germany, to be made good within 24 hours." in page
    abroad = Patient.objects.create(
        number="02-0001", centre=cast.athens, added_at=NOW, added_by=cast.foreign_consultant
    )
    page = log_in(cast.foreign_consultant).get(url("consent", abroad)).content.decode()
    assert 'value="deferred"' not in page


def test_deferred_consent_is_to_be_made_good_in_time(
    cast: Cast, log_in: LogIn, deferring: None
) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    client.post(url("consent", patient), consent(cast, given_by="deferred"))
    assert "by 3 Mar 2026 09:30 CET" in consent_to_ask(patient, now=NOW)
    again = consent(cast, given_by="deferred", given_at=wall(NOW))
    assert b"no longer deferred" in client.post(url("consent", patient), again).content


def test_consent_cannot_be_changed_in_the_database(cast: Cast, log_in: LogIn) -> None:
    log_in(cast.nurse).post(url("consent", patient_of(cast)), consent(cast))
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.update(given_by="relative")


def test_a_centre_without_a_version_is_told_what_to_do(cast: Cast, log_in: LogIn) -> None:
    ConsentVersion.objects.all().delete()
    page = log_in(cast.nurse).get(url("consent", patient_of(cast))).content
    assert b"Ask the administrator" in page


def test_a_trial_without_a_consent_plan_asks_the_patient(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    file = tmp_path / "plain.py"
    file.write_text(PLAIN)
    settings.TRIAL = str(file)
    assert may_give(cast.jena) == [ConsentBy.PATIENT]
