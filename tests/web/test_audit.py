"""The page of the audit trail, and that every action writes exactly one line of it."""

import ast
import re
from datetime import timedelta

import pytest
from django.test import Client

from immunosep.web.administration.audit_views import rows_of
from immunosep.web.audit.actions import Site, record
from immunosep.web.audit.models import Event
from tests.web.call_graph import (
    FUNCTIONS,
    RECORD,
    WRITING,
    calls_in,
    is_atomic,
    is_part_of_actions,
    lines_of,
    reaches_a_line,
    writes,
)
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast

ACTIONS = [name for name in FUNCTIONS if is_atomic(name) and name != RECORD]
MANY = {
    "supply.following._bring_up_to_date": "one line for each order it cancels or makes",
    "pharmacy.stock.count_lot": "the count, and the correction it asks for",
    "casebook.recording.record_page": "the entries, and each question a rule asks or takes back",
    "casebook.recording.write_page": "the page that it opens, and the same of what is on it",
    "casebook.locking.lock_centre": "the centre, and each participant of it",
    "casebook.locking.lock_trial": "the trial, and each centre of it",
}
BEFORE_ANYBODY = {  # a restore fills a database that nobody works on, and writes its own line last
    "backups.restoring._empty", "backups.restoring._date_migrations",
}  # fmt: skip
OF_MESSAGES = {  # what is kept of sending and of answers given, not of the trial
    "api.repeating._taken", "api.repeating.once", "outbox.looking.forget", "outbox.looking.look",
    "outbox.looking.plan_digests", "outbox.sending._mark", "outbox.sending._send",
    "outbox.sending._taken", "outbox.sending._untangle",
}  # fmt: skip
OF_LOG_INS = {"accounts.open_log_ins.forget_ended"}  # sessions that are over: no record of anything
THEIR_TABLES = {"Answer", "Delivery", "Notice", "Place"}
READ_BESIDE = {"Choice", "Event"}


def test_the_actions_are_found() -> None:
    assert len(ACTIONS) > 40
    assert "accounts.actions.grant" in ACTIONS


@pytest.mark.parametrize("name", [name for name in ACTIONS if name not in MANY])
def test_an_action_writes_one_line_itself_or_is_made_of_actions(name: str) -> None:
    lines = lines_of(name)
    assert lines == 1 or (lines == 0 and (reaches_a_line(name) or is_part_of_actions(name)))


@pytest.mark.parametrize("name", MANY)
def test_an_action_of_many_writes_a_line_for_each(name: str) -> None:
    assert lines_of(name) > 1


@pytest.mark.parametrize("name", sorted(set(WRITING) - BEFORE_ANYBODY - OF_MESSAGES - OF_LOG_INS))
def test_nothing_is_written_outside_an_action(name: str) -> None:
    assert is_atomic(name) or is_part_of_actions(name)


@pytest.mark.parametrize("name", sorted(OF_MESSAGES))
def test_what_is_written_of_messages_is_in_their_own_tables(name: str) -> None:
    touched = set(re.findall(r"\b([A-Z]\w+)\.objects", ast.unparse(FUNCTIONS[name])))
    assert name in WRITING
    assert touched <= THEIR_TABLES | READ_BESIDE


@pytest.mark.parametrize("name", sorted(BEFORE_ANYBODY))
def test_what_a_restore_writes_is_followed_by_its_line(name: str) -> None:
    assert name in WRITING
    assert reaches_a_line("backups.restoring.restore_into_database") or lines_of(
        "backups.restoring.restore_into_database"
    )


def test_an_action_without_a_line_would_be_found() -> None:
    function = ast.parse("@transaction.atomic\ndef act():\n    Patient.objects.create(number=1)")
    act = function.body[0]
    assert isinstance(act, ast.FunctionDef)
    assert writes(act)
    assert not any(called.endswith("record") for called in calls_in(act, {}, "somewhere"))


@pytest.fixture
def lines(cast: Cast) -> Cast:
    """Lines of two centres, one written by an unblinded person."""
    for centre, who in ((cast.jena, cast.nurse), (cast.athens, cast.foreign_consultant)):
        record(
            "enrolment.act", by=who, now=NOW, role="study_nurse", subject="patient 01-0001",
            centre=centre.pk, time_zone=centre.time_zone, participant=f"{centre.number}-0001",
            before={"weight": 70}, after={"weight": 71}, reason=f"typed wrongly in {centre.city}",
        )  # fmt: skip
    record(
        "pharmacy.act", by=cast.pharmacist, now=NOW + timedelta(days=1), subject="preparation 1",
        role="unblinded_pharmacist", centre=cast.jena.pk, after={"note": "ANAKINRA"},
        reason="anakinra spilt",
    )  # fmt: skip
    record(
        "unblinding.act", by=cast.consultant, now=NOW, subject="participant 01-0001",
        role="investigator", centre=cast.jena.pk, reason="bleeding on anakinra",
    )  # fmt: skip
    return cast


def shown(client: Client, **asked: object) -> str:
    answer = client.get("/audit/", {key: str(value) for key, value in asked.items()})
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("who", ["stranger", "nurse", "laboratory", "pharmacist"])
def test_other_roles_do_not_see_the_trail(cast: Cast, log_in: LogIn, who: str) -> None:
    assert log_in(getattr(cast, who)).get("/audit/").status_code == 403


