"""Queries by a rule: opened when it finds fault with a page that is saved, closed when content.

A question that a person closed is asked again only once something that its rule reads was changed.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from types import MappingProxyType

from immunosep.protocol.casebook import CaseForm, EditCheck, Severity
from immunosep.protocol.trial import Trial
from immunosep.web.accounts.models import User
from immunosep.web.audit.actions import Site, record
from immunosep.web.casebook.checking import context_of, faults_of, reads
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import Page, Query, QueryStep
from immunosep.web.casebook.values import values_of_pages
from immunosep.web.trial import trial_of

FROM_OTHER_PAGES = MappingProxyType(
    {"known_dead_at": "died_at", "known_discharged_at": "left_hospital_at"}
)
"""What a rule may know from another page, and the column there that it rests on."""
SETTLED = "The rule is content with what is entered now."

Status = Query.Status


def ask(
    page: Page, queried: Sequence[EditCheck], *, changed: Collection[str], now: datetime
) -> None:
    """Open a query for each check that found fault with the page, close those that no longer do.

    `changed` are the columns just written, in the caller's transaction. The rules of the
    participant's other pages that read them are asked too.
    """
    trial = trial_of(page.patient.centre)
    _settle(page, find_form(page.form, trial), queried, changed, now)
    told = {name for name, column in FROM_OTHER_PAGES.items() if column in changed}
    if told:
        _ask_elsewhere(page, told, trial, now)


def _ask_elsewhere(page: Page, told: set[str], trial: Trial, now: datetime) -> None:
    """The same for the participant's other pages whose rules read what this page now tells."""
    readers = [form for form in trial.casebook if any(told & reads(c) for c in form.checks)]
    others = list(
        Page.objects.filter(patient=page.patient_id, form__in=[form.id for form in readers])
        .exclude(pk=page.pk)
        .select_related("patient__centre")
    )
    for other_pk, values in values_of_pages(others).items():
        other = next(each for each in others if each.pk == other_pk)
        form = find_form(other.form, trial)
        faults = faults_of(form, values, context=context_of(other))
        asked = [fault for fault in faults if fault.severity is Severity.QUERIED]
        _settle(other, form, asked, told, now)


def _settle(
    page: Page,
    form: CaseForm,
    queried: Sequence[EditCheck],
    changed: Collection[str],
    now: datetime,
) -> None:
    failing = {check.id: check for check in queried}
    last = {query.check_id: query for query in page.queries.exclude(check_id="").order_by("id")}
    unsettled = {id_: query for id_, query in last.items() if query.status != Status.CLOSED}
    opened = [
        _open(page, check, now)
        for id_, check in failing.items()
        if id_ not in unsettled and not (_closed_by_person(last.get(id_)) and _idle(check, changed))
    ]
    closed = [query for id_, query in unsettled.items() if id_ not in failing]
    for query in closed:
        turn(query, Status.CLOSED, text=SETTLED, now=now)
    if opened or closed:
        _record_rules(page, opened, closed, now)


def _open(page: Page, check: EditCheck, now: datetime) -> Query:
    query = Query.objects.create(
        page=page, column=next(iter(check.columns), ""), check_id=check.id, opened_at=now
    )
    QueryStep.objects.create(query=query, status=Status.OPEN, text=check.says, at=now)
    return query


def _closed_by_person(query: Query | None) -> bool:
    last = query.steps.last() if query else None
    return last is not None and last.status == Status.CLOSED and last.by_id is not None


def _idle(check: EditCheck, changed: Collection[str]) -> bool:
    return not reads(check) & set(changed)


def _record_rules(
    page: Page, opened: Iterable[Query], closed: Iterable[Query], now: datetime
) -> None:
    centre = page.patient.centre
    record(
        "casebook.rules_ask", by=Site(), now=now, subject=f"page {page.pk}", centre=centre.pk,
        time_zone=centre.time_zone, participant=page.patient_id,
        after={"opened": [query.pk for query in opened], "closed": [query.pk for query in closed]},
    )  # fmt: skip


def turn(
    query: Query,
    to: Query.Status,
    *,
    text: str,
    now: datetime,
    by: User | None = None,
    role: str = "",
) -> None:
    """Keep one turn of a query, and where it stands."""
    Query.objects.filter(pk=query.pk).update(status=to)
    query.status = to
    QueryStep.objects.create(query=query, status=to, text=text.strip(), at=now, by=by, role=role)
