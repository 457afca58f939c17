"""The slot for the sponsor's dictionary, with an invented one in MedDRA's file format."""

import os
from pathlib import Path
from typing import Any

import pytest

from immunosep.errors import SettingsError
from immunosep.web.safety.dictionary import suggestions_for
from immunosep.web.safety.models import Coding
from tests.web.conftest import LogIn
from tests.web.people import Cast
from tests.web.serious import entered
from tests.web.supplied import randomised

TERMS = """\
1$Sniffles$100$$$$$$$Y$$
2$Runny nose$100$$$$$$$Y$$
3$Runny noze$100$$$$$$$N$$
4$Itchy elbow$200$$$$$$$Y$$
5$Itchy elbows$200$$$$$$$Y$$
6$Orphan$300$$$$$$$Y$$
"""
HIERARCHY = """\
100$1$1$1$Dripping$h$g$Disorders of noses$Nose$$1$Y$
100$1$1$2$Dripping$h$g$Disorders of winters$Wint$$1$N$
200$1$1$3$Elbow itch$h$g$Disorders of arms$Arm$$3$Y$
"""


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    made = tmp_path / "Invented 1.0"
    made.mkdir()
    (made / "llt.asc").write_text(TERMS.replace("\n", "\r\n"), encoding="utf-8")
    (made / "mdhier.asc").write_text(HIERARCHY, encoding="utf-8")
    settings.MEDDRA = str(made)
    return made


def found(term: str) -> list[tuple[str, str, str]]:
    return [(each.preferred_term, each.organ_class, each.version) for each in suggestions_for(term)]


@pytest.mark.parametrize("term", ["Sniffles", "  runny  NOSE "])
def test_the_very_term_is_found_in_its_primary_class(folder: Path, term: str) -> None:
    assert found(term) == [("Dripping", "Disorders of noses", "Invented 1.0")]


def test_terms_spelt_alike_are_suggested_once_each(folder: Path) -> None:
    assert found("itchy elbwo") == [("Elbow itch", "Disorders of arms", "Invented 1.0")]


@pytest.mark.parametrize("term", ["", "Orphan", "volcano", "x"])
def test_what_is_like_nothing_or_has_no_place_has_no_suggestion(folder: Path, term: str) -> None:
    assert found(term) == []


def test_a_term_that_is_current_no_more_is_not_suggested(folder: Path) -> None:
    assert [each.lowest_term for each in suggestions_for("Runny noze")] == ["Runny nose"]


def test_without_a_dictionary_there_is_nothing(settings: Any) -> None:
    settings.MEDDRA = ""
    assert found("Sniffles") == []


def test_a_newer_file_is_read(folder: Path) -> None:
    assert found("Yawning") == []
    (folder / "llt.asc").write_text("9$Yawning$200$$$$$$$Y$$\n", encoding="utf-8")
    os.utime(folder / "llt.asc", ns=(1, 2**62))
    assert len(found("Yawning")) == 1


def test_a_folder_without_the_files_is_said(folder: Path) -> None:
    (folder / "llt.asc").unlink()
    with pytest.raises(SettingsError, match=r"without llt\.asc"):
        found("Sniffles")


def test_a_file_of_another_kind_is_said(folder: Path) -> None:
    (folder / "mdhier.asc").write_text("100$1\n200$2\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="too few fields on line 1 and 1 more"):
        found("Sniffles")


@pytest.mark.django_db
def test_a_reviewer_takes_a_suggestion(cast: Cast, log_in: LogIn, folder: Path) -> None:
    randomised(cast)
    page = entered(cast, "01-0001", event_term="Sniffles")
    client, address = log_in(cast.safety_officer), f"/safety/events/{page.pk}/"
    html = client.get(address).content.decode()
    assert 'value="Disorders of noses"' in html
    assert "Disorders of noses" not in log_in(cast.nurse).get(address).content.decode()
    given = {"version": "Invented 1.0", "preferred_term": "Dripping",
             "organ_class": "Disorders of noses"}  # fmt: skip
    client.post(f"{address}code/", given)
    assert Coding.objects.get().preferred_term == "Dripping"
