"""How pages of follow-up say organs, answers and places of a drawing."""

from typing import Any

from django import template

from immunosep.languages import Said, opening
from immunosep.screening.wording import component_name
from immunosep.web.casebook.hidden import ENTERED
from immunosep.web.enrolment.questions import Question, value_in_words
from immunosep.web.followup.entering import Filled

register = template.Library()


@register.filter
def part_name(part: str) -> str:
    """An organ of the score in words."""
    return opening(component_name(part))


@register.filter
def plain(number: float) -> str:
    """A place in a drawing: a number without a comma, in every language."""
    return f"{number:.10g}"


@register.filter
def answer(question: Question, filled: Filled) -> Any:
    """What a page says of one column, to whoever reads it; of a hidden one that it was entered."""
    if question.name in filled.entered:
        return Said(ENTERED)
    return value_in_words(question.name, question.stored, centre=filled.about.centre)
