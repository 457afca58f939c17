"""Taking a file of results in, recording what it says, putting it away.

Recording is one transaction: all of the file, or, if whoever gave it chooses so, every result that
nothing stands against. Each is written by the action that writes a typed one, with its own line in
the audit trail. What a page said when the file was looked at is compared with what it says now.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.sources.result_files import read_results
from immunosep.sources.results import Refused, Result, Results
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.models import User
from immunosep.web.audit.actions import record
from immunosep.web.importing.keeping import KEPT, digest_under_key, open_sealed, seal
from immunosep.web.importing.models import Import, ImportedResult
from immunosep.web.importing.planning import (
    ENTERING,
    Answer,
    Plan,
    Writing,
    plan_of,
    refused_of,
)
from immunosep.web.importing.rehearsing import CHANGES, Line, Preview, in_file, rehearse, write

REASON_LENGTH = 300
GONE = say("What the file says was forgotten. Give the file again.")
SAY_WHY = say("Recorded values change. Say why, or leave them out.")
LOOK_AGAIN = say("Some values are unusual. Look at them, and say that they are right.")
MOVED = say("what is recorded there changed since you looked; give the file again")
State = Import.State


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept of a file while it is looked at; None of it after that."""

    results: Results
    preview: Preview


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How somebody wants a file to be recorded."""

    whole: bool = True  # nothing, if something stands against any of it
    leave_changes: bool = False  # what would change a recorded value is left out
    looked_again: bool = False
    reason: str = ""


@dataclass(kw_only=True)
class _Outcome:
    written: list[Answer] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def take_in(content: bytes, *, by: User, now: datetime) -> Import:
    """Read a file and keep what it would do, sealed; SourceError if it is no file of results."""
    entering_role(by)
    results = read_results(content)
    preview = rehearse(plan_of(results, by=by), by=by, now=now)
    digest = digest_under_key(str(by.pk), content)
    return _keep(digest, Kept(results=results, preview=preview), by=by, now=now)


@transaction.atomic
def _keep(digest: str, kept: Kept, *, by: User, now: datetime) -> Import:
    role = entering_role(by)
    _forget(now)
    sealed = seal(_as_json(kept))
    taken = Import.objects.create(by=by, digest=digest, uploaded_at=now, sealed=sealed)
    record(
        "importing.take_in", by=by, role=role, now=now, subject=str(taken),
        after={"digest": digest, "results": len(kept.preview.lines),
               "refused": len(kept.preview.refused)},
    )  # fmt: skip
    return taken


@transaction.atomic
def record_import(pk: int, choice: Choice, *, by: User, now: datetime) -> Import:
    """Record a file's results; asked again it stays so. RefusedError with every reason not to."""
    role = entering_role(by)
    held = Import.objects.select_for_update().get(pk=pk, by=by)
    if held.state == State.RECORDED:
        return held
    kept = kept_of(held, now=now)
    if held.state != State.READ or kept is None:
        raise RefusedError("nothing was recorded", [GONE])
    plan = plan_of(kept.results, by=by)
    _refuse_choice(kept.preview, choice)
    outcome = _recorded(plan, kept.preview, choice, by=by, now=now)
    faulty = [each for each in outcome.refused if each.faulty]
    if choice.whole and faulty:
        raise RefusedError("nothing was recorded", [_said(each) for each in faulty])
    ImportedResult.objects.bulk_create(
        ImportedResult(imported=held, digest=each.digest) for each in outcome.written
    )
    held.state, held.closed_at = State.RECORDED, now
    held.recorded, held.left_out = len(outcome.written), len(outcome.refused)
    in_order = sorted(outcome.refused, key=lambda each: in_file(each.place))
    held.sealed = seal({"refused": [asdict(each) for each in in_order]})
    held.save()
    _forget(now)
    record(
        "importing.record_import", by=by, role=role, now=now, subject=str(held),
        after={"digest": held.digest, "recorded": held.recorded, "left_out": held.left_out,
               "whole": choice.whole},
    )  # fmt: skip  # why values changed stands in the lines of those that did, hidden with them
    return held


@transaction.atomic
def discard_import(pk: int, *, by: User, now: datetime) -> Import:
    """Put a file away that was not recorded, and forget what it says."""
    role = entering_role(by)
    held = Import.objects.select_for_update().get(pk=pk, by=by)
    if held.state != State.READ:
        return held
    held.state, held.closed_at, held.sealed = State.DISCARDED, now, None
    held.save()
    _forget(now)
    record("importing.discard_import", by=by, role=role, now=now, subject=str(held))
    return held


