"""The list of deviations: whose, narrowed by these keys alone, and as a file without identifiers.

A row is a deviation with the judgement that holds, read in one query.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from immunosep.web.accounts.access import centres_of
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.centres.models import Centre
from immunosep.web.oversight.models import Deviation, Judgement, Kind

UNJUDGED = "unjudged"
FIRST = 5
FOUND_BY: Mapping[str, str] = MappingProxyType(
    {"": "Anybody", "rule": "A rule", "person": "A person"}
)
JUDGED: Mapping[str, str] = MappingProxyType(
    {"": "Any", UNJUDGED: "Not judged yet", **dict(Judgement.Verdict.choices)}
)
HEADERS = ("centre", "participant", "kind", "happened_at", "recorded_at", "found_by", "judged")
BADGES: Mapping[str, str] = MappingProxyType(
    {"important": "not-met", "not_important": "calm", "none": "met"}
)


def with_verdict(held: "QuerySet[Deviation]") -> "QuerySet[Any]":
    """Each with what the last judgement says, as `verdict`; None before there is one."""
    last = Judgement.objects.filter(deviation=OuterRef("pk")).order_by("-pk")
    return held.annotate(verdict=Subquery(last.values("verdict")[:1]))


def seen_by(user: User) -> "QuerySet[Any]":
    """The deviations of centres whose course somebody oversees, the newest first."""
    at = centres_of(user, Permission.SEE_OVERSIGHT)
    held = Deviation.objects.filter(centre__in=at).select_related("centre", "recorded_by")
    return with_verdict(held).order_by("-happened_at", "-pk")


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The deviations at some centres that nobody judged yet; `first` are those found first."""

    count: int
    first: tuple[Any, ...]
    days: int  # since the first of them was recorded


def waiting_at(centres: Iterable[Centre], *, now: datetime) -> Waiting:
    """What waits to be judged: two queries."""
    held = with_verdict(Deviation.objects.filter(centre__in=centres)).filter(verdict=None)
    first = tuple(held.select_related("centre").order_by("recorded_at", "pk")[:FIRST])
    days = (now - first[0].recorded_at).days if first else 0
    return Waiting(count=held.count(), first=first, days=days)


def narrowed(held: "QuerySet[Any]", asked: Mapping[str, str]) -> "QuerySet[Any]":
    """Those that a form asked for; a key or a value that is not on the form narrows nothing."""
    kind, found_by, judged = (asked.get(key, "") for key in ("kind", "found_by", "judged"))
    if asked.get("centre"):
        held = held.filter(centre=asked["centre"])
    if kind in Kind.values:
        held = held.filter(kind=kind)
    if found_by in ("rule", "person"):
        held = held.filter(recorded_by__isnull=found_by == "rule")
    if judged == UNJUDGED:
        held = held.filter(verdict=None)
    elif judged in Judgement.Verdict.values:
        held = held.filter(verdict=judged)
    return held


def as_csv(rows: Iterable[Any]) -> str:
    """The list by participant's number alone: no name, no account, no words that somebody wrote."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(HEADERS)
    writer.writerows(
        (
            row.centre_id,
            row.patient_id or "",
            row.kind,
            row.happened_at.astimezone(UTC).isoformat(timespec="seconds"),
            row.recorded_at.astimezone(UTC).isoformat(timespec="seconds"),
            row.found_by,
            row.verdict or "",
        )
        for row in rows
    )
    return file.getvalue()
