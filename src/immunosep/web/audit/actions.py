"""Adding to the audit trail: the one way in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.apps import apps
from django.db import connection, transaction

from immunosep import __version__
from immunosep.web.audit.chain import digest_of_event
from immunosep.web.audit.digest import FIRST
from immunosep.web.audit.models import Event, Head
from immunosep.web.trial import site_trial


class Actor(Protocol):
    """Whoever acts: an account, or the site itself."""

    @property
    def pk(self) -> Any: ...
    @property
    def name(self) -> Any: ...


@dataclass(frozen=True)
class Site:
    """The site acting by itself, such as when its database is made."""

    pk: None = None
    name: str = "the site"


@transaction.atomic(savepoint=False)  # the caller's action fails or stands as a whole
def record(
    action: str,
    *,
    by: Actor,
    now: datetime,
    subject: str,
    role: str = "",
    centre: str = "",
    time_zone: str = "UTC",
    participant: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Add one event in the caller's transaction: three queries, the first locks the chain's end.

    Every action of the site asks this, so that the head is read and moved on in plain SQL.
    """
    sequence, digest, version = _locked_head(centre)
    event = Event(
        sequence=sequence + 1,
        at=now,
        time_zone=time_zone,
        by=by.pk,
        by_name=by.name,
        role=role,
        action=action,
        subject=subject,
        centre=centre,
        participant=participant,
        before=before,
        after=after,
        reason=reason,
        trial_digest=version or site_trial().digest,
        software=__version__,
        previous=digest or FIRST,
    )
    event.digest = digest_of_event(event)
    event.save(force_insert=True)
    _move_head(event)
    return event


def _locked_head(centre: str) -> tuple[int, str, str | None]:
    """The chain's end, locked, and in the same query the version by which the centre works.

    Centres are built on the audit trail, not the other way round, so their table is found by name.
    """
    centres = apps.get_model("centres", "Centre")._meta.db_table
    locked = " FOR UPDATE OF h" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT h.sequence, h.digest, (SELECT c.trial_digest FROM {centres} c WHERE c.id = %s)"
            f" FROM {Head._meta.db_table} h{locked}",
            [centre],
        )
        found = cursor.fetchall()
    if not found:
        raise Head.DoesNotExist
    sequence, digest, version = found[0]
    return sequence, digest, version


def _move_head(event: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Head._meta.db_table} SET sequence = %s, digest = %s",
            [event.sequence, event.digest],
        )
