"""The public study page: for anyone, of any trial, without a cookie."""

import json
import re
from dataclasses import replace

import pytest
from django.test import Client

from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.trials.provide import PROVIDE
from immunosep.web.accounts.roles import ROLES, Role
from immunosep.web.centres.models import Centre, Status
from immunosep.web.public import study
from immunosep.web.public.contact import contacts, other_sites
from immunosep.web.public.plain_words import words_in
from immunosep.web.public.templatetags import navigation
from tests.web.people import NOW, Cast

pytestmark = pytest.mark.django_db


def words_of(page: bytes) -> str:
    """What a reader sees, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


@pytest.fixture
def as_provide(settings):
    """The site as it is when it runs the other trial."""
    settings.TRIAL = "provide"


def test_study_page_sets_no_cookie_and_may_be_kept(client: Client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert not answer.cookies
    assert set(answer["Cache-Control"].split(", ")) == {"max-age=300", "public"}
    assert "Cookie" in answer["Vary"]


def test_study_page_is_not_kept_once_logged_in(client: Client, cast: Cast):
    client.force_login(cast.consultant)
    assert client.get("/")["Cache-Control"] == "no-store"


def test_study_page_repeats_every_criterion(client: Client):
    page = client.get("/").content.decode().replace("&#x27;", "'")
    assert [c.text for c in IMMUNOSEP.criteria if c.text not in page] == []


def test_study_page_says_routes_days_and_the_window(client: Client):
    said = words_of(client.get("/").content)
    assert "an infusion into a vein every 8 hours, for up to 15 days" in said
    assert "an injection under the skin every 2 days, for up to 15 days" in said
    assert "Less than 72 hours (3 days) may pass" in said
    assert "1 in 2 receive a preparation without the drug" in said


def test_study_page_publishes_the_commitment_of_the_list(client: Client, cast: Cast):
    said = words_of(client.get("/").content)
    assert cast.code.commitment in said
    assert "This is a teaching list" in said


def test_study_page_says_that_no_list_is_loaded_yet(client: Client):
    assert "It has not been loaded yet" in words_of(client.get("/").content)


def test_study_page_gives_no_contact_that_no_setting_names(client: Client, monkeypatch):
    monkeypatch.delenv("IMMUNOSEP_CONTACT", raising=False)
    page = client.get("/").content
    assert b"mailto:" not in page
    assert b"tel:" not in page
    assert "name no contact" in words_of(page)


def test_study_page_gives_the_contact_of_the_settings(client: Client, monkeypatch):
    monkeypatch.setenv("IMMUNOSEP_CONTACT", "trial@example.org, +30 210 000 0000, the switchboard")
    page = client.get("/").content.decode()
    assert 'href="mailto:trial@example.org"' in page
    assert 'href="tel:+302100000000"' in page
    assert "the switchboard" in page


def test_study_page_leads_to_other_trials(client: Client, monkeypatch):
    monkeypatch.setenv("IMMUNOSEP_OTHER_SITES", "provide=https://provide.example.org, nonsense")
    page = client.get("/").content.decode()
    assert 'href="https://clinicaltrials.gov/study/NCT03332225"' in page
    assert 'href="https://provide.example.org"' in page


def test_study_page_tells_search_engines_what_it_tells_readers(client: Client, cast: Cast):
    page = client.get("/").content.decode()
    found = re.search(r'<script type="application/ld\+json">(.+?)</script>', page, re.S)
    assert found
    told = json.loads(found[1])
    assert told["@type"] == "MedicalTrial"
    assert told["status"] == "https://schema.org/Recruiting"
    assert len(told["studyLocation"]) == len({c.hospital for c in IMMUNOSEP.centres})
    assert '<meta property="og:title"' in page
    assert 'name="robots"' not in page


@pytest.mark.usefixtures("as_provide")
def test_study_page_of_a_trial_without_named_centres_says_so(client: Client):
    said = words_of(client.get("/").content)
    assert PROVIDE.title in said
    assert "do not name its centres" in said
    assert "Watch the clock" not in said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.PLANNED, "Not yet recruiting"),
        (Status.OPEN, "Recruiting"),
        (Status.PAUSED, "Recruitment paused"),
        (Status.CLOSED, "Recruitment ended"),
    ],
)
def test_recruitment_follows_the_centres(cast: Cast, status: Status, said: str):
    Centre.objects.update(status=status, opened_at=NOW)
    assert study.recruitment(IMMUNOSEP).words == said


def test_window_in_words_counts_days_only_where_they_are_whole():
    class Short:
        window_hours = 6.0

    class Odd:
        window_hours = 36.0

    assert study.window_in_words(Short()) == "6 hours"  # type: ignore[arg-type]
    assert study.window_in_words(Odd()) == "36 hours"  # type: ignore[arg-type]
    assert study.window_in_words(PROVIDE) == ""


def test_share_of_the_control_group_is_silent_where_it_is_not_published():
    assert study.control_share(PROVIDE) == "1 in 2"
    assert study.control_share(replace(PROVIDE, allocation=None)) == ""


def test_registry_number_of_an_unknown_registry_has_no_address():
    assert [entry.url for entry in study.registered(["ISRCTN00000000"])] == [""]
    assert study.registered(["EudraCT 2020-005768-74"])[0].url.endswith("2020-005768-74")


def test_words_are_explained_only_where_they_are_used():
    assert [word.word for word in words_in(["Anakinra in pneumonia"])] == ["Anakinra", "Pneumonia"]


def test_contact_without_setting_is_empty():
    assert contacts({}) == ()
    assert other_sites({}) == {}


def test_robots_may_read_the_public_pages_alone(client: Client):
    said = client.get("/robots.txt").content.decode()
    assert "Allow: /$\n" in said
    assert "Disallow: /\n" in said


def test_study_page_takes_nothing_in(client: Client):
    assert client.post("/").status_code == 405


def test_every_link_of_the_head_leads_somewhere():
    assert [p.name for p in navigation.PAGES if not navigation.address(p.name, p.process)] == []


def test_head_shows_each_reader_what_they_may_open(client: Client, cast: Cast):
    client.force_login(cast.laboratory)
    said = words_of(client.get("/").content)
    assert "Laboratory" in said
    assert "Audit trail" not in said
    client.force_login(cast.administrator)
    assert "Audit trail" in words_of(client.get("/").content)


def test_head_leads_the_pharmacist_to_the_keyed_process(client: Client, cast: Cast, settings):
    client.force_login(cast.pharmacist)
    page = client.get("/").content.decode()
    assert f'href="{settings.KEYED_URL}/pharmacy/' in page


def test_every_role_with_a_page_finds_it_in_the_head():
    reachable = {permission for page in navigation.PAGES for permission in page.permissions}
    without = {r for r, d in ROLES.items() if not reachable & set(d.permissions)}
    assert without == {Role.STATISTICIAN}
