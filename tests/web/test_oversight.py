"""How the trial goes: who sees which centres, what is counted, the forecast, the limits."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immunosep.protocol.forms import FilledBy
from immunosep.protocol.tolerance import Measure, ToleranceLimit
from immunosep.screening.recruitment import CentreCount, forecast_recruitment
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.actions import Site
from immunosep.web.casebook.recording import write_page
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.not_enrolling import not_enrol
from immunosep.web.followup.due import worklist_of
from immunosep.web.oversight import counting
from immunosep.web.oversight.counting import Counts, failures_of
from immunosep.web.oversight.drawing import bars_of, curve_of
from immunosep.web.oversight.enrolling import enrolment_of
from immunosep.web.oversight.recording import judge, look_for_deviations, report_deviation
from immunosep.web.oversight.tolerating import PARTS, Standing, standings
from immunosep.web.oversight.visiting import visits_of
from tests.web.conftest import LogIn
from tests.web.followed import died, sofa
from tests.web.people import NOW, Cast
from tests.web.supplied import randomised, screened, treated

pytestmark = pytest.mark.django_db
PAGE = "/oversight/"
DAY = timedelta(days=1)
LATER = NOW + 40 * DAY


@pytest.fixture
def number(cast: Cast, keyed: None, settings: Any) -> str:
    """Treated in the keyed process, and looked at in a site process."""
    found = treated(cast)
    settings.KEYED, settings.CODE_KEY_FILE = False, ""
    settings.ROOT_URLCONF = "immunosep.web.urls"
    return str(found.pk)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def counts_of(*centres: Centre) -> Counts:
    return counting.counts_of(centres, visits_of(centres, now=LATER), now=LATER)


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["stranger", "laboratory", "pharmacist", "administrator"])
def test_others_do_not_see_it(cast: Cast, log_in: LogIn, who: str) -> None:
    assert log_in(getattr(cast, who)).get(PAGE).status_code == 403


def test_a_centre_sees_itself_alone(cast: Cast, log_in: LogIn, number: str) -> None:
    theirs = log_in(cast.foreign_consultant).get(PAGE)
    assert theirs.context["enrolment"].total == 0
    assert b"Jena" not in theirs.content
    ours = log_in(cast.nurse).get(PAGE)
    assert ours.context["enrolment"].total == 1
    assert b"Athens" not in ours.content
    assert ours.context["enrolment"].target is None  # the trial's, not theirs


@pytest.mark.parametrize("who", ["monitor", "sponsor", "committee_member", "data_manager"])
def test_whoever_oversees_the_trial_sees_all(
    cast: Cast, log_in: LogIn, number: str, who: str
) -> None:
    page = log_in(getattr(cast, who)).get(PAGE)
    assert b"Jena" in page.content
    assert b"Athens" in page.content
    assert IMMUNOSEP.sample_size is not None
    assert page.context["enrolment"].target == IMMUNOSEP.sample_size.total


# ── What is counted ─────────────────────────────────────────────────────────────────────────────


def test_enrolment_is_counted_by_month_and_centre(cast: Cast) -> None:
    randomised(cast, "01-0001", NOW)
    randomised(cast, "02-0001", NOW)
    found = enrolment_of([cast.jena, cast.athens], whole=True, now=LATER)
    assert found.months == (date(2026, 3, 1), date(2026, 4, 1))
    assert found.row(cast.jena) == found.row(cast.athens) == [1, 0]
    assert found.cumulative == [(date(2026, 3, 1), 2), (date(2026, 4, 1), 2)]


def test_the_forecast_is_that_of_screening(cast: Cast) -> None:
    randomised(cast, "01-0001", NOW)
    found = enrolment_of([cast.jena, cast.athens], whole=True, now=LATER).forecast
    as_of = LATER.date() + DAY
    expected = forecast_recruitment(
        [CentreCount(centre="a", opened=NOW.date(), enrolled=1),
         CentreCount(centre="b", opened=NOW.date())],
        as_of=as_of, target=276, days=[date(2026, m, 1) for m in range(5, 11)],
    )  # fmt: skip
    assert found is not None
    assert (found.curve, found.middle) == (expected.curve, expected.middle)


def test_a_closed_centre_adds_nothing(cast: Cast) -> None:
    randomised(cast, "01-0001", NOW)
    Centre.objects.filter(pk="01_jena").update(status="closed")
    found = enrolment_of([Centre.objects.get(pk="01_jena")], whole=False, now=LATER).forecast
    assert found is not None
    assert {(each.low, each.high) for each in found.curve} == {(1, 1)}


def test_nothing_is_forecast_before_a_centre_opens(cast: Cast) -> None:
    unopened = Centre.objects.exclude(pk__in=["01_jena", "02_attikon"])
    found = enrolment_of(unopened, whole=False, now=LATER)
    assert found.forecast is None
    assert curve_of(found) is None


def test_failures_have_every_reason(cast: Cast) -> None:
    for number, said in (("01-0001", ["hiv"]), ("01-0002", ["hiv", "declined"])):
        screened(cast, number)
        not_enrol(number, reasons=said, by=cast.nurse, now=NOW)
    failed, counted = failures_of([cast.jena])
    assert (failed, [count for _, count in counted]) == (2, [2, 1])
    assert failures_of([cast.athens]) == (0, [])


def test_doses_pages_and_deviations_are_counted(cast: Cast, number: str) -> None:
    sofa(cast, number, 2)
    look_for_deviations(by=Site(), now=LATER)
    made = report_deviation(cast.jena, kind="other", what="So", happened_at=NOW,
                            participant=number, by=cast.nurse, now=LATER)  # fmt: skip
    judge(made, verdict="important", reason="So", by=cast.medical_monitor, now=LATER)
    counts = counts_of(cast.jena, cast.athens)
    assert counts.given == {"01_jena": 1}
    assert (counts.not_given["01_jena"], counts.deviations["01_jena"]) == (3, 4)
    assert (counts.unjudged["01_jena"], counts.important["01_jena"]) == (3, 1)
    assert counts.overdue["01_jena"] > 20
    assert (counts.contacts["01_jena"], counts.contacts_unknown["01_jena"]) == (1, 1)  # day 28


def test_overdue_is_what_the_worklist_says_is_overdue(cast: Cast, number: str) -> None:
    sofa(cast, number, 2)
    sofa(cast, number, 3, day_status="discharged")
    died(cast, number, 20)
    everything = {cast.jena: list(FilledBy)}
    listed = worklist_of(everything, now=LATER).overdue
    assert visits_of([cast.jena], now=LATER).overdue == {"01_jena": len(listed)}
    assert len(listed) > 3


def test_the_lag_is_from_the_day_of_the_visit_to_the_entry(cast: Cast, number: str) -> None:
    sofa(cast, number, 2)
    write_page(number, "daily_sofa", {"day_status": "present"}, visit="day_3", by=cast.nurse,
               now=NOW + 6 * DAY)  # fmt: skip
    assert visits_of([cast.jena], now=LATER).median_lag("01_jena") == 2  # of 0 and 4 days
    assert visits_of([cast.athens], now=LATER).median_lag("02_attikon") is None


def test_what_was_no_deviation_after_all_is_not_counted(cast: Cast) -> None:
    made = report_deviation(cast.jena, kind="other", what="So", happened_at=NOW, by=cast.nurse,
                            now=LATER)  # fmt: skip
    judge(made, verdict="none", reason="So", by=cast.medical_monitor, now=LATER)
    assert counts_of(cast.jena).deviations.total() == 0


# ── Limits ──────────────────────────────────────────────────────────────────────────────────────


def limit(share: float) -> ToleranceLimit:
    return ToleranceLimit(id="x", label="X", measure=Measure.DOSES_NOT_GIVEN, limit=share, why="So")


@pytest.mark.parametrize(
    ("count", "of", "inside", "words"),
    [(1, 10, True, "10.0 %"), (2, 10, False, "20.0 %"), (0, 0, True, ""), (0, 9, True, "0.0 %")],
)
def test_the_limit_itself_is_inside(count: int, of: int, inside: bool, words: str) -> None:
    found = Standing(limit=limit(0.1), count=count, of=of)
    assert (found.inside, found.per_cent, found.limit_per_cent) == (inside, words, "10 %")


def test_every_measure_is_counted() -> None:
    assert set(PARTS) == set(Measure)
    names = {name for parts in PARTS.values() for part in parts for name in part}
    assert names <= set(vars(Counts()))


def test_a_share_is_of_all_that_were_due(cast: Cast) -> None:
    counts = Counts()
    counts.given["01_jena"], counts.not_given["01_jena"] = 3, 1
    (found,) = standings([limit(0.2)], counts)
    assert (found.count, found.of, found.inside) == (1, 4, False)


def test_the_page_says_inside_and_outside(cast: Cast, log_in: LogIn, number: str) -> None:
    look_for_deviations(by=Site(), now=LATER)
    page = log_in(cast.sponsor).get(PAGE).content.decode()
    assert "Inside" in page
    assert "Outside" in page
    assert "choice `tolerance_limits`" in page


def test_the_page_says_which_deviations_wait_to_be_judged(cast: Cast, log_in: LogIn) -> None:
    said = report_deviation(
        cast.jena, kind="other", what="Seen late", happened_at=NOW, by=cast.nurse, now=NOW + DAY
    )
    page = log_in(cast.monitor).get(PAGE).content.decode()
    assert "1 waits to be judged, the first for 39 days." in page
    assert f'href="/oversight/deviations/{said.pk}/"' in page
    assert "None waits." in log_in(cast.foreign_consultant).get(PAGE).content.decode()
    judge(said, verdict="important", reason="Twice", by=cast.medical_monitor, now=LATER)
    assert "None waits." in log_in(cast.monitor).get(PAGE).content.decode()


# ── The page ────────────────────────────────────────────────────────────────────────────────────


def test_the_drawing_stays_within_its_edges(cast: Cast) -> None:
    randomised(cast, "01-0001", NOW)
    curve = curve_of(enrolment_of([cast.jena], whole=True, now=LATER))
    assert curve is not None
    for path in (curve.so_far, curve.to_come, curve.band):
        for point in path.strip("MZ").split("L"):
            x, y = map(int, point.split())
            assert 44 <= x <= 408
            assert 12 <= y <= 224


def test_bars_are_as_long_as_their_counts() -> None:
    assert [bar.length for bar in bars_of([("a", 4), ("b", 1)])] == [420, 105]
    assert bars_of([]) == []


def test_more_participants_ask_the_database_no_more(
    cast: Cast, log_in: LogIn, number: str, settings: Any
) -> None:
    client = log_in(cast.monitor)
    sofa(cast, number, 2)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        client.get(PAGE)
    for n in range(2, 5):
        randomised(cast, f"01-000{n}", NOW)
    randomised(cast, "02-0001", NOW)
    with CaptureQueriesContext(connection) as more:
        client.get(PAGE)
    assert len(more) == len(one) <= 32
