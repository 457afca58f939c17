"""What pages say, as digests: SHA-256 of canonical JSON over every value and every entry.

Signatures and locks rest on them, so that a change anywhere, made through the site or behind its
back, is found. Of a value that is hidden they cover that it was entered, when and by whom, not
what it is: a digest is read by blinded people, and one of few possible values is soon guessed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.hidden import ENTERED, hidden_in
from immunosep.web.casebook.models import Page, PageEntry, Step
from immunosep.web.trial import trial_of

_STANDING = (Step.Kind.COMPLETED, Step.Kind.MISSED, Step.Kind.REOPENED)


def digest_of(value: Any) -> str:
    """The SHA-256 of a value's JSON with sorted keys."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(written.encode("ascii")).hexdigest()


def moment(at: datetime) -> str:
    """A time as a digest has it, on every engine and in every zone the same."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def page_digests(pages: Sequence[Page], *, trial_locked: bool = False) -> dict[int, str]:
    """The digest of each page, in two questions to the database; its centre was asked for before.

    With `trial_locked` over what may be told once the trial is locked.
    """
    entries = _entries(pages)
    missed = _missed(pages)
    found = {}
    for page in pages:
        form = find_form(page.form, trial_of(page.patient.centre))
        hidden = hidden_in(form, trial_locked=trial_locked)
        told = [_masked(entry, hidden) for entry in entries[page.pk]]
        found[page.pk] = digest_of(_said(page, told, missed.get(page.pk)))
    return found


def _masked(entry: list[Any], hidden: frozenset[str]) -> list[Any]:
    column, value, *rest = entry
    return [column, ENTERED if column in hidden and value is not None else value, *rest]


def content_of(pages: Iterable[Page], digests: Mapping[int, str]) -> str:
    """The digest of several pages together, whatever their order."""
    return digest_of(sorted([*_name(page), digests[page.pk]] for page in pages))


def _said(page: Page, entries: list[list[Any]], missed: str | None) -> dict[str, Any]:
    values = {column: value for column, value, *_ in entries}
    return {"page": _name(page), "values": values, "entries": entries, "missed": missed}


def _name(page: Page) -> list[Any]:
    return [page.patient_id, page.form, page.visit, page.number]


def _entries(pages: Sequence[Page]) -> dict[int, list[list[Any]]]:
    found: dict[int, list[list[Any]]] = {page.pk: [] for page in pages}
    rows = PageEntry.objects.filter(page__in=list(found)).order_by("id")
    fields = ("column", "value", "entered_at", "entered_by_id", "reason", "trial_digest")
    for pk, column, value, at, by, reason, version in rows.values_list("page_id", *fields):
        found[pk].append([column, value, moment(at), by, reason, version])
    return found


def _missed(pages: Sequence[Page]) -> dict[int, str | None]:
    """Why each page's visit did not take place, of those whose last word is that."""
    steps = Step.objects.filter(page__in=[page.pk for page in pages], kind__in=_STANDING)
    last = {pk: (kind, reason) for pk, kind, reason in
            steps.order_by("id").values_list("page_id", "kind", "reason")}  # fmt: skip
    return {pk: reason for pk, (kind, reason) in last.items() if kind == Step.Kind.MISSED}
