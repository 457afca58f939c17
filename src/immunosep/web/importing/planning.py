"""From a file's results to what would be written: for whom, where, what, and what is refused.

A number of a participant of another centre is unknown, exactly as one that was never given. A line
of a table stands or falls as a whole. Nothing here looks at what a hidden column holds.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from immunosep.languages import say
from immunosep.sources.bedside.headers import conversion
from immunosep.sources.results import Refused, Result, Results
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.columns import Column
from immunosep.tables.dictionary import COLUMNS
from immunosep.tables.units import unit_of
from immunosep.web.accounts.access import centres_of
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.moments import read_at
from immunosep.web.enrolment.questions import UNIT, typed_question
from immunosep.web.importing.keeping import digest_under_key
from immunosep.web.importing.models import ImportedResult
from immunosep.web.importing.targets import DRAWN, NowhereError, Target, target_of

ENTERING = (Permission.ENTER_LABORATORY, Permission.ENTER_FOLLOW_UP, Permission.SCREEN)
"""Whoever may do one of these has results to enter."""

UNKNOWN = say("no patient of yours has this number")
TOGETHER = say("stands in a line of which something else is refused")
TWICE = say("several values for the same page or screening; keep one")
MOMENTS = say("several moments for the same page; keep one")
BEFORE = say("you recorded this from a file before")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One result as it would be kept."""

    result: Result
    target: Target
    stored: Any
    digest: str
    warning: str = ""


@dataclass(frozen=True, kw_only=True)
class Writing:
    """Results that are written together, by one action."""

    target: Target
    answers: list[Answer]

    @property
    def values(self) -> dict[str, Any]:
        """What is sent to the action: the results, and of a page the moment of its sample."""
        target = self.target
        drawn = target.form is not None and DRAWN in target.form.columns and target.at is not None
        about = {DRAWN: target.at.isoformat()} if drawn and target.at else {}
        return about | {each.result.column: each.stored for each in self.answers}

    @property
    def reason(self) -> str:
        """The file's own, the first of its lines'."""
        return next((each.result.reason for each in self.answers if each.result.reason), "")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that would be written, in a fixed order, and what would not."""

    writings: list[Writing] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def plan_of(results: Results, *, by: User) -> Plan:
    """What somebody's file would write."""
    people = _people({each.person for each in results.taken}, by)
    read = [_answer(each, people.get(each.person), by) for each in results.taken]
    answers = [each for each in read if isinstance(each, Answer)]
    refused = [*results.refused, *(each for each in read if isinstance(each, Refused))]
    answers, refused = _known_before(answers, refused)
    for check in (_repeated, _of_several_moments, _of_refused_lines):
        answers, refused = _without(answers, refused, check(answers, refused))
    return Plan(writings=_together(answers), refused=refused)


def _people(numbers: Iterable[str], by: User) -> Mapping[str, Patient]:
    centres = {centre.pk for each in ENTERING for centre in centres_of(by, each)}
    held = Patient.objects.select_related("centre", "allocation")
    return {each.pk: each for each in held.filter(pk__in=list(numbers), centre__in=centres)}


def _answer(result: Result, patient: Patient | None, by: User) -> Answer | Refused:
    if patient is None:
        return _refused(result, UNKNOWN)
    moment = read_at(result.at, patient.centre)
    if moment.problem:
        return _refused(result, f"the moment: {moment.problem}")
    try:
        target = target_of(result.column, patient, at=moment.moment, visit=result.visit, by=by)
    except NowhereError as error:
        return _refused(result, str(error))
    known = CASE_COLUMNS if target.form else COLUMNS
    return _typed(result, known[result.column], target, by)


def _typed(result: Result, column: Column, target: Target, by: User) -> Answer | Refused:
    """The result read as if it had been typed on the page."""
    unit = _unit(result.unit, column)
    posted = {column.name: result.text, column.name + UNIT: unit}
    question = typed_question(column, posted, target.patient.centre)
    if question.problem or question.stored is None:
        return _refused(result, str(question.problem) or say("no value"))
    return Answer(
        result=result,
        target=target,
        stored=question.stored,
        digest=_digest(result, target, question.stored, by),
        warning=str(question.warning),
    )


def _unit(written: str, column: Column) -> str:
    """The unit as it is kept: its code; none where it is the column's own by another name."""
    if not written or conversion(written, column) == 1:
        return ""
    return unit_of(written).code


def _digest(result: Result, target: Target, stored: Any, by: User) -> str:
    at = target.at.astimezone(UTC).isoformat() if target.at else ""
    said = json.dumps(stored, sort_keys=True)
    return digest_under_key(str(by.pk), result.person, result.column, at, target.visit, said)


def _known_before(
    answers: list[Answer], refused: list[Refused]
) -> tuple[list[Answer], list[Refused]]:
    """Without those that the same account recorded from a file before."""
    digests = [each.digest for each in answers]
    known = set(ImportedResult.objects.filter(digest__in=digests).values_list("digest", flat=True))
    told = [_refused(a.result, BEFORE, faulty=False) for a in answers if a.digest in known]
    return [each for each in answers if each.digest not in known], [*refused, *told]


def _repeated(answers: Sequence[Answer], _refused_: Sequence[Refused]) -> dict[int, str]:
    """Values of one column for one target."""
    found = defaultdict(list)
    for each in answers:
        found[each.target.key, each.result.column].append(each)
    return {id(each): TWICE for group in found.values() if len(group) > 1 for each in group}


def _of_several_moments(answers: Sequence[Answer], _refused_: Sequence[Refused]) -> dict[int, str]:
    """Values for one target whose sample cannot have been drawn at two times."""
    found = defaultdict(list)
    for each in answers:
        if each.target.form is None or DRAWN in each.target.form.columns:
            found[each.target.key].append(each)
    return {
        id(each): MOMENTS
        for group in found.values()
        if len({one.target.at for one in group}) > 1
        for each in group
    }


def _of_refused_lines(answers: Sequence[Answer], refused: Sequence[Refused]) -> dict[int, str]:
    faulty = {each.place for each in refused if each.faulty}
    return {id(each): TOGETHER for each in answers if each.result.place in faulty}


def _without(
    answers: Sequence[Answer], refused: Sequence[Refused], out: Mapping[int, str]
) -> tuple[list[Answer], list[Refused]]:
    told = [_refused(each.result, out[id(each)]) for each in answers if id(each) in out]
    return [each for each in answers if id(each) not in out], [*refused, *told]


def _together(answers: Iterable[Answer]) -> list[Writing]:
    groups = defaultdict(list)
    for each in answers:
        groups[each.target.key].append(each)
    return [Writing(target=group[0].target, answers=group) for _, group in sorted(groups.items())]


def refused_of(writing: Writing, reasons: Iterable[str]) -> Iterator[Refused]:
    """What stands against a writing, said of each of its results."""
    why = " ".join(str(reason) for reason in reasons)
    yield from (_refused(each.result, why) for each in writing.answers)


def _refused(result: Result, why: str, *, faulty: bool = True) -> Refused:
    return Refused(place=result.place, column=result.column, reason=why, faulty=faulty)
