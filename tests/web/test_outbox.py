"""What is told, to whom, how often: from the audit trail to a mail, at most once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction

from immunosep.errors import RefusedError
from immunosep.web.accounts.models import User
from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.querying import answer, raise_query
from immunosep.web.casebook.recording import write_page
from immunosep.web.outbox.choosing import add_webhook, choose, end_webhook, send_again
from immunosep.web.outbox.kinds import KINDS, NAMES
from immunosep.web.outbox.looking import look
from immunosep.web.outbox.models import Choice, Delivery, Notice, Webhook
from immunosep.web.outbox.posting import post
from immunosep.web.outbox.sending import PAUSES, send_all
from immunosep.web.safety.reporting import report_serious
from tests.web.at_bedside import keyed_process
from tests.web.call_graph import FUNCTIONS
from tests.web.people import NOW, Cast
from tests.web.supplied import treated

TODAY = NOW + timedelta(days=3)
URL = "https://203.0.113.7/told"
State = Delivery.State


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(TODAY, tick=False) as held:
        yield held


@pytest.fixture
def page(cast: Cast, tmp_path: Path) -> Page:
    """A page of the second day, of somebody on treatment since NOW."""
    with keyed_process(tmp_path):
        treated(cast)
    sent = {"day_status": "present"}
    return write_page("01-0001", "daily_sofa", sent, visit="day_2", by=cast.nurse, now=TODAY).page


def wants(user: User, **wanted: str) -> None:
    choose(user, wanted, now=TODAY)


def send(at: datetime = TODAY, *, fault: str = "") -> dict[str, int]:
    """What a run does; a webhook answers with `fault`."""
    return dict(send_all(now=lambda: at, post=lambda *_, **__: fault))


def ask(page: Page, cast: Cast) -> Query:
    return raise_query(page, text="Before sedation?", by=cast.monitor, now=TODAY)


def told(*kinds: str, cast: Cast, settings: Any) -> Webhook:
    settings.WEBHOOKS_INSIDE = True
    return add_webhook(URL, kinds, by=cast.administrator, now=TODAY)[0]


def test_every_kind_is_an_action_of_the_site() -> None:
    from immunosep.web.casebook.models import Step
    from tests.web.call_graph import WEB

    text = "".join(path.read_text(encoding="utf-8") for path in WEB.rglob("*.py"))
    steps = {f"casebook.{kind}_page" for kind in Step.Kind.values}
    verbs = {"casebook.answer_query", "casebook.close_query", "casebook.reopen_query"}
    made = {"safety.report_serious", "safety.follow_up"}  # by `safety.reporting.audit`
    rest = set(KINDS) - steps - verbs - made
    assert [action for action in rest if f'"{action}"' not in text] == []
    assert [a for a in made if f'audit("{a.removeprefix("safety.")}"' not in text] == []
    assert "outbox.choosing.choose" in FUNCTIONS


def test_nothing_of_the_pharmacy_or_the_code_is_told() -> None:
    assert not [action for action in KINDS if action.startswith(("pharmacy.", "code.", "supply."))]


def test_nobody_is_told_who_did_not_choose(cast: Cast, page: Page) -> None:
    ask(page, cast)
    assert send() == {}
    assert mail.outbox == []


def test_a_question_is_told_to_whoever_answers_it(cast: Cast, page: Page) -> None:
    for who in (cast.nurse, cast.laboratory, cast.monitor, cast.foreign_consultant):
        wants(who, queries="at_once")
    ask(page, cast)
    assert send() == {"sent": 1}
    (message,) = mail.outbox
    assert message.to == [cast.nurse.email]
    assert f"/notices/{Notice.objects.get(kind='query.asked').pk}/" in message.body
    assert not any(word in f"{message.body}{message.subject}" for word in ("01-0001", "sedation"))


def test_a_message_is_in_its_readers_language(cast: Cast, page: Page) -> None:
    User.objects.filter(pk=cast.nurse.pk).update(language="el")
    wants(cast.nurse, queries="at_once")
    ask(page, cast)
    send()
    (message,) = mail.outbox
    assert message.subject == "ImmunoSep: τέθηκε ερώτημα"
    assert message.body.startswith("Τέθηκε ερώτημα. http")


def test_an_answer_is_told_to_whoever_asked(cast: Cast, page: Page) -> None:
    for who in (cast.monitor, cast.data_manager):
        wants(who, queries="at_once")
    query = ask(page, cast)
    answer(query, text="Yes.", by=cast.nurse, now=TODAY)
    send()
    assert [message.to for message in mail.outbox] == [[cast.monitor.email]]


def test_what_a_rule_asks_is_told(cast: Cast, page: Page) -> None:
    """A blood gas without its oxygen fraction: the nurse may mend it, the laboratory may not."""
    for who in (cast.nurse, cast.laboratory):
        wants(who, queries="at_once")
    gas = {"day_status": "present", "pao2_mmhg": 80}
    write_page("01-0001", "daily_sofa", gas, visit="day_3", by=cast.consultant, now=TODAY)
    send()
    assert [message.to for message in mail.outbox] == [[cast.nurse.email]]


def test_what_happened_before_it_was_chosen_is_not_told(cast: Cast, page: Page) -> None:
    raise_query(page, text="Before?", by=cast.monitor, now=TODAY - timedelta(hours=1))
    wants(cast.nurse, queries="at_once")
    assert send() == {}


def test_a_serious_event_is_told_to_its_centre(cast: Cast, page: Page) -> None:
    for who in (cast.consultant, cast.foreign_consultant, cast.safety_officer):
        wants(who, safety="at_once")
    event = {"event_term": "Rash", "event_from": NOW.isoformat(), "serious": True}
    rash = write_page("01-0001", "adverse_event", event, by=cast.nurse, now=TODAY).page
    report_serious(rash, aware_at=TODAY, by=cast.nurse, now=TODAY)
    mail.outbox.clear()
    send()
    assert [message.to for message in mail.outbox] == [[cast.consultant.email]]


def test_the_day_is_told_once_and_counts(cast: Cast, page: Page, clock: Any) -> None:
    wants(cast.nurse, queries="daily", visits="daily", safety="daily")
    wants(cast.medical_monitor, unblinding="daily")
    ask(page, cast)
    assert send() == {"sent": 1, "empty": 1}
    (message,) = mail.outbox
    assert "1 question waits for an answer: http" in message.body
    assert "overdue" in message.body
    assert "01-0001" not in message.body
    assert send() == {}
    assert send(TODAY + timedelta(days=1)) == {"sent": 1, "empty": 1}


def test_no_digest_comes_in_the_night(cast: Cast) -> None:
    wants(cast.nurse, visits="daily")
    assert send(TODAY.replace(hour=4)) == {}


def test_whoever_left_is_told_nothing(cast: Cast, page: Page) -> None:
    wants(cast.nurse, queries="at_once", visits="daily")
    ask(page, cast)
    look(now=TODAY)
    User.objects.filter(pk=cast.nurse.pk).update(is_active=False)
    assert send() == {"empty": 1}
    assert mail.outbox == []


def test_a_mail_that_fails_is_tried_again_and_then_given_up(
    cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("immunosep.web.outbox.sending.EmailMessage.send", fail)
    wants(cast.nurse, queries="at_once")
    ask(page, cast)
    at = TODAY
    for pause in PAUSES:
        assert send(at) == {"waiting": 1}
        assert send(at) == {}
        at += pause
    assert send(at) == {"dead": 1}
    kept = Delivery.objects.get()
    assert (kept.state, kept.fault, kept.attempts) == (State.DEAD, "mail", len(PAUSES) + 1)


def test_a_mail_taken_by_a_process_that_died_is_not_sent_again(cast: Cast, page: Page) -> None:
    wants(cast.nurse, queries="at_once")
    ask(page, cast)
    look(now=TODAY)
    Delivery.objects.update(state=State.TAKEN, taken_at=TODAY, attempts=1)
    assert send(TODAY + timedelta(minutes=1)) == {}
    assert send(TODAY + timedelta(minutes=16)) == {}
    assert Delivery.objects.get().fault == "not known whether it left"
    assert mail.outbox == []


def test_a_webhook_taken_by_such_a_process_is_told_again(
    cast: Cast, page: Page, settings: Any
) -> None:
    told("query.asked", cast=cast, settings=settings)
    ask(page, cast)
    look(now=TODAY)
    Delivery.objects.update(state=State.TAKEN, taken_at=TODAY, attempts=1)
    assert send(TODAY + timedelta(minutes=16)) == {"sent": 1}


def test_a_webhook_is_told_its_kinds_and_nothing_else(
    cast: Cast, page: Page, settings: Any
) -> None:
    seen: list[dict[str, Any]] = []
    told("query.asked", cast=cast, settings=settings)
    query = ask(page, cast)
    answer(query, text="Yes.", by=cast.nurse, now=TODAY)

    def receive(url: str, body: dict[str, Any], **more: Any) -> str:
        seen.append({"url": url, **body})
        return ""

    send_all(now=lambda: TODAY, post=receive)
    notice = Notice.objects.get(kind="query.asked")
    link = f"{settings.SITE_URL}/notices/{notice.pk}/"
    assert seen == [{"url": URL, "kind": "query.asked", "id": str(notice.pk), "link": link}]


@pytest.mark.parametrize("fault", ["410", "ended"])
def test_an_address_that_is_gone_is_given_up_at_once(
    cast: Cast, page: Page, settings: Any, fault: str
) -> None:
    told("query.asked", cast=cast, settings=settings)
    ask(page, cast)
    assert send(fault=fault) == {"dead": 1}


def test_what_was_given_up_can_be_sent_again(cast: Cast, page: Page, settings: Any) -> None:
    told("query.asked", cast=cast, settings=settings)
    ask(page, cast)
    send(fault="410")
    send_again(Delivery.objects.get(), by=cast.administrator, now=TODAY)
    assert send() == {"sent": 1}
    with pytest.raises(RefusedError, match="not given up"):
        send_again(Delivery.objects.get(), by=cast.administrator, now=TODAY)


def test_what_waits_for_an_ended_address_is_not_sent(cast: Cast, page: Page, settings: Any) -> None:
    webhook = told("query.asked", cast=cast, settings=settings)
    ask(page, cast)
    look(now=TODAY)
    end_webhook(webhook, by=cast.administrator, now=TODAY)
    assert send() == {}
    with pytest.raises(RefusedError, match="ended already"):
        end_webhook(webhook, by=cast.administrator, now=TODAY)
    assert Delivery.objects.get().fault == "ended"


def test_another_secret_key_makes_a_webhook_void(cast: Cast, page: Page, settings: Any) -> None:
    told("query.asked", cast=cast, settings=settings)
    ask(page, cast)
    settings.SECRET_KEY = "another key of this site, which opens nothing that was sealed"
    assert send() == {"waiting": 1}
    assert Delivery.objects.get().fault == "secret"


def test_old_messages_are_forgotten_and_the_trail_is_not(cast: Cast, page: Page) -> None:
    wants(cast.nurse, queries="at_once")
    ask(page, cast)
    send()
    events = Event.objects.count()
    send(TODAY + timedelta(days=91))
    assert (Delivery.objects.count(), Notice.objects.count()) == (0, 0)
    assert Event.objects.count() == events


def test_each_event_is_looked_at_once(cast: Cast, page: Page) -> None:
    ask(page, cast)
    assert look(now=TODAY) > 0
    assert look(now=TODAY) == 0
    assert Notice.objects.filter(kind="query.asked").count() == 1


@pytest.mark.parametrize(
    "row",
    [
        {"notice": None, "user": None},
        {"notice": None, "day": None},
        {"day": TODAY.date()},
    ],
)
def test_a_message_goes_to_one_about_one_thing(cast: Cast, row: dict[str, Any]) -> None:
    notice = Notice.objects.create(sequence=1, kind="query.asked", subject="query 1", at=TODAY)
    given = {"notice": notice, "user": cast.nurse, **row}
    with pytest.raises(IntegrityError, match="to one, about one thing"), transaction.atomic():
        Delivery.objects.create(made_at=TODAY, next_at=TODAY, **given)


def test_overdue_pages_are_told_by_the_day(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="told by the day"), transaction.atomic():
        Choice.objects.create(user=cast.nurse, topic="visits", how="at_once", since=TODAY)


def test_the_same_choice_again_writes_no_line(cast: Cast) -> None:
    wants(cast.nurse, queries="daily")
    events = Event.objects.count()
    wants(cast.nurse, queries="daily")
    assert Event.objects.count() == events


def test_all_names_are_known() -> None:
    assert len(NAMES) == len(KINDS)
    assert callable(post)
