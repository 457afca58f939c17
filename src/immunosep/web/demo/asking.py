"""Questions about entries: asked by a person, answered at the centre, asked again or closed.

Most are of some day of a participant's course. Where a visitor works there are some of late too, so
that each state can be found: open, answered, opened again, closed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from django.db.models import QuerySet

from immunosep.web.accounts.models import User
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.querying import answer, close, raise_query, reopen
from immunosep.web.demo.chart import LAST_DAY, Chart
from immunosep.web.demo.people import Sponsor, Staff
from immunosep.web.demo.playing import Course

HOW_MANY = (0, 0, 1, 1, 2)  # questions by people to a participant; assumed
QUESTIONS = (
    ("daily_sofa", "bilirubin_mg_dl", "Is this in mg/dL? The day before is far from it."),
    ("daily_sofa", "gcs", "Was the score taken before sedation?"),
    ("daily_sofa", "urine_ml_day", "Was urine collected for the whole day?"),
    ("daily_sofa", "platelets_10e3_ul", "The source has another value. Please compare."),
    ("medication", "medication_until", "Was it stopped on that day, or changed to another?"),
    ("adverse_event", "event_until", "The discharge letter has another date. Please compare."),
    ("vital_status", "status_learned_by", "Please note in the source who was spoken to."),
)
ANSWERS = ("Compared with the source: it is right.", "Confirmed by the ward's chart.",
           "The laboratory was asked: the value stands.", "Noted in the source.")  # fmt: skip
CONTENT, NOT_YET = "Thank you.", "The source does not show that. Please look again."
ASKED_AGAIN = 0.15  # of answers, assumed
FIRST_ASKED = 4  # day of a participant's course

ASK, ANSWER, AGAIN, CLOSE = "ask", "answer", "ask again", "close"
OF_LATE = (
    ((3.1, ASK),),
    ((4.2, ASK), (0.3, ANSWER)),
    ((9.0, ASK), (6.2, ANSWER), (2.1, AGAIN)),
    ((11.0, ASK), (8.0, ANSWER), (5.0, CLOSE)),
    ((0.8, ASK),),
    ((5.5, ASK), (1.4, ANSWER)),
)
"""Each question's turns, in days before now."""
FORGOTTEN = ((19.0, ASK),)
SETTLED = timedelta(
    days=20
)  # since randomisation: of later ones, nothing keeps a signature waiting


def questions_of(chart: Chart, sponsor: Sponsor, *, until: datetime) -> Iterator[Course]:
    """What people ask of one participant, up to now or some days after the last visit."""
    return (_question(chart, sponsor, until) for _ in range(chart.draw.choice(HOW_MANY)))


def _question(chart: Chart, sponsor: Sponsor, until: datetime) -> Course:
    """Asked about a page that is there, answered, now and then asked again, closed."""
    draw = chart.draw
    by, staff = draw.choice((sponsor.monitor, sponsor.data_manager)), chart.staff
    form, column, text = draw.choice(QUESTIONS)
    first, last = chart.at(FIRST_ASKED), min(chart.at(LAST_DAY + 8), until)
    at = first + max(last - first, timedelta()) * draw.random()
    waits = [timedelta(days=draw.uniform(0.3, 12)) for _ in range(4)]
    again, said, place = draw.random() < ASKED_AGAIN, draw.choice(ANSWERS), draw.random()
    yield at
    pages = _asked_about(Page.objects.filter(patient=chart.number), form, column)
    if not pages:
        return
    page = pages[int(place * len(pages))]
    query = raise_query(page, column=column, text=text, by=by, now=at)
    turns = [(answer, said, staff.nurse), (close, CONTENT, by)]
    if again:
        turns[1:1] = [(reopen, NOT_YET, by), (answer, said, staff.investigator)]
    for wait, (act, words, who) in zip(waits, turns, strict=False):
        at += wait
        yield at
        act(query, text=words, by=who, now=at)


def ask_of_late(
    centre: str,
    staff: Mapping[str, Staff],
    sponsor: Sponsor,
    *,
    turns: Sequence[tuple[float, str]],
    now: datetime,
    draw: Random,
) -> Course:
    """One question at a centre, each turn so many days before now."""
    by = draw.choice((sponsor.monitor, sponsor.data_manager))
    query: Query | None = None
    for days, turn in turns:
        at = now - timedelta(days=days)
        yield at
        if turn == ASK:
            query = _ask(centre, by=by, now=at, draw=draw)
        if query is None:
            return
        if turn == ANSWER:
            answer(query, text=draw.choice(ANSWERS), by=staff[centre].nurse, now=at)
        elif turn == AGAIN:
            reopen(query, text=NOT_YET, by=by, now=at)
        elif turn == CLOSE:
            close(query, text=CONTENT, by=by, now=at)


def _ask(centre: str, *, by: User, now: datetime, draw: Random) -> Query | None:
    """Ask of whoever joined some time ago, if anybody did."""
    theirs = Page.objects.filter(
        patient__centre=centre,
        patient__allocation__allocated_at__lt=now - SETTLED,
        patient__withdrawal=None,
    )
    for form, column, text in draw.sample(QUESTIONS, len(QUESTIONS)):
        if pages := _asked_about(theirs, form, column):
            return raise_query(draw.choice(pages), column=column, text=text, by=by, now=now)
    return None


def _asked_about(pages: "QuerySet[Page]", form: str, column: str) -> list[Page]:
    """Those that are complete, that say something of the column, and are not asked about now."""
    unsettled = Query.objects.exclude(status=Query.Status.CLOSED)
    held = pages.filter(form=form, entries__column=column, stage=Page.Stage.COMPLETE)
    return list(held.exclude(pk__in=unsettled.values("page")).distinct().order_by("pk"))