def test_a_role_of_a_centre_sees_that_centre(lines: Cast, log_in: LogIn) -> None:
    text = shown(log_in(lines.consultant))
    assert "typed wrongly in Jena" in text
    assert "Athens" not in text
    assert "accounts.create" not in text
    assert "Athens" not in shown(log_in(lines.consultant), centre=lines.athens.pk)


def test_a_role_of_the_trial_sees_every_centre(lines: Cast, log_in: LogIn) -> None:
    text = shown(log_in(lines.monitor), participant="")
    assert "typed wrongly in Jena" in text
    assert "typed wrongly in Athens" in text


def test_a_line_says_who_when_from_what_to_what_and_why(lines: Cast, log_in: LogIn) -> None:
    text = shown(log_in(lines.consultant), action="enrolment.act")
    assert "2 Mar 2026 09:00 UTC (UTC+00:00)" in text
    assert "2 Mar 2026 10:00 CET (UTC+01:00)" in text
    assert all(part in text for part in ("Nora Nurse", "weight: 70", "weight: 71"))


@pytest.mark.parametrize("who", ["consultant", "monitor", "medical_monitor", "administrator"])
def test_words_of_the_unblinded_are_not_shown(lines: Cast, log_in: LogIn, who: str) -> None:
    text = shown(log_in(getattr(lines, who)))
    assert "pharmacy.act" in text
    assert "unblinding.act" in text
    assert "anakinra" not in text.lower()
    of_the_code = who != "consultant"  # its loading is of no centre, so a centre's people see none
    assert text.count("recorded, not shown") == 2 + of_the_code


@pytest.mark.parametrize(
    ("role", "action", "told"),
    [
        ("investigator", "enrolment.act", True),
        ("unblinded_pharmacist", "enrolment.act", False),
        ("investigator", "pharmacy.act", False),
        ("investigator", "unblinding.act", False),
        ("administrator", "code.act", False),
    ],
)
def test_words_are_hidden_by_who_wrote_and_by_what_was_done(
    role: str, action: str, told: bool
) -> None:
    (row,) = rows_of([Event(role=role, action=action)], {})
    assert row.open is told


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"action": "enrolment.act"}, 2),
        ({"centre": "01_jena", "action": "enrolment.act"}, 1),
        ({"participant": "02-0001"}, 1),
        ({"since": "2026-03-03"}, 1),
        ({"until": "2026-03-02", "action": "pharmacy.act"}, 0),
        ({"participant": "99-9999"}, 0),
        ({"person": "9" * 40}, 0),
        ({"since": "2026-03-02", "until": "2026-03-02", "action": "enrolment.act"}, 2),
        ({"until": "2026-03-03", "action": "pharmacy.act"}, 1),
        ({"since": "yesterday", "person": "anybody", "action": "enrolment.act"}, 2),
    ],
)
def test_the_trail_is_filtered(
    lines: Cast, log_in: LogIn, asked: dict[str, str], count: int
) -> None:
    answer = log_in(lines.monitor).get("/audit/", asked)
    assert answer.context["page"].paginator.count == count


def test_the_trail_is_filtered_by_who_did_it(lines: Cast, log_in: LogIn) -> None:
    answer = log_in(lines.monitor).get("/audit/", {"person": lines.nurse.pk})
    assert answer.context["page"].paginator.count == 1


def test_what_was_asked_stands_in_the_form_again(lines: Cast, log_in: LogIn) -> None:
    asked = {"participant": "01-0001", "person": lines.nurse.pk, "action": "enrolment.act",
             "since": "2026-03-01", "until": "2026-03-04", "centre": "01_jena"}  # fmt: skip
    text = shown(log_in(lines.consultant), **asked)
    chosen = (f'"{lines.nurse.pk}" selected>Nora', '"01_jena" selected', "selected>enrolment.act")
    typed = ('value="01-0001"', 'value="2026-03-01"', 'value="2026-03-04"')
    assert all(words in text for words in chosen + typed)
    assert "pharmacy.act</option>" in text
    assert "Costas Consultant" not in text  # of a centre that the reader does not see


@pytest.mark.parametrize("operator", ["", "__gt", "__in", "__contains", "__isnull", "__lt"])
def test_no_other_word_of_the_address_has_an_effect(
    lines: Cast, log_in: LogIn, operator: str
) -> None:
    allowed = {"centre", "participant", "action"} if not operator else set()
    asked = {f"{f.name}{operator}": "A" for f in Event._meta.get_fields() if f.name not in allowed}
    more = {"ordering": "by", "order_by": "digest", "search": "a", "include": "after"}
    client = log_in(lines.monitor)
    plain = client.get("/audit/").context["page"].object_list
    assert list(client.get("/audit/", asked | more).context["page"].object_list) == list(plain)


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999"])
def test_a_page_that_is_not_there_is_the_nearest(lines: Cast, log_in: LogIn, page: str) -> None:
    assert "Page 1 of 1" in shown(log_in(lines.monitor), page=page, action="enrolment.act")


def test_pages_are_turned_with_the_filter_kept(cast: Cast, log_in: LogIn) -> None:
    for n in range(60):
        record("many.act", by=Site(), now=NOW, subject=f"thing {n}")
    text = shown(log_in(cast.monitor), action="many.act")
    assert 'href="?action=many.act&amp;page=2"' in text
    assert text.count("many.act<br>") == 50
    assert "Newer" in shown(log_in(cast.monitor), action="many.act", page=2)


def test_the_trail_cannot_be_sent_to(lines: Cast, log_in: LogIn) -> None:
    assert log_in(lines.monitor).post("/audit/").status_code == 405
