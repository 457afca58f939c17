"""Who is cleared to enter at a centre: trained and delegated, where the trial asks for training.

Without it a centre's role sees and does not enter (ICH E6(R3) 2.3.1 to 2.3.3). Learning a treatment
in an emergency, reporting a deviation and keeping the log itself never wait for it. The log is
built on accounts, not the other way round, so its tables are found by name.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps

from immunosep.web.accounts.models import Membership, User
from immunosep.web.accounts.roles import Permission
from immunosep.web.trial import trial_of

P = Permission
NEVER_WITHHELD = frozenset(
    {
        P.SEE_PATIENTS, P.SEE_ORDERS, P.SEE_SCREENING_LOG, P.SEE_AUDIT, P.SEE_SAFETY,
        P.SEE_OVERSIGHT, P.UNBLIND, P.REPORT_DEVIATIONS, P.KEEP_DELEGATION,
    }
)  # fmt: skip
Tasks = Mapping[int, frozenset[str]]


def tasks_of(user: User, held: Iterable[Membership], *, now: datetime) -> Tasks:
    """The tasks somebody is cleared for, by role held; of one that nothing is asked of, no entry.

    Two queries where the trial asks for training, none where it does not.
    """
    asked = {
        each: set(trial_of(each.centre).training_required)
        for each in held
        if each.centre is not None and trial_of(each.centre).training_required
    }
    if not asked:
        return {}
    trained = set(_model("Training").objects.filter(user=user).values_list("what", flat=True))
    delegated = list(_model("Delegation").objects.filter(user=user).select_related("end"))
    return {
        each.pk: tasks_in(each, delegated, on=now.astimezone(each.centre.zone).date())
        if each.centre is not None and needed <= trained
        else frozenset()
        for each, needed in asked.items()
    }


def tasks_in(held: Membership, delegated: Iterable[Any], *, on: Any) -> frozenset[str]:
    """What is delegated to somebody in one role at its centre on a day."""
    return frozenset(
        task
        for each in delegated
        if (each.centre_id, each.role) == (held.centre_id, held.role) and each.holds_on(on)
        for task in each.tasks
    )


def is_cleared(held: Membership, permission: Permission, tasks: Tasks) -> bool:
    """Whether a role that includes a permission may be used for it now."""
    if permission in NEVER_WITHHELD or held.pk not in tasks:
        return True
    return permission.name in tasks[held.pk]


def _model(name: str) -> Any:
    return apps.get_model("oversight", name)
