"""A centre's archive: what it says, what it hides, and that it needs nothing else to be read."""

import csv
import io
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from immunosep.errors import ImmunosepError, RefusedError
from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Lock, Page
from immunosep.web.casebook.querying import answer, raise_query
from immunosep.web.enrolment.not_enrolling import not_enrol
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.oversight.recording import judge, report_deviation
from immunosep.web.records.archive import writing
from immunosep.web.records.archive.writing import find_centre, write_archive
from tests.web import casebooks, serious
from tests.web.followed import drawn, patient, sofa
from tests.web.people import ELIGIBLE, NOW, Cast
from tests.web.supplied import randomised, screened, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
LATER = NOW + timedelta(days=100)
NUMBER, GUESS = "01-0001", 51237
Written = Callable[..., Path]


@pytest.fixture
def number(cast: Cast) -> str:
    return str(treated(cast).pk)


@pytest.fixture
def write(cast: Cast, tmp_path: Path) -> Written:
    """The archive of Jena, in a new folder."""

    def written(name: str = "jena") -> Path:
        write_archive(tmp_path / name, cast.jena, by=Site(), now=LATER)
        return tmp_path / name

    return written


def page_of(folder: Path, number: str = NUMBER) -> str:
    """The words of a participant's page, between single blanks."""
    text = (folder / "participants" / f"{number}.html").read_text(encoding="utf-8")
    return " ".join(re.sub(r"<[^>]+>", " ", text.split("</style>")[1]).split())


def lines(folder: Path, name: str, of: str = "lines") -> list[dict[str, str]]:
    text = (folder / of / f"{name}.csv").read_bytes().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def lock_trial(cast: Cast) -> None:
    Lock.objects.create(scope="trial", locked=True, pages=0, at=LATER, by=cast.data_manager)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_a_value_says_who_entered_it_when_and_why_it_changed(
    cast: Cast, number: str, write: Written
) -> None:
    page = sofa(cast, number, 2)
    casebooks.write(page, cast, gcs=13, reason="misread", platelets_10e3_ul=90)
    folder = write()
    said = [(row["value"], row["entered_by"], row["reason"], row["stands"])
            for row in lines(folder, "entries") if row["column"] == "gcs"]  # fmt: skip
    assert said == [("13", "Nora Nurse", "misread", "true"), ("14", "Nora Nurse", "", "false")]
    assert "misread" in page_of(folder)
    assert "<s>14</s>" in (folder / "participants" / f"{number}.html").read_text()


def test_a_page_says_how_it_was_cleaned_and_signed(cast: Cast, number: str, write: Written) -> None:
    casebooks.early_death(patient(number), cast)
    asked = raise_query(
        Page.objects.get(form="biomarkers"), text="Which tube?", by=cast.monitor, now=LATER
    )
    answer(asked, text="The second.", by=cast.laboratory, now=LATER)
    folder = write()
    page = page_of(folder)
    for words in ("Compared with the source", "Frozen", "Which tube?", "The second.",
                  "Clara Consultant", "SOFA between"):  # fmt: skip
        assert words in page
    assert [row["name"] for row in lines(folder, "signatures")] == ["Clara Consultant"]
    assert [row["text"] for row in lines(folder, "questions")][-2:] == [
        "Which tube?", "The second.",
    ]  # fmt: skip


def test_what_happened_beside_the_casebook_is_there(
    cast: Cast, number: str, write: Written
) -> None:
    serious.assessed(cast, serious.reported(cast, serious.entered(cast, number)))
    said = report_deviation(cast.jena, participant=number, kind="other", what="Seen a day early",
                            happened_at=NOW, by=cast.nurse, now=LATER)  # fmt: skip
    judge(said, verdict="important", reason="Twice", by=cast.medical_monitor, now=LATER)
    withdraw(number, kind=WithdrawalKind.ALL_KEEP_DATA, at=LATER, reason="Family's wish",
             by=cast.consultant, now=LATER)  # fmt: skip
    folder = write()
    page = page_of(folder)
    for words in ("Seen a day early", "Twice", "Family&#x27;s wish", "reported to the sponsor",
                  "unexpected; SUSAR", "version 1.0 (en)", "enrolment.randomise"):  # fmt: skip
        assert words in page
    (given,) = (row for row in lines(folder, "doses") if row["given_at"])
    assert (given["route"], given["dose"], given["given_at"]) == (
        "Intravenous", "1", "2026-03-02T09:00:00+00:00",
    )  # fmt: skip


def test_a_hidden_result_is_said_to_be_entered_and_no_more(
    cast: Cast, number: str, write: Written
) -> None:
    page = drawn(cast, number, 2, ferritin=GUESS)
    casebooks.write(page, cast, ferritin_ng_ml=GUESS + 1, reason="a slip of the tube")
    folder = write()
    for name, text in contents(folder).items():
        assert str(GUESS).encode() not in text, name
        assert str(GUESS + 1).encode() not in text, name
        assert b"a slip of the tube" not in text, name
    kept = [row for row in lines(folder, "entries") if row["column"] == "ferritin_ng_ml"]
    assert {row["value"] for row in kept} == {"entered, hidden until the records are locked"}


