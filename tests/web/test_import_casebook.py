"""Results of follow-up by file: the page they go to, and what is hidden stays hidden."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immunosep.errors import RefusedError
from immunosep.web.audit.models import Event
from immunosep.web.casebook.completing import complete_page
from immunosep.web.casebook.freezing import freeze
from immunosep.web.casebook.hidden import ENTERED
from immunosep.web.casebook.models import Page, PageEntry, Query
from immunosep.web.casebook.values import values_of
from immunosep.web.casebook.verifying import verify
from immunosep.web.enrolment.models import Entry
from immunosep.web.importing.models import Import
from immunosep.web.importing.planning import UNKNOWN
from immunosep.web.importing.recording import SAY_WHY, Choice, record_import
from immunosep.web.importing.rehearsing import HIDDEN, IDLE
from immunosep.web.importing.targets import NO_VISIT, NOT_ASKED
from tests.web.followed import DAY, drawn, sofa
from tests.web.imported import (
    DAY_2,
    OF_LABORATORY,
    OF_WARD,
    becomes,
    given,
    lines_of,
    reasons,
    recorded,
)
from tests.web.people import NOW, Cast
from tests.web.supplied import randomised, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
SAMPLE = "2026-03-03T10:00"  # of day 2, by Jena's clock
LATER = NOW + 30 * DAY


@pytest.fixture
def number(cast: Cast) -> str:
    """A participant on day 1."""
    return str(treated(cast).pk)


def taken(by: Any, *lines: str, header: str = OF_LABORATORY) -> Import:
    return given(by, *lines, header=header, now=DAY_2)


def wrote(by: Any, *lines: str, header: str = OF_LABORATORY, **choice: Any) -> Import:
    return recorded(by, *lines, header=header, now=DAY_2, **choice)


@pytest.mark.parametrize("who", ["stranger", "pharmacist", "monitor"])
def test_other_roles_give_no_results(cast: Cast, number: str, who: str) -> None:
    with pytest.raises(PermissionDenied):
        taken(getattr(cast, who), f"{number},{SAMPLE},800,")


def test_a_participant_of_another_centre_is_unknown(cast: Cast, number: str) -> None:
    held = taken(cast.foreign_consultant, f"{number},{SAMPLE},800,", f"02-9999,{SAMPLE},800,")
    assert {reason for *_, reason in reasons(held, DAY_2)} == {UNKNOWN}


def test_the_laboratory_fills_in_no_page_of_the_ward(cast: Cast, number: str) -> None:
    held = taken(cast.laboratory, f"{number},{SAMPLE},present,90,", header=OF_WARD)
    assert {reason for *_, reason in reasons(held, DAY_2)} == {NOT_ASKED}


def test_a_sample_goes_to_the_page_of_its_day(cast: Cast, number: str) -> None:
    done = wrote(cast.laboratory, f"{number},{SAMPLE},800,3000")
    page = Page.objects.get(form="biomarkers")
    assert (done.recorded, page.visit) == (2, "day_2")
    assert values_of(page) == {
        "sample_drawn_at": "2026-03-03T10:00:00+01:00",
        "ferritin_ng_ml": 800,
        "hla_dr_per_monocyte": 3000,
    }


def test_the_ward_gives_what_the_ward_fills_in(cast: Cast, number: str) -> None:
    wrote(cast.nurse, f"{number},{SAMPLE},present,90,106.08", header=OF_WARD)
    page = Page.objects.get(form="daily_sofa")
    assert (page.visit, values_of(page)) == (
        "day_2",
        {
            "day_status": "present",
            "platelets_10e3_ul": 90,
            "creatinine_mg_dl": {"value": 106.08, "unit": "umol/L"},
        },
    )


def test_what_the_page_leaves_unasked_is_refused(cast: Cast, number: str) -> None:
    held = taken(cast.nurse, f"{number},{SAMPLE},,90,", header=OF_WARD)
    assert reasons(held, DAY_2) == [("line 2", "platelets_10e3_ul", f"Platelets: {IDLE}")]
    sofa(cast, number, 2)
    again = taken(cast.nurse, f"{number},{SAMPLE},,91,", header=OF_WARD)
    assert becomes(again, DAY_2) == ["changes"]


def test_a_sample_drawn_before_randomisation_is_screenings(cast: Cast, number: str) -> None:
    held = taken(cast.laboratory, f"{number},2026-03-02T09:00,801,")
    assert [line.where for line in lines_of(held, DAY_2)] == ["Screening"]
    record_import(held.pk, Choice(reason="new tube"), by=cast.laboratory, now=DAY_2)
    assert Entry.objects.latest("id").value == 801


def test_a_visit_may_be_named(cast: Cast, number: str) -> None:
    header = "number,moment,visit,ferritin_ng_ml"
    held = taken(cast.laboratory, f"{number},{SAMPLE},day_3,800", header=header)
    assert [line.where for line in lines_of(held, DAY_2)] == ["Ferritin and HLA-DR, day 3"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{},2026-03-02T11:00,,800", NO_VISIT),
        ("{},2026-03-03T10:00,day_90,800", NO_VISIT),
        ("{},2026-03-03T10:00,tomorrow,800", "no such visit"),
        ("{},,day_2,800", "when the sample was drawn"),
    ],
)
def test_a_result_without_a_place_is_refused(cast: Cast, number: str, line: str, told: str) -> None:
    header = "number,moment,visit,ferritin_ng_ml"
    held = taken(cast.laboratory, line.format(number), header=header)
    assert told in reasons(held, DAY_2)[0][2]


def test_before_the_first_dose_no_visit_is_planned(cast: Cast) -> None:
    randomised(cast)
    held = taken(cast.laboratory, f"01-0001,{SAMPLE},800,")
    assert "first dose was not given" in reasons(held, DAY_2)[0][2]


def test_what_a_rule_would_ask_is_told_before_and_asked_after(cast: Cast, number: str) -> None:
    header = "number,moment,day_status,pao2_mmhg"
    held = taken(cast.nurse, f"{number},{SAMPLE},present,80", header=header)
    assert not Query.objects.exists()
    record_import(held.pk, Choice(), by=cast.nurse, now=DAY_2)
    assert Query.objects.get().check_id == "gas_with_fio2"


def test_a_sample_of_another_moment_is_told(cast: Cast, number: str) -> None:
    drawn(cast, number, 2)
    held = taken(cast.laboratory, f"{number},2026-03-03T12:00,,3000")
    assert [(line.label, line.becomes) for line in lines_of(held, DAY_2)] == [
        ("HLA-DR molecules per monocyte", "new"),
        ("Sample drawn at", "changes"),
    ]


def frozen(cast: Cast, number: str) -> Page:
    page = sofa(cast, number, 2)
    complete_page(page, by=cast.nurse, now=LATER)
    page.refresh_from_db()
    verify(page, seen=page.entries_made, by=cast.monitor, now=LATER)
    freeze(page, by=cast.monitor, now=LATER)
    return page


def test_a_frozen_page_takes_nothing(cast: Cast, number: str) -> None:
    page = frozen(cast, number)
    entries = PageEntry.objects.count()
    held = taken(cast.nurse, f"{number},{SAMPLE},present,12,", header=OF_WARD)
    assert "frozen" in reasons(held, DAY_2)[0][2]
    record_import(held.pk, Choice(whole=False), by=cast.nurse, now=DAY_2)
    page.refresh_from_db()
    assert (page.stage, PageEntry.objects.count()) == ("frozen", entries)


def test_a_page_that_is_complete_wants_a_reason(cast: Cast, number: str) -> None:
    page = sofa(cast, number, 2)
    complete_page(page, by=cast.nurse, now=LATER)
    held = taken(cast.nurse, f"{number},{SAMPLE},present,,88.4", header=OF_WARD)
    with pytest.raises(RefusedError) as refused:
        record_import(held.pk, Choice(), by=cast.nurse, now=DAY_2)
    assert refused.value.problems == (SAY_WHY,)
    record_import(held.pk, Choice(reason="came late"), by=cast.nurse, now=DAY_2)
    assert PageEntry.objects.latest("id").reason == "came late"


def seen_of(held: Import) -> Any:
    """All that the giver is told before recording."""
    return lines_of(held, DAY_2), reasons(held, DAY_2)


@pytest.mark.parametrize("guess", [512, 513])
def test_a_guess_tells_nothing_of_what_is_hidden(cast: Cast, number: str, guess: int) -> None:
    """512 is recorded: a file that says so is answered as one that does not."""
    drawn(cast, number, 2)
    said, refused = seen_of(taken(cast.laboratory, f"{number},{SAMPLE},{guess},"))
    assert [(line.said, line.was, line.becomes) for line in said] == [(HIDDEN, ENTERED, "changes")]
    assert refused == []
    done = wrote(cast.consultant, f"{number},{SAMPLE},{guess},", reason="new sample")
    assert (done.recorded, done.left_out) == (1, 0)


@pytest.mark.parametrize("who", ["laboratory", "consultant"])
def test_what_is_hidden_is_in_no_answer_and_in_no_line_of_the_trail(
    cast: Cast, number: str, who: str
) -> None:
    by = getattr(cast, who)
    drawn(cast, number, 2, ferritin=51234)
    held = taken(by, f"{number},{SAMPLE},41234,3000")
    told = str(seen_of(held))
    done = record_import(held.pk, Choice(reason="new sample"), by=by, now=DAY_2)
    told += str(reasons(done, DAY_2)) + str(list(Event.objects.values_list("before", "after")))
    assert ("51234" in told, "41234" in told) == (False, False)


def test_a_reason_that_tells_a_result_is_in_no_line_of_the_trail(cast: Cast, number: str) -> None:
    drawn(cast, number, 2)
    held = taken(cast.laboratory, f"{number},{SAMPLE},41234,")
    choice = Choice(reason="it was 51234")
    assert record_import(held.pk, choice, by=cast.laboratory, now=DAY_2).recorded == 1
    assert "51234" not in str(list(Event.objects.values()))


def test_somebody_elses_file_is_not_known_to_have_been_here(cast: Cast, number: str) -> None:
    """Or whoever makes up files until one is known has read a hidden result."""
    line = f"{number},{SAMPLE},800,"
    wrote(cast.laboratory, line)
    said, refused = seen_of(taken(cast.consultant, line))
    assert ([each.becomes for each in said], refused) == (["changes"], [])
    first, second = (taken(by, line) for by in (cast.laboratory, cast.consultant))
    assert first.digest != second.digest


def test_ones_own_file_records_nothing_twice(cast: Cast, number: str) -> None:
    line = f"{number},{SAMPLE},800,3000"
    wrote(cast.laboratory, line)
    entries = PageEntry.objects.count()
    assert wrote(cast.laboratory, line).recorded == 0
    assert PageEntry.objects.count() == entries


def test_an_import_asks_as_often_whatever_is_hidden(cast: Cast, number: str) -> None:
    """No time tells: the same questions are put to the database for a right guess and a wrong."""
    drawn(cast, number, 2)
    counts = []
    for guess in (512, 513):
        with CaptureQueriesContext(connection) as asked:
            taken(cast.laboratory, f"{number},{SAMPLE},{guess},")
        counts.append(len(asked))
    assert counts[0] == counts[1]
