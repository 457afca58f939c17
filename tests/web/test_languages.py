"""Languages: who reads which, that nothing is forgotten, and that nothing kept depends on it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from immunosep.languages import say, speaking
from immunosep.web.accounts.mailing import mail_holders
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.accounts.speaking import TRANSLATED, trial_folders
from immunosep.web.audit.models import Event
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.centres.templatetags.saying import of_trial
from immunosep.web.enrolment.models import Entry
from tests.web import crawling, twins
from tests.web.at_bedside import patient_of, results, url
from tests.web.catalogues import (
    CATALOGUES,
    LANGUAGES,
    compile_catalogue,
    file_of,
    read_catalogue,
)
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.test_twin_worlds import one_dose
from tests.web.unmarked import unmarked_in

FIELD = re.compile(r"%\(\w+\)s|\{\w*\}|</?[a-z][^>]*>")
BOTH = pytest.mark.parametrize("language", LANGUAGES)
EACH = pytest.mark.parametrize("name", CATALOGUES)
BARE = {"components.html"}  # of whoever changes the style sheet, and not on a live site
TEMPLATES = Path(twins.__file__).parents[2] / "src" / "immunosep" / "web" / "templates"
BEDSIDE = sorted(
    {
        *TEMPLATES.glob("*.html"),
        *(
            each
            for part in ("account", "api", "enrolment", "followup", "importing", "mfa", "outbox",
                         "pharmacy", "public", "safety", "socialaccount", "supply", "unblinding")
            for each in (TEMPLATES / part).rglob("*.html")
        ),
        *(TEMPLATES / "accounts" / f"{name}.html"
          for name in ("language", "end_every_log_in", "other_proofs", "fields", "problems")),
        *(TEMPLATES / "casebook" / f"{name}.html"
          for name in ("_problems", "_queries", "confirm", "queries", "query", "sign")),
        *(TEMPLATES / "oversight" / f"{name}.html"
          for name in ("deviation", "deviations", "report")),
    }
)  # fmt: skip


NUMBER = "01-0002"  # of the participant of `one_dose`


def greek(user: User) -> User:
    """Somebody who reads Greek."""
    user.language = "el"
    user.save(update_fields=["language"])
    return user


# ── Nothing is forgotten ────────────────────────────────────────────────────────────────────────


@BOTH
@EACH
def test_every_sentence_has_a_translation_and_nothing_else_does(language, name) -> None:
    held = [each.id for each in read_catalogue(language, name) if each.id]
    wanted = CATALOGUES[name]()
    assert set(map(_first, wanted)) == set(map(_first, held)), (
        "run: python -m tests.web.catalogues, then translate what is new"
    )


@BOTH
@EACH
def test_no_translation_is_empty_doubtful_or_lacks_a_part(language, name) -> None:
    faulty = []
    for each in read_catalogue(language, name):
        forms = each.string if isinstance(each.string, tuple | list) else (each.string,)
        alike = all(_parts(form) == _parts(_first(each.id)) for form in forms if form)
        if each.id and (each.fuzzy or not all(forms) or not alike):
            faulty.append(each.id)
    assert faulty == []


@BOTH
@EACH
def test_compiled_catalogue_is_that_of_its_source(language: str, name: str) -> None:
    compiled = file_of(language, name, ".mo").read_bytes()
    assert compiled == compile_catalogue(read_catalogue(language, name)), (
        "run: python -m tests.web.catalogues"
    )


@pytest.mark.parametrize("file", BEDSIDE, ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_template_of_the_bedside_has_no_text_that_is_not_marked(file: Path) -> None:
    assert file.name in BARE or unmarked_in(file.read_text(encoding="utf-8")) == []


def test_text_that_is_not_marked_is_found() -> None:
    text = '{% if a %}<p title="Seen">{{ b }} left</p>{% endif %}{% translate "Kept" %}'
    assert unmarked_in(text) == ["Seen", "left"]


def _first(message: Any) -> str:
    return str(message if isinstance(message, str) else message[0])


def _parts(text: str) -> list[str]:
    return sorted(FIELD.findall(text))


# ── Who reads which ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "told", "heading"),
    [("el,en;q=0.5", "el", "Πώς παραπέμπεται"), ("de-CH", "de", "So überweisen Sie"),
     ("fr", "en", "how to refer"), ("", "en", "how to refer")],
)  # fmt: skip
def test_public_page_is_in_the_language_the_browser_asks_for(client, asked, told, heading) -> None:
    answer = client.get("/", headers={"Accept-Language": asked})
    page = answer.content.decode()
    assert f'<html lang="{told}" dir="ltr">' in page
    assert heading in page or heading.lower() in page.lower() or told == "el"
    assert answer["Content-Language"] == told
    assert {"Accept-Language", "Cookie"} <= set(answer["Vary"].split(", "))
    assert not answer.cookies


@pytest.mark.django_db
def test_reader_without_an_account_keeps_a_language_in_a_cookie(client: Client) -> None:
    chosen = client.post("/account/language/", {"language": "el", "next": "/find-centre/"})
    assert (chosen.status_code, chosen["Location"]) == (302, "/find-centre/")
    assert chosen.cookies["immunosep_language"]["samesite"] == "Lax"
    assert "Εύρεση κέντρου" in client.get("/find-centre/").content.decode()


@pytest.mark.django_db
def test_language_of_the_list_alone_is_taken(client: Client) -> None:
    refused = client.post("/account/language/", {"language": "xx"})
    assert refused.status_code == 422
    assert not refused.cookies.get("immunosep_language")


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", "\\\\x"])
def test_choice_leads_nowhere_else(client: Client, wanted: str) -> None:
    chosen = client.post("/account/language/", {"language": "de", "next": wanted})
    assert chosen["Location"] == "/account/login/"


def test_choice_is_kept_with_the_account_and_in_the_trail(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.nurse)
    client.post("/account/language/", {"language": "el"})
    client.post("/account/language/", {"language": "el"})
    assert User.objects.get(pk=cast.nurse.pk).language == "el"
    assert Event.objects.filter(action="accounts.choose_language").count() == 1
    elsewhere = log_in(cast.nurse)
    page = elsewhere.get("/patients/", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="el"' in page
    assert "Προσθήκη ασθενούς" in page


def test_language_page_says_that_nobody_reviewed_a_translation(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.nurse).get("/account/language/").content.decode()
    assert page.count("Not yet reviewed by a clinician") == len(LANGUAGES)
    assert '<span lang="el">Ελληνικά</span>' in page


def test_page_that_is_not_translated_is_english_throughout(cast: Cast, log_in: LogIn) -> None:
    client = log_in(greek(cast.consultant))
    answer = client.get("/audit/")
    page = answer.content.decode()
    assert '<html lang="en"' in page
    assert "Αποσύνδεση" not in page
    assert answer["Content-Language"] == "en"
    assert '<html lang="el"' in client.get("/no-such-page/").content.decode()


def test_one_readers_language_is_not_the_next_ones(cast: Cast, log_in: LogIn) -> None:
    log_in(greek(cast.nurse)).get("/patients/")
    assert '<html lang="en"' in log_in(cast.consultant).get("/patients/").content.decode()


def test_programs_are_answered_in_english() -> None:
    spoken = {each for each in TRANSLATED if ".api" in each}
    assert spoken == {"immunosep.web.api.token_views"}  # a page for people


# ── What is kept does not depend on the reader ──────────────────────────────────────────────────


def test_trail_and_export_are_english_whoever_reads(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(greek(cast.consultant)), patient_of(cast)
    page = client.post(url("not_enrolled", patient), {"reasons": ["declined"]}, follow=True)
    assert "Καταγράφηκε στον κατάλογο ελέγχου ένταξης." in page.content.decode()
    exported = client.get(reverse("screening_log_csv")).content.decode()
    kept = "".join(str(event.after) + event.reason for event in Event.objects.all())
    assert "Declined by the patient" in exported
    assert not re.search("[α-ωΑ-Ω]", exported + kept)


def test_refusal_is_told_in_greek(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(greek(cast.nurse)), patient_of(cast)
    page = client.post(url("not_enrolled", patient), {}).content.decode()
    assert "Επιλέξτε τουλάχιστον έναν λόγο." in page


# ── Mail ────────────────────────────────────────────────────────────────────────────────────────


def test_each_is_written_to_in_their_own_language(cast: Cast, mailoutbox: list[Any]) -> None:
    greek(cast.safety_officer)
    with speaking("de"):  # whoever acts
        mail_holders(
            Permission.REVIEW_SAFETY, centre=cast.jena.pk, lines=[],
            subject=say("A serious adverse event was reported."),
        )  # fmt: skip
    told = {message.to[0]: message.subject.split()[0] for message in mailoutbox}
    assert told.pop(cast.safety_officer.email) == "Αναφέρθηκε"
    assert set(told.values()) == {"A"}


def test_mail_of_an_account_is_in_its_language_else_in_that_of_the_page(
    cast: Cast, client: Client, mailoutbox: list[Any]
) -> None:
    greek(cast.nurse)
    for address in (cast.nurse.email, "nobody@elsewhere.example"):
        client.post("/account/password/reset/", {"email": address},
                    headers={"Accept-Language": "de"})  # fmt: skip
    assert [message.subject for message in mailoutbox] == [
        "Επιλογή κωδικού πρόσβασης", "Kein Konto zu dieser Adresse"
    ]  # fmt: skip


# ── Numbers and dates ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "kept", "told"),
    [("4,42", 4.42, ""), ("4,420", None, "κόμμα πριν από τρία ψηφία"), ("4420", 4420, ""),
     ("4.420", None, "Η τελεία διαβάστηκε ως υποδιαστολή")],
)  # fmt: skip
def test_comma_of_a_greek_reader_is_never_a_thousand(
    cast: Cast, log_in: LogIn, typed: str, kept: float | None, told: str
) -> None:
    client, patient = log_in(greek(cast.laboratory)), patient_of(cast)
    sent = results(patient) | {"ferritin_ng_ml": typed}
    page = client.post(url("laboratory_result", patient), sent).content.decode()
    found = Entry.objects.filter(column="ferritin_ng_ml").last()
    assert (found.value if found else None) == kept
    assert told in page


def test_page_in_greek_has_one_way_to_write_a_number(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(greek(cast.nurse)), patient_of(cast)
    screen = client.get(url("screen", patient)).content.decode()
    public = client.get("/").content.decode()
    assert "4420 ng/mL" in public
    assert "4,420" not in public
    assert not re.search(r'\b(?:cx|cy|x|y|r|width)="\d+,\d', public)
    assert not re.search(r"\d,\d{3}\b", re.sub("<[^>]+>", " ", screen))


def test_month_is_a_word_in_every_language() -> None:
    assert at_centre(NOW, None) == "2 Mar 2026 09:00 UTC (UTC+00:00)"
    for language, month in (("el", "2 Μαρ 2026"), ("de", "2. Mär 2026")):
        with speaking(language):
            assert at_centre(NOW, None).__html__().startswith(month)  # type: ignore[attr-defined]


def test_text_a_trial_brings_no_translation_of_is_marked_as_english() -> None:
    with speaking("el"):
        assert of_trial("A text of a trial") == '<span lang="en">A text of a trial</span>'
        assert of_trial("") == ""
    assert of_trial("A text of a trial") == "A text of a trial"


@pytest.mark.django_db
def test_other_trial_of_the_package_is_told_in_its_own_translation(client: Client) -> None:
    page = client.get("/", headers={"Accept-Language": "el"}).content.decode()
    assert "<h3>PROVIDE: Εξατομικευμένη τυχαιοποιημένη δοκιμή" in page


def test_texts_of_a_site_with_another_trial_are_found(settings: Any) -> None:
    settings.TRIAL = "provide"
    with speaking("de", trial_folders()):
        assert of_trial("Septic shock").spoken() == "Septischer Schock"


# ── Blinding ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["el", pytest.param("de", marks=pytest.mark.slow)])
def test_two_worlds_look_the_same_in_every_language(
    db: None, tmp_path: Path, language: str
) -> None:
    """The bedside's pages of a participant who was given a first preparation, arms swapped."""

    def build(cast: Cast, blinded):
        lived = one_dose(cast, blinded)
        User.objects.update(language=language)
        return lived

    pages = f"home/|supply/orders/|safety/|patients/{NUMBER}/[a-z-]*/?"
    walk = crawling.Walk(persons=("investigator",), only=f"^/({pages})$")
    seen = []
    for swapped in (False, True):
        with twins.world(tmp_path, swapped=swapped, build=build) as lived:
            seen.append(crawling.everything_seen(lived, walk))
    shown = [body for status, _, body in seen[0].answers.values() if status == 200]
    assert sum(f'lang="{language}"'.encode() in page[:200] for page in shown) > 6
    assert crawling.differences(*seen) == []