def test_a_hidden_result_is_shown_once_the_trial_is_locked(
    cast: Cast, number: str, write: Written
) -> None:
    drawn(cast, number, 2, ferritin=GUESS)
    lock_trial(cast)
    folder = write()
    assert f"{GUESS} ng/mL" in page_of(folder)
    assert [row["ferritin_ng_ml"] for row in lines(folder, "samples", "tables")][1] == f"{GUESS}.0"
    assert "The trial is locked" in (folder / "README.txt").read_text()


def test_no_file_has_a_place_for_an_arm(cast: Cast, number: str, write: Written) -> None:
    folder = write()
    assert "arm" not in lines(folder, "participants", "tables")[0]
    words = b" ".join(contents(folder).values()).lower()
    assert b"dummy" not in words
    assert b"precision" not in words


def test_the_same_database_gives_the_same_bytes(cast: Cast, number: str, write: Written) -> None:
    drawn(cast, number, 2)
    assert contents(write("one")) == contents(write("other"))


def test_the_digests_are_checked_by_what_every_machine_has(
    cast: Cast, number: str, write: Written
) -> None:
    folder = write()
    check = ("sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS")
    done = subprocess.run(check, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed == set(contents(folder)) - {"SHA256SUMS"}


def test_the_trail_keeps_that_it_was_written(cast: Cast, number: str, write: Written) -> None:
    write()
    event = Event.objects.latest("sequence")
    assert (event.action, event.centre, event.subject) == (
        "records.archive", cast.jena.pk, "archive of 01_jena",
    )  # fmt: skip


def test_nobody_of_another_centre_is_in_it(cast: Cast, number: str, write: Written) -> None:
    randomised(cast, "02-0001")
    for name, text in contents(write()).items():
        assert b"02-0001" not in text, name


def test_a_patient_who_did_not_join_has_a_page_that_says_why(
    cast: Cast, number: str, write: Written
) -> None:
    screened(cast, "01-0002")
    not_enrol("01-0002", reasons=["declined"], by=cast.nurse, now=LATER)
    folder = write()
    assert "Declined by the patient or the relatives" in page_of(folder, "01-0002")
    assert [row["patient"] for row in lines(folder, "screened", "tables")] == [NUMBER, "01-0002"]


def test_whoever_took_their_data_back_is_kept_apart_from_the_tables(
    cast: Cast, number: str, write: Written
) -> None:
    sofa(cast, number, 2)
    withdraw(number, kind=WithdrawalKind.ALL_ERASE_DATA, at=LATER, reason="asked",
             by=cast.consultant, now=LATER)  # fmt: skip
    folder = write()
    assert "nothing that was collected may be used" in page_of(folder)
    assert lines(folder, "days", "tables") == []


class References(HTMLParser):
    """Every tag, and every address that a browser would follow or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.tags.append(tag)
        self.ids += [held["id"] or ""] if "id" in held else []
        self.addresses += [held[name] or "" for name in ("href", "src", "action") if name in held]


def test_every_page_needs_no_other_file_and_no_script(
    cast: Cast, number: str, write: Written
) -> None:
    sofa(cast, number, 2)
    folder = write()
    for file in folder.rglob("*.html"):
        text, seen = file.read_text(encoding="utf-8"), References()
        seen.feed(text)
        assert not {"script", "link", "img", "iframe", "form"} & set(seen.tags)
        assert "url(" not in text
        assert len(seen.ids) == len(set(seen.ids))
        for address in seen.addresses:
            there = address[1:] in seen.ids or (file.parent / address).is_file()
            assert there, address


def test_what_fails_half_way_leaves_nothing(
    cast: Cast, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_text: str, _rows: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "written", full)
    before = Event.objects.count()
    with pytest.raises(ImmunosepError, match="No space left on device; nothing was left there"):
        write_archive(tmp_path / "jena", cast.jena, by=Site(), now=LATER)
    assert [file.name for file in tmp_path.iterdir() if file.is_dir()] == []
    assert Event.objects.count() == before


def test_a_folder_with_something_in_it_is_refused(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(RefusedError, match="is not empty"):
        write_archive(tmp_path, cast.jena, by=Site(), now=NOW)


def test_a_centre_is_found_by_id_or_number(cast: Cast) -> None:
    assert find_centre("01") == find_centre("01_jena") == cast.jena
    with pytest.raises(RefusedError, match="no centre 'Jena'; expected an id or a number of 01_"):
        find_centre("Jena")


def test_a_centre_where_nobody_was_seen_has_an_archive(cast: Cast, write: Written) -> None:
    folder = write()
    assert "Nobody was looked at for the trial here" in (folder / "index.html").read_text()
    assert lines(folder, "screened", "tables") == []
    assert ELIGIBLE["sepsis_onset_at"] not in (folder / "index.html").read_text()
