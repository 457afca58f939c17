"""docs/reference/trials.md: every criterion, immune state and choice, as its trial says it."""

from collections.abc import Iterable

from docs._generate import markdown
from immunosep.protocol.criteria import Criterion, ImmuneState
from immunosep.protocol.provenance import Choice, Reference
from immunosep.protocol.trial import Trial
from immunosep.trials import TRIALS


def page() -> str:
    """A section for each trial that ships with the package."""
    return markdown.page(*(part for trial in TRIALS.values() for part in _sections(trial)))


def _sections(trial: Trial) -> list[str]:
    name = trial.acronym or trial.id
    return [
        f"## {name}: {trial.title}",
        f"`--trial {trial.id}` · {', '.join(trial.registry_ids)} · {trial.version}",
        trial.summary,
        *_titled(f"### {name}, inclusion", _criteria(trial.inclusion)),
        *_titled(f"### {name}, exclusion", _criteria(trial.exclusion)),
        *_titled(f"### {name}, immune states", _states(trial.immune_states)),
        *_titled(f"### {name}, choices where sources disagree", _choices(trial.choices)),
        *_titled(f"### {name}, references", _references(trial.references)),
    ]


def _titled(title: str, text: str) -> list[str]:
    return [title, text] if text else []


def _criteria(criteria: Iterable[Criterion]) -> str:
    return markdown.table(
        ["no.", "id", "criterion", "limit", "reads", "source", "note"],
        ([str(one.number or ""), f"`{one.id}`", one.text, *_rule(one)] for one in criteria),
    )


def _states(states: Iterable[ImmuneState]) -> str:
    return markdown.table(
        ["id", "state", "limit", "reads", "source", "note"],
        ([f"`{one.id}`", one.label, *_rule(one)] for one in states),
    )


def _rule(one: Criterion | ImmuneState) -> list[str]:
    return [one.limit, ", ".join(f"`{name}`" for name in one.reads), one.source, one.note]


def _choices(choices: Iterable[Choice]) -> str:
    return markdown.table(
        ["id", "question", "taken here", "instead of", "because", "source"],
        ([f"`{one.id}`", one.question, one.taken, *_why(one)] for one in choices),
    )


def _why(one: Choice) -> list[str]:
    return ["; ".join(one.alternatives), one.because, one.source]


def _references(references: Iterable[Reference]) -> str:
    return markdown.table(
        ["cited as", "reference"], ([one.short, one.citation] for one in references)
    )
