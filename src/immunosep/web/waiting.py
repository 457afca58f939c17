"""What waits for somebody to do it, counted: the numbers on the cards of the first page.

No number here differs between arms: orders, preparations and shipments are alike for each.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count as CountOf
from django.db.models import Q, QuerySet

from immunosep.languages import say
from immunosep.protocol.forms import FilledBy
from immunosep.protocol.supply import SupplyModel
from immunosep.web.accounts.access import centres_of
from immunosep.web.accounts.models import Membership, User
from immunosep.web.accounts.reviewing import review_due_on
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.ageing import counts_of
from immunosep.web.casebook.awaiting import blocks_to_sign, pages_to_verify
from immunosep.web.casebook.models import Query
from immunosep.web.casebook.seeing import seen_by
from immunosep.web.centres.models import Centre, Status
from immunosep.web.centres.templatetags.clock import day_in_words
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.followup.due import enters_at, worklist_of
from immunosep.web.safety.cases import centres_seen, serious_cases
from immunosep.web.safety.clocks import next_clock
from immunosep.web.supply.following import bring_up_to_date
from immunosep.web.supply.models import Order, Preparation, Shipment
from immunosep.web.trial import site_trial
from immunosep.web.unblinding.models import Unblinding

KEYED = "immunosep.web.keyed_urls"
SITE = "immunosep.web.urls"
LONGEST_ORDER = timedelta(days=3)  # an order is made a day ahead, the first within the window


@dataclass(frozen=True, kw_only=True)
class Card:
    """One thing to do: who may, how much of it there is, and on which page."""

    permission: Permission
    title: str
    says: Callable[[User, datetime], str]
    page: str
    process: str = SITE
    supply: SupplyModel | None = None  # only in a trial supplied so

    @property
    def concerns(self) -> bool:
        """Whether this site's trial has such a thing."""
        plan = site_trial().supply
        return self.supply is None or (plan is not None and plan.model is self.supply)


def _undecided(user: User, permission: Permission) -> "QuerySet[Patient]":
    """Patients of somebody's centres for whom nothing is decided yet."""
    return _undecided_at(centres_of(user, permission))


def _undecided_at(centres: "Iterable[Centre]") -> "QuerySet[Patient]":
    return Patient.objects.filter(
        centre__in=centres,
        allocation=None,
        not_enrolled=None,
        withdrawal=None,
    )


def _in_screening(user: User, _now: datetime) -> str:
    return say("{count} in screening", count=_undecided(user, Permission.SEE_PATIENTS).count())


def _to_randomise(user: User, _now: datetime) -> str:
    consented = _undecided(user, Permission.RANDOMISE).filter(consents__isnull=False)
    return say("{count} with consent, not randomised", count=consented.distinct().count())


def _awaiting_laboratory(user: User, _now: datetime) -> str:
    """Patients without a result in some column of the laboratory's forms."""
    by_version: dict[str, list[Centre]] = {}
    for centre in centres_of(user, Permission.ENTER_LABORATORY):
        by_version.setdefault(centre.trial_digest, []).append(centre)
    lacking = sum(map(_lacking_results, by_version.values()))
    return say("{count} awaiting results", count=lacking)


def _lacking_results(centres: list[Centre]) -> int:
    """How many undecided patients of centres that work by one version lack a result."""
    columns = columns_of(FilledBy.LABORATORY, centres[0])
    entered = Q(entries__column__in=list(columns), entries__value__isnull=False)
    known = CountOf("entries__column", filter=entered, distinct=True)
    waiting = _undecided_at(centres).annotate(known=known)
    return waiting.filter(known__lt=len(columns)).count()


def _to_follow(user: User, now: datetime) -> str:
    work = worklist_of(enters_at(user), now=now)
    return say("{due} due today, {overdue} overdue", due=len(work.due), overdue=len(work.overdue))


def _to_answer(user: User, _now: datetime) -> str:
    waiting = seen_by(user).filter(status=Query.Status.OPEN)
    return say("{count} to answer", count=waiting.count())


def _to_close(user: User, _now: datetime) -> str:
    counts = counts_of(seen_by(user))
    return say(
        "{answered} answered, to close; {open} not answered",
        answered=counts[Query.Status.ANSWERED],
        open=counts[Query.Status.OPEN],
    )


def _to_verify(user: User, _now: datetime) -> str:
    count = pages_to_verify(centres_of(user, Permission.VERIFY))
    return say("{count} pages to compare with the source", count=count)


def _to_sign(user: User, _now: datetime) -> str:
    count = blocks_to_sign(centres_of(user, Permission.SIGN))
    return say("{count} parts of casebooks to sign", count=count)


