"""The trial's forms as questions on a page: what may be answered, what was typed, what is wrong.

A question is a column of the data dictionary. What is typed is read by the bedside reader, cell by
cell, exactly as a file would be; what is kept is the number as typed, beside its unit where that is
not the column's own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from immunosep.errors import UnitError
from immunosep.languages import Figure, Said, listed, say
from immunosep.protocol.forms import FilledBy, Form, columns_behind
from immunosep.screening.wording import plain_number
from immunosep.sources.bedside.commas import AMBIGUOUS, COMMA, MAYBE_THOUSANDS
from immunosep.sources.bedside.headers import Field, conversion
from immunosep.sources.bedside.values import ABSENT, Cell, read_cell
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.columns import Column, Kind, Missing
from immunosep.tables.dictionary import COLUMNS
from immunosep.tables.units import UNIT_SIGNS, UNITS
from immunosep.web.centres.models import Centre
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.enrolment.moments import offset_at, read_at, wall_time
from immunosep.web.trial import trial_of

FEW = 3  # choices that stand side by side; more are a list to open
FAR = 1000  # a unit whose size differs more is a slip, not a habit
MAYBE_A_THOUSAND = re.compile(r"[1-9]\d{0,2}\.\d{3}")
READ_AS_DECIMAL = say("The point was read as a decimal point: write thousands without any sign.")
HYPHENATED = re.compile(r"\b(\w+ (?=acquired|associated)|intra )")
UNIT, OFFSET = ".unit", ".offset"  # what stands behind a column's name in the name of a field

TOTAL = "sofa"
_PARTS = frozenset(columns_behind("sofa_total")) - {TOTAL}

Posted = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One column as asked: `typed` as it stands in the field, `stored` as it is kept."""

    column: Column
    typed: str = ""
    unit: str = ""
    offset: str = ""
    stored: Any = None
    problem: str = ""
    warning: str = ""
    offsets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.column.name

    @property
    def kind(self) -> str:
        """Which field a page has for it: one of `radios`, `list`, `time`, `number`."""
        match self.column.kind:
            case Kind.TIME:
                return "time"
            case Kind.YES_NO:
                return "radios"
            case Kind.CATEGORY:
                return "radios" if len(self.column.choices) <= FEW else "list"
            case Kind.TEXT:
                return "text"
            case Kind.NUMBER | Kind.INTEGER:
                return "number"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Each answer with its words; the last leaves it open."""
        words = ("yes", "no") if self.column.kind is Kind.YES_NO else self.column.choices
        return [*((word, choice_in_words(word)) for word in words), ("", "not known")]

    @property
    def units(self) -> list[tuple[str, str]]:
        """The units it may be given in, its own first."""
        return [(code, unit_sign(code)) for code in units_of(self.column)]

    @property
    def sign(self) -> str:
        """Its own unit, for people."""
        return unit_sign(self.column.unit)

    @property
    def hint(self) -> str:
        """What may be entered, and the dictionary's note."""
        return listed((part for part in (_limits(self.column), _note(self.column)) if part), by=" ")


@dataclass(frozen=True, kw_only=True)
class Section:
    """One form of the trial with its questions."""

    form: Form
    questions: list[Question] = field(default_factory=list)

    @property
    def is_folded(self) -> bool:
        """Whether it may stay closed: the parts of a score whose total is asked for beside."""
        return self.is_foldable and not any(each.typed for each in self.questions)

    @property
    def is_foldable(self) -> bool:
        """Whether all of it are parts of such a score."""
        return {question.name for question in self.questions} <= set(_PARTS)


def forms_of(filled_by: FilledBy, centre: Centre | None = None) -> list[Form]:
    """The forms that the bedside, or the laboratory, fills in by the centre's version."""
    return [form for form in trial_of(centre).screening_forms if form.filled_by is filled_by]


def columns_of(filled_by: FilledBy, centre: Centre | None = None) -> dict[str, str]:
    """Each column that the bedside, or the laboratory, answers, with the form it stands on."""
    return {name: form.id for form in forms_of(filled_by, centre) for name in form.columns}


def ask(filled_by: FilledBy, values: Mapping[str, Any], *, centre: Centre) -> list[Section]:
    """The questions with what is recorded."""
    return [
        Section(form=form, questions=[recorded_question(COLUMNS[name], values.get(name), centre)
                                      for name in form.columns])
        for form in forms_of(filled_by, centre)
    ]  # fmt: skip


def read(
    filled_by: FilledBy, posted: Posted, *, values: Mapping[str, Any], centre: Centre
) -> list[Section]:
    """The questions with what was typed; one that the page did not have is as recorded."""
    return [
        Section(form=form, questions=[
            typed_question(COLUMNS[name], posted, centre) if name in posted
            else recorded_question(COLUMNS[name], values.get(name), centre)
            for name in form.columns
        ])
        for form in forms_of(filled_by, centre)
    ]  # fmt: skip


def ask_moment(
    name: str, label: str, *, centre: Centre, at: datetime | None = None, note: str = ""
) -> Question:
    """A question for a moment that is no column, such as when a sample was drawn."""
    column = _moment(name, label, note)
    return recorded_question(column, at.isoformat() if at else None, centre)


def read_moment(
    name: str, label: str, posted: Posted, *, centre: Centre, note: str = ""
) -> tuple[Question, datetime | None]:
    """The same with what was typed, and the moment; to leave it out is a problem."""
    sent = {name: "", **dict(posted.items())}
    question = typed_question(_moment(name, label, note), sent, centre)
    if question.stored is None and not question.problem:
        question = replace(question, problem=say("empty; give the day and the time"))
    moment = datetime.fromisoformat(question.stored) if question.stored else None
    return question, moment


