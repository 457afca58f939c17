"""Words that the site keeps as codes, or takes from the data dictionary, and shows as words.

No call marks them where they stand, for they are data there; so they are gathered here.
"""

from collections.abc import Iterator

from immunosep.concepts.sofa import COMPONENTS
from immunosep.protocol.consent import ConsentBy
from immunosep.randomisation.allocation import SENTENCES
from immunosep.screening.assess import Verdict
from immunosep.screening.wording import COMPONENT_NAMES
from immunosep.sources.bedside.values import OBJECT
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.columns import Column
from immunosep.tables.dictionary import COLUMNS
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.trials.immunosep.centres import CENTRES
from immunosep.web.accounts.middleware import IDLE, LONG, SECOND_FACTOR_FIRST
from immunosep.web.accounts.roles import ROLES
from immunosep.web.api.models import Token
from immunosep.web.casebook.asking import SETTLED
from immunosep.web.casebook.hidden import ENTERED
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.seeing import AGES, STATES
from immunosep.web.casebook.signing import MEANINGS
from immunosep.web.centres.locked import LOCKED
from immunosep.web.centres.models import Status
from immunosep.web.enrolment.progress import STEPS, Stage
from immunosep.web.enrolment.questions import choice_in_words, unit_sign
from immunosep.web.followup import drawing, overview, planned_doses
from immunosep.web.importing.models import Import
from immunosep.web.outbox.kinds import Topic
from immunosep.web.outbox.models import Choice
from immunosep.web.oversight.listing import FOUND_BY, JUDGED
from immunosep.web.oversight.models import Kind
from immunosep.web.public.plain_words import WORDS
from immunosep.web.public.templatetags.navigation import FOR_ALL, PAGES
from immunosep.web.safety.cases import CRITERIA
from immunosep.web.safety.listing import criteria_in_words
from immunosep.web.safety.models import Assessment, Submission
from immunosep.web.supply.models import Excursion, Preparation
from immunosep.web.supply.stations import Station
from immunosep.web.supply.words import ROUTES, status_in_words
from immunosep.web.unblinding.models import Unblinding
from immunosep.web.waiting import CARDS

UNIT_WORDS = frozenset({"a", "d", "h", "min", "/min"})  # signs that are no words of a language


def every_word() -> Iterator[str]:
    """Each of them, as a page asks for it."""
    for column in (*COLUMNS.values(), *CASE_COLUMNS.values()):
        yield from _of_column(column)
    yield from (COMPONENT_NAMES.get(part, part) for part in COMPONENTS)
    yield from (each.value for each in (*Verdict, *Stage, *overview.State, *planned_doses.State))
    yield from (each.value for each in ConsentBy)
    yield from STEPS
    for statuses in (Status, Page.Stage, Query.Status, Preparation.Status, Unblinding.Kind):
        yield from (str(label) for label in statuses.labels)
    yield from ROUTES.values()
    yield from (route.lower() for route in ROUTES.values())
    yield from (status_in_words(each) for each in Preparation.Status)
    yield from (station.label for station in Station)
    yield from Excursion.Decision.values
    yield from (str(label) for label in (*Topic.labels, *Choice.How.labels))
    yield from (str(label) for label in (*Import.State.labels, *Token.Scope.labels))
    yield from (str(label) for label in (*Kind.labels, *FOUND_BY.values(), *JUDGED.values()))
    yield from criteria_in_words(dict.fromkeys(CRITERIA, True))
    for said_of_events in (Assessment.Relatedness, Submission.To):
        yield from (str(label) for label in said_of_events.labels)
    yield from (label.lower() for label in Assessment.Relatedness.labels)
    yield from (drawing.COURSE, drawing.EVENTS, "Samples")
    yield from SENTENCES.values()
    yield from (*MEANINGS.values(), *STATES.values(), *AGES.values())
    yield from ("The whole casebook", SETTLED, ENTERED, LOCKED, OBJECT)
    yield from (IDLE, LONG, SECOND_FACTOR_FIRST)
    yield from (page.label for page in (*PAGES, *FOR_ALL))
    yield from (card.title for card in CARDS)
    for role, description in ROLES.items():
        yield from (role.label, description.about)
    for word in WORDS:
        yield from (word.word, word.meaning)
    yield from (centre.country for centre in CENTRES)
    yield from (each.id.replace("_", " ").capitalize() for each in IMMUNOSEP.interventions)


def _of_column(column: Column) -> Iterator[str]:
    yield column.label
    if column.note:
        note = column.note
        for choice in column.choices:
            note = note.replace(choice, choice_in_words(choice))
        yield f"{note[:1].upper()}{note[1:]}"
    for choice in column.choices:
        yield from (choice_in_words(choice), choice.replace("_", " "))
    sign = unit_sign(column.unit)
    if " " in sign or sign in {"years", "score", "points"}:
        yield sign