def entering_role(by: User) -> str:
    """The role by which somebody has results to enter; else PermissionDenied."""
    for permission in ENTERING:
        if may(by, permission):
            return require(by, permission)
    raise PermissionDenied


def kept_of(held: Import, *, now: datetime) -> Kept | None:
    """What is kept of a file to be looked at; None once it is forgotten."""
    told = _told(held, now=now)
    return _from_json(told) if told and "results" in told else None


def left_out_of(held: Import, *, now: datetime) -> list[Refused] | None:
    """What is not, or was not, recorded of a file; None once it is forgotten."""
    told = _told(held, now=now)
    if told is None:
        return None
    refused = told.get("refused") or told.get("preview", {}).get("refused", [])
    return [Refused(**each) for each in refused]


def given_before(held: Import) -> Import | None:
    """An earlier import of the same file by the same account that was recorded."""
    same = Import.objects.filter(by=held.by_id, digest=held.digest, state=State.RECORDED)
    return same.exclude(pk=held.pk).order_by("-id").first()


def _told(held: Import, *, now: datetime) -> Any:
    return open_sealed(held.sealed) if held.sealed and now <= held.uploaded_at + KEPT else None


def _forget(now: datetime) -> None:
    """Erase what files say that nobody may look at any more."""
    Import.objects.filter(uploaded_at__lt=now - KEPT, sealed__isnull=False).update(sealed=None)


def _refuse_choice(preview: Preview, choice: Choice) -> None:
    reason = choice.reason.strip()
    problems = [
        problem
        for problem, applies in (
            (SAY_WHY, bool(preview.reason_for) and not reason and not choice.leave_changes),
            (say("The reason is longer than {count} characters. Shorten it.", count=REASON_LENGTH),
             len(reason) > REASON_LENGTH),
            (LOOK_AGAIN, any(line.warning for line in preview.lines) and not choice.looked_again),
        )
        if applies
    ]  # fmt: skip
    if problems:
        raise RefusedError("nothing was recorded", problems)


def _recorded(plan: Plan, preview: Preview, choice: Choice, *, by: User, now: datetime) -> _Outcome:
    """Each writing in a savepoint of its own, so that one that is refused leaves nothing."""
    outcome = _Outcome(refused=list(plan.refused))
    for writing in plan.writings:
        key = writing.target.key
        if key not in preview.seen:
            outcome.refused += refused_of(writing, [MOVED])
        elif choice.leave_changes and _changes(writing, preview):
            outcome.refused += _left(writing)
        else:
            _written(outcome, writing, seen=preview.seen[key], choice=choice, by=by, now=now)
    return outcome


def _written(
    outcome: _Outcome, writing: Writing, *, seen: int, choice: Choice, by: User, now: datetime
) -> None:
    reason = writing.reason or choice.reason
    try:
        with transaction.atomic():
            done = write(writing, seen=seen, by=by, now=now, reason=reason)
    except RefusedError as error:
        outcome.refused += refused_of(writing, error.problems)
        return
    outcome.written += [each for each in writing.answers if each.result.column in done.columns]


def _changes(writing: Writing, preview: Preview) -> bool:
    """Whether a writing would change what is recorded, or a page that was done with."""
    places = {each.result.place for each in writing.answers}
    changed = {line.place for line in preview.lines if line.becomes == CHANGES}
    return writing.target.key in preview.reason_for or bool(places & changed)


def _left(writing: Writing) -> list[Refused]:
    why = "would change what is recorded; you left such results out"
    return [
        Refused(place=each.result.place, column=each.result.column, reason=why, faulty=False)
        for each in writing.answers
    ]


def _said(refused: Refused) -> str:
    return ": ".join(filter(None, (refused.place, refused.column, refused.reason)))


def _as_json(kept: Kept) -> dict[str, Any]:
    preview = asdict(kept.preview) | {"reason_for": sorted(kept.preview.reason_for)}
    return {"results": asdict(kept.results), "preview": preview}


def _from_json(told: Mapping[str, Any]) -> Kept:
    results, preview = told["results"], told["preview"]
    return Kept(
        results=Results(
            taken=[Result(**each) for each in results["taken"]],
            refused=[Refused(**each) for each in results["refused"]],
            notes=results["notes"],
        ),
        preview=Preview(
            lines=[Line(**each) for each in preview["lines"]],
            refused=[Refused(**each) for each in preview["refused"]],
            seen=preview["seen"],
            reason_for=frozenset(preview["reason_for"]),
            asks=preview["asks"],
        ),
    )
