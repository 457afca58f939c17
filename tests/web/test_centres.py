"""Opening a centre once it is approved, pausing and closing it, and its consent versions."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from immunosep.errors import RefusedError
from immunosep.web.administration.consent_versions import (
    add_consent_version,
    withdraw_consent_version,
)
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.centres.actions import record_approval, set_status
from immunosep.web.centres.models import Approval, Centre, Status
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.enrolment.models import ConsentVersion
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast, open_centre

APPROVAL = {
    "do": "approve", "given_by": "Ethics committee", "reference": "12/2026",
    "approved_on": "2026-02-01",
}  # fmt: skip


@pytest.fixture
def planned(cast: Cast) -> Centre:
    """A centre that has not opened."""
    centre = Centre.objects.filter(status=Status.PLANNED).first()
    assert centre
    return centre


@pytest.fixture
def admin(cast: Cast, log_in: LogIn) -> Client:
    """The administrator at her desk."""
    return log_in(cast.administrator)


def refused(centre: Centre, status: Status) -> str:
    with pytest.raises(RefusedError) as error:
        set_status(centre, status, by=Site(), now=NOW)
    return " ".join(error.value.problems)


@pytest.mark.parametrize("who", ["stranger", "consultant", "monitor", "pharmacist"])
def test_other_roles_are_refused(cast: Cast, log_in: LogIn, who: str) -> None:
    client = log_in(getattr(cast, who))
    assert client.get("/centres/").status_code == 403
    assert client.get("/centres/01_jena/").status_code == 403
    assert client.post("/centres/01_jena/", APPROVAL).status_code == 403


def test_a_centre_opens_only_once_approved(planned: Centre) -> None:
    assert "No approval" in refused(planned, Status.OPEN)
    open_centre(planned, by=Site(), now=NOW)
    planned.refresh_from_db()
    assert (planned.status, planned.opened_at) == (Status.OPEN, NOW)


def test_an_approval_of_another_version_does_not_open(planned: Centre) -> None:
    record_approval(
        planned, given_by="EC", reference="1", approved_on=NOW.date(), by=Site(), now=NOW
    )
    Approval.objects.filter(centre=planned).update(trial_version="an older one")
    assert "No approval of version" in refused(planned, Status.OPEN)


def test_a_pause_keeps_when_it_opened(cast: Cast) -> None:
    for status in (Status.PAUSED, Status.OPEN):
        set_status(cast.jena, status, by=Site(), now=NOW + timedelta(days=9), reason="holidays")
    cast.jena.refresh_from_db()
    assert cast.jena.opened_at == NOW


def test_a_closed_centre_stays_closed(cast: Cast) -> None:
    set_status(cast.jena, Status.CLOSED, by=Site(), now=NOW, reason="done")
    assert "It is closed" in refused(cast.jena, Status.OPEN)


@pytest.mark.parametrize("status", [Status.PAUSED, Status.CLOSED, Status.PLANNED])
def test_a_planned_centre_can_only_open(planned: Centre, status: Status) -> None:
    assert "It is planned" in refused(planned, status)


def test_an_approval_is_recorded_once_and_not_of_tomorrow(planned: Centre) -> None:
    given: dict[str, Any] = {"given_by": "EC", "reference": "1", "by": Site(), "now": NOW}
    record_approval(planned, approved_on=NOW.date(), **given)
    with pytest.raises(RefusedError) as error:
        record_approval(planned, approved_on=NOW.date() + timedelta(days=2), **given)
    assert len(error.value.problems) == 2
    assert str(planned.approvals.get()) == "EC 1"


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"status": "open", "opened_at": None}, "an open centre has opened"),
        ({"status": "sold"}, "a centre is planned, open, paused or closed"),
    ],
)
def test_the_database_keeps_centres_in_order(cast: Cast, wrong: dict[str, Any], rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Centre.objects.filter(pk=cast.jena.pk).update(**wrong)


def test_the_database_keeps_an_approval_once(cast: Cast) -> None:
    made = cast.jena.approvals.get()
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


def test_a_consent_version_is_added_once_and_withdrawn_once(cast: Cast) -> None:
    given: dict[str, Any] = {"version": "2.0", "language": "de", "by": Site(), "now": NOW}
    added = add_consent_version(cast.jena, approved_on=NOW.date(), **given)
    with pytest.raises(RefusedError) as error:
        add_consent_version(cast.jena, approved_on=date(2099, 1, 1), **given)
    assert len(error.value.problems) == 2
    withdraw_consent_version(added, by=Site(), now=NOW, reason="amended")
    with pytest.raises(RefusedError, match="withdrawn already"):
        withdraw_consent_version(added, by=Site(), now=NOW, reason="amended")
    added.refresh_from_db()
    assert added.withdrawn_on == NOW.date()


def test_centres_are_listed_with_their_status(admin: Client) -> None:
    text = admin.get("/centres/").content.decode()
    assert text.count(">open<") == 2
    assert text.count(">planned<") == 34


def test_a_centre_is_approved_and_opened(admin: Client, planned: Centre) -> None:
    url = f"/centres/{planned.pk}/"
    assert admin.post(url, {"do": "set_status", "status": "open"}).status_code == 422
    assert admin.post(url, APPROVAL).status_code == 302
    assert admin.post(url, {"do": "set_status", "status": "open"}).status_code == 302
    planned.refresh_from_db()
    assert planned.status == Status.OPEN
    event = Event.objects.latest("sequence")
    assert (event.action, event.role) == ("centres.set_status", "administrator")


def test_a_pause_needs_a_reason(cast: Cast, admin: Client) -> None:
    sent = {"do": "set_status", "status": "paused"}
    assert b"No reason was given" in admin.post("/centres/01_jena/", sent).content
    assert admin.post("/centres/01_jena/", sent | {"reason": "audit"}).status_code == 302
    assert Event.objects.latest("sequence").reason == "audit"


def test_consent_versions_are_added_and_withdrawn(cast: Cast, admin: Client) -> None:
    url = "/centres/01_jena/"
    sent = {"do": "add_version", "version": "2", "language": "de", "approved_on": "2026-02-01"}
    assert admin.post(url, sent).status_code == 302
    added = ConsentVersion.objects.get(centre=cast.jena, version="2")
    gone = {"do": "withdraw_version", "version_pk": added.pk, "reason": "amended"}
    assert admin.post(url, gone).status_code == 302
    assert "withdrawn on" in admin.get(url).content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"do": "approve", "given_by": "EC"},
        {"do": "add_version", "version": "2", "approved_on": "tomorrow"},
        {"do": "withdraw_version", "version_pk": "1"},
        {"do": "set_status", "status": "sold", "reason": "x"},
    ],
)
def test_a_form_that_lacks_something_is_shown_again(
    cast: Cast, admin: Client, sent: dict[str, str]
) -> None:
    before = Event.objects.count()
    answer = admin.post("/centres/01_jena/", sent)
    assert answer.status_code == 422
    assert b'role="alert"' in answer.content
    assert Event.objects.count() == before


@pytest.mark.parametrize("pk", ["x", "999999"])
def test_a_version_of_another_centre_is_not_found(admin: Client, pk: str) -> None:
    sent = {"do": "withdraw_version", "version_pk": pk, "reason": "amended"}
    assert admin.post("/centres/01_jena/", sent).status_code == 404


def test_a_centre_that_is_not_there_is_not_found(admin: Client) -> None:
    assert admin.get("/centres/99_nowhere/").status_code == 404


def test_a_moment_is_shown_by_the_clock_of_the_centre(cast: Cast) -> None:
    assert at_centre(NOW, cast.athens) == "2 Mar 2026 11:00 EET (UTC+02:00)"
    assert at_centre(NOW, None) == "2 Mar 2026 09:00 UTC (UTC+00:00)"
    assert at_centre(None, cast.athens) == ""
    assert str(cast.athens.zone) == "Europe/Athens"


def test_every_field_of_the_page_has_its_own_label(admin: Client) -> None:
    text = admin.get("/centres/01_jena/").content.decode()
    ids = re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert [i for i in ids if f'for="{i}"' not in text] == []
