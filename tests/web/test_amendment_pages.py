"""The pages of amendments: the wrong role first, then the way from a version to going live."""

from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from immunosep.web.accounts.actions import create_account, grant
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.amendments.models import Amendment, Version
from immunosep.web.audit.actions import Site
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import ConsentVersion, Patient
from immunosep.web.trial import trial_of
from tests.web.amended import STRICT, live, proposed, taken, versions_in
from tests.web.conftest import LogIn
from tests.web.people import NOW, PASSWORD, Cast
from tests.web.test_allocating import screened

OTHERS = ["stranger", "consultant", "nurse", "laboratory", "pharmacist", "monitor", "sponsor"]
APPROVAL = {
    "do": "approve", "body": "ethics_committee", "given_by": "EC Jena", "reference": "44/2026",
    "approved_on": "2026-03-01",
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_nine(tmp_path: Path):
    with versions_in(tmp_path), time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version(cast: Cast, tmp_path: Path) -> Version:
    return taken(tmp_path, STRICT)


@pytest.fixture
def amendment(cast: Cast, version: Version) -> Amendment:
    return proposed(version, cast.data_manager)


@pytest.fixture
def manager(cast: Cast, log_in: LogIn) -> Client:
    return log_in(cast.data_manager)


def here(amendment: Amendment, centre: str = "01_jena") -> str:
    return f"/amendments/{amendment.pk}/at/{centre}/"


@pytest.mark.parametrize("who", OTHERS)
def test_other_roles_are_refused(cast: Cast, log_in: LogIn, amendment: Amendment, who: str) -> None:
    client = log_in(getattr(cast, who))
    version = f"/amendments/versions/{amendment.version_id}/"
    for address in ("/amendments/", f"/amendments/{amendment.pk}/", version, here(amendment)):
        assert client.get(address).status_code == 403
    assert client.post(version, {"reason": "x"}).status_code == 403
    assert client.post(here(amendment), APPROVAL).status_code == 403


def test_a_manager_of_one_centre_sees_no_other(
    cast: Cast, log_in: LogIn, amendment: Amendment
) -> None:
    made = create_account("dan@example.org", name="Dan Data", password=PASSWORD, by=Site(), now=NOW)
    grant(made, Role.DATA_MANAGER, centre=cast.athens, by=Site(), now=NOW)
    client = log_in(User.objects.get(pk=made.pk))
    assert client.get(here(amendment)).status_code == 404
    assert client.post(here(amendment), APPROVAL).status_code == 404
    assert "Jena" not in client.get(f"/amendments/{amendment.pk}/").content.decode()


def test_what_there_is_not_is_absent(manager: Client, cast: Cast, amendment: Amendment) -> None:
    for address in ("/amendments/99/", "/amendments/versions/abc/", here(amendment, "99_nowhere")):
        assert manager.get(address).status_code == 404


def test_a_site_with_one_version_says_so(manager: Client) -> None:
    page = manager.get("/amendments/").content.decode()
    assert "Every centre works by version" in page
    assert "immunosep site amend" in page


def test_a_version_is_read_and_proposed(manager: Client, version: Version) -> None:
    address = f"/amendments/versions/{version.digest}/"
    page = manager.get(address).content.decode()
    assert "below 10,000 per mm³, was 1,500" in page
    assert "to be judged" in page
    assert "Nobody is enrolled yet." in page
    assert manager.post(address, {"reason": ""}).status_code == 422
    answer = manager.post(address, {"reason": "Slow recruitment", "needs_authority": "on"})
    amendment = Amendment.objects.get()
    assert answer.headers["Location"] == f"/amendments/{amendment.pk}/"
    assert (amendment.needs_authority, amendment.asks_again) == (True, False)
    again = manager.post(address, {"reason": "Slow recruitment"})
    assert (again.status_code, Amendment.objects.count()) == (422, 1)


def test_a_version_that_fits_no_more_cannot_be_proposed(
    manager: Client, version: Version, cast: Cast
) -> None:
    Centre.objects.create(id="99_new", number="99", name="New", time_zone="UTC")
    page = manager.get(f"/amendments/versions/{version.digest}/").content.decode()
    assert "It has no centre 99_new" in page
    assert "Propose it as an amendment" not in page


def test_the_way_to_live_at_one_centre(manager: Client, cast: Cast, amendment: Amendment) -> None:
    page = manager.get(here(amendment)).content.decode()
    assert "No approval of this amendment by the ethics committee" in page
    assert "Let it go live here" not in page
    assert manager.post(here(amendment), {"do": "activate"}).status_code == 422
    assert manager.post(here(amendment), {**APPROVAL, "reference": ""}).status_code == 422
    assert manager.post(here(amendment), APPROVAL).status_code == 302
    assert "Let it go live here" in manager.get(here(amendment)).content.decode()
    assert manager.post(here(amendment), {"do": "activate"}).status_code == 302
    assert manager.post(here(amendment), {"do": "activate"}).status_code == 302
    versions = {each.pk: trial_of(each).version for each in Centre.objects.all()[:2]}
    assert versions["01_jena"] == "2.0"
    assert versions["02_attikon"] != "2.0"
    listed = manager.get("/amendments/").content.decode()
    assert "Jena (" in listed


def test_an_approval_of_tomorrow_is_refused_and_what_was_typed_stays(
    manager: Client, amendment: Amendment
) -> None:
    answer = manager.post(here(amendment), APPROVAL | {"approved_on": "2026-03-09"})
    assert answer.status_code == 422
    assert "still to come" in answer.content.decode()
    assert 'value="EC Jena"' in answer.content.decode()


def test_a_form_that_asks_for_nothing_does_nothing(manager: Client, amendment: Amendment) -> None:
    assert manager.post(here(amendment), {"do": "dance"}).status_code == 422


def test_who_is_asked_again_is_named_to_those_who_see_patients(
    cast: Cast, log_in: LogIn, manager: Client, version: Version
) -> None:
    screened(cast)
    amendment = proposed(version, cast.data_manager, asks_again=True)
    second = ConsentVersion.objects.create(
        centre=cast.jena, version="2.0", language="en", approved_on=NOW.date()
    )
    sent = {"do": "bind", "consent_version": str(second.pk)}
    assert manager.post(here(amendment), sent).status_code == 302
    page = manager.get(here(amendment)).content.decode()
    assert "1 participant to be asked again" in page
    assert "01-0001" in page
    blind = log_in(cast.administrator).get(here(amendment)).content.decode()
    assert "1 participant to be asked again" in blind
    assert "01-0001" not in blind


def test_a_consent_version_of_another_centre_is_none_here(
    cast: Cast, manager: Client, version: Version
) -> None:
    amendment = proposed(version, cast.data_manager, asks_again=True)
    sent = {"do": "bind", "consent_version": str(cast.athens.consentversion_set.get().pk)}
    assert manager.post(here(amendment), sent).status_code == 422


@pytest.mark.parametrize("page", ["", "screen/", "randomise/"])
def test_the_bedside_is_told_that_another_version_decides(
    cast: Cast, log_in: LogIn, amendment: Amendment, page: str
) -> None:
    screened(cast)
    client, said = log_in(cast.consultant), "Version 2.0 is live at this centre now and decides"
    assert said not in client.get(f"/patients/01-0001/{page}").content.decode()
    live(amendment, cast.jena, cast.data_manager)
    assert said in client.get(f"/patients/01-0001/{page}").content.decode()
    assert Patient.objects.get().number == "01-0001"


def test_the_centres_own_page_names_its_version(
    cast: Cast, log_in: LogIn, amendment: Amendment
) -> None:
    live(amendment, cast.jena, cast.data_manager)
    page = log_in(cast.administrator).get("/centres/01_jena/").content.decode()
    assert "<dt>Trial version</dt><dd>2.0</dd>" in page


def test_more_centres_cost_no_more_queries(
    cast: Cast, manager: Client, amendment: Amendment
) -> None:
    address = f"/amendments/{amendment.pk}/"
    manager.get(address)
    with CaptureQueriesContext(connection) as few:
        manager.get(address)
    for centre in Centre.objects.filter(status="open"):
        live(amendment, centre, cast.data_manager)
    manager.get(address)  # what it would change is weighed anew, once
    with CaptureQueriesContext(connection) as many:
        manager.get(address)
    assert len(many) == len(few)
