"""The page of one event as it stands in the browser: what is known, and the forms to add to it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from immunosep.languages import listed, say
from immunosep.protocol.treatment import Intervention
from immunosep.web.accounts.access import may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import PageEntry
from immunosep.web.enrolment.questions import Question, ask_moment, choice_in_words, read_moment
from immunosep.web.enrolment.verdicts import state_label
from immunosep.web.safety.cases import Case, follow_ups_of, may_report, products_of
from immunosep.web.safety.clocks import clocks_of
from immunosep.web.safety.coding import stands
from immunosep.web.safety.dictionary import suggestions_for
from immunosep.web.safety.listing import criteria_in_words
from immunosep.web.safety.models import Assessment, Coding, Submission
from immunosep.web.trial import trial_of

NOT_SAID = say("not said")
REPORTS = {
    Submission.Kind.INITIAL.value: say("Initial report"),
    Submission.Kind.FOLLOW_UP.value: say("Follow-up report"),
}
STOOD = {None: "", True: "yes", False: "no"}
MOMENTS = {
    "aware_at": (say("When you knew of it"), ""),
    "known_at": (say("Since when the sponsor has known what makes it so"),
                 say("Empty: since the report. A SUSAR's clock starts here.")),
    "sent_at": (say("When it was sent"), ""),
}  # fmt: skip


def event_in(
    case: Case,
    *,
    user: User,
    now: datetime,
    typed: Mapping[str, str],
    problems: Sequence[str] = (),
    doing: str = "",
) -> dict[str, Any]:
    """What the template of an event needs."""
    last = case.page.codings.select_related("by").last()
    reviews = may(user, Permission.REVIEW_SAFETY, case.centre)
    return {
        "case": case,
        "page": case.page,
        "patient": case.patient,
        "centre": case.centre,
        "facts": list(_facts(case)),
        "clocks": clocks_of(case, now=now),
        "follow_ups": follow_ups_of(case) if case.report else [],
        "coding": last,
        "coding_stands": stands(last, case.row.get("event_term")),
        "may_report": may_report(user, case),
        "reviews": reviews,
        "products": [_product(each, case.assessment, typed) for each in _products(case)],
        "relatedness": Assessment.Relatedness.choices,
        "recipients": Submission.To.choices,
        "kinds": REPORTS.items(),
        "moments": _moments(case, typed),
        "seen": PageEntry.objects.filter(page=case.page).latest("id").pk,
        "typed": typed,
        "problems": problems,
        "doing": doing,
        "suggestions": suggestions_for(case.row.get("event_term") or "") if reviews else [],
        "version": typed.get("version") or _last_version(),
    }


def read_when(name: str, case: Case, typed: Mapping[str, str]) -> tuple[datetime | None, list[str]]:
    """The moment that was typed by the centre's clock, and what is wrong with it."""
    label, note = MOMENTS[name]
    question, moment = read_moment(name, label, typed, centre=case.centre, note=note)
    return moment, [
        say("{label}: {problem}.", label=label, problem=question.problem)
    ] if question.problem else []


def _facts(case: Case) -> Iterator[tuple[str, Any]]:
    row, state = case.row, case.patient.allocation.immune_state
    yield say("Immune state"), state_label(state, trial_of(case.centre))
    yield say("CTCAE grade"), row.get("event_grade") or NOT_SAID
    plain = say("yes") if row.get("serious") else say("no")
    yield say("Serious"), listed(criteria_in_words(row)) or plain
    for name, label in (("relatedness", say("Related, says the investigator")),
                        ("event_action", say("What was done with the study treatment")),
                        ("event_outcome", say("Outcome of the event"))):  # fmt: skip
        yield label, choice_in_words(row[name]) if row.get(name) else NOT_SAID


def _products(case: Case) -> list[Intervention]:
    return products_of(case.patient.allocation)


def _product(
    product: Intervention, last: Assessment | None, typed: Mapping[str, str]
) -> dict[str, Any]:
    """A product with the answer that was typed, or else the one that stands."""
    stood = last.expected.get(product.id) if last else None
    answer = (
        typed.get(f"expected.{product.id}") or ("", "no", "yes")[0 if stood is None else 1 + stood]
    )
    return {"id": product.id, "label": product.label, "source": product.source, "answer": answer}


def _moments(case: Case, typed: Mapping[str, str]) -> dict[str, Question]:
    found: dict[str, Question] = {}
    for name, (label, note) in MOMENTS.items():
        if typed.get(name):
            found[name] = read_moment(name, label, typed, centre=case.centre, note=note)[0]
        else:
            found[name] = ask_moment(name, label, centre=case.centre, note=note)
    return found


def _last_version() -> str:
    """The dictionary that was last coded with."""
    last = Coding.objects.last()
    return last.version if last else ""