def _serious_events(user: User, now: datetime) -> str:
    cases = serious_cases(centres_seen(user))
    running = [clock for case in cases if (clock := next_clock(case, now=now))]
    late = sum(clock.late for clock in running)
    return say("{waiting} waiting, {overdue} overdue", waiting=len(running), overdue=late)


def _to_receive(user: User, _now: datetime) -> str:
    handed_over = Preparation.objects.filter(
        order__centre__in=centres_of(user, Permission.GIVE_DOSES), status="handed_over"
    )
    return say("{count} preparations to receive", count=handed_over.count())


def _to_prepare(user: User, now: datetime) -> str:
    at = centres_of(user, Permission.PREPARE)
    bring_up_to_date(at, now=now)
    orders = Order.objects.filter(centre__in=at, cancelled_at=None, preparations=None)
    recent = orders.filter(ordered_at__gt=now - LONGEST_ORDER)
    to_check = Preparation.objects.filter(
        order__centre__in=at, order__cancelled_at=None, status="prepared"
    )
    return say(
        "{orders} orders to prepare, {checks} preparations to check",
        orders=recent.count(),
        checks=to_check.count(),
    )


def _under_way(_user: User, _now: datetime) -> str:
    count = Shipment.objects.filter(received_at=None).count()
    return say("{count} shipments under way", count=count)


def _to_review(_user: User, _now: datetime) -> str:
    count = Unblinding.objects.filter(review=None).count()
    return say("{count} without a review", count=count)


def _screened(user: User, _now: datetime) -> str:
    patients = Patient.objects.filter(centre__in=centres_of(user, Permission.SEE_SCREENING_LOG))
    randomised = patients.filter(allocation__isnull=False)
    return say(
        "{screened} screened, {randomised} randomised",
        screened=patients.count(),
        randomised=randomised.count(),
    )


def _without_roles(_user: User, _now: datetime) -> str:
    holding = Membership.objects.filter(revoked_at=None).values("user")
    idle = User.objects.filter(is_active=True).exclude(pk__in=holding)
    return say("{count} accounts without a role", count=idle.count())


def _next_review(_user: User, now: datetime) -> str:
    due = review_due_on()
    overdue = due < now.date()
    day = day_in_words(due)
    return say("overdue since {day}", day=day) if overdue else say("due on {day}", day=day)


def _open_centres(_user: User, _now: datetime) -> str:
    number = Centre.objects.filter(status=Status.OPEN).count()
    return say("{number} open of {all}", number=number, all=Centre.objects.count())


def _nothing_to_count(_user: User, _now: datetime) -> str:
    return ""


P = Permission
CARDS = (
    Card(permission=P.SEE_PATIENTS, title="Patients", says=_in_screening, page="patients"),
    Card(permission=P.RANDOMISE, title="Ready to decide", says=_to_randomise, page="patients"),
    Card(permission=P.ENTER_LABORATORY, title="Laboratory", says=_awaiting_laboratory,
         page="laboratory"),
    Card(permission=P.ENTER_FOLLOW_UP, title="Follow-up", says=_to_follow, page="follow_up"),
    Card(permission=P.ANSWER_QUERIES, title="Questions to answer", says=_to_answer, page="queries"),
    Card(permission=P.RAISE_QUERIES, title="Questions asked", says=_to_close, page="queries"),
    Card(permission=P.VERIFY, title="Verification", says=_to_verify, page="cleaning"),
    Card(permission=P.SIGN, title="Signatures", says=_to_sign, page="cleaning"),
    Card(permission=P.ENTER_FOLLOW_UP, title="Serious adverse events", says=_serious_events,
         page="safety"),
    Card(permission=P.REVIEW_SAFETY, title="Safety review", says=_serious_events, page="safety"),
    Card(permission=P.GIVE_DOSES, title="Hand-over", says=_to_receive, page="orders"),
    Card(permission=P.PREPARE, title="Pharmacy worklist", says=_to_prepare, page="worklist",
         process=KEYED, supply=SupplyModel.PREPARED),
    Card(permission=P.MOVE_KITS, title="Shipments", says=_under_way, page="shipments",
         supply=SupplyModel.KITS),
    Card(permission=P.REVIEW_UNBLINDING, title="Unblinding", says=_to_review, page="unblindings"),
    Card(permission=P.SEE_SCREENING_LOG, title="Screening log", says=_screened,
         page="screening_log"),
    Card(permission=P.MANAGE_ACCOUNTS, title="People", says=_without_roles, page="people"),
    Card(permission=P.REVIEW_ACCESS, title="Access review", says=_next_review,
         page="access_review"),
    Card(permission=P.MANAGE_CENTRES, title="Centres", says=_open_centres, page="centres"),
    Card(permission=P.SEE_AUDIT, title="Audit trail", says=_nothing_to_count, page="audit"),
)  # fmt: skip
