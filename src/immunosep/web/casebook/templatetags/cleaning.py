"""What any page about a casebook's page may show of its questions, stage and signatures."""

from django import template

from immunosep.languages import Said, listed
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import Page, Query, Step
from immunosep.web.casebook.obstacles import name_of
from immunosep.web.casebook.signatures import Signed, signatures_of
from immunosep.web.trial import trial_of

register = template.Library()


@register.filter
def case_label(column: str) -> str:
    """The label of a column of the casebook."""
    return CASE_COLUMNS[column].label if column in CASE_COLUMNS else column


@register.filter
def page_name(page: Page) -> str:
    """A page as people call it."""
    return name_of(page)


@register.filter
def stage_count(counts: dict[str, int], stage: str) -> int:
    """How many pages of a table's row are at a stage."""
    return counts.get(stage, 0)


@register.filter
def asks_about(query: Query) -> str:
    """The labels of what a question is about: a rule's columns, or the one that a person named."""
    form = find_form(query.page.form, trial_of(query.page.patient.centre))
    named = {check.id: check.columns for check in form.checks}.get(query.check_id, ())
    return listed(Said(case_label(name)) for name in named or (query.column,) if name)


@register.simple_tag
def queries_of(page: Page) -> list[Query]:
    """A page's questions with every turn, those not closed first."""
    held = page.queries.select_related("page__patient__centre").prefetch_related("steps__by")
    return sorted(held, key=lambda query: query.status == Query.Status.CLOSED)


@register.simple_tag
def steps_of(page: Page) -> list[Step]:
    """What was done to a page as a whole, the last first."""
    return list(page.steps.select_related("by").order_by("-id"))


@register.simple_tag
def signatures_on(page: Page) -> list[Signed]:
    """The signatures under blocks that hold the page, and whether each holds."""
    pages = list(Page.objects.filter(patient=page.patient_id).select_related("patient__centre"))
    signed = signatures_of([page.patient], pages)[page.patient_id]
    return [each for each in signed if each.block.holds(page.visit)]
