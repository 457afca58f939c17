"""Which questions an account sees, and how a list of them may be narrowed: by these keys alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db.models import Q, QuerySet

from immunosep.web.accounts.access import centres_of
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import Query
from immunosep.web.casebook.recording import MAY_ENTER
from immunosep.web.centres.models import Centre
from immunosep.web.trial import trial_of

UNSETTLED = "unsettled"
STATES: Mapping[str, str] = MappingProxyType(
    {
        UNSETTLED: "Not closed",
        "open": "Open",
        "answered": "Answered",
        "closed": "Closed",
        "all": "All",
    }
)
AGES: Mapping[str, str] = MappingProxyType(
    {"": "Any age", "7": "Over 7 days", "14": "Over 14 days", "28": "Over 28 days"}
)


def seen_by(user: User) -> "QuerySet[Query]":
    """Of centres whose patients one sees all; elsewhere those of the forms that one fills in."""
    which = Q(page__patient__centre__in=centres_of(user, Permission.SEE_PATIENTS))
    for centre in centres_of(user, Permission.ANSWER_QUERIES):
        forms = [
            form.id
            for form in trial_of(centre).casebook
            if centre in centres_of(user, MAY_ENTER[form.filled_by])
        ]
        which |= Q(page__patient__centre=centre, page__form__in=forms)
    return Query.objects.filter(which).select_related("page__patient__centre").distinct()


def centres_seen(user: User) -> "QuerySet[Centre]":
    """The centres whose questions an account may see any of."""
    seeing = centres_of(user, Permission.SEE_PATIENTS).values("pk")
    answering = centres_of(user, Permission.ANSWER_QUERIES).values("pk")
    return Centre.objects.filter(Q(pk__in=seeing) | Q(pk__in=answering))


def narrowed(
    held: "QuerySet[Query]", *, centre: str, state: str, age: str, now: datetime
) -> "QuerySet[Query]":
    """Those of one centre, of one state, older than so many days; an unknown key narrows nothing.

    The state is left unnarrowed only by `all`.
    """
    if centre:
        held = held.filter(page__patient__centre=centre)
    if state in Query.Status.values:
        held = held.filter(status=state)
    elif state != "all":
        held = held.exclude(status=Query.Status.CLOSED)
    if age in AGES and age:
        held = held.filter(opened_at__lt=now - timedelta(days=int(age)))
    return held
