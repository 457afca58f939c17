"""The pages of results by file: the wrong role first; given, looked at, recorded, forgotten."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from immunosep.web.enrolment.models import Entry
from immunosep.web.importing.keeping import KEPT
from immunosep.web.importing.listing import plain
from immunosep.web.importing.models import Import
from tests.web.at_bedside import patient_of
from tests.web.conftest import LogIn
from tests.web.imported import AT, given, upload
from tests.web.people import NOW, Cast
from tests.web.supplied import screened

LIST = "/imports/"
ROW = f"01-0001,{AT},81234,3000"
WRONG = f"01-0001,{AT},>987654,3000"


@pytest.fixture(autouse=True)
def at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def number(cast: Cast) -> str:
    return str(patient_of(cast).pk)


def looked_at(client: Client, *lines: str) -> str:
    """The address of a file's page, once it is given."""
    answer = client.post(LIST, upload(*lines))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


@pytest.mark.parametrize(
    "who", ["stranger", "pharmacist", "monitor", "data_manager", "sponsor", "administrator"]
)
def test_the_pages_are_closed_to_other_roles(
    cast: Cast, log_in: LogIn, number: str, who: str
) -> None:
    held, client = given(cast.laboratory, ROW), log_in(getattr(cast, who))
    for page in ("", f"{held.pk}/", f"{held.pk}/left-out.csv"):
        assert client.get(LIST + page).status_code == 403
    for page in (f"{held.pk}/record/", f"{held.pk}/put-away/"):
        assert client.post(LIST + page).status_code == 403
    assert client.post(LIST, upload(ROW)).status_code == 403
    assert not Entry.objects.exists()


def test_whoever_is_not_logged_in_is_asked_to(cast: Cast) -> None:
    assert Client().get(LIST)["Location"].startswith("/account/login/")


def test_a_file_is_its_givers_alone(cast: Cast, log_in: LogIn, number: str) -> None:
    held, client = given(cast.laboratory, ROW), log_in(cast.consultant)
    for page in (f"{held.pk}/", f"{held.pk}/left-out.csv"):
        assert client.get(LIST + page).status_code == 404
    for page in (f"{held.pk}/record/", f"{held.pk}/put-away/"):
        assert client.post(LIST + page).status_code == 404
    assert f'"{LIST}{held.pk}/"' not in client.get(LIST).content.decode()


def test_the_header_leads_there_by_permission(cast: Cast, log_in: LogIn) -> None:
    link = f'<a href="{LIST}"'
    assert link in log_in(cast.laboratory).get("/home/").content.decode()
    assert link not in log_in(cast.monitor).get("/home/").content.decode()


def test_a_file_is_looked_at_and_recorded(cast: Cast, log_in: LogIn, number: str) -> None:
    client = log_in(cast.laboratory)
    page = looked_at(client, ROW)
    shown = client.get(page).content.decode()
    assert "Ferritin: 81234 ng/mL" in shown
    assert "Record all of it" in shown
    assert client.post(f"{page}record/", {"do": "whole"})["Location"] == page
    done = client.get(page).content.decode()
    assert "Recorded: 2. Left out: 0." in done
    assert "81234" not in done
    assert Entry.objects.count() == 2
    assert '<span class="badge met">Recorded</span>' in client.get(LIST).content.decode()