def _moment(name: str, label: str, note: str) -> Column:
    return Column(name=name, label=label, kind=Kind.TIME, missing=Missing.NEVER, note=note)


def questions_of(sections: list[Section]) -> Iterator[Question]:
    """Every question, in the order of the page."""
    return (question for section in sections for question in section.questions)


def answers_of(sections: list[Section]) -> dict[str, Any]:
    """What would be kept of each question that can be read."""
    return {each.name: each.stored for each in questions_of(sections) if not each.problem}


def value_in_words(name: str, stored: Any, *, centre: Centre) -> str:
    """A value that is kept, as a person would say it."""
    column = COLUMNS.get(name) or CASE_COLUMNS[name]
    match stored:
        case None:
            return say("not known")
        case bool(yes):
            return say("yes") if yes else say("no")
        case {"value": value, "unit": unit}:
            return say("{value} {unit}", value=value, unit=Said(unit_sign(unit)))
        case str(written) if column.kind is Kind.TIME:
            return at_centre(datetime.fromisoformat(written), centre)
        case value:
            said = Said(choice_in_words(value)) if column.kind is Kind.CATEGORY else str(value)
            if not column.unit or not unit_sign(column.unit):
                return said
            return say("{value} {unit}", value=said, unit=Said(unit_sign(column.unit)))


def choice_in_words(choice: str) -> str:
    """A word of the dictionary as people write it: community-acquired pneumonia."""
    return HYPHENATED.sub(lambda found: f"{found[1].strip()}-", choice.replace("_", " "))


def unit_sign(code: str) -> str:
    """A UCUM code as people write it."""
    return UNIT_SIGNS.get(code, re.sub(r"\bu(?=[gm])", "µ", code))


def units_of(column: Column) -> tuple[str, ...]:
    """The units a laboratory may report it in: its own, then those near it in size."""
    if column.kind not in (Kind.NUMBER, Kind.INTEGER) or not column.unit:
        return ()
    return (column.unit, *(unit.code for unit in UNITS if _is_near(unit.code, column)))


def _is_near(code: str, column: Column) -> bool:
    if code == column.unit:
        return False
    try:
        return 1 / FAR <= conversion(code, column) <= FAR
    except UnitError:
        return False


def _limits(column: Column) -> str:
    limits = column.possible
    if column.kind not in (Kind.NUMBER, Kind.INTEGER) or limits is None:
        return ""
    low, high = Figure(plain_number(limits.low)), Figure(plain_number(limits.high))
    between = (
        say("More than {low} to {high}", low=low, high=high)
        if limits.above
        else say("{low} to {high}", low=low, high=high)
    )
    sign = unit_sign(column.unit)
    return (
        say("{limits} {unit}.", limits=between, unit=Said(sign))
        if sign
        else say("{limits}.", limits=between)
    )


def _note(column: Column) -> str:
    """The dictionary's note, with choices written as the page writes them."""
    note = column.note
    for choice in column.choices:
        note = note.replace(choice, choice_in_words(choice))
    return Said(f"{note[:1].upper()}{note[1:]}")


def recorded_question(column: Column, stored: Any, centre: Centre) -> Question:
    """A question about any column, with the value that is kept."""
    blank = Question(column=column, stored=stored, unit=column.unit)
    if stored is None:
        return blank
    match column.kind:
        case Kind.YES_NO:
            return replace(blank, typed="yes" if stored else "no")
        case Kind.TIME:
            moment = datetime.fromisoformat(stored)
            return replace(blank, typed=wall_time(moment, centre), offset=offset_at(moment, centre))
        case _ if isinstance(stored, Mapping):
            return replace(blank, typed=str(stored["value"]), unit=stored["unit"])
        case _:
            return replace(blank, typed=str(stored))


def typed_question(column: Column, posted: Posted, centre: Centre) -> Question:
    """A question about any column with what was typed, read."""
    question = Question(
        column=column,
        typed=posted[column.name].strip(),
        unit=posted.get(column.name + UNIT) or column.unit,
        offset=posted.get(column.name + OFFSET, ""),
    )
    match column.kind:
        case Kind.TIME:
            return _time(question, centre)
        case Kind.NUMBER | Kind.INTEGER:
            return _number(question)
        case _:
            cell = read_cell(question.typed, Field(column.name, column, has_unit=True))
            return replace(question, stored=cell.value, problem=cell.problem)


def _time(question: Question, centre: Centre) -> Question:
    found = read_at(question.typed, centre, offset=question.offset)
    stored = found.moment.isoformat() if found.moment else None
    return replace(question, stored=stored, problem=found.problem, offsets=found.offsets)


def _number(question: Question) -> Question:
    column, text = question.column, question.typed
    if MAYBE_THOUSANDS.fullmatch(text):
        return replace(question, problem=AMBIGUOUS)
    text = text.replace(",", ".") if COMMA.fullmatch(text) else text
    cell = _cell(text, question)
    if cell.problem or cell.value is None:
        return replace(question, problem=cell.problem)
    number = float(text)
    plain = int(number) if number.is_integer() else number
    own = question.unit == column.unit
    doubt = READ_AS_DECIMAL if MAYBE_A_THOUSAND.fullmatch(question.typed) else ""
    return replace(
        question,
        stored=plain if own else {"value": plain, "unit": question.unit},
        warning=listed(filter(None, (doubt, cell.warning)), by=" "),
    )


def _cell(text: str, question: Question) -> Cell:
    column = question.column
    if not text:
        return ABSENT
    try:
        factor = conversion(question.unit, column) if column.unit else 1.0
    except UnitError as error:
        return Cell(problem=str(error))
    return read_cell(text, Field(column.name, column, has_unit=True, factor=factor))
