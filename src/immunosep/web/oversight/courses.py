"""What the rules read of each participant: in a fixed number of queries, however many there are.

Who took their data back is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.forms import FilledBy
from immunosep.protocol.trial import Trial
from immunosep.web.casebook.models import Page, PageEntry, Step
from immunosep.web.casebook.values import values_of_pages
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Allocation, Dose, Entry, Patient
from immunosep.web.followup.planned_doses import NUMBER, ROUTE, dose_log
from immunosep.web.supply.ending import ends_of
from immunosep.web.supply.models import Order
from immunosep.web.supply.words import ROUTES
from immunosep.web.trial import trial_of

ASSESSED_AT = ("sample_drawn_at", "infection_judged_at")
"""The columns that say when what a visit asks for took place."""
# Joined, not asked for apart: Django asks for a thousand of them in a way that SQLite refuses.
WITH_DOSES = Prefetch("doses", queryset=Dose.objects.select_related("preparation"))
_NEWS = (Step.Kind.MISSED, Step.Kind.COMPLETED, Step.Kind.REOPENED)


@dataclass(frozen=True, kw_only=True)
class Course:
    """One participant, as far as the rules ask."""

    allocation: Allocation
    trial: Trial
    doses: tuple[Dose, ...]  # as given, the first first
    orders: tuple[Order, ...] = ()
    log: Mapping[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)
    ended_at: datetime | None = None  # of treatment
    missed: tuple[Page, ...] = ()
    assessed: tuple[tuple[Page, datetime], ...] = ()
    sampled_at: datetime | None = None  # the first sample that screening drew for the trial

    @property
    def patient(self) -> Patient:
        """Whose it is."""
        return self.allocation.patient

    @property
    def centre(self) -> Centre:
        """Where."""
        return self.patient.centre

    @property
    def first_dose(self) -> Dose | None:
        """The one that begins day 1."""
        return self.doses[0] if self.doses else None


def courses_of(centres: Iterable[Centre]) -> list[Course]:
    """Everybody randomised at some centres."""
    held = [
        each
        for each in Allocation.objects.filter(patient__centre__in=centres)
        .select_related("patient__centre")
        .prefetch_related(WITH_DOSES, "patient__consents", "patient__withdrawals")
        .order_by("patient_id")
        if not _is_erased(each)
    ]
    numbers = [each.patient_id for each in held]
    orders: dict[str, list[Order]] = defaultdict(list)
    for order in Order.objects.filter(participant__in=numbers).order_by("day"):
        orders[order.participant].append(order)
    pages = {page.pk: page for page in Page.objects.filter(patient__in=numbers)}
    logs, ended, sampled = _logs(held, pages.values()), ends_of(numbers), _sampled(held)
    missed, assessed = _missed(pages), _assessed(pages)
    return [
        Course(
            allocation=each,
            trial=trial_of(each.patient.centre),
            doses=tuple(sorted(each.doses.all(), key=lambda dose: (dose.given_at, dose.pk))),
            orders=tuple(orders[each.patient_id]),
            log=logs[each.patient_id],
            ended_at=ended.get(each.patient_id),
            missed=tuple(missed[each.patient_id]),
            assessed=tuple(assessed[each.patient_id]),
            sampled_at=sampled.get(each.patient_id),
        )
        for each in held
    ]


def _is_erased(allocation: Allocation) -> bool:
    kinds = [each.kind for each in allocation.patient.withdrawals.all()]
    return WithdrawalKind.ALL_ERASE_DATA in kinds


def _logs(
    held: list[Allocation], pages: Iterable[Page]
) -> dict[str, dict[tuple[str, int], Mapping[str, Any]]]:
    """What the log of doses says of each, by its route and number."""
    logs = {log.id for each in held if (log := dose_log(trial_of(each.patient.centre)))}
    theirs = {page.pk: page.patient_id for page in pages if page.form in logs}
    words = {word.lower(): route for route, word in ROUTES.items()}
    found: dict[str, dict[tuple[str, int], Mapping[str, Any]]] = defaultdict(dict)
    for pk, said in values_of_pages(Page(pk=pk) for pk in theirs).items():
        route = words.get(str(said.get(ROUTE, "")), "")
        found[theirs[pk]][route, said.get(NUMBER, 0)] = said
    return found


def _assessed(pages: Mapping[int, Page]) -> dict[str, list[tuple[Page, datetime]]]:
    found: dict[str, list[tuple[Page, datetime]]] = defaultdict(list)
    for (pk, _), value in _last(pages, ASSESSED_AT).items():
        page = pages[pk]
        if page.visit and page.number == 1:
            found[page.patient_id].append((page, datetime.fromisoformat(value)))
    return found


def _last(pages: Mapping[int, Page], columns: tuple[str, ...]) -> dict[tuple[int, str], str]:
    """The last value of some columns, by page; what was taken back is left out."""
    entries = PageEntry.objects.filter(page__in=list(pages), column__in=columns).order_by("id")
    last = {
        (pk, name): value for pk, name, value in entries.values_list("page_id", "column", "value")
    }
    return {key: str(value) for key, value in last.items() if value is not None}


def _missed(pages: Mapping[int, Page]) -> dict[str, list[Page]]:
    """The planned pages that were said not to take place, and were not filled in later."""
    steps = Step.objects.filter(page__in=list(pages), kind__in=_NEWS).order_by("id")
    last = dict(steps.values_list("page_id", "kind"))
    found: dict[str, list[Page]] = defaultdict(list)
    for pk, kind in last.items():
        if kind == Step.Kind.MISSED and pages[pk].visit:
            found[pages[pk].patient_id].append(pages[pk])
    return found


def _sampled(held: Iterable[Allocation]) -> dict[str, datetime]:
    """When the first sample was drawn for the trial's own laboratory."""
    forms = {
        form.id
        for each in held
        for form in trial_of(each.patient.centre).screening_forms
        if form.filled_by is FilledBy.LABORATORY
    }
    numbers = [each.patient_id for each in held]
    drawn = Entry.objects.filter(patient__in=numbers, form__in=forms, observed_at__isnull=False)
    rows = drawn.order_by("-observed_at").values_list("patient_id", "observed_at")
    return {number: at for number, at in rows if at is not None}