def test_what_is_refused_is_told_with_line_column_and_reason_and_as_a_file(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    client = log_in(cast.laboratory)
    page = looked_at(client, WRONG)
    assert "Record all of it" not in client.get(page).content.decode()
    answer = client.get(f"{page}left-out.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    first, second = answer.content.decode().splitlines()[1:]
    assert first.startswith("line 2,ferritin_ng_ml,")
    assert second.startswith("line 2,hla_dr_per_monocyte,")
    assert "987654" not in answer.content.decode() + client.get(page).content.decode()


def test_all_of_it_is_refused_if_something_is_wrong(cast: Cast, log_in: LogIn, number: str) -> None:
    patient_of(cast)
    client = log_in(cast.laboratory)
    page = looked_at(client, WRONG, f"01-0002,{AT},800,3000")
    answer = client.post(f"{page}record/", {"do": "whole"})
    assert answer.status_code == 422
    assert "Nothing was recorded" in answer.content.decode()
    assert not Entry.objects.exists()
    assert client.post(f"{page}record/", {"do": "others"}).status_code == 302
    assert Entry.objects.count() == 2


def test_a_change_asks_why_and_keeps_what_was_typed(cast: Cast, log_in: LogIn) -> None:
    screened(cast)
    client = log_in(cast.laboratory)
    page = looked_at(client, f"01-0001,{AT},300000,3000")
    shown = client.get(page).content.decode()
    assert "Why recorded values change" in shown
    assert '<td data-label="Now recorded">800 ng/mL</td>' in shown
    answer = client.post(f"{page}record/", {"do": "whole", "reason": "a new tube"})
    assert answer.status_code == 422
    assert 'value="a new tube"' in answer.content.decode()
    assert "say that they are right" in answer.content.decode()
    sent = {"do": "whole", "reason": "a new tube", "looked_again": "yes"}
    assert client.post(f"{page}record/", sent).status_code == 302


def test_what_would_change_may_be_left_out(cast: Cast, log_in: LogIn) -> None:
    screened(cast)
    client = log_in(cast.laboratory)
    page = looked_at(client, f"01-0001,{AT},90,3000")
    client.post(f"{page}record/", {"do": "others", "leave_changes": "yes"})
    assert "you left such results out" in client.get(page).content.decode()
    assert Import.objects.get().left_out == 2


def test_a_file_may_be_put_away(cast: Cast, log_in: LogIn, number: str) -> None:
    client = log_in(cast.laboratory)
    page = looked_at(client, ROW)
    assert client.post(f"{page}put-away/")["Location"] == LIST
    assert "81234" not in client.get(page).content.decode()
    assert client.get(f"{page}left-out.csv").status_code == 404
    assert client.post(f"{page}record/", {"do": "whole"}).status_code == 422
    assert not Entry.objects.exists()


def test_a_file_is_forgotten_after_a_while(cast: Cast, log_in: LogIn, number: str) -> None:
    page = looked_at(log_in(cast.laboratory), ROW)
    with time_machine.travel(NOW + KEPT + timedelta(minutes=1), tick=False):
        client = log_in(cast.laboratory)
        assert "was forgotten" in client.get(page).content.decode()
        assert client.get(f"{page}left-out.csv").status_code == 404


def test_the_same_file_again_says_so(cast: Cast, log_in: LogIn, number: str) -> None:
    client = log_in(cast.laboratory)
    client.post(f"{looked_at(client, ROW)}record/", {"do": "whole"})
    again = client.get(looked_at(client, ROW)).content.decode()
    assert "You gave this very file before" in again
    assert "Nothing of it can be recorded" in again


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "Choose a file."),
        (b"", "is empty"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
        (b"x" * (3 * 1024 * 1024), "larger than 1 MiB"),  # more than is held in memory
        (b"PK\x03\x04" + b"\x00" * 40, "a workbook"),
    ],
)
def test_what_is_no_file_of_results_is_refused(
    cast: Cast, log_in: LogIn, content: bytes | None, told: str
) -> None:
    sent = {} if content is None else {"file": SimpleUploadedFile("results.xlsx", content)}
    answer = log_in(cast.laboratory).post(LIST, sent)
    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert not Import.objects.exists()


def test_no_file_that_is_given_is_written_to_a_disk() -> None:
    assert [name.rsplit(".", 1)[1] for name in settings.FILE_UPLOAD_HANDLERS] == [
        "MemoryFileUploadHandler"
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert plain(cell) == f"'{cell}"
    assert plain("line 2") == "line 2"
