"""The sponsor's judgement of a serious event, blinded.

Expectedness is judged against the reference safety information of each active product that the
participant's immune state could receive, so that nobody needs the code to judge it. Whoever writes
to the authority gets the arm outside this site, from the holder of the code key.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import Said, listed, say
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import PageEntry
from immunosep.web.casebook.steps import hold
from immunosep.web.casebook.values import row_of, values_of
from immunosep.web.safety.cases import WEIGHED, products_of
from immunosep.web.safety.models import Assessment, SeriousReport, Submission
from immunosep.web.safety.reporting import audit
from immunosep.web.safety.texts import text_problems

REFERENCE_LENGTH = 100
NOT_MORE_THAN = say(
    "The reference is longer than {count} characters. Shorten it.", count=REFERENCE_LENGTH
)


@transaction.atomic
def assess(
    report: SeriousReport,
    *,
    expected: Mapping[str, bool],
    relatedness: str,
    fatal: bool,
    by: User,
    now: datetime,
    seen: int,
    known_at: datetime | None = None,
    comment: str = "",
) -> Assessment:
    """Judge a report; `seen` is the last entry of its page that was looked at.

    `known_at` is since when the sponsor has known what makes it so: without it, since the report.
    """
    page = hold(report.page)
    centre = page.patient.centre
    role = require(by, Permission.REVIEW_SAFETY, centre)
    since = known_at or report.reported_at
    products = products_of(page.patient.allocation)
    later = PageEntry.objects.filter(page=page, column__in=WEIGHED, pk__gt=seen)
    open_ones = [each.label for each in products if each.id not in expected]
    problems = [
        problem
        for problem, applies in (
            (say("Say whether it is expected of: {products}.",
                 products=listed(map(Said, open_ones), by="; ")), bool(open_ones)),
            (say("That is no product of this immune state."),
             bool(set(expected) - {each.id for each in products})),
            (say("Say how far the event is related to the treatment."),
             relatedness not in Assessment.Relatedness.values),
            (say("The sponsor knew of it before it was reported: look at the time."),
             since < report.reported_at),
            (say("The sponsor knew of it in the future: look at the time."), since > now),
            (say("The event changed meanwhile. Look at it, and judge it again."), later.exists()),
        )
        if applies
    ] + text_problems(comment, centre=centre, needed=False)  # fmt: skip
    if problems:
        raise RefusedError(f"report {report.pk} was not assessed", problems)
    row = row_of(values_of(page))
    made = Assessment.objects.create(
        report=report, expected=dict(expected), relatedness=relatedness, fatal=fatal,
        serious=bool(row.get("serious")), by_investigator=row.get("relatedness") or "",
        comment=comment.strip(), known_at=since, at=now, by=by,
    )  # fmt: skip
    after = {"assessment": made.pk, "expected": dict(expected), "relatedness": relatedness,
             "fatal": fatal, "susar": made.susar, "known_at": since.isoformat()}  # fmt: skip
    audit("assess", page, by=by, role=role, now=now, after=after)
    return made


@transaction.atomic
def submit(
    report: SeriousReport,
    *,
    to: str,
    kind: str,
    sent_at: datetime,
    reference: str,
    by: User,
    now: datetime,
) -> Submission:
    """Record that a report was sent to an authority or a committee, which happens elsewhere."""
    page = hold(report.page)
    role = require(by, Permission.REVIEW_SAFETY, page.patient.centre)
    earlier = Submission.objects.filter(report=report, to=to, kind=Submission.Kind.INITIAL)
    first = earlier.first()
    initial = kind == Submission.Kind.INITIAL
    problems = [
        problem
        for problem, applies in (
            (say("Say to whom it was sent."), to not in Submission.To.values),
            (say("Say whether it was the initial report or a follow-up."),
             kind not in Submission.Kind.values),
            (say("There is no reference. Give the number under which it was sent."),
             not reference.strip()),
            (NOT_MORE_THAN, len(reference.strip()) > REFERENCE_LENGTH),
            (say("It was sent in the future: look at the time."), sent_at > now),
            (say("It was sent before it was reported: look at the time."),
             sent_at < report.reported_at),
            (say("The initial report is recorded already. Record a follow-up."),
             initial and first is not None),
            (say("No initial report is recorded. Record that first."),
             kind == Submission.Kind.FOLLOW_UP and first is None),
            (say("A follow-up was sent before the initial report: look at the time."),
             not initial and first is not None and sent_at < first.sent_at),
        )
        if applies
    ]  # fmt: skip
    if problems:
        raise RefusedError(f"the submission of report {report.pk} was not recorded", problems)
    made = Submission.objects.create(
        report=report, to=to, kind=kind, sent_at=sent_at, reference=reference.strip(),
        recorded_at=now, by=by,
    )  # fmt: skip
    after = {"submission": made.pk, "to": to, "kind": kind, "sent_at": sent_at.isoformat()}
    audit("submit", page, by=by, role=role, now=now, after=after)
    return made
