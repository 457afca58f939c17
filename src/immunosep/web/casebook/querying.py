"""Queries by a person: asked about a page, answered at its centre, closed or opened again.

Each turn is kept. The text is read by blinded people, so that it may name no treatment, and on a
form that hides columns hold no number (`enrolment.wording`).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import inside, say
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.trial import Trial
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.casebook.asking import turn
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.recording import MAY_ENTER
from immunosep.web.casebook.steps import hold
from immunosep.web.enrolment.wording import wording_problems
from immunosep.web.trial import trial_of

TEXT_LENGTH = 2_000

Status = Query.Status


@transaction.atomic
def raise_query(page: Page, *, column: str = "", text: str, by: User, now: datetime) -> Query:
    """Ask about a page, or about one column of it."""
    page = hold(page)
    role = require(by, Permission.RAISE_QUERIES, page.patient.centre)
    form = find_form(page.form, trial_of(page.patient.centre))
    problems = text_problems(form, text, trial=trial_of(page.patient.centre))
    if column and column not in form.columns:
        problems.append(
            say("The question is about nothing on this form. Choose one of its columns.")
        )
    problems += _locked(page)
    if problems:
        raise RefusedError("the question was not asked", problems)
    query = Query.objects.create(page=page, column=column, opened_at=now)
    turn(query, Status.OPEN, text=text, by=by, role=role, now=now)
    _record("casebook.raise_query", query, by=by, role=role, now=now)
    return query


@transaction.atomic
def answer(query: Query, *, text: str, by: User, now: datetime) -> Query:
    """Answer at the centre: whoever may fill in the form."""
    return _act(query, (Status.OPEN,), Status.ANSWERED, text=text, by=by, now=now)


@transaction.atomic
def close(query: Query, *, text: str, by: User, now: datetime) -> Query:
    """Be content with the answer, or take the question back."""
    return _act(query, (Status.OPEN, Status.ANSWERED), Status.CLOSED, text=text, by=by, now=now)


@transaction.atomic
def reopen(query: Query, *, text: str, by: User, now: datetime) -> Query:
    """Ask again."""
    return _act(query, (Status.ANSWERED, Status.CLOSED), Status.OPEN, text=text, by=by, now=now)


VERBS: Mapping[Status, str] = MappingProxyType(
    {Status.OPEN: "reopen_query", Status.ANSWERED: "answer_query", Status.CLOSED: "close_query"}
)


def role_to(status: Status, page: Page, by: User) -> str:
    """The role that lets somebody bring a page's query there; else PermissionDenied."""
    centre = page.patient.centre
    if status != Status.ANSWERED:
        return require(by, Permission.RAISE_QUERIES, centre)
    require(by, MAY_ENTER[find_form(page.form, trial_of(centre)).filled_by], centre)
    return require(by, Permission.ANSWER_QUERIES, centre)


def _act(
    query: Query,
    expected: tuple[Status, ...],
    to: Status,
    *,
    text: str,
    by: User,
    now: datetime,
) -> Query:
    page = hold(query.page)
    query = Query.objects.select_related("page__patient__centre").get(pk=query.pk)
    role = role_to(to, page, by)
    trial = trial_of(page.patient.centre)
    problems = text_problems(find_form(page.form, trial), text, trial=trial)
    if query.status not in expected:
        problems.append(
            say(
                "The question is {status} by now. Look at it again.",
                status=inside(query.get_status_display()),
            )
        )
    elif to == Status.OPEN and query.status == Status.CLOSED:
        problems += [*_locked(page), *_by_rule(query)]
    if problems:
        raise RefusedError(f"query {query.pk} is as it was", problems)
    turn(query, to, text=text, by=by, role=role, now=now)
    _record(f"casebook.{VERBS[to]}", query, by=by, role=role, now=now)
    return query


def _locked(page: Page) -> list[str]:
    locked = page.stage == Page.Stage.LOCKED
    return [say("The page is locked. Have it unlocked first.")] if locked else []


def _by_rule(query: Query) -> list[str]:
    if not query.check_id:
        return []
    return [say("A rule asked this, and asks again by itself. Ask a question of your own.")]


def text_problems(form: CaseForm, text: str, *, trial: Trial) -> list[str]:
    """What is wrong with what somebody wrote: nothing, too much, or what may tell the arm."""
    if not text.strip():
        return [say("Nothing is written. Say it in a few words.")]
    problems: list[str] = []
    if len(text.strip()) > TEXT_LENGTH:
        problems.append(
            say("The text is longer than {count} characters. Shorten it.", count=TEXT_LENGTH)
        )
    return problems + wording_problems(text, trial=trial, form=form)


def _record(action: str, query: Query, *, by: User, role: str, now: datetime) -> None:
    """One event; the text is kept with the query, and not here."""
    patient = query.page.patient
    record(
        action, by=by, role=role, now=now, subject=f"query {query.pk}", centre=patient.centre_id,
        time_zone=patient.centre.time_zone, participant=patient.pk,
        after={"page": query.page_id, "column": query.column, "status": query.status},
    )  # fmt: skip
