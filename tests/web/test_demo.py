"""A rehearsal: peopled through the site's own actions, in order, up to now, and the same again."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.connection import Listener
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from django.test import override_settings

from immunosep.cli import demo as command
from immunosep.cli import demo_mark
from immunosep.errors import SettingsError
from immunosep.simulation.rehearsal import with_a_day_to_try
from immunosep.simulation.virtual_patients import draw_patients
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web import serving
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.audit.models import Event
from immunosep.web.checking import check_site
from immunosep.web.demo import playing
from immunosep.web.demo.names import NAMES, names_of
from immunosep.web.demo.people import PASSWORD
from immunosep.web.demo.peopling import SET_UP_BEFORE, Peopled, people_site
from immunosep.web.demo.playing import Course, play, without_waiting_for_the_disk
from immunosep.web.enrolment.models import Allocation, Dose, Entry, NotEnrolled, Patient, Withdrawal
from immunosep.web.enrolment.progress import Stage, standing_of
from immunosep.web.folder import SiteFolder
from immunosep.web.installing import Administrator, furnish
from immunosep.web.serving import Address
from immunosep.web.supply.models import Order, Preparation
from tests.web.people import NOW, keys, sealed_code

SIZE = 24
DAYS = 60  # so short that somebody is on treatment at the end
BEGAN = NOW - timedelta(days=DAYS)
HOUR = timedelta(hours=1)


def rows() -> list[dict[str, Any]]:
    rng = np.random.default_rng(1)
    drawn = draw_patients(IMMUNOSEP, patients=SIZE, days=DAYS, rng=rng)
    return list(with_a_day_to_try(drawn, IMMUNOSEP, days=DAYS, rng=rng).to_pylist())


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
            (Withdrawal, ("patient", "kind", "at")),
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
def before(keyed_process: None) -> list[Any]:
    """What another rehearsal from the same seed held, which was undone."""
    with transaction.atomic():
        people()
        held = content()
        transaction.set_rollback(True)
    return held


@pytest.fixture(scope="module")
def site(before: list[Any]) -> Peopled:
    """A small rehearsal, made once for the tests of this file."""
    return people()


@pytest.mark.django_db
def test_a_seed_peoples_a_site_alike(site: Peopled, before: list[Any]) -> None:
    assert content() == before


@pytest.mark.django_db
def test_all_are_screened_and_decided_but_those_to_try(site: Peopled) -> None:
    assert (site.screened, site.randomised + site.not_enrolled) == (SIZE + 4, SIZE)
    assert site.randomised == Counter(row["reason"] for row in rows())[""] - 4


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
    assert actions["enrolment.not_enrol"] == site.not_enrolled
    assert actions["enrolment.give_dose"] == Dose.objects.count()
    assert actions["pharmacy.check"] == Preparation.objects.exclude(checked_at=None).count()


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
def test_everybody_else_had_the_first_dose_in_time(site: Peopled) -> None:
    untreated = set(Allocation.objects.filter(doses=None).values_list("patient", flat=True))
    assert untreated == {site.stories["to_prepare"], site.stories["to_receive"]}


@pytest.mark.django_db
def test_who_is_on_treatment_had_every_dose_that_was_due(site: Peopled) -> None:
    began = {
        dose.allocation.patient_id: dose.given_at
        for dose in Dose.objects.filter(preparation__route="iv", preparation__dose=1)
        if timedelta(days=2) < NOW - dose.given_at < timedelta(days=15)
    }
    given = Counter(
        Dose.objects.filter(preparation__route="iv").values_list("allocation__patient", flat=True)
    )
    assert began
    assert {who: given[who] for who in began} == {
        who: (NOW - first) // timedelta(hours=8) + 1 for who, first in began.items()
    }


@pytest.mark.django_db
def test_whose_course_is_over_has_doses_of_the_first_day_alone(site: Peopled) -> None:
    over = Allocation.objects.filter(doses__given_at__lt=NOW - timedelta(days=16))
    given = Dose.objects.filter(allocation__in=over)
    assert set(given.values_list("preparation__order__day", flat=True)) == {1}


@pytest.mark.django_db
def test_every_role_can_be_tried_and_nobody_else_logged_in_as(site: Peopled) -> None:
    roles = [each.role for each in site.log_ins]
    assert set(roles) == {role.label for role in Role}
    assert roles.count("Unblinded pharmacist") == 2
    known = [user for user in User.objects.all() if user.has_usable_password()]
    assert {user.email for user in known} == {each.address for each in site.log_ins}
    assert all(user.check_password(PASSWORD) for user in known)


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


def told(said: list[str], name: str, *hours: int) -> Course:
    for hour in hours:
        yield NOW + hour * HOUR
        said.append(f"{name}{hour}")


def test_courses_take_turns_by_time_and_stop_at_the_end() -> None:
    said: list[str] = []
    ended: list[int] = []
    courses = [told(said, "a", 1, 4, 9), told(said, "b", 2, 3), told(said, "c")]
    play(courses, until=NOW + 5 * HOUR, tell=ended.append)
    assert said == ["a1", "b2", "b3", "a4"]
    assert ended == [1]


def test_courses_at_one_moment_keep_their_order() -> None:
    said: list[str] = []
    play([told(said, "a", 1, 2), told(said, "b", 1, 2)], until=NOW + HOUR)
    assert said == ["a1", "b1"]


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_the_disk_is_waited_for_again_afterwards(
    django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = connection.copy()
    monkeypatch.setattr(playing, "connection", another)
    with django_db_blocker.unblock(), another.cursor() as cursor:
        with without_waiting_for_the_disk():
            assert cursor.execute("PRAGMA synchronous").fetchone() == (0,)
        assert cursor.execute("PRAGMA synchronous").fetchone() != (0,)
        another.close()


@pytest.mark.parametrize("country", [*NAMES, "Elsewhere"])
def test_names_differ_for_a_large_country(country: str) -> None:
    names = names_of(country)
    first = [next(names) for _ in range(30)]
    assert len(set(first)) == 30


def test_a_folder_of_anything_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site.env").write_text("IMMUNOSEP_DEMO=no\n")
    with pytest.raises(SettingsError, match="no rehearsal of an earlier"):
        command.run(tmp_path, seed=1, patients=20, port=8420, foreground=False)
    assert (tmp_path / "site.env").read_text() == "IMMUNOSEP_DEMO=no\n"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "here"
    file.touch()
    with pytest.raises(SettingsError, match="no rehearsal"):
        command.run(file, seed=1, patients=20, port=8420, foreground=False)


def test_a_rehearsal_is_cleared_and_what_is_not_of_it_stays(tmp_path: Path) -> None:
    for name in (demo_mark.MARK, "site.sqlite3", "site.sqlite3-wal", "keyed.env", "notes.txt"):
        (tmp_path / name).touch()
    command.clear(SiteFolder(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def whole_rehearsal(path: Path, *, port: int) -> SiteFolder:
    """A folder that says it was made to its end, with something a visitor entered."""
    folder = SiteFolder(path)
    for name in ("site.env", "site.sqlite3"):
        (path / name).write_text("entered")
    demo_mark.write_mark(folder, {"port": port, "log_ins": ["  nurse@example.org  Ann, nurse"]})
    return folder


@pytest.fixture
def port() -> Iterator[int]:
    """A port that something listens at."""
    with Listener(("127.0.0.1", 0)) as listener:
        yield int(str(listener.address).rstrip(")").rsplit(" ", 1)[1])


@pytest.mark.parametrize("before", [0, 1])
def test_a_port_in_use_is_said_before_anything_is_made(
    port: int, before: int, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    with pytest.raises(SettingsError, match=rf"port .*{port}.* demo {folder} --port N .*PORT=N"):
        command.run(folder, seed=1, patients=20, port=port - before, foreground=False)
    assert not folder.exists()


def test_a_rehearsal_that_runs_is_left_as_it_is(
    port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = whole_rehearsal(tmp_path, port=port)
    (tmp_path / "serve.pid").write_text(str(os.getpid()))
    command.run(folder.path, seed=1, patients=20, port=8420, foreground=False)
    said = capsys.readouterr().out
    assert f"runs already, at http://localhost:{port}" in said
    assert "nurse@example.org  Ann, nurse" in said
    assert f"demo {tmp_path} --anew" in said
    assert (tmp_path / "site.sqlite3").read_text() == "entered"


def test_a_rehearsal_that_was_stopped_is_started_and_not_made_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Address] = []
    monkeypatch.setattr(serving, "start_behind", lambda _, address, **__: started.append(address))
    whole_rehearsal(tmp_path, port=8420)
    command.run(tmp_path, seed=1, patients=20, port=18642, foreground=False)
    assert [each.port for each in started] == [18642]
    assert "runs again, at http://localhost:18642" in capsys.readouterr().out
    assert (tmp_path / "site.sqlite3").read_text() == "entered"
    assert demo_mark.read_mark(SiteFolder(tmp_path))["port"] == 18642


@pytest.mark.parametrize("pid", ["", "2147483647"])
def test_what_a_crash_left_is_no_running_site(pid: str, port: int, tmp_path: Path) -> None:
    (tmp_path / "serve.pid").write_text(pid)
    assert not demo_mark.is_running(SiteFolder(tmp_path), port)


@pytest.mark.parametrize("mark", ["", '{"seed": 1}'])
def test_a_rehearsal_that_was_interrupted_is_none_to_start(mark: str, tmp_path: Path) -> None:
    (tmp_path / "site.env").touch()
    (tmp_path / demo_mark.MARK).write_text(mark)
    assert demo_mark.read_mark(SiteFolder(tmp_path)) == {}


@pytest.mark.parametrize(
    ("found", "program", "typed"),
    [
        ("/usr/bin/immunosep", ".venv/bin/immunosep", "immunosep serve 'a b'"),
        (None, ".venv/bin/immunosep", ".venv/bin/immunosep serve 'a b'"),
        (None, "immunosep/__main__.py", f"{sys.executable} -m immunosep serve 'a b'"),
    ],
)
def test_a_command_is_said_as_it_can_be_typed(
    found: str | None, program: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: found)
    monkeypatch.setattr(sys, "argv", [program])
    assert command._command("serve", Path("a b")) == typed


def test_a_rehearsal_takes_nothing_from_another_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"IMMUNOSEP_DATABASE_URL": "postgresql://live", "HOME": "/"})
    command.forget_other_sites()
    assert os.environ == {"HOME": "/"}


@pytest.mark.slow
def test_the_command_makes_a_site_that_runs_keeps_it_and_makes_it_anew(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    options = ("--patients", "20", "--port", "8423")
    for seed, more, says in (
        ("3", (), "24 screened"),
        ("4", (), "runs already, at http://localhost:8423"),
        ("4", ("--anew",), "24 screened"),
    ):
        made = immunosep("demo", str(folder), "--seed", seed, *options, *more)
        assert (made.returncode, made.stderr) == (0, "")
        assert says in made.stdout
    assert json.loads((folder / demo_mark.MARK).read_text())["seed"] == 4
    stopped = immunosep("serve", str(folder), "--stop")
    assert stopped.stdout == "Stopped.\n"
    again = immunosep("demo", str(folder), *options)
    assert "runs again, at http://localhost:8423" in again.stdout
    assert immunosep("serve", str(folder), "--stop").stdout == "Stopped.\n"


def immunosep(*words: str) -> "subprocess.CompletedProcess[str]":
    elsewhere = os.environ | {"IMMUNOSEP_DATABASE_URL": "postgresql://nowhere.example/live"}
    return subprocess.run(
        [sys.executable, "-m", "immunosep", *words],
        env=elsewhere, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
