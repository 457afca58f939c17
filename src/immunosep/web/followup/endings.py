"""Death and discharge as the pages of a participant have them: they carry over to later days.

A death is for good. A discharge holds until a later page says that the participant was there again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from immunosep.languages import Said, inside, say
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.schedule import Visit
from immunosep.protocol.trial import Trial
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import PageEntry
from immunosep.web.casebook.scoring import PRESENT, STATUS
from immunosep.web.centres.models import Centre

DEAD, DISCHARGED = "dead", "discharged"
DIED_AT, LEFT_AT = "died_at", "left_hospital_at"
COLUMNS = (STATUS, DIED_AT, LEFT_AT)
THERE = (PRESENT, "not_assessed")

Values = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Ending:
    """From the day after `day` there is nothing to assess; `by` is the form that says so."""

    kind: str
    day: int
    by: str
    at: str | None = None  # as entered; none where only the day is known

    @property
    def words(self) -> str:
        """Such as: dead, by the vital status page."""
        return say("{kind}, {source}", kind=Said(self.kind), source=self.source)

    @property
    def source(self) -> str:
        """Which page says so."""
        return say("by the {form} page", form=inside(self.by))

    def covers(self, visit: Visit, form: CaseForm) -> bool:
        """Whether a visit's page needs no entry because of it."""
        concerns = self.kind == DEAD or STATUS in form.columns
        return concerns and visit.day > self.day


@dataclass(frozen=True, kw_only=True)
class Endings:
    """What is known of how a participant's stay ended."""

    dead: Ending | None = None
    discharged: Ending | None = None

    def of(self, visit: Visit, form: CaseForm) -> Ending | None:
        """The one that covers a page, if any: death before discharge."""
        return next(
            (each for each in (self.dead, self.discharged) if each and each.covers(visit, form)),
            None,
        )


def values_that_end(pages: "QuerySet[Any, Any] | list[int]") -> dict[int, dict[str, Any]]:
    """What pages say of status, death and discharge, by page: two queries.

    Only of participants of whom some page ever said more than that they were present. They are
    asked for first: within the other question, a database that has not counted its rows yet, such
    as one just restored, looks through all entries for each.
    """
    found: dict[int, dict[str, Any]] = {}
    entries = PageEntry.objects.filter(page__in=pages, column__in=COLUMNS).order_by("id")
    more = entries.exclude(column=STATUS, value=PRESENT).order_by()
    ended = list(more.values_list("page__patient", flat=True).distinct())
    theirs = entries.filter(page__patient__in=ended)
    for pk, column, value in theirs.values_list("page_id", "column", "value"):
        found.setdefault(pk, {})[column] = value
    return found


def endings_of(
    pages: Iterable[Any], values: Values, *, day_1: date, centre: Centre, trial: Trial
) -> Endings:
    """How a participant's stay ended, by all of their pages; the earliest is taken."""
    telling = [page for page in pages if values.get(page.pk)]
    if not telling:
        return Endings()
    days = {visit.id: visit.day for visit in trial.schedule}
    dead: list[Ending] = []
    left: list[Ending] = []
    there = 0
    for page in telling:
        said, form = values[page.pk], find_form(page.form, trial)
        day = days.get(page.visit, 0)
        status = said.get(STATUS)
        there = max(there, day) if status in THERE else there
        for kind, column, found in ((DEAD, DIED_AT, dead), (DISCHARGED, LEFT_AT, left)):
            if said.get(column):
                on = datetime.fromisoformat(said[column]).astimezone(centre.zone).date()
                at = (on - day_1).days + 1
                found.append(Ending(kind=kind, day=at, by=form.label, at=said[column]))
            elif status == kind:
                found.append(Ending(kind=kind, day=day, by=form.label))
    return Endings(
        dead=min(dead, key=_earliest, default=None),
        discharged=min((e for e in left if e.day >= there), key=_earliest, default=None),
    )


def _earliest(ending: Ending) -> tuple[int, bool]:
    """By the day; of one day, the page that has the time."""
    return ending.day, ending.at is None
