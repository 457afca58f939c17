"""The audit trail: the database refuses to change it, and a change behind its back is found."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.actions import Site, record
from immunosep.web.audit.append_only import append_only
from immunosep.web.audit.chain import digest_of_event, faults_of, fields_of
from immunosep.web.audit.digest import COVERED, Fault, digest_of_fields
from immunosep.web.audit.export import export_trail
from immunosep.web.audit.models import Event, Head
from immunosep.web.audit.offline import anchors_of_export, first_fault_of_export, main
from immunosep.web.audit.verify import check_trail
from tests.web.people import NOW

NO_POSTGRESQL = (
    "NOT TESTED: TRUNCATE exists on PostgreSQL alone; set IMMUNOSEP_TEST_DATABASE_URL to one"
)


@pytest.fixture
def trail(db: None) -> list[Event]:
    """Five events, with a number that PostgreSQL writes another way."""
    return [
        record("test.act", by=Site(), now=NOW, subject=f"thing {n}", after={"n": n, "big": 1e22})
        for n in range(1, 6)
    ]


def behind_its_back(sql: str) -> None:
    """What an administrator of the database can do: take the triggers away, then change rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER audit_event_no_update")
            cursor.execute("DROP TRIGGER audit_event_no_delete")
        cursor.execute(sql)


def fault() -> str:
    found = check_trail().fault
    assert found
    return f"{found.sequence}: {found.sentence}"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET reason = 'another' WHERE sequence = 2",
        "UPDATE audit_event SET sequence = 99 WHERE sequence = 2",
        "DELETE FROM audit_event WHERE sequence = 5",
        "DELETE FROM audit_event",
    ],
)
def test_the_database_refuses_to_change_the_trail(trail: list[Event], sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert Event.objects.count() == 5


def test_the_database_refuses_to_empty_the_trail(trail: list[Event]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip(NO_POSTGRESQL)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE audit_event")


def executed(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("sql", ["UPDATE drawer SET held = 2", "DELETE FROM drawer"])
def test_a_table_that_is_closed_is_open_again_after_the_way_back(db: None, sql: str) -> None:
    executed("CREATE TABLE drawer (held integer)")
    executed("INSERT INTO drawer VALUES (1)")
    editor: Any = SimpleNamespace(connection=connection, execute=executed)
    closing = append_only("drawer")
    closing.database_forwards("audit", editor, None, None)
    with pytest.raises(DatabaseError, match="drawer is append-only"), transaction.atomic():
        executed(sql)
    closing.database_backwards("audit", editor, None, None)
    executed(sql)


def test_postgresql_is_asked_to_close_a_table_to_emptying_too() -> None:
    """What it then refuses is asked of a server, `test_on_postgresql.py`."""
    sent: list[str] = []
    asked: Any = SimpleNamespace(
        connection=SimpleNamespace(vendor="postgresql"), execute=sent.append
    )
    closing = append_only("drawer")
    closing.database_forwards("audit", asked, None, None)
    assert "BEFORE UPDATE OR DELETE ON drawer" in sent[0]
    assert "BEFORE TRUNCATE ON drawer" in sent[0]
    closing.database_backwards("audit", asked, None, None)
    assert sent[1:] == ["DROP FUNCTION drawer_is_append_only() CASCADE"]


def test_an_event_of_no_centre_has_the_time_of_greenwich(trail: list[Event]) -> None:
    assert {event.time_zone for event in Event.objects.all()} == {"UTC"}


def test_an_event_is_three_queries(trail: list[Event], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        record("test.act", by=Site(), now=NOW, subject="thing 6")


def test_the_trails_end_is_locked_where_the_database_can(
    trail: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has no word for it, and needs none: one transaction writes at a time."""
    sent: list[str] = []

    def without_lock(execute: Any, sql: str, *rest: Any) -> Any:
        sent.append(sql)
        return execute(sql.replace(" FOR UPDATE OF h", ""), *rest)

    monkeypatch.setattr(connection.features, "has_select_for_update", True)
    with connection.execute_wrapper(without_lock):
        record("test.act", by=Site(), now=NOW, subject="thing 6")
    assert sent[0].endswith(" FOR UPDATE OF h")


def test_nothing_is_recorded_where_the_trail_has_no_end(trail: list[Event]) -> None:
    Head.objects.all().delete()
    with pytest.raises(Head.DoesNotExist), transaction.atomic():
        record("test.act", by=Site(), now=NOW, subject="thing 6")


def test_the_site_cannot_save_an_event_again(trail: list[Event]) -> None:
    trail[0].reason = "another"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        trail[0].save()


def test_a_whole_trail_holds(trail: list[Event]) -> None:
    checked = check_trail()
    assert (checked.events, checked.digest, checked.fault) == (5, trail[-1].digest, None)


def test_an_empty_trail_holds(db: None) -> None:
    assert check_trail().fault is None


def test_digest_is_the_same_after_the_database(trail: list[Event]) -> None:
    assert all(event.digest == digest_of_event(event) for event in Event.objects.all())


def test_a_changed_event_is_found(trail: list[Event]) -> None:
    behind_its_back("UPDATE audit_event SET by_name = 'somebody else' WHERE sequence = 3")
    assert fault() == "3: event 3 was changed after it was written"


def test_a_changed_event_with_a_new_digest_is_found_at_the_next(trail: list[Event]) -> None:
    event = Event.objects.get(sequence=3)
    event.reason = "another"
    behind_its_back(
        "UPDATE audit_event SET reason = 'another', "
        f"digest = '{digest_of_event(event)}' WHERE sequence = 3"
    )
    assert fault() == "4: event 4 does not follow the event before it"


def test_a_deleted_event_is_found(trail: list[Event]) -> None:
    behind_its_back("DELETE FROM audit_event WHERE sequence = 2")
    assert fault() == "2: event 2 is missing: event 3 comes after 1"


def test_a_deleted_last_event_is_found(trail: list[Event]) -> None:
    behind_its_back("DELETE FROM audit_event WHERE sequence = 5")
    assert fault() == "5: the trail ends at event 4, not at the end that was recorded"


def test_events_in_another_order_are_found(trail: list[Event]) -> None:
    behind_its_back("UPDATE audit_event SET sequence = 99 WHERE sequence = 2")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET sequence = 2 WHERE sequence = 3")
        cursor.execute("UPDATE audit_event SET sequence = 3 WHERE sequence = 99")
    assert fault() == "2: event 2 does not follow the event before it"


def test_an_event_after_the_recorded_end_is_found(trail: list[Event]) -> None:
    event = Event.objects.get(sequence=5)
    event.sequence, event.previous = 6, event.digest
    event.digest = digest_of_event(event)
    event.save(force_insert=True)
    assert fault() == "6: event 6 comes after the end the site recorded"


def test_a_trail_cut_off_with_its_recorded_end_is_found_by_an_anchor(trail: list[Event]) -> None:
    noted = {5: trail[4].digest}
    behind_its_back("DELETE FROM audit_event WHERE sequence = 5")
    Head.objects.update(sequence=4, digest=trail[3].digest)
    assert check_trail().fault is None
    found = check_trail(anchors=noted).fault
    assert found
    assert found.sentence == "event 5, noted before, is missing"


def test_an_event_that_was_noted_before_is_compared(trail: list[Event]) -> None:
    noted = {each.sequence: each.digest for each in trail}
    assert check_trail(anchors=noted).fault is None
    found = check_trail(anchors={3: trail[3].digest}).fault
    assert found == Fault(sequence=3, sentence="event 3 is not the one noted before")


def test_every_fault_is_told_in_words(trail: list[Event]) -> None:
    behind_its_back("UPDATE audit_event SET role = 'x' WHERE sequence IN (2, 4)")
    told = list(faults_of(Event.objects.all(), head=trail[-1].digest))
    assert told == [f"event {n} was changed after it was written" for n in (2, 4)]


def test_numbers_without_a_fraction_have_one_digest(trail: list[Event]) -> None:
    fields = fields_of(trail[0])
    whole = {**fields, "after": {"list": [800, {"x": 1}]}}
    fraction = {**fields, "after": {"list": [800.0, {"x": 1.0}]}}
    assert digest_of_fields(whole) == digest_of_fields(fraction)


def test_a_digest_is_that_of_the_text_which_is_documented() -> None:
    """Written out as another program would, years later, from the words of the manifest."""
    fields = dict.fromkeys(COVERED, "") | {
        "sequence": 1, "by": None, "by_name": "J\u00fcrg", "before": None,
        "after": {"x": [800.0, {"y": 1.5}]},
    }  # fmt: skip
    text = (
        '{"action":"","after":{"x":[800,{"y":1.5}]},"at":"","before":null,"by":null,'
        '"by_name":"J\u00fcrg","centre":"","participant":"","previous":"","reason":"","role":"",'
        '"sequence":1,"software":"","subject":"","time_zone":"","trial_digest":""}'
    )
    assert digest_of_fields(fields) == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_what_json_has_no_word_for_has_no_digest(trail: list[Event]) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest_of_fields({**fields_of(trail[0]), "after": {"n": float("nan")}})


def test_a_manifest_says_of_which_trial_and_how_to_check(
    trail: list[Event], tmp_path: Path
) -> None:
    folder = tmp_path / "2026" / "march"
    made = export_trail(folder, now=NOW)
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8")) == made
    assert (made["trial"], made["trial_digest"]) == (IMMUNOSEP.id, IMMUNOSEP.digest)
    assert made["exported_at"] == "2026-03-02T09:00:00+00:00"
    assert made["software"].startswith("immunosep ")
    assert "Each digest is SHA-256 over the event as JSON" in made["how_to_check"]
    assert export_trail(folder, now=NOW) == made  # in the place of the one before


def test_an_export_is_read_without_a_program(trail: list[Event], tmp_path: Path) -> None:
    record("test.act", by=Site(name="J\u00fcrg"), now=NOW, subject="thing 6")
    export_trail(tmp_path, now=NOW)
    assert "J\u00fcrg" in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")


def test_an_export_holds_without_the_site(trail: list[Event], tmp_path: Path) -> None:
    manifest = export_trail(tmp_path, now=NOW)
    assert (manifest["events"], manifest["last_digest"]) == (5, trail[-1].digest)
    checking = "import sys; sys.modules['django'] = None; import runpy; sys.argv = sys.argv[1:];"
    checking += "runpy.run_module('immunosep.web.audit.offline', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", checking, "offline", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (
        0,
        "the trail holds: every event follows the one before it\n",
    )


def test_a_changed_export_does_not_hold(
    trail: list[Event], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export_trail(tmp_path, now=NOW)
    path = tmp_path / "audit.jsonl"
    path.write_text(path.read_text().replace("thing 4", "thing 9"))
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == "does not hold: event 4 was changed after it was written\n"


def test_an_export_rewritten_with_the_same_events_is_told(
    trail: list[Event], tmp_path: Path
) -> None:
    export_trail(tmp_path, now=NOW)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"sha256": "', '"sha256": "0'))
    found = first_fault_of_export(tmp_path)
    assert found == Fault(sequence=0, sentence="the file is not the one the manifest was made for")


def test_an_export_anchors_the_living_trail(
    trail: list[Event], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export_trail(tmp_path, now=NOW)
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "the trail holds: every event follows the one before it\n"
    record("test.act", by=Site(), now=NOW, subject="thing 6")
    assert anchors_of_export(tmp_path) == {5: trail[4].digest}
    assert check_trail(anchors=anchors_of_export(tmp_path)).fault is None


def test_an_export_of_nothing_has_no_anchor(db: None, tmp_path: Path) -> None:
    export_trail(tmp_path, now=NOW)
    assert anchors_of_export(tmp_path) == {}
    assert first_fault_of_export(tmp_path) is None


def test_checking_a_folder_without_an_export_says_what_to_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "manifest.json" in capsys.readouterr().err
